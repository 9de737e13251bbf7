"""What protects pages from other sites: headers of every answer, and the refusal of forms sent from elsewhere.

Not for wallet and program interfaces: these are called from anywhere and authenticate each request by themselves.
"""

from collections.abc import Sequence

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tegata.service import problems
from tegata.service.console.errors import CrossSiteRequest

#: What a page may load: our own files. Forms go to our own origin, no site may frame us.
CONTENT_SECURITY_POLICY = "default-src 'self'; object-src 'none'; base-uri 'none'; form-action {form_action}; frame-ancestors 'none'"
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_OWN_SITE = frozenset({"same-origin", "none"})


def headers(form_action: Sequence[str] = ()) -> dict[str, str]:
    """Return the headers of every answer; `form_action` names further targets that a form may lead to."""
    targets = " ".join(("'self'", *form_action))
    return {
        "Content-Security-Policy": CONTENT_SECURITY_POLICY.format(form_action=targets),
        # no-referrer would also empty the Origin of our own forms, which the check below reads.
        "Referrer-Policy": "same-origin",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Permissions-Policy": "camera=(self), geolocation=(), microphone=(), payment=(), usb=()",
    }


class SecurityHeadersMiddleware:
    """Adds the headers where they are not set already, and keeps every page out of caches."""

    def __init__(self, app: ASGIApp, form_action: Sequence[str] = ()) -> None:
        self._app = app
        self._headers = headers(form_action)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                found = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    found.setdefault(name, value)
                if found.get("content-type", "").startswith("text/html"):
                    found.setdefault("Cache-Control", "no-store")
            await send(message)

        await self._app(scope, receive, send_with_headers)


class SameOriginMiddleware:
    """Refuses unsafe requests to pages when a browser says that another site sent them.

    `Sec-Fetch-Site` decides where the browser sends it, else `Origin`. A request with neither comes from no browser
    that could be led astray, and still needs its session's CSRF token.
    """

    def __init__(self, app: ASGIApp, origin: str, pages: Sequence[str], besides: Sequence[str] = ()) -> None:
        self._app = app
        self._origin = origin
        self._pages = tuple(pages)
        self._besides = tuple(besides)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not self._is_guarded(scope) or self._is_own(Headers(scope=scope)):
            await self._app(scope, receive, send)
            return
        error = CrossSiteRequest(f"{scope['method']} from another site")
        problems.log_refusal(error)
        answer = problems.problem(Request(scope), problems.status_of(error), error.public, error.kind)
        await answer(scope, receive, send)

    def _is_guarded(self, scope: Scope) -> bool:
        if scope["method"] in _SAFE_METHODS:
            return False
        path: str = scope["path"]
        return _is_below(path, self._pages) and not _is_below(path, self._besides)

    def _is_own(self, found: Headers) -> bool:
        site = found.get("sec-fetch-site")
        if site is not None:
            return site in _OWN_SITE
        origin = found.get("origin")
        return origin is None or origin == self._origin


def _is_below(path: str, prefixes: Sequence[str]) -> bool:
    return any(prefix in {"/", path} or path.startswith(prefix.rstrip("/") + "/") for prefix in prefixes)
