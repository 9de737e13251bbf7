"""Who asks: the session cookie, and the dependencies that let signed-in people through. Not about a school's roles.

A page that needs somebody takes `guard.signed_in` or `guard.require(Role.CLERK)` as a dependency. Whether the role counts
for the school that the page is about is for the page: `principal.may(role, tenant_id, school_id)`.
"""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from urllib.parse import quote

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from tegata.errors import NotFound
from tegata.service.problems import log_refusal, problem
from tegata.service.settings import ServiceSettings
from tegata.service.staff.errors import SessionEnded, SignInNeeded, StaffRefused, TooManyAttempts
from tegata.service.staff.principal import Principal, Role
from tegata.service.staff.service import StaffService
from tegata.service.staff.sessions import check_csrf

SIGN_IN_PATH = "/sign-in"
CSRF_HEADER = "x-csrf-token"
#: Set on each dependency, so that a test can say of every route who may call it; empty means anybody signed in.
ROLES_ATTRIBUTE = "tegata_roles"
_LONGEST_PATH = 2000


class Guard:
    """Finds the person behind a request of one service (`issuer`, `verifier`)."""

    def __init__(self, service: str, settings: ServiceSettings, staff: StaffService) -> None:
        self.staff = staff
        self._is_secure = settings.is_secure
        # The prefix makes browsers refuse the cookie from a sister host or without https.
        self.cookie = ("__Host-" if settings.is_secure else "") + f"tegata_{service}_session"
        self.signed_in = self.require()

    def token(self, request: Request) -> str:
        """Return the token of the session cookie, or the empty text."""
        return request.cookies.get(self.cookie, "")

    def principal(self, request: Request, now: datetime) -> Principal:
        """Return who is signed in, from a thread of the pool; raises `SignInNeeded`, or `SessionEnded`."""
        token = self.token(request)
        found = self.staff.principal(token, now) if token else None
        if found is None:
            raise SignInNeeded("no session")
        return found

    def require(self, *roles: Role) -> Callable[[Request], Awaitable[Principal]]:
        """Return the dependency that admits holders of one of the roles; without roles, anybody signed in.

        Somebody without the role is answered as if the page did not exist.
        """

        async def admit(request: Request) -> Principal:
            found = await self.staff.database.in_pool(self.principal, request, datetime.now(UTC))
            if roles and not any(found.has(role) for role in roles):
                raise NotFound("the person has none of the roles")
            return found

        setattr(admit, ROLES_ATTRIBUTE, frozenset(roles))
        return admit

    def remember(self, answer: Response, token: str) -> None:
        """Set the cookie, for as long as the browser stays open: staff rooms share machines."""
        answer.set_cookie(self.cookie, token, path="/", httponly=True, samesite="lax", secure=self._is_secure)

    def forget(self, answer: Response) -> None:
        """Take the cookie away."""
        answer.delete_cookie(self.cookie, path="/", httponly=True, samesite="lax", secure=self._is_secure)


async def current_principal(request: Request) -> Principal:
    """Return who is signed in, in an app that `install` prepared; raises `SignInNeeded`, or `SessionEnded`."""
    guard: Guard = request.app.state.staff_guard
    return await guard.signed_in(request)


def require(*roles: Role) -> Callable[[Request], Awaitable[Principal]]:
    """Return a dependency like `Guard.require`, for routers that are built before the guard."""

    async def admit(request: Request) -> Principal:
        guard: Guard = request.app.state.staff_guard
        return await guard.require(*roles)(request)

    setattr(admit, ROLES_ATTRIBUTE, frozenset(roles))
    return admit


def csrf_for(principal: Principal) -> str:
    """Return what the forms of a session carry in their field `csrf`, and its scripts in the header."""
    return principal.csrf_token


def check_csrf_header(request: Request, principal: Principal) -> None:
    """Raise `ForgedForm` unless a script's call carries the session's token in `X-CSRF-Token`."""
    check_csrf(principal, request.headers.get(CSRF_HEADER, ""))


def safe_path(wanted: str) -> str:
    r"""Return the path to go to after signing in, `/` for everything that is not plainly a page of ours.

    Browsers read `//host`, `/\host` and paths with control characters as other hosts.
    """
    is_plain = (
        wanted.startswith("/")
        and not wanted.startswith(("//", "/\\"))
        and "\\" not in wanted
        and wanted.isprintable()
        and len(wanted) <= _LONGEST_PATH
        and not wanted.startswith((SIGN_IN_PATH, "/sign-out"))
    )
    return wanted if is_plain else "/"


def install(app: FastAPI, guard: Guard) -> None:
    """Make the guard known to the app, and answer refusals: a browser without a session goes to the sign-in page."""
    app.state.staff_guard = guard
    app.add_exception_handler(StaffRefused, _on_refusal)


async def _on_refusal(request: Request, error: Exception) -> Response:
    assert isinstance(error, StaffRefused)  # noqa: S101  registered for this class only
    log_refusal(error)
    is_page = request.method in {"GET", "HEAD"} and "text/html" in request.headers.get("accept", "")
    if isinstance(error, SignInNeeded):
        path = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        sign_in = f"{SIGN_IN_PATH}?to={quote(safe_path(path), safe='/')}"
        if isinstance(error, SessionEnded):
            sign_in += "&ended=1"
        if is_page and "hx-request" not in request.headers:
            return RedirectResponse(sign_in, 303, {"Cache-Control": "no-store"})
        answer = problem(request, error.status, error.public, error.kind)
        if "hx-request" in request.headers:
            # A fragment was asked for: the whole page has to go to the sign-in, and comes back to itself.
            answer.headers["HX-Redirect"] = SIGN_IN_PATH
        return answer
    answer = problem(request, error.status, error.public, error.kind, error.pointer)
    if isinstance(error, TooManyAttempts):
        answer.headers["Retry-After"] = str(error.minutes * 60)
    return answer
