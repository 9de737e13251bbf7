"""The page behind a claim link, for a phone first and without an account. Opening it consumes nothing.

It names the person only as far as they know themselves: the first character of each part of the name.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

from fastapi import APIRouter
from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import Response

from issuer.console import store
from issuer.issuance import store as issuance
from issuer.issuance.entitlements import Invitation, entitlement_id_of, invitation
from issuer.issuance.workshop import Workshop
from issuer.organisations.school import School
from issuer.status.service import status_of
from issuer.wallet_api import store as wallets
from issuer.wallet_api.store import HeldEntitlement
from schemas.catalogue import DocumentDefinition
from tegata.codec.dates import today
from tegata.errors import NotFound
from tegata.service.console import Console, Frame
from tegata.status.entries import Status

#: What a link can be; `open` is the only state in which it leads into a wallet.
OPEN, REPLACED, EXPIRED, TAKEN, RESTING, STOPPED = (
    "open",
    "replaced",
    "expired",
    "taken",
    "resting",
    "stopped",
)
_TRIES = 5


@dataclass(frozen=True, slots=True)
class ClaimView:
    """Everything that the page shows."""

    school: School
    definition: DocumentDefinition
    invitation: Invitation
    state: str
    name: str
    needs_code: bool
    tries_left: int
    days_left: int
    wallets_left: int
    was_received: bool


def routes(workshop: Workshop, console: Console) -> APIRouter:
    """Build the claim page below a school's own address."""
    router = APIRouter(include_in_schema=False)

    @router.get(workshop.settings.school_path + "/{public_id}/claim/{token}")
    async def claim(request: Request, public_id: str, token: str) -> Response:
        """Show how the certificate is received, or why it cannot be."""
        now = datetime.now(UTC)

        def answer() -> Response:
            with workshop.database.reading() as connection:
                view = look(workshop, connection, public_id, token, now)
            frame = Frame(
                organisation=view.school.names,
                organisation_code=view.school.code,
                home_path=request.url.path,
            )
            # An expired or used link is an answer, not an error: the page says what to do next.
            return console.page(
                request,
                "issuer/claim/page.html",
                frame=frame,
                view=view,
                day_of=today,
                headers={"Referrer-Policy": "no-referrer"},
            )

        return await workshop.database.in_pool(answer)

    return router


def look(workshop: Workshop, connection: Connection, public_id: str, token: str, now: datetime) -> ClaimView:
    """Return what a claim link leads to; raises `NotFound` for what this school never made."""
    school = workshop.school_by_public_id(connection, public_id, today(now))
    held = wallets.entitlement(connection, entitlement_id_of(workshop.secret, token))
    if held is None or held.school_id != school.id:
        raise NotFound("no such claim link")
    document = issuance.document(connection, held.tenant_id, held.document_id)
    person = store.people(connection, held.tenant_id, [document.learner_id])[document.learner_id]
    status = status_of(connection, document.id)
    return ClaimView(
        school=school,
        definition=workshop.catalogue.get(document.document_name),
        invitation=invitation(workshop, school, held.id, document.id, held.claim_until),
        state=state_of(held, status, now),
        name=masked(person.name),
        needs_code=held.tx_code_digest is not None,
        tries_left=max(0, _TRIES - held.wrong_attempts),
        days_left=(today(held.claim_until) - today(now)).days,
        wallets_left=held.wallets_allowed - held.wallets_claimed,
        was_received=held.wallets_claimed > 0,
    )


def state_of(held: HeldEntitlement, status: Status, now: datetime) -> str:
    """Return what the link is now."""
    if status is not Status.VALID:
        return STOPPED
    if held.state != "open":
        return REPLACED
    if now > held.claim_until:
        return EXPIRED
    if held.wallets_claimed >= held.wallets_allowed:
        return TAKEN
    if held.locked_until is not None and now < held.locked_until:
        return RESTING
    return OPEN


def masked(name: str) -> str:
    """Return the first character of each part of a name and a circle for each other one: 青○　は○○."""
    return "　".join(part[0] + "○" * (len(part) - 1) for part in name.split())
