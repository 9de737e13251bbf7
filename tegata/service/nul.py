"""No NUL character comes in: PostgreSQL keeps it in no text, SQLite does, and no person means it.

Refused where text enters, so that no store has to think of it: addresses and queries here, bodies by their readers.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from tegata.errors import MalformedInput

_NUL = "\x00"
#: How a query writes it; written as it is, no server lets it through.
_IN_QUERY = b"%00"
_IN_JSON = b"\\u0000"


def refuse_nul(texts: Iterable[str]) -> None:
    """Raise `MalformedInput` if one of the texts has a NUL."""
    if any(_NUL in text for text in texts):
        raise MalformedInput("a text with a NUL character")


def refuse_nul_in_json(raw: bytes, value: Any) -> None:
    """Raise `MalformedInput` if a name or text in JSON that was read from `raw` has a NUL."""
    # Only bytes that spell one are worth a walk: it may have been a backslash and `u0000`.
    if _IN_JSON in raw and _has_nul(value):
        raise MalformedInput("JSON with a NUL character in a text")


def _has_nul(value: Any) -> bool:
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, str):
            if _NUL in item:
                return True
        elif isinstance(item, Mapping):
            waiting.extend(item)
            waiting.extend(item.values())
        elif isinstance(item, list):
            waiting.extend(item)
    return False


class NulGuard:
    """Answers a request whose address or query has a NUL with `refuse`, before any route sees it."""

    def __init__(self, app: ASGIApp, refuse: Callable[[Request], Response]) -> None:
        self._app = app
        self._refuse = refuse

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and (_NUL in scope["path"] or _IN_QUERY in scope["query_string"]):
            await self._refuse(Request(scope))(scope, receive, send)
            return
        await self._app(scope, receive, send)
