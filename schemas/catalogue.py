"""The documents there are, and everything that is fixed about each: what is signed, shown, kept and never said.

Read once from the package, and refused unless every signed file is the pinned one. Not for whether the claims of one
document are right (`schemas.validation`), nor for which school offers what: that is the issuer's.
"""

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache, cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal, TypeAlias

from schemas import contexts as pinned
from schemas import names
from schemas.dictionary import DATA, Definition, Dictionary, text
from schemas.mdoc import MdocNames, read_names
from schemas.names import AcceptedTypes
from tegata.codec import dates
from tegata.errors import Misconfigured, NotFound, Text

#: A claims path pointer: member names, indices, and None for "all elements" (SD-JWT VC type metadata, DCQL).
ClaimPath: TypeAlias = tuple[str | int | None, ...]

_SEALED_FILES = ("schema.json", "vct.json", "context.jsonld")
#: Written only for documents that a wallet may hold.
_MDOC_FILE = "mdoc.json"
_LAST_DAY = (3, 31)


@dataclass(frozen=True, slots=True)
class Validity:
    """How long a document is good for: without end, some months from its date, or to the end of the 年度."""

    kind: Literal["none", "months", "until_end_of_school_year"]
    months: int = 0

    def last_day(self, issued: date) -> date | None:
        """Return the last day on which a document of this date is good, in Asia/Tokyo; None without an end."""
        if self.kind == "none":
            return None
        if self.kind == "until_end_of_school_year":
            return date(dates.school_year(issued) + 1, *_LAST_DAY)
        years, month = divmod(issued.month - 1 + self.months, 12)
        for day in range(issued.day, 27, -1):
            try:
                return date(issued.year + years, month + 1, day)
            except ValueError:  # the month has no such day: its last day counts (民法 第143条第2項)
                continue
        return date(issued.year + years, month + 1, issued.day)


@dataclass(frozen=True, slots=True)
class Retention:
    """How long the record behind a document is kept: `years` is None where no law fixes an end."""

    years: int | None
    law: str
    text: Text

    def last_day(self, left: date) -> date | None:
        """Return the last day on which the record of somebody who left on a day is kept; None without an end."""
        return None if self.years is None else dates.last_day_of_years(left, self.years)


@dataclass(frozen=True, slots=True)
class SingleUse:
    """A document that is used up by one use: the value of a used one in a Token Status List (§7.1), and its name."""

    status_value: int
    text: Text


@dataclass(frozen=True, slots=True)
class NeverShown:
    """A fact that the document never carries, and why."""

    claim: str
    label: Text
    reason: Text


@dataclass(frozen=True, slots=True, eq=False)
class DocumentDefinition:
    """One document type.

    `type_metadata`, `context` and `schema_bytes` are the exact files that are served under the signed names `vct`,
    `context_url` and `schema_url`; `vct_integrity` is over the first (SD-JWT VC §7). `contexts` and `types` are
    what a W3C credential lists, `type_iris` its types as JSON-LD expands them. `labels` has every claim path in the
    order of the document, `selectable` those that the holder may hide, `always_shown` the claims at the top that
    nobody hides, `code_lists` the list behind each coded claim. `hideable` are claims always shown that become
    selectable where a school's very name is sensitive. `decoys` is how many claims may be absent and would be
    hidden: see `decoys_for`. `mdoc` has the names of a mobile document, for what a wallet may hold.
    """

    name: str
    title: Text
    description: Text
    vct: str
    vct_integrity: str
    type_metadata: bytes
    context_url: str
    context: bytes
    contexts: tuple[str, ...]
    w3c_type: str
    types: tuple[str, ...]
    type_iris: tuple[str, ...]
    schema: Mapping[str, Any]
    schema_bytes: bytes
    schema_url: str
    selectable: tuple[ClaimPath, ...]
    always_shown: tuple[str, ...]
    hideable: tuple[ClaimPath, ...]
    labels: Mapping[ClaimPath, Text]
    code_lists: Mapping[ClaimPath, str]
    mandatory: frozenset[ClaimPath]
    rules: tuple[str, ...]
    legal_basis: Literal["consent", "statutory", "sent_at_request"]
    minimum_assurance: Literal["desk", "guardian", "jpki"]
    has_status: bool
    single_use: SingleUse | None
    followed_by: str | None
    school_kinds: tuple[str, ...]
    required_facts: tuple[str, ...]
    validity: Validity
    retention: Retention
    never: tuple[NeverShown, ...]
    decoys: int
    mdoc: MdocNames | None

    @property
    def is_for_holders(self) -> bool:
        """Whether a learner gets it and shows it; what the law, or a request, sends elsewhere never enters a wallet."""
        return self.legal_basis == "consent"

    def decoys_for(self, claims: Mapping[str, Any]) -> int:
        """Return how many decoy digests make the number of digests the same for every learner (RFC 9901 §4.2.5).

        Without them the number tells whether there is a 通称 or a middle name, which says where a family is from.
        """
        absent = (path for path in self.selectable if len(path) == 1 and path not in self.mandatory)
        return sum(path[0] not in claims for path in absent)


