"""All pages of the issuer, as one router. Which page is whose stands where each family adds its pages."""

from datetime import UTC, datetime

from fastapi import APIRouter
from starlette.requests import Request

from issuer.base import AUDIT
from issuer.console import (
    approvals,
    batch,
    claim,
    documents,
    home,
    imports,
    issue,
    issued,
    links,
    redeem,
    register,
    requests,
    standing,
)
from issuer.console.office import Office, Pages
from issuer.console.seat import SCHOOL_COOKIE, frame_of, take_seat
from issuer.issuance.worker import Worker
from issuer.issuance.workshop import Workshop
from issuer.register.service import VAULT_PURPOSE, RegisterService
from issuer.status.service import StatusService
from tegata.errors import Forbidden
from tegata.service.console import Console, Frame
from tegata.service.staff.guard import Guard
from tegata.service.staff.principal import Principal
from tegata.service.staff.routes import plain_frame
from tegata.service.staff.routes import routes as staff_routes
from tegata.service.vault import Vault

_FAMILIES = (home, register, imports, issue, requests, batch, links, approvals, standing, issued)


def console_routes(workshop: Workshop, guard: Guard, console: Console, worker: Worker) -> APIRouter:
    """Build every page: sign-in and account, the school's own pages, and those that anybody may open."""
    vault = Vault(workshop.settings.key_encryption_bytes(), VAULT_PURPOSE)
    register_service = RegisterService(workshop.database, AUDIT, vault)
    status = StatusService(workshop.database, workshop.vault)
    office = Office(workshop, guard, console, worker, register_service, status)
    router = APIRouter()
    router.include_router(staff_routes(guard, console, lambda request, who: _frame(workshop, request, who)))
    router.include_router(claim.routes(workshop, console))
    router.include_router(redeem.routes(workshop, console))
    router.include_router(documents.routes(workshop, console))
    pages = Pages(office, router)
    for family in _FAMILIES:
        family.add(pages)
    return router


def _frame(workshop: Workshop, request: Request, principal: Principal) -> Frame:
    """Return the frame around one's own account: the school's where there is one."""
    now = datetime.now(UTC)
    try:
        with workshop.database.reading() as connection:
            wanted = request.cookies.get(SCHOOL_COOKIE, "")
            return frame_of(connection, take_seat(workshop, connection, principal, wanted, now))
    except Forbidden:
        return plain_frame(request, principal)
