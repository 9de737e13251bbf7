"""The document types of a school: what the registrar's permissions and the school's kind leave of the catalogue."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import Connection

from issuer.oid4vci.metadata import OfferedDocument, OfferedForm, OfferedMdoc
from issuer.organisations import key_store
from issuer.organisations.school import School
from issuer.register.eligibility import RECORDED
from issuer.registrar import store as registrar
from schemas.catalogue import Catalogue, DocumentDefinition
from schemas.education.forms import FormDefinition, forms_of
from tegata.errors import Forbidden, Text
from tegata.identity.certificates import KeyUse


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


def forms_for(connection: Connection, school: School, document: str) -> tuple[FormDefinition, ...]:
    """Return the forms in which a school gives a document away: those that it has a key for.

    None of them lets its holder hide anything, so none is for a school whose very name is sensitive.
    """
    found = () if school.is_name_hidden else forms_of(document)
    return found if found and key_store.active(connection, school.id, KeyUse.FORM) else ()


def is_mobile(connection: Connection, school: School, definition: DocumentDefinition) -> bool:
    """Whether a school gives a document away as ISO mdoc: it has names for that, and the school a certified signer."""
    return definition.mdoc is not None and bool(key_store.active(connection, school.id, KeyUse.MDOC_DS))


def as_metadata(
    definition: DocumentDefinition, forms: Sequence[FormDefinition] = (), *, mobile: bool = False
) -> OfferedDocument:
    """Return a document type as the issuer's metadata shows it (OID4VCI 1.0 §12.2.4).

    With the forms that it can be had in, and as a mobile document if it can be had as one.
    """
    return OfferedDocument(
        name=definition.name,
        title=definition.title,
        description=definition.description,
        vct=definition.vct,
        contexts=definition.contexts,
        types=definition.types,
        labels=definition.labels,
        mandatory=definition.mandatory,
        forms=tuple(OfferedForm(form.name, form.title, form.contexts, form.types) for form in forms),
        mdoc=_mobile(definition) if mobile else None,
    )


def _mobile(definition: DocumentDefinition) -> OfferedMdoc | None:
    names = definition.mdoc
    if names is None:
        return None
    elements = {(element.namespace, element.identifier): element.path for element in names.elements}
    return OfferedMdoc(names.doctype, elements)
