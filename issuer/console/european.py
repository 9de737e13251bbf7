"""A document in the European Learning Model, as a file for the learner: unsigned, so a courtesy copy and no certificate."""

from datetime import UTC
from uuid import UUID

from starlette.responses import Response

from issuer.base import AUDIT
from issuer.console.batch import items_of
from issuer.console.office import Pages, Visit
from issuer.console.seat import CLERK
from issuer.issuance.batches import claims_of
from issuer.issuance.states import DocumentState
from issuer.status.service import status_of
from schemas.education import elm
from schemas.education.source import Source
from tegata.codec import json
from tegata.errors import NotFound
from tegata.service.audit import Entry, append
from tegata.status.entries import Status

_MEDIA_TYPE = "application/ld+json"


def add(pages: Pages) -> None:
    """Add the download; before the pages of a status's changes, whose addresses are of the same form."""
    pages.get("/issued/{document_id}/european", download, frozenset({CLERK}))


def download(visit: Visit) -> Response:
    """Give a valid document's content away as a file. Raises `NotFound` for other documents, `FormRefused` for other types."""
    with visit.reading() as connection:
        document = visit.document(connection)
        is_valid = (
            document.state == DocumentState.SEALED and status_of(connection, document.id) is Status.VALID
        )
        if not is_valid or document.sealed_at is None:
            raise NotFound("no valid document that was issued")
        (item,) = items_of(visit, connection, [document])
    school = visit.seat.school
    source = Source(
        document=item.definition,
        claims=claims_of(visit.workshop, document),
        identifier=f"urn:uuid:{UUID(document.id)}",
        issuer=school.did,
        issuer_url=school.issuer,
        valid_from=document.sealed_at.astimezone(UTC).replace(microsecond=0),
        valid_until=document.valid_until,
    )
    found = json.dumps(elm.export(source))
    with visit.workshop.database.writing() as connection:
        entry = Entry(visit.tenant_id, visit.seat.actor, "document.exported", document.id)
        append(connection, AUDIT, visit.now, entry)
    headers = {
        "Content-Disposition": f'attachment; filename="{item.definition.name}-elm.jsonld"',
        "Cache-Control": "no-store",
    }
    return Response(found, 200, headers, media_type=_MEDIA_TYPE)
