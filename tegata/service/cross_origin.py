"""Addresses that scripts of any origin may call: wallets that live in a browser (HAIP 1.0 §4, Fetch §3.3).

Each request there is authenticated by what it carries, a token, a code or an unguessable address, never by a cookie; so
credentials of the browser are not allowed along, and no page gains what a program would not have.
"""

from collections.abc import Callable

from fastapi import FastAPI
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

_HEADERS = (
    "Authorization",
    "Content-Type",
    "DPoP",
    "OAuth-Client-Attestation",
    "OAuth-Client-Attestation-PoP",
)
_EXPOSED = ("DPoP-Nonce", "WWW-Authenticate", "X-Reference-Number")
_PREFLIGHT_SECONDS = 86_400
#: Says of a path whether any origin may call it.
IsOpen = Callable[[str], bool]


class CrossOriginMiddleware:
    """Answers preflights, and adds the headers to answers and refusals, for open addresses alone."""

    def __init__(self, app: ASGIApp, is_open: IsOpen) -> None:
        self._app = app
        self._is_open = is_open
        self._open = CORSMiddleware(
            app,
            allow_origins=("*",),
            allow_methods=("GET", "POST"),
            allow_headers=_HEADERS,
            expose_headers=_EXPOSED,
            max_age=_PREFLIGHT_SECONDS,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        chosen = self._open if scope["type"] == "http" and self._is_open(scope["path"]) else self._app
        await chosen(scope, receive, send)


def install(app: FastAPI, is_open: IsOpen) -> None:
    """Open these addresses, inside the reference number's middleware."""
    app.user_middleware.append(Middleware(CrossOriginMiddleware, is_open=is_open))
