"""The wallet's HTTP: JSON and forms to the addresses that offers and requests name."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import httpx

from tegata.codec import json
from tegata.errors import Forbidden, TegataError, Text, Unavailable

_LOOPBACK = frozenset({"localhost", "127.0.0.1"})


class Refused(TegataError):
    """The other side answered with an error of its protocol."""

    kind = "refused_by_peer"
    text = Text("相手のサーバーに断られました。", "The other side refused.")

    def __init__(self, status: int, body: Mapping[str, Any]) -> None:
        self.status = status
        self.code = str(body.get("error") or body.get("kind") or status)
        super().__init__(
            f"HTTP {status}: {self.code} {body.get('error_description') or body.get('title') or ''}"
        )


class WalletHttp:
    """Requests without redirects; http only to this machine."""

    def __init__(self, client: httpx.Client | None = None) -> None:
        self._client = client or httpx.Client(timeout=20.0, follow_redirects=False, trust_env=False)

    def close(self) -> None:
        """Close its connections."""
        self._client.close()

    def get_json(self, url: str) -> Any:
        """GET JSON."""
        return self._json(self._send("GET", url, headers={"Accept": "application/json"}))

    def post_form(
        self, url: str, fields: Mapping[str, str], accept: str = "application/json"
    ) -> httpx.Response:
        """POST a form; returns the answer of a successful request."""
        return self._send("POST", url, data=dict(fields), headers={"Accept": accept})

    def get_text(self, url: str, accept: str) -> httpx.Response:
        """GET with an Accept header."""
        return self._send("GET", url, headers={"Accept": accept})

    def post_json(self, url: str, body: Any, token: str = "") -> Any:
        """POST JSON, with a bearer token if there is one; returns the parsed answer, or None if it is empty."""
        headers = {"Content-Type": "application/json"} | (
            {"Authorization": f"Bearer {token}"} if token else {}
        )
        answer = self._send("POST", url, content=json.dumps(body), headers=headers)
        return self._json(answer) if answer.content else None

    def post_empty(self, url: str) -> Any:
        """POST without a body."""
        return self._json(self._send("POST", url))

    @staticmethod
    def json_of(answer: httpx.Response) -> Any:
        """Parse an answer's JSON strictly."""
        return json.loads(answer.content)

    _json = json_of

    def _send(self, method: str, url: str, **arguments: Any) -> httpx.Response:
        parts = urlsplit(url)
        if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _LOOPBACK):
            raise Forbidden(f"{parts.scheme} to {parts.hostname} is not allowed")
        try:
            answer = self._client.request(method, url, **arguments)
        except httpx.HTTPError as error:
            raise Unavailable(f"{method} {parts.hostname}: {type(error).__name__}") from None
        if not answer.is_success:
            try:
                body = json.loads(answer.content)
            except TegataError:
                body = {}
            raise Refused(answer.status_code, body if isinstance(body, dict) else {})
        return answer
