"""The statements of a document under labels that tell nothing, and which of them a selection says.

A blank node has no name, so a selection of a document would lose which node is which. Each node without an id gets one
for the while (skolemization), so that it is the same node in every selection; then it is blank again (ECDSA Cryptosuites
1.0 §3.4.4 to §3.4.9, §3.4.15). The ids are put into the JSON itself, where the standard expands, names and compacts: what
comes out is held against the document as it was, so a misplaced id is noticed and refused.
"""

import hmac
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any, TypeAlias

from tegata.codec import base64url
from tegata.errors import MalformedInput
from tegata.formats.credential import FormatRefused
from tegata.formats.data_integrity.selective import pointers as json_pointers
from tegata.formats.linked_data import rdfc
from tegata.formats.linked_data.dataset import to_dataset
from tegata.formats.linked_data.json_ld import Contexts
from tegata.formats.linked_data.nquads import Quad, Term

_CLAUSE = "ECDSA Cryptosuites 1.0 §3.4"
_SCHEME = "urn:tegata:skolem:"
_NAMED = f"<{_SCHEME}"
_BLANK = "_:skolem"
#: From canonical labels (`c14n0`) to those that a proof uses, both without `_:`.
LabelMap: TypeAlias = Mapping[str, str]
LabelMapMaker: TypeAlias = Callable[[Sequence[str]], LabelMap]


@dataclass(frozen=True, slots=True)
class Grouping:
    """A document's lines in order, under a proof's labels; `labels` are those by the id of a skolemized node."""

    lines: tuple[str, ...]
    labels: Mapping[Term, Term] = field(repr=False)
    document: Mapping[str, Any] = field(repr=False)
    contexts: Contexts = field(repr=False)

    def indexes_of(self, pointers: Sequence[str]) -> tuple[int, ...]:
        """Return which lines a selection says, ascending; raises `PointerRefused` for one that points at nothing."""
        if not pointers:
            return ()
        index = {line: number for number, line in enumerate(self.lines)}
        quads = _blanked(to_dataset(json_pointers.select(self.document, pointers), self.contexts).quads)
        try:
            return tuple(sorted({index[line] for line in _relabelled(quads, self.labels)}))
        except KeyError:
            raise FormatRefused("a selection says what its document does not", clause=_CLAUSE) from None

    def canonical_labels(self, pointers: Sequence[str]) -> dict[str, str]:
        """Return the proof's label of each canonical label in a selection, as a verifier finds them."""
        quads = _blanked(to_dataset(json_pointers.select(self.document, pointers), self.contexts).quads)
        found = rdfc.canonicalize(quads).labels
        return {canonical[2:]: self.labels[node][2:] for node, canonical in found.items()}


def group(document: Mapping[str, Any], contexts: Contexts, maker: LabelMapMaker) -> Grouping:
    """Read a document into lines under labels of a proof (§3.4.15, without the selections).

    Raises `FormatRefused` for a document whose nodes cannot all be named: one with lists or graphs in it.
    """
    plain = rdfc.canonicalize(to_dataset(document, contexts).quads)
    if any(_NAMED in line for line in plain.lines):
        raise FormatRefused("an id that is kept for reading documents", clause=_CLAUSE)
    named = skolemized(document, contexts)
    quads = _blanked(to_dataset(named, contexts).quads)
    canonical = rdfc.canonicalize(quads)
    if canonical.lines != plain.lines or not all(node.startswith(_BLANK) for node in canonical.labels):
        raise FormatRefused("a document whose nodes cannot be told apart", clause=_CLAUSE)
    label_map = maker([label[2:] for label in canonical.labels.values()])
    labels = {node: f"_:{label_map[label[2:]]}" for node, label in canonical.labels.items()}
    return Grouping(tuple(sorted(_relabelled(quads, labels))), labels, named, contexts)


def relabelled_lines(quads: Sequence[Quad], label_map: LabelMap) -> tuple[str, ...]:
    """Return a shown document's lines in order, under the labels that its proof gives; raises `FormatRefused`."""
    canonical = rdfc.canonicalize(quads).labels
    wanted = {label[2:] for label in canonical.values()}
    if wanted != label_map.keys() or len(set(label_map.values())) != len(label_map):
        raise FormatRefused("PROOF_VERIFICATION_ERROR: labels for other nodes", clause=_CLAUSE)
    labels = {node: f"_:{label_map[label[2:]]}" for node, label in canonical.items()}
    return tuple(sorted(_relabelled(quads, labels)))


def hmac_labels(key: bytes) -> LabelMapMaker:
    """Return what gives each node the HMAC of its canonical label (§3.4.1)."""

    def make(labels: Sequence[str]) -> LabelMap:
        return {label: hmac_label(hmac.digest(key, label.encode("ascii"), "sha256")) for label in labels}

    return make


def hmac_label(value: bytes) -> str:
    """Return the label that an HMAC is written as."""
    return "u" + base64url.encode(value)


def hmac_of(label: str) -> bytes:
    """Return the HMAC that a label was written from."""
    return base64url.decode(label[1:])


def shuffled_labels(key: bytes) -> LabelMapMaker:
    """Return what numbers the nodes in the order of their HMACs (BBS Cryptosuites 1.0 §3.2.2)."""

    def make(labels: Sequence[str]) -> LabelMap:
        by_label = hmac_labels(key)(labels)
        order = {value: f"b{number}" for number, value in enumerate(sorted(by_label.values()))}
        return {label: order[value] for label, value in by_label.items()}

    return make


def skolemized(document: Mapping[str, Any], contexts: Contexts) -> dict[str, Any]:
    """Return the document with an id for every node that has none."""
    opaque = contexts.opaque_terms(document.get("@context"))
    numbers = count()

    def visit(value: Any) -> Any:
        if isinstance(value, list):
            return [visit(item) for item in value]
        if not isinstance(value, Mapping) or "@value" in value:
            return value
        own = {} if "id" in value else {"id": f"{_SCHEME}{next(numbers)}"}
        return own | {
            name: item if name == "@context" or name in opaque else visit(item)
            for name, item in value.items()
        }

    try:
        named: dict[str, Any] = visit(document)
    except RecursionError:
        raise MalformedInput("nested too deeply", clause=_CLAUSE) from None
    return named


def _blanked(quads: Sequence[Quad]) -> list[Quad]:
    return [Quad(*map(_blank, quad)) for quad in quads]


def _blank(term: Term) -> Term:
    return f"{_BLANK}{term[len(_NAMED) : -1]}" if term.startswith(_NAMED) else term


def _relabelled(quads: Sequence[Quad], labels: Mapping[Term, Term]) -> list[str]:
    return [Quad(*(labels.get(term, term) for term in quad)).line() for quad in quads]
