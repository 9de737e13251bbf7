"""A browser without a screen: keeps cookies, follows forms, carries the session's token, signs in with a passkey."""

import asyncio
import re
from html.parser import HTMLParser
from typing import Any

import httpx
from fastapi import FastAPI

from tegata.doubles.authenticator import Authenticator

HTML = {"Accept": "text/html,application/xhtml+xml"}
_CSRF = re.compile(r'name="csrf" value="([0-9a-f]+)"')


class Client:
    """A blocking client of an app in this process, with its own cookies."""

    def __init__(self, app: FastAPI, origin: str) -> None:
        self._app, self._origin = app, origin
        self.cookies = httpx.Cookies()

    def request(self, method: str, path: str, **more: Any) -> httpx.Response:
        """Ask once; an error that nobody expected is raised here."""
        return asyncio.run(self._request(method, path, more))

    async def _request(self, method: str, path: str, more: dict[str, Any]) -> httpx.Response:
        transport = httpx.ASGITransport(self._app)
        options = {"base_url": self._origin, "cookies": self.cookies, "headers": HTML}
        async with httpx.AsyncClient(transport=transport, **options) as http:
            answer = await http.request(method, path, **more)
            self.cookies = httpx.Cookies(http.cookies)
            return answer


class Visitor:
    """Somebody at the pages of an app; `page` is what they see."""

    def __init__(self, app: FastAPI, origin: str) -> None:
        self.client = Client(app, origin)
        self.csrf = ""
        self.page: httpx.Response | None = None

    def get(self, path: str, **more: Any) -> httpx.Response:
        """Open a page, without following where it leads."""
        answer = self.client.request("GET", path, follow_redirects=False, **more)
        return self._seen(answer)

    def open(self, path: str) -> str:
        """Open a page that has to be there; returns its text."""
        answer = self.get(path)
        assert answer.status_code == 200, (path, answer.status_code, answer.headers.get("location"))
        return answer.text

    def post(self, path: str, data: dict[str, Any] | None = None, **more: Any) -> httpx.Response:
        """Send a form with the session's token, without following where it leads."""
        form = {"csrf": self.csrf} | (data or {})
        return self._seen(self.client.request("POST", path, data=form, follow_redirects=False, **more))

    def send(self, path: str, data: dict[str, Any] | None = None, **more: Any) -> str:
        """Send a form that has to be accepted; returns where it leads."""
        answer = self.post(path, data, **more)
        assert answer.status_code == 303, (path, answer.status_code, words_of(answer.text)[:2000])
        return str(answer.headers["location"])

    def call(self, path: str, body: Any) -> httpx.Response:
        """Call what a page's script calls."""
        headers = {"X-CSRF-Token": self.csrf, "Accept": "application/json"}
        return self.client.request("POST", path, json=body, headers=headers)

    def sign_in(self, login: str, authenticator: Authenticator) -> None:
        """Sign in with a passkey."""
        options = self.call("/sign-in/passkey/options", {"fields": {"login": login}})
        assert options.status_code == 200, options.text
        answer = authenticator.get(options.json())
        done = self.call("/sign-in/passkey/finish", {"answer": answer, "fields": {"to": "/"}})
        assert done.status_code == 200, done.text
        self.open(done.json()["to"])

    def approve(self, path: str, authenticator: Authenticator, **fields: str) -> httpx.Response:
        """Do the ceremony of a page with a passkey."""
        options = self.call(f"{path}/options", {"fields": fields})
        if options.status_code != 200:
            return options
        answer = authenticator.get(options.json())
        return self.call(f"{path}/finish", {"answer": answer, "fields": fields})

    def _seen(self, answer: httpx.Response) -> httpx.Response:
        self.page = answer
        if found := _CSRF.search(answer.text):
            self.csrf = found.group(1)
        return answer


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self._skipped = 0

    def handle_starttag(self, tag: str, attrs: object) -> None:  # noqa: ARG002  the parser calls it so
        self._skipped += tag in {"script", "style"}

    def handle_endtag(self, tag: str) -> None:
        self._skipped -= tag in {"script", "style"}

    def handle_data(self, data: str) -> None:
        if not self._skipped and data.strip():
            self.words.append(data.strip())


def words_of(html: str) -> str:
    """Return the words of a page without its tags."""
    reader = _Words()
    reader.feed(html)
    return " ".join(reader.words)


def field_of(html: str, name: str) -> str:
    """Return the value of a hidden field."""
    found = re.search(rf'name="{name}" value="([^"]*)"', html)
    assert found, name
    return found.group(1)
