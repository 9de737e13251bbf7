"""Somebody at a browser: follows links, fills in forms, and has a passkey, in software (`tegata.doubles`)."""

import re
from collections.abc import Mapping, Sequence
from html import unescape
from typing import Any
from urllib.parse import urlsplit

import httpx

from tegata.codec import json
from tegata.doubles.authenticator import Authenticator
from tegata.errors import TegataError, Text
from tegata.service.settings import Mode

_CSRF = re.compile(r'<input type="hidden" name="csrf" value="([^"]*)"')
_HEADING = re.compile(r"<h1[^>]*>(.*?)</h1>", re.DOTALL)
_TAG = re.compile(r"<[^>]+>")
#: A field's name and value; a file is (name, file name, content).
Fields = Sequence[tuple[str, str]]
Files = Sequence[tuple[str, tuple[str, bytes]]]


class PageRefused(TegataError):
    """A page did not come as the demo expects."""

    kind = "demo_page_refused"
    text = Text("ページが予期しない返事をしました。", "A page answered unexpectedly.")


class Visitor:
    """A browser of one origin with its cookies."""

    def __init__(self, origin: str) -> None:
        self.origin = origin
        self._authenticator = Authenticator(Mode.DEMO, origin)
        headers = {"Origin": origin, "Sec-Fetch-Site": "same-origin", "Accept": "text/html"}
        self._client = httpx.Client(
            base_url=origin, headers=headers, follow_redirects=True, trust_env=False, timeout=60
        )
        self._csrf = ""

    def close(self) -> None:
        """Close the browser; its cookies and its passkey are gone."""
        self._client.close()

    def open(self, path: str) -> str:
        """Open a page and return its text."""
        return self._page(self._get(path))

    def send(self, path: str, fields: Fields = (), files: Files = ()) -> tuple[str, str]:
        """Send a form with the session's token; returns the path where one ends up, and the page there."""
        values: dict[str, Any] = {}
        for name, value in (*fields, ("csrf", self._csrf)):
            values.setdefault(name, []).append(value)
        answer = self._client.post(path, data=values, files=list(files) or None)
        return str(urlsplit(str(answer.url)).path), self._page(answer)

    def json(self, path: str) -> Any:
        """Read a page's figures, for programs."""
        answer = self._get(path, {"Accept": "application/json"})
        if not answer.is_success:
            raise PageRefused(f"{path}: HTTP {answer.status_code}")
        return json.loads(answer.content)

    def accept_invitation(self, url: str, label: str) -> None:
        """Register a passkey by a one-time link; one is signed in then."""
        path = urlsplit(url).path
        self.open(path)
        options = self._call(f"{path}/passkey/options", {})
        self._call(f"{path}/passkey/finish", {"answer": self._authenticator.create(options), "label": label})
        self.open("/")

    def sign_with_passkey(self, options_path: str, finish_path: str, more: Mapping[str, Any]) -> Any:
        """Answer a page's request for a passkey, as for an approval."""
        options = self._call(options_path, more)
        return self._call(finish_path, {**more, "answer": self._authenticator.get(options)})

    def _get(self, path: str, headers: Mapping[str, str] | None = None) -> httpx.Response:
        try:
            return self._client.get(path, headers=headers)
        except (httpx.RemoteProtocolError, httpx.ReadError):
            # As browsers do: the process at the other end of a kept connection is gone, another takes its place.
            return self._client.get(path, headers=headers)

    def _call(self, path: str, body: Mapping[str, Any]) -> Any:
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        if self._csrf:
            headers["X-CSRF-Token"] = self._csrf
        answer = self._client.post(path, content=json.dumps(body), headers=headers)
        if not answer.is_success:
            raise PageRefused(f"{path}: HTTP {answer.status_code} {answer.text[:300]}")
        return json.loads(answer.content) if answer.content else None

    def _page(self, answer: httpx.Response) -> str:
        text = answer.text
        if not answer.is_success:
            raise PageRefused(f"{answer.url.path}: HTTP {answer.status_code} {heading(text)}")
        if found := _CSRF.search(text):
            self._csrf = unescape(found[1])
        return text


def heading(page: str) -> str:
    """Return a page's main heading as plain text."""
    found = _HEADING.search(page)
    return unescape(_TAG.sub("", found[1])).strip() if found else ""
