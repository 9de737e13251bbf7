"""包括承認: what an approver authorises beforehand, granted with a passkey and withdrawn at once."""

from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from issuer.catalogue.service import offered
from issuer.console import store
from issuer.console.office import Pages, Visit, answer_json, see_other
from issuer.console.seat import APPROVER, STAFF_OF_A_SCHOOL
from issuer.issuance.approvals import (
    PURPOSE_STANDING,
    ReasonMissing,
    Standing,
    grant_standing,
    withdraw_standing,
)
from tegata.codec.dates import parse_date, today
from tegata.errors import MalformedInput, NotFound
from tegata.service.console import Form

APPROVERS = frozenset({APPROVER})


def add(pages: Pages) -> None:
    """Add the pages of standing authorities."""
    pages.get("/standing", authorities, STAFF_OF_A_SCHOOL)
    pages.call("/standing/options", options, APPROVERS)
    pages.call("/standing/finish", finish, APPROVERS)
    pages.post("/standing/{authority_id}/withdraw", withdraw, APPROVERS)


def authorities(visit: Visit) -> Response:
    """Show what is authorised now, what was, and a form for one more."""
    day = today(visit.now)
    with visit.reading() as connection:
        rows = store.standing_authorities(connection, visit.tenant_id, visit.school_id)
        names = store.staff_names(connection, [row.granted_by for row in rows])
        granted = offered(connection, visit.workshop.catalogue, visit.seat.school, day)
    holds = [row for row in rows if row.withdrawn_at is None and row.valid_until >= day]
    return visit.page(
        "approval/standing.html",
        holds=holds,
        past=[row for row in rows if row not in holds],
        names=names,
        offered=granted,
        form=Form.filled(valid_from=day.isoformat()),
        catalogue=visit.workshop.catalogue,
        has_passkey=visit.seat.principal.can_approve,
    )


def _standing(visit: Visit) -> Standing:
    """Read what the page's script sends; raises `ReasonMissing` and `MalformedInput` with words for people."""
    fields: Any = visit.body.get("fields") if isinstance(visit.body, dict) else None
    if not isinstance(fields, Mapping) or not all(isinstance(value, str) for value in fields.values()):
        raise MalformedInput("not the call of this page", pointer="/fields")
    text = fields.get("text", "").strip()
    if not text:
        raise ReasonMissing("a standing authority without words", pointer="text")
    with visit.reading() as connection:
        granted = offered(connection, visit.workshop.catalogue, visit.seat.school, today(visit.now))
    if fields.get("document", "") not in {item.name for item in granted}:
        raise NotFound("not a document of this school")
    return Standing(
        school_id=visit.school_id,
        document_name=fields["document"],
        text=text,
        valid_from=parse_date(fields.get("valid_from", "")),
        valid_until=parse_date(fields.get("valid_until", "")),
    )


def options(visit: Visit) -> Response:
    """Begin: the passkey is asked to sign the words, the certificate and the period."""
    digest = _standing(visit).digest(visit.tenant_id)
    with visit.workshop.database.writing() as connection:
        asked = visit.staff.begin_assertion(
            connection, visit.seat.principal, PURPOSE_STANDING, digest[:32], bytes.fromhex(digest), visit.now
        )
    return answer_json(asked)


def finish(visit: Visit) -> Response:
    """Record the authority with the passkey's answer."""
    standing = _standing(visit)
    digest = standing.digest(visit.tenant_id)
    principal = visit.seat.principal
    with visit.workshop.database.writing() as connection:
        evidence = visit.staff.finish_assertion(
            connection,
            principal,
            PURPOSE_STANDING,
            digest[:32],
            bytes.fromhex(digest),
            visit.body.get("answer"),
            visit.now,
        )
    grant_standing(visit.workshop, principal, visit.tenant_id, standing, evidence, visit.now)
    return answer_json({"to": "/standing"})


def withdraw(visit: Visit) -> Response:
    """End an authority at once; what was issued under it stays valid."""
    authority_id = visit.path("authority_id")
    with visit.reading() as connection:
        rows = store.standing_authorities(connection, visit.tenant_id, visit.school_id)
    if authority_id not in {row.id for row in rows}:
        raise NotFound("no such standing authority at this school")
    withdraw_standing(visit.workshop, visit.seat.principal, visit.tenant_id, authority_id, visit.now)
    return see_other("/standing")
