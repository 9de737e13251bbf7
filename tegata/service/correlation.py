"""The reference number (お問い合わせ番号) of a request: in its answer, on its error page, in its log lines."""

import logging
import secrets
from contextvars import ContextVar

from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEADER = b"x-reference-number"

# Crockford's alphabet: no I, L, O, U, so that it can be read out on the telephone.
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
#: Eight characters of five bits each.
_BYTES = 5
_SHIFTS = range(35, -1, -5)
_current: ContextVar[str] = ContextVar("reference_number", default="-")


def new() -> str:
    """Return a fresh reference number such as `K7Q2-9XDE`."""
    number = int.from_bytes(secrets.token_bytes(_BYTES), "big")
    characters = "".join([_ALPHABET[number >> shift & 31] for shift in _SHIFTS])
    return f"{characters[:4]}-{characters[4:]}"


def current() -> str:
    """Return the number of the request being served, or `-` outside one."""
    return _current.get()


class CorrelationMiddleware:
    """Gives each request a number of our own; a number sent by the client is never trusted."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        number = new()
        token = _current.set(number)

        async def send_numbered(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], (HEADER, number.encode("ascii"))]
            await send(message)

        # Not reset when an error passes through: whoever answers it stands outside, and shows the number. Each request
        # runs in a context of its own, so nothing leaks.
        await self._app(scope, receive, send_numbered)
        _current.reset(token)


class CorrelationFilter(logging.Filter):
    """Adds `reference_number` to every log record."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.reference_number = current()
        return True
