"""From a document's frozen claims to what the formats seal (`tegata.formats.credential.Document`)."""

from collections.abc import Mapping
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from issuer.organisations.school import School
from schemas.catalogue import DocumentDefinition
from tegata.codec.dates import end_of_day
from tegata.formats.credential import Document, MdocElement, MdocNames, StatusReference, TypeNames


def status_reference(school: School, list_id: str, slot: int) -> StatusReference:
    """Return where one slot is published, in both renderings."""
    base = f"{school.issuer}/status/{list_id}"
    return StatusReference(slot, base, f"{base}/revocation", f"{base}/suspension")


def valid_until(definition: DocumentDefinition, issue_date: date) -> datetime | None:
    """Return the end of the document's last day in Asia/Tokyo; None if it has no end."""
    last = definition.validity.last_day(issue_date)
    return None if last is None else end_of_day(last)


def to_seal(
    definition: DocumentDefinition,
    school: School,
    claims: Mapping[str, Any],
    *,
    valid_from: datetime,
    until: datetime | None,
    status: StatusReference | None,
    identifier: str | None = None,
) -> Document:
    """Return the document as the formats seal it; decoys make the number of digests the same for everybody."""
    names = _type_names(definition, hides_school=school.is_name_hidden, decoys=definition.decoys_for(claims))
    return Document(
        issuer=school.issuer,
        issuer_did=school.did,
        issuer_name={"ja": school.public_names.ja, "en": school.public_names.en},
        names=names,
        claims=claims,
        valid_from=valid_from,
        valid_until=until,
        identifier=identifier,
        status=status,
        mdoc=_mdoc_names(definition),
    )


@lru_cache(maxsize=256)
def _mdoc_names(definition: DocumentDefinition) -> MdocNames | None:
    names = definition.mdoc
    if names is None:
        return None
    return MdocNames(
        names.doctype,
        tuple(MdocElement(item.path, item.namespace, item.identifier, item.kind) for item in names.elements),
    )


@lru_cache(maxsize=256)
def _type_names(definition: DocumentDefinition, *, hides_school: bool, decoys: int) -> TypeNames:
    return TypeNames(
        vct=definition.vct,
        vct_integrity=definition.vct_integrity,
        contexts=definition.contexts,
        types=definition.types,
        # Where the very name of a school is sensitive (特別支援学校), the holder chooses whether it is shown.
        selectable=definition.selectable + (definition.hideable if hides_school else ()),
        decoys=decoys,
    )
