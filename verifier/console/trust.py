"""The list of issuers that this verifier believes: its number, its age, the schools on it, what each may issue."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from starlette.responses import Response

from schemas.catalogue import Catalogue
from tegata.errors import Text
from tegata.identity.trust_list import TrustedOrganisation
from tegata.service.console import Form, Pagination
from verifier.console.office import Pages, Visit
from verifier.console.seat import STAFF_OF_A_VERIFIER

_LONGEST_TEXT = 100


@dataclass(frozen=True, slots=True)
class Listed:
    """One organisation of the list; `documents` is what it may issue now, in the catalogue's words."""

    organisation: TrustedOrganisation
    documents: tuple[Text, ...]
    as_custodian: bool
    successor: Text | None


def add(pages: Pages) -> None:
    """Add the list."""
    pages.get("/trust", issuers, STAFF_OF_A_VERIFIER)


def issuers(visit: Visit) -> Response:
    """Show the list, or say that there is none."""
    text = visit.query.get("q", "").strip()[:_LONGEST_TEXT]
    snapshot = visit.verifier.trust.current(visit.now)
    form = Form.filled(q=text)
    if snapshot is None:
        return visit.page("trust.html", listed=None, form=form)
    trust_list = snapshot.trust_list
    found = [item for item in trust_list.organisations if matches(item, text)]
    paging = Pagination.read(visit.query, len(found))
    shown = found[paging.offset : paging.offset + paging.size]
    names = {item.identifier: item.names for item in trust_list.organisations}
    listed = [_listed(visit, item, visit.verifier.catalogue, names) for item in shown]
    return visit.page(
        "trust.html",
        listed=listed,
        trust_list=trust_list,
        is_fresh=visit.now <= trust_list.next_update,
        paging=paging,
        is_filtered=bool(text),
        form=form,
    )


def matches(organisation: TrustedOrganisation, text: str) -> bool:
    """Whether each word of a search is in a name, an establisher, a code or the identifier, in any width and case."""
    names = organisation.names
    places: Sequence[str] = (
        names.ja,
        names.en,
        organisation.establisher,
        organisation.school_code,
        organisation.corporate_number,
        organisation.identifier,
    )
    whole = _folded(" ".join(places))
    return all(word in whole for word in _folded(text).split())


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def _listed(
    visit: Visit, organisation: TrustedOrganisation, catalogue: Catalogue, names: dict[str, Text]
) -> Listed:
    now = visit.now
    rights = [
        right
        for right in organisation.rights
        if right.valid_from <= now and (right.valid_until is None or now <= right.valid_until)
    ]
    documents: list[Text] = []
    for right in rights:
        definition = catalogue.find_by_vct(right.document_type)
        documents.append(definition.title if definition else Text(right.document_type, right.document_type))
    return Listed(
        organisation=organisation,
        documents=tuple(dict.fromkeys(documents)),
        as_custodian=any(right.as_custodian for right in rights),
        successor=names.get(organisation.successor),
    )
