"""The document types of a school: what the registrar's permissions and the school's kind leave of the catalogue."""

from datetime import date

from sqlalchemy import Connection

from issuer.oid4vci.metadata import OfferedDocument
from issuer.organisations.school import School
from issuer.register.eligibility import RECORDED
from issuer.registrar import store as registrar
from schemas.catalogue import Catalogue, DocumentDefinition
from tegata.errors import Forbidden, Text


class NotOffered(Forbidden):
    """The school may not issue this document type today."""

    kind = "not_offered"
    text = Text(
        "この学校は、この種類の証明書を発行できません。",
        "This school may not issue this type of certificate.",
    )


def offered(
    connection: Connection, catalogue: Catalogue, school: School, on: date
) -> tuple[DocumentDefinition, ...]:
    """Return the document types that the school may issue about its own learners on a day, in catalogue order.

    Only those that learners show, and that rest on facts which this register records.
    """
    granted = {
        item.document_type
        for item in registrar.permissions(connection, school.id, on=on)
        if item.about_school_id == school.id
    }
    return tuple(
        item
        for item in catalogue.documents
        if item.vct in granted
        and item.is_for_holders
        and RECORDED.issuperset(item.required_facts)
        and (not item.school_kinds or school.kind in item.school_kinds)
    )


def check_offered(
    connection: Connection, catalogue: Catalogue, school: School, name: str, on: date
) -> DocumentDefinition:
    """Return a document type by name; raises `NotFound`, `NotOffered`."""
    wanted = catalogue.get(name)
    if wanted not in offered(connection, catalogue, school, on):
        raise NotOffered(f"{school.code} may not issue {name}")
    return wanted


def as_metadata(definition: DocumentDefinition) -> OfferedDocument:
    """Return a document type as the issuer's metadata shows it (OID4VCI 1.0 §12.2.4)."""
    return OfferedDocument(
        name=definition.name,
        title=definition.title,
        description=definition.description,
        vct=definition.vct,
        contexts=definition.contexts,
        types=definition.types,
        labels=definition.labels,
        mandatory=definition.mandatory,
    )
