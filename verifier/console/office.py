"""What a page has at hand, and the one place where it is decided who may open it.

A page is a plain function from a `Visit` to a response; it runs in the database's thread pool. `Pages` adds it to the
router with the roles that may open it: there is no page without them. A signed-in person without the role gets the
same answer as for a page that does not exist.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, TypeVar

from fastapi import APIRouter
from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from tegata.codec.dates import today
from tegata.errors import Forbidden
from tegata.service import bodies
from tegata.service.console import Console, Form, Frame, read_page_form
from tegata.service.staff.guard import ROLES_ATTRIBUTE, Guard
from tegata.service.staff.principal import Role
from tegata.service.staff.sessions import check_csrf
from verifier.assembly import Verifier
from verifier.console import seat as seats
from verifier.console.seat import Seat
from verifier.wallet_api.service import RequestView

Roles = frozenset[Role]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Office:
    """The rooms that pages work with, put together once."""

    verifier: Verifier
    guard: Guard
    console: Console


@dataclass(frozen=True, slots=True)
class Visit:
    """One request of a signed-in person in the name of one organisation."""

    office: Office
    request: Request
    seat: Seat
    frame: Frame
    now: datetime
    form: Form = field(default_factory=Form)

    @property
    def verifier(self) -> Verifier:
        """Every room of the verifier."""
        return self.office.verifier

    @property
    def tenant_id(self) -> str:
        """The legal person under which everything on the page stands."""
        return self.seat.tenant.id

    @property
    def query(self) -> Any:
        """The query of the address."""
        return self.request.query_params

    @property
    def is_fragment(self) -> bool:
        """Whether a part of a page is asked for."""
        return "hx-request" in self.request.headers

    def path(self, name: str) -> str:
        """Return a parameter of the path."""
        return str(self.request.path_params[name])

    def reading(self) -> AbstractContextManager[Connection]:
        """Open a connection that only reads."""
        return self.verifier.database.reading()

    def page(
        self, template: str, status: int = 200, headers: dict[str, str] | None = None, **context: Any
    ) -> Response:
        """Answer with a page of the console."""
        known: dict[str, Any] = {"now": self.now, "day_of": today, "csrf": self.frame.csrf}
        return self.office.console.page(
            self.request,
            f"verifier/{template}",
            status,
            frame=self.frame,
            headers=headers,
            **(known | context),
        )

    def asked(self) -> RequestView:
        """Return the request of the path, judged if its answer waits for that; raises `NotFound`."""
        presentations, identifier = self.verifier.presentations, self.path("request_id")
        view = presentations.find(self.tenant_id, identifier, self.now)
        if view.state == "submitted":
            view = presentations.decide(self.tenant_id, identifier, self.now)
        return view


PageFunction = Callable[[Visit], Response]


def see_other(path: str) -> Response:
    """Answer a form that was accepted: go and see the result."""
    return RedirectResponse(path, 303, {"Cache-Control": "no-store"})


class Pages:
    """Adds pages to a router, each with its roles."""

    def __init__(self, office: Office, router: APIRouter) -> None:
        self._office = office
        self.router = router

    def get(self, path: str, page: PageFunction, roles: Roles) -> None:
        """Add a page that is read."""

        async def endpoint(request: Request) -> Response:
            now = datetime.now(UTC)
            return await self._in_pool(lambda: page(self._visit(request, roles, now)))

        self._add("GET", path, endpoint, page, roles)

    def post(
        self, path: str, page: PageFunction, roles: Roles, *, max_bytes: int = bodies.MAX_FORM_BYTES
    ) -> None:
        """Add what a form does: the body is read only for somebody who may, and needs the session's token."""

        async def endpoint(request: Request) -> Response:
            now = datetime.now(UTC)
            visit = await self._in_pool(lambda: self._visit(request, roles, now))
            form = await read_page_form(request, max_bytes=max_bytes)
            check_csrf(visit.seat.principal, form["csrf"])
            return await self._in_pool(lambda: page(replace(visit, form=form)))

        self._add("POST", path, endpoint, page, roles)

    def _add(self, method: str, path: str, endpoint: Any, page: PageFunction, roles: Roles) -> None:
        setattr(endpoint, ROLES_ATTRIBUTE, roles)
        endpoint.__name__ = f"{method.lower()}_{page.__name__}"
        endpoint.__doc__ = page.__doc__
        self.router.add_api_route(
            path, endpoint, methods=[method], include_in_schema=False, response_class=Response
        )

    async def _in_pool(self, work: Callable[[], T]) -> T:
        return await self._office.verifier.database.in_pool(work)

    def _visit(self, request: Request, roles: Roles, now: datetime) -> Visit:
        office = self._office
        principal = office.guard.principal(request, now)
        with office.verifier.database.reading() as connection:
            seat = seats.take_seat(connection, principal)
            frame = seats.frame_of(connection, seat)
        request.state.frame = frame
        if not any(principal.may(role, seat.tenant.id) for role in roles):
            raise Forbidden("the person does not hold a role that this page is for")
        return Visit(office, request, seat, frame, now)
