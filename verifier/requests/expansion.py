"""From documents to a query: every type and format that is accepted, and what is not asked for (OID4VP 1.0 §6).

Each document becomes one credential query for each format. A credential set says that one of them suffices, the first
being preferred; claim sets say which items may stay away.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from schemas.catalogue import Catalogue, DocumentDefinition
from tegata.errors import Text
from tegata.formats.credential import ClaimPath
from verifier.oid4vp.dcql import (
    LDP_VC,
    MSO_MDOC,
    SD_JWT_VC,
    ClaimQuery,
    CredentialQuery,
    CredentialSet,
    Query,
)
from verifier.oid4vp.errors import QueryRefused
from verifier.requests.templates import DocumentRequest, Item

#: In the order of preference: the first two show only what was asked for.
FORMATS = (SD_JWT_VC, MSO_MDOC, LDP_VC)
_SUFFIX = {SD_JWT_VC: "sd-jwt", MSO_MDOC: "mdoc", LDP_VC: "w3c"}
_SUBJECT = "credentialSubject"
#: What is asked for is kept with the report.
_RETAINED = {MSO_MDOC: True}


@dataclass(frozen=True, slots=True)
class Outline:
    """What a request asks for and what it leaves out, for people: by document, in the catalogue's words."""

    title: Text
    asked: tuple[Text, ...]
    optional: tuple[Text, ...]
    not_asked: tuple[Text, ...]


def expand(items: Sequence[Item], catalogue: Catalogue, formats: Sequence[str] = FORMATS) -> Query:
    """Return the query for these items.

    Raises `NotFound` for an unknown document, `QueryRefused` for an item that a document does not have, a document
    that is named twice, and one that is never in a learner's hands.
    """
    credentials: list[CredentialQuery] = []
    sets: list[CredentialSet] = []
    for item in items:
        options: list[tuple[str, ...]] = []
        for wanted in item.any_of:
            document = catalogue.get(wanted.document)
            _check(wanted, document)
            for format_name in formats:
                query = _credential_query(wanted, catalogue, format_name)
                credentials.append(query)
                options.append((query.identifier,))
        sets.append(CredentialSet(tuple(options), item.is_required))
    names = [query.identifier for query in credentials]
    if len(set(names)) != len(names):
        raise QueryRefused("a document is named twice", pointer="/items")
    return Query(tuple(credentials), tuple(sets))


def outline(items: Sequence[Item], catalogue: Catalogue) -> tuple[Outline, ...]:
    """Return for each document what is asked for and what is not; raises `NotFound`."""
    return tuple(_outline(wanted, catalogue.get(wanted.document)) for item in items for wanted in item.any_of)


def _outline(wanted: DocumentRequest, document: DocumentDefinition) -> Outline:
    asked = {path[0] for path in (*wanted.claims, *wanted.optional)}
    return Outline(
        title=document.title,
        asked=tuple(document.labels[_label_path(path, document)] for path in wanted.claims),
        optional=tuple(document.labels[_label_path(path, document)] for path in wanted.optional),
        not_asked=tuple(
            text
            for path, text in document.labels.items()
            if len(path) == 1 and path[0] not in asked and path[0] not in document.always_shown
        ),
    )


def _check(wanted: DocumentRequest, document: DocumentDefinition) -> None:
    if not document.is_for_holders:
        raise QueryRefused(
            f"{document.name} is not a document that learners show", pointer=f"/{document.name}"
        )
    for path in (*wanted.claims, *wanted.optional):
        if _label_path(path, document) not in document.labels:
            shown = "/".join(map(str, path))
            raise QueryRefused(
                f"{document.name} has no item {shown[:80]}", pointer=f"/{document.name}/{shown[:80]}"
            )


def _label_path(path: ClaimPath, document: DocumentDefinition) -> ClaimPath:
    """Return the path under which the catalogue knows an item: an index is one of all elements."""
    general = tuple(None if isinstance(part, int) else part for part in path)
    # "Every element of courses" is called courses.
    if general and general[-1] is None and general[:-1] in document.labels:
        return general[:-1]
    return general


@dataclass(frozen=True, slots=True)
class _Asked:
    """What one credential query asks for: its types, what has to come, and groups that are welcome, each as a whole."""

    types: tuple[tuple[str, ...], ...]
    required: tuple[ClaimPath, ...]
    welcome: tuple[tuple[ClaimPath, ...], ...]


def _asked(wanted: DocumentRequest, catalogue: Catalogue, format_name: str) -> _Asked:
    accepted = catalogue.accepted(wanted.document)
    if format_name == MSO_MDOC:
        return _asked_of_mobile(wanted, catalogue.get(wanted.document), accepted.doctype_value)
    if format_name == SD_JWT_VC:
        types = tuple((vct,) for vct in accepted.vct_values)
        return _Asked(types, wanted.claims, tuple((path,) for path in wanted.optional))
    return _Asked(
        accepted.type_values,
        tuple((_SUBJECT, *path) for path in wanted.claims),
        tuple(((_SUBJECT, *path),) for path in wanted.optional),
    )


def _asked_of_mobile(wanted: DocumentRequest, document: DocumentDefinition, doctype: str) -> _Asked:
    """Return the elements of a mobile document that carry what is asked for, and what is welcome.

    Its holder can hide everything, so that what other forms always show is asked for as well: when it was issued, and,
    where it need not be hidden for the learner's sake, by which school.
    """
    assert document.mdoc is not None  # noqa: S101  every document for holders has these names
    elements = document.mdoc.elements

    def of(*paths: ClaimPath) -> tuple[ClaimPath, ...]:
        found: dict[ClaimPath, None] = {
            (element.namespace, element.identifier): None
            for path in paths
            for element in elements
            if element.path[: len(path)] == path[: len(element.path)]
        }
        return tuple(found)

    always = [(name,) for name in document.always_shown if (name,) in document.mandatory]
    required = of(*wanted.claims, *(path for path in always if path not in document.hideable))
    groups: list[tuple[ClaimPath, ...]] = []
    for path in (*(path for path in always if path in document.hideable), *wanted.optional):
        known = {*required, *(item for group in groups for item in group)}
        group = tuple(item for item in of(path) if item not in known)
        groups += [group] if group else []
    return _Asked(((doctype,),), required, tuple(groups))


def _credential_query(wanted: DocumentRequest, catalogue: Catalogue, format_name: str) -> CredentialQuery:
    asked = _asked(wanted, catalogue, format_name)
    paths = (*asked.required, *(path for group in asked.welcome for path in group))
    names = {path: f"c{number}" for number, path in enumerate(paths)}
    retained = _RETAINED.get(format_name)
    claim_sets: tuple[tuple[str, ...], ...] = ()
    if asked.welcome:
        # The fullest first: wallets take the first that they can fill (§6.4.1).
        claim_sets = tuple(
            tuple(names[path] for path in (*asked.required, *(path for group in some for path in group)))
            for size in range(len(asked.welcome), -1, -1)
            for some in combinations(asked.welcome, size)
        )
    return CredentialQuery(
        identifier=f"{wanted.document}-{_SUFFIX[format_name]}",
        format=format_name,
        types=asked.types,
        claims=tuple(ClaimQuery(path, name, intent_to_retain=retained) for path, name in names.items()),
        claim_sets=claim_sets,
    )
