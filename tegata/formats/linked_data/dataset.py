"""From a document to its quads, each value accounted for (JSON-LD 1.1 API §7, with rdfDirection i18n-datatype)."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import count
from typing import Any

from tegata.codec import jcs
from tegata.errors import LimitExceeded, MalformedInput
from tegata.formats.linked_data.json_ld import (
    EMPTY_ARRAY,
    EMPTY_OBJECT,
    SCALAR,
    Contexts,
    DataLoss,
    count_values,
)
from tegata.formats.linked_data.nquads import RDF, XSD, Quad, Term, iri, is_absolute_iri, literal
from tegata.formats.linked_data.rdfc import DEFAULT_LIMIT

_I18N = "https://www.w3.org/ns/i18n#"
_NIL, _FIRST, _REST, _TYPE = (f"<{RDF}{name}>" for name in ("nil", "first", "rest", "type"))
_NODE_KEYWORDS = frozenset({"@id", "@type", "@graph"})


@dataclass(frozen=True, slots=True)
class Dataset:
    """A document as quads, and the expanded types of the node it describes."""

    quads: tuple[Quad, ...]
    types: tuple[str, ...]


def to_dataset(document: Mapping[str, Any], contexts: Contexts, *, exact_numbers: bool = False) -> Dataset:
    """Turn a document into quads; raises `DataLoss` if any part of it would not be in them.

    `exact_numbers` also refuses numbers with a fraction: they are signed as the nearest double, not as they are
    written.
    """
    found = contexts.direct(document)
    return (
        Dataset(*found)
        if found is not None
        else by_expansion(document, contexts, exact_numbers=exact_numbers)
    )


def types_of(document: Mapping[str, Any], contexts: Contexts) -> tuple[str, ...]:
    """Return the expanded types of a document whose other members nobody asks for.

    Raises `ContextRefused` for contexts that are not known, `DataLoss` for a type that none of them defines.
    """
    alone = {"@context": document.get("@context"), "type": document.get("type"), "issuer": "urn:nobody"}
    return to_dataset(alone, contexts).types


def by_expansion(document: Mapping[str, Any], contexts: Contexts, *, exact_numbers: bool = False) -> Dataset:
    """Turn a document into quads the general way, as `to_dataset` does where the fast one says nothing."""
    _check_size(document)
    expected = count_values(document)
    expanded = contexts.expand(document)
    if len(expanded) != 1 or not isinstance(expanded[0], dict) or "@value" in expanded[0]:
        raise DataLoss("not a document about one thing")
    writer = _Writer(exact_numbers=exact_numbers)
    try:
        writer.node(expanded[0], "")
    except MalformedInput as error:
        if isinstance(error, DataLoss | LimitExceeded):
            raise
        raise DataLoss(error.detail) from None
    if writer.values != expected:
        raise DataLoss("a value is null, empty or without meaning")
    return Dataset(tuple(writer.quads), tuple(_types(expanded[0])))


def _check_size(document: Mapping[str, Any]) -> None:
    """Refuse what cannot be canonicalized anyway before it is expanded: each object and each value makes a quad of its own."""
    size = 0
    level: list[Any] = [document]
    while level:
        size += len(level)
        if size > DEFAULT_LIMIT.max_quads:
            raise LimitExceeded(
                f"more than {DEFAULT_LIMIT.max_quads} objects and values", clause="RDFC-1.0 §7.1"
            )
        below: list[Any] = []
        for item in level:
            if isinstance(item, Mapping):
                below += item.values()
            elif isinstance(item, list):
                size -= 1  # an array is none
                below += item
        level = below


class _Writer:
    """Writes expanded nodes as quads, and counts the values it met as `count_values` counts them."""

    def __init__(self, *, exact_numbers: bool) -> None:
        self.quads: list[Quad] = []
        self.values = 0
        self._exact_numbers = exact_numbers
        self._labels = count()

    def node(self, node: Mapping[str, Any], graph: Term) -> Term:
        """Write a node and everything below it; returns its term."""
        identifier = node.get("@id")
        subject = self._blank() if identifier is None else self._iri(identifier)
        if not node:
            self.values += EMPTY_OBJECT
        if "@type" in node:
            self._objects(subject, _TYPE, [self._type(item) for item in _types(node)], graph)
        if "@graph" in node:
            for item in node["@graph"]:
                if not _node(item).keys() - {"@id"}:
                    raise DataLoss("a graph that says nothing of what it names")
                self.node(item, subject)
        for name, items in node.items():
            if name in _NODE_KEYWORDS:
                continue
            if name.startswith("@"):
                raise DataLoss(f"{name} is not signed")
            objects = [self._object(item, graph) for item in items]
            self._objects(subject, iri(name), objects, graph)
        return subject

    def _objects(self, subject: Term, predicate: Term, objects: list[Term], graph: Term) -> None:
        if len(set(objects)) != len(objects):
            raise DataLoss("a value is given twice, and a set has it once")
        self.quads += [Quad(subject, predicate, item, graph) for item in objects]

    def _object(self, item: Any, graph: Term) -> Term:
        if not isinstance(item, dict):
            raise DataLoss("a value that expands to no value")
        if "@value" in item:
            return self._literal(item)
        if "@list" in item:
            if item.keys() - {"@list"}:
                raise DataLoss("a list with more than its items")
            return self._list(item["@list"], graph)
        return self.node(item, graph)

    def _list(self, items: list[Any], graph: Term) -> Term:
        if not items:
            self.values += EMPTY_ARRAY
        head = _NIL
        for term in reversed([self._object(item, graph) for item in items]):
            link = self._blank()
            self.quads += [Quad(link, _FIRST, term, graph), Quad(link, _REST, head, graph)]
            head = link
        return head

    def _literal(self, item: Mapping[str, Any]) -> Term:
        if item.keys() - {"@value", "@type", "@language", "@direction"}:
            raise DataLoss("a value with a member that is not signed")
        value, datatype = item["@value"], item.get("@type", "")
        if datatype == "@json":
            self.values += count_values(value)
            return literal(jcs.canonicalize(value).decode("utf-8"), RDF + "JSON")
        self.values += SCALAR
        if not isinstance(value, str):
            return self._native(value, datatype)
        if datatype == XSD + "double":
            return literal(_double_of_text(value), datatype)
        language, direction = item.get("@language", ""), item.get("@direction", "")
        if direction:
            return literal(value, f"{_I18N}{language}_{direction}")
        return literal(value, datatype, language)

    def _native(self, value: Any, datatype: str) -> Term:
        if isinstance(value, bool):
            return literal("true" if value else "false", datatype or XSD + "boolean")
        if not isinstance(value, int | float):
            raise DataLoss("a value that is null or no scalar")
        if float(value).is_integer() and datatype != XSD + "double":
            return literal(str(int(value)), datatype or XSD + "integer")
        if self._exact_numbers and not float(value).is_integer():
            raise DataLoss("a number with a fraction; write it as text")
        return literal(_double(float(value)), datatype or XSD + "double")

    def _type(self, value: Any) -> Term:
        if not isinstance(value, str) or not is_absolute_iri(value):
            raise DataLoss("a type that no context defines")
        self.values += SCALAR
        return f"<{value}>"

    def _iri(self, value: Any) -> Term:
        if not isinstance(value, str) or not is_absolute_iri(value):
            raise DataLoss("an identifier that is not an absolute IRI")
        self.values += SCALAR
        return f"<{value}>"

    def _blank(self) -> Term:
        return f"_:b{next(self._labels)}"


def _types(node: Mapping[str, Any]) -> list[Any]:
    found = node.get("@type", [])
    return found if isinstance(found, list) else [found]


def _node(item: Any) -> Mapping[str, Any]:
    if not isinstance(item, dict) or "@value" in item or "@list" in item:
        raise DataLoss("a value where a node belongs")
    return item


def _double(value: float) -> str:
    """Return the canonical xsd:double with at most 15 digits after the point (JSON-LD 1.1 API §8.6)."""
    mantissa, _, exponent = f"{value:.15E}".partition("E")
    mantissa = mantissa.rstrip("0")
    return f"{mantissa + '0' if mantissa.endswith('.') else mantissa}E{int(exponent)}"


def _double_of_text(value: str) -> str:
    try:
        return _double(float(value))
    except ValueError:
        raise DataLoss("text that is no xsd:double") from None