@dataclass(frozen=True, eq=False)
class Catalogue:
    """Every document type, in the order in which pages list them."""

    documents: tuple[DocumentDefinition, ...]

    def get(self, name: str) -> DocumentDefinition:
        """Return a document type by its name; raises `NotFound`."""
        try:
            return self._by_name[name]
        except KeyError:
            raise NotFound(f"no document is called {name[:60]!r}") from None

    def find_by_vct(self, vct: str) -> DocumentDefinition | None:
        """Return the document type with this SD-JWT VC type, or None."""
        return self._by_vct.get(vct)

    def find_by_types(self, iris: tuple[str, ...]) -> DocumentDefinition | None:
        """Return the one document type whose expanded types are all among these, or None if none or several are."""
        found = [document for document in self.documents if set(document.type_iris) <= set(iris)]
        return found[0] if len(found) == 1 else None

    def find_by_doctype(self, doctype: str) -> DocumentDefinition | None:
        """Return the document type with this type of a mobile document, or None."""
        return self._by_doctype.get(doctype)

    def accepted(self, name: str) -> AcceptedTypes:
        """Return what a request for a document accepts in each format; raises `NotFound`."""
        document = self.get(name)
        doctype = "" if document.mdoc is None else document.mdoc.doctype
        return AcceptedTypes((document.vct,), (document.type_iris,), doctype)

    @cached_property
    def _by_name(self) -> Mapping[str, DocumentDefinition]:
        return {document.name: document for document in self.documents}

    @cached_property
    def _by_vct(self) -> Mapping[str, DocumentDefinition]:
        return {document.vct: document for document in self.documents}

    @cached_property
    def _by_doctype(self) -> Mapping[str, DocumentDefinition]:
        return {document.mdoc.doctype: document for document in self.documents if document.mdoc is not None}


@cache
def load() -> Catalogue:
    """Return the catalogue of this package; raises `Misconfigured` if a signed file is not the pinned one."""
    return load_from(DATA)


def load_from(data: Path) -> Catalogue:
    """Read a catalogue from a folder; raises `Misconfigured`."""
    try:
        digests = json.loads((data / "digests.json").read_bytes())
        dictionary = Dictionary(data)
        return Catalogue(
            tuple(_definition(name, data / name, digests[name], dictionary) for name in names.documents())
        )
    except (OSError, KeyError, ValueError) as error:
        raise Misconfigured(f"the catalogue of documents cannot be read: {error!r}") from error


@cache
def contexts() -> Mapping[str, bytes]:
    """Return every JSON-LD context that is trusted, by URL: the pinned ones and each document's own."""
    own = {document.context_url: document.context for document in load().documents}
    return MappingProxyType({**pinned.load(), **own})


