"""What a page has at hand, and the one place where it is decided who may open it.

A page is a plain function from a `Visit` to a response; it runs in the database's thread pool. `Pages` adds it to the
router with the roles that may open it: there is no page without them. A signed-in person without the role gets the
same answer as for a page that does not exist.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, TypeVar

from fastapi import APIRouter
from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from issuer.console import seat as seats
from issuer.console.seat import SCHOOL_COOKIE, Seat
from issuer.issuance import store as issuance
from issuer.issuance.batches import Draftsman
from issuer.issuance.states import Batch
from issuer.issuance.store import StoredDocument
from issuer.issuance.worker import Worker
from issuer.issuance.workshop import Workshop
from issuer.register.service import RegisterService
from issuer.status.service import StatusService
from tegata.codec import json
from tegata.codec.dates import today
from tegata.errors import Forbidden, NotFound
from tegata.service import bodies
from tegata.service.console import Console, Form, Frame, read_page_form
from tegata.service.staff.guard import ROLES_ATTRIBUTE, Guard, check_csrf_header
from tegata.service.staff.principal import Role
from tegata.service.staff.service import StaffService
from tegata.service.staff.sessions import check_csrf

Roles = frozenset[Role]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Office:
    """The rooms that pages work with, put together once."""

    workshop: Workshop
    guard: Guard
    console: Console
    worker: Worker
    register: RegisterService
    status: StatusService


@dataclass(frozen=True, slots=True)
class Visit:
    """One request of a signed-in person in one school; `body` is the JSON of a script's call."""

    office: Office
    request: Request
    seat: Seat
    frame: Frame
    now: datetime
    form: Form = field(default_factory=Form)
    body: Any = None

    @property
    def workshop(self) -> Workshop:
        """The rooms of issuance."""
        return self.office.workshop

    @property
    def staff(self) -> StaffService:
        """The staff accounts and their passkeys."""
        return self.office.guard.staff

    @property
    def desk(self) -> Draftsman:
        """The person as somebody who drafts."""
        return Draftsman(self.tenant_id, self.seat.school.id, self.seat.actor)

    @property
    def tenant_id(self) -> str:
        """The legal person under which everything on the page stands."""
        return self.seat.school.tenant_id

    @property
    def school_id(self) -> str:
        """The school in whose name the person acts."""
        return self.seat.school.id

    @property
    def query(self) -> Any:
        """The query of the address."""
        return self.request.query_params

    def path(self, name: str) -> str:
        """Return a parameter of the path."""
        return str(self.request.path_params[name])

    def reading(self) -> AbstractContextManager[Connection]:
        """Open a connection that only reads."""
        return self.workshop.database.reading()

    def page(self, template: str, status: int = 200, **context: Any) -> Response:
        """Answer with a page of the console."""
        known: dict[str, Any] = {"seat": self.seat, "now": self.now, "day_of": today, "csrf": self.frame.csrf}
        return self.office.console.page(
            self.request, f"issuer/{template}", status, frame=self.frame, **(known | context)
        )

    def batch(self, connection: Connection, batch_id: str = "") -> Batch:
        """Return a batch of this school; raises `NotFound`."""
        found = issuance.batch(connection, self.tenant_id, batch_id or self.path("batch_id"))
        if found.terms.school_id != self.school_id:
            raise NotFound("a batch of another school")
        return found

    def document(self, connection: Connection) -> StoredDocument:
        """Return a document of this school; raises `NotFound`."""
        found = issuance.document(connection, self.tenant_id, self.path("document_id"))
        if found.school_id != self.school_id:
            raise NotFound("a document of another school")
        return found


PageFunction = Callable[[Visit], Response]


def see_other(path: str) -> Response:
    """Answer a form that was accepted: go and see the result."""
    return RedirectResponse(path, 303, {"Cache-Control": "no-store"})


def answer_json(value: Any, status: int = 200) -> Response:
    """Answer a script or a program."""
    return Response(json.dumps(value), status, {"Cache-Control": "no-store"}, media_type="application/json")


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
            return await self._in_pool(lambda: page(_with(visit, form=form)))

        self._add("POST", path, endpoint, page, roles)

    def form_of_parent(
        self, path: str, page: PageFunction, roles: Roles, *, max_bytes: int = bodies.MAX_FORM_BYTES
    ) -> None:
        """Add a form that stands on the page one level up: its own address, opened or in another language, leads there."""
        self.post(path, page, roles, max_bytes=max_bytes)
        self.get(path, _up, roles)

    def call(self, path: str, page: PageFunction, roles: Roles) -> None:
        """Add what a page's script calls with JSON; the session's token comes in a header."""

        async def endpoint(request: Request) -> Response:
            now = datetime.now(UTC)
            visit = await self._in_pool(lambda: self._visit(request, roles, now))
            check_csrf_header(request, visit.seat.principal)
            body = await bodies.read_json(request)
            return await self._in_pool(lambda: page(_with(visit, body=body)))

        self._add("POST", path, endpoint, page, roles)

    def _add(self, method: str, path: str, endpoint: Any, page: PageFunction, roles: Roles) -> None:
        setattr(endpoint, ROLES_ATTRIBUTE, roles)
        endpoint.__name__ = f"{method.lower()}_{page.__name__}"
        endpoint.__doc__ = page.__doc__
        self.router.add_api_route(
            path, endpoint, methods=[method], include_in_schema=False, response_class=Response
        )

    async def _in_pool(self, work: Callable[[], T]) -> T:
        return await self._office.workshop.database.in_pool(work)

    def _visit(self, request: Request, roles: Roles, now: datetime) -> Visit:
        office = self._office
        principal = office.guard.principal(request, now)
        wanted = request.cookies.get(SCHOOL_COOKIE, "")
        with office.workshop.database.reading() as connection:
            seat = seats.take_seat(office.workshop, connection, principal, wanted, now)
            frame = seats.frame_of(connection, seat)
        request.state.frame = frame
        if not roles & seat.roles:
            raise Forbidden("the person does not hold a role that this page is for")
        return Visit(office, request, seat, frame, now)


def _up(visit: Visit) -> Response:
    """Lead to the page that a form stands on."""
    url = visit.request.url
    return see_other(url.path.rsplit("/", 1)[0] + (f"?{url.query}" if url.query else ""))


def _with(visit: Visit, *, form: Form | None = None, body: Any = None) -> Visit:
    return Visit(visit.office, visit.request, visit.seat, visit.frame, visit.now, form or visit.form, body)
