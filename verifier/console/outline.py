"""What a request asks for and what it leaves out, read back from its query, in the catalogue's words. Pure."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from schemas.catalogue import Catalogue, DocumentDefinition
from tegata.errors import Text
from tegata.formats.credential import ClaimPath
from verifier.oid4vp.dcql import MSO_MDOC, SD_JWT_VC, CredentialQuery, Query

_SUBJECT = "credentialSubject"


@dataclass(frozen=True, slots=True)
class Outlined:
    """One document: items that have to come, items that are welcome, and items that nobody asked for.

    `never` are facts that the document does not even hold.
    """

    name: str
    title: Text
    asked: tuple[Text, ...]
    optional: tuple[Text, ...]
    not_asked: tuple[Text, ...]
    never: tuple[Text, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """Documents of which one suffices."""

    any_of: tuple[Outlined, ...]
    is_required: bool


def outline(query: Query, catalogue: Catalogue) -> tuple[Group, ...]:
    """Return what a query asks for, in its order; each document once, whatever its formats."""
    sets = query.sets
    if not sets:
        return tuple(Group((outlined(item, catalogue),), is_required=True) for item in query.credentials)
    groups = []
    for one in sets:
        found: dict[str, Outlined] = {}
        for identifier in (name for option in one.options for name in option):
            credential = query.credential(identifier)
            if credential is not None:
                document = outlined(credential, catalogue)
                found.setdefault(document.name, document)
        groups.append(Group(tuple(found.values()), one.required))
    return tuple(groups)


def outlined(query: CredentialQuery, catalogue: Catalogue) -> Outlined:
    """Return what one credential query asks for; a type that is not in the catalogue is named by its identifier."""
    definition = definition_of(query, catalogue)
    always = set.intersection(*({claim.path for claim in claims} for claims in query.alternatives()))
    paths = [claim_path(query, claim.path, definition) for claim in query.claims]
    needed = [claim_path(query, claim.path, definition) for claim in query.claims if claim.path in always]
    if definition is None:
        name = query.types[0][0] if query.types else query.identifier
        words = tuple(_raw(path) for path in paths)
        return Outlined(name, Text(name, name), words, (), (), ())
    return Outlined(
        name=definition.name,
        title=definition.title,
        asked=labels(needed, definition),
        optional=labels([path for path in paths if path not in needed], definition),
        not_asked=labels(left_out(definition, {path[0] for path in paths if path}), definition),
        never=tuple(item.label for item in definition.never),
    )


def definition_of(query: CredentialQuery, catalogue: Catalogue) -> DocumentDefinition | None:
    """Return the catalogue's definition of the type that a credential query asks for."""
    if not query.types:
        return None
    if query.format == SD_JWT_VC:
        return catalogue.find_by_vct(query.types[0][0])
    if query.format == MSO_MDOC:
        return catalogue.find_by_doctype(query.types[0][0])
    return catalogue.find_by_types(query.types[0])


def claim_path(
    query: CredentialQuery, path: ClaimPath, definition: DocumentDefinition | None = None
) -> ClaimPath:
    """Return a path without the root that W3C credentials put before it; of a mobile document the claim's own."""
    if query.format == MSO_MDOC:
        elements = () if definition is None or definition.mdoc is None else definition.mdoc.elements
        places = {(element.namespace, element.identifier): element.path for element in elements}
        return places.get((str(path[0]), str(path[1])), path)
    return path[1:] if query.format != SD_JWT_VC and path[:1] == (_SUBJECT,) else path


def left_out(definition: DocumentDefinition, named: Collection[object]) -> list[ClaimPath]:
    """Return the items of a document that are neither among those named nor always shown."""
    return [
        path
        for path in definition.labels
        if len(path) == 1 and path[0] not in named and path[0] not in definition.always_shown
    ]


def labels(paths: Sequence[ClaimPath], definition: DocumentDefinition) -> tuple[Text, ...]:
    """Return what people call these items, each once."""
    return tuple(dict.fromkeys(label(path, definition) for path in paths))


def label(path: ClaimPath, definition: DocumentDefinition) -> Text:
    """Return what people call an item; an element of a list is called as the list."""
    general: ClaimPath = tuple(None if isinstance(part, int) else part for part in path)
    while general and general[-1] is None:
        general = general[:-1]
    return definition.labels.get(general) or definition.labels.get(path) or _raw(path)


def _raw(path: ClaimPath) -> Text:
    shown = "/".join("*" if part is None else str(part) for part in path)
    return Text(shown, shown)