def _definition(
    name: str, folder: Path, digests: Mapping[str, str], dictionary: Dictionary
) -> DocumentDefinition:
    raw = json.loads((folder / "document.json").read_bytes())
    schema, metadata, context = (_pinned(folder / file, digests[file]) for file in _SEALED_FILES)
    claims = {tuple(entry["path"]): entry for entry in json.loads(metadata)["claims"]}
    selectable = tuple(path for path, entry in claims.items() if entry["sd"] == "always")
    mandatory = frozenset(path for path, entry in claims.items() if entry["mandatory"])
    w3c_type = raw["type"]
    return DocumentDefinition(
        name=name,
        title=text(raw["title"]),
        description=text(raw["description"]),
        vct=names.vct(name),
        vct_integrity="sha256-" + base64.b64encode(hashlib.sha256(metadata).digest()).decode("ascii"),
        type_metadata=metadata,
        context_url=names.context(name),
        context=context,
        contexts=(names.CREDENTIALS_V2, names.context(name)),
        w3c_type=w3c_type,
        types=(names.CREDENTIAL_TYPE, w3c_type),
        type_iris=names.expanded_types(w3c_type),
        schema=json.loads(schema),
        schema_bytes=schema,
        schema_url=names.schema(name),
        selectable=selectable,
        always_shown=tuple(raw["always_shown"]),
        hideable=tuple((claim,) for claim in raw["hideable"]),
        labels=MappingProxyType({path: _label(entry) for path, entry in claims.items()}),
        code_lists=MappingProxyType(dict(_code_lists(raw, dictionary))),
        mandatory=mandatory,
        rules=tuple(raw["rules"]),
        legal_basis=raw["legal_basis"],
        minimum_assurance=raw["minimum_assurance"],
        has_status=raw["has_status"],
        single_use=_single_use(raw.get("single_use")),
        followed_by=raw["followed_by"],
        school_kinds=tuple(raw["school_kinds"]),
        required_facts=tuple(raw["required_facts"]),
        validity=Validity(raw["validity"]["kind"], raw["validity"].get("months", 0)),
        retention=Retention(
            raw["retention"]["years"], raw["retention"]["law"], text(raw["retention"]["text"])
        ),
        never=tuple(_never(claim, dictionary) for claim in raw["never"]),
        decoys=sum(len(path) == 1 and path not in mandatory for path in selectable),
        mdoc=_mdoc_names(folder, digests),
    )


def _mdoc_names(folder: Path, digests: Mapping[str, str]) -> MdocNames | None:
    if _MDOC_FILE not in digests:
        return None
    return read_names(json.loads(_pinned(folder / _MDOC_FILE, digests[_MDOC_FILE])))


def _single_use(raw: Definition | None) -> SingleUse | None:
    return None if raw is None else SingleUse(raw["status_value"], text(raw["text"]))


def _never(claim: str, dictionary: Dictionary) -> NeverShown:
    raw = dictionary.never[claim]
    return NeverShown(claim, text(raw["label"]), text(raw["reason"]))


def _pinned(path: Path, digest: str) -> bytes:
    content = path.read_bytes()
    if hashlib.sha256(content).hexdigest() != digest:
        raise Misconfigured(
            f"{path.parent.name}/{path.name} is not the pinned file: documents are signed by its name"
        )
    return content


def _label(entry: Mapping[str, Any]) -> Text:
    return text({display["locale"]: display["label"] for display in entry["display"]})


def _code_lists(document: Definition, dictionary: Dictionary) -> list[tuple[ClaimPath, str]]:
    found: list[tuple[ClaimPath, str]] = []

    def visit(path: ClaimPath, definition: Definition) -> None:
        if "codes" in definition:
            found.append((path, definition["codes"]))
        for inside, members in (((), definition.get("members")), ((None,), definition.get("items"))):
            for name, member in (members or {}).items():
                visit((*path, *inside, name), member)

    for claim, definition, _ in dictionary.of(document):
        visit((claim,), definition)
    return found
