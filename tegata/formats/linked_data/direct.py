"""The fast way from a document to its quads: through contexts compiled once, for what documents are nearly always made of.

`Compiled` knows a part of JSON-LD 1.1 and no more: terms, aliases of `@id` and `@type`, types of values, languages, sets,
JSON literals, contexts scoped to types and to properties, proofs, and documents inside a presentation. Whatever lies
outside (lists, maps by language or index, other graphs, keywords, numbers with a fraction, unknown terms, nulls, anything
malformed) makes it say nothing, and the general way decides: it refuses, or finds the quads. So nothing is refused here,
and what is found is what the general way would find; tests hold the two together.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from tegata.codec import jcs
from tegata.errors import MalformedInput
from tegata.formats.linked_data.nquads import RDF, XSD, Quad, Term, is_absolute_iri, literal

_TYPE = f"<{RDF}type>"
_JSON = f"^^<{RDF}JSON>"
_INTEGER, _BOOLEAN = (f"^^<{XSD}{name}>" for name in ("integer", "boolean"))
_SAFE_INTEGER = 2**53 - 1
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
#: What is escaped in a literal, or refused in one.
_UNUSUAL = re.compile(r'[\x00-\x1f"\\\x7f]').search
_new = tuple.__new__
#: Language tags that are written alike by everybody.
_LANGUAGE = re.compile(r"[a-z]{2,3}")
_CONTEXT_KEYWORDS = frozenset({"@version", "@protected"})
_DEFINITION_KEYWORDS = frozenset({"@id", "@type", "@container", "@context", "@language", "@protected"})
_KEYWORD_ALIASES = ("@id", "@type")
#: What terms may be, and are looked at by the general way where they are used.
_CONTAINERS = frozenset({"@set", "@list", "@language", "@index", "@graph", "@id", "@type"})
_KINDS = frozenset({"@id", "@vocab", "@json", "@none"})
_MOST_QUADS = 20_000
#: The one property whose values are documents of their own, with a context of their own.
EMBEDDING_TERM = "verifiableCredential"


class _Unsupported(Exception):
    """What stands here is not for this way."""


@dataclass(frozen=True, slots=True)
class _Definition:
    """One term: what it stands for, how its values are read, and the context that it brings along.

    `suffix` is what stands behind the quoted text of its values, `number` behind integers; None for terms whose values
    may be something else.
    """

    iri: str
    predicate: Term
    kind: str = ""
    language: str = ""
    is_set: bool = False
    scoped: Mapping[str, Any] | None = field(default=None, compare=False)
    scoped_text: str = ""
    is_protected: bool = False
    is_graph: bool = False
    suffix: str | None = None
    number: str | None = None


class _Active:
    """An active context; `previous` is the one to go back to below a node whose types brought this one."""

    __slots__ = ("_scoped", "aliases", "previous", "terms")

    def __init__(self, terms: dict[str, _Definition], previous: "_Active | None" = None) -> None:
        self.terms = terms
        self.previous = previous
        self.aliases = [name for name, definition in terms.items() if definition.iri in _KEYWORD_ALIASES]
        self._scoped: dict[tuple[int, bool], _Active] = {}

    def with_scoped(self, definition: _Definition, *, of_type: bool) -> "_Active":
        """Return the context inside a term that brings one along."""
        assert definition.scoped is not None  # noqa: S101  the caller looked
        key = (id(definition.scoped), of_type)
        known = self._scoped.get(key)
        if known is None:
            terms = _merged(self.terms, definition.scoped, may_override=not of_type)
            known = _Active(terms, (self.previous or self) if of_type else None)
            self._scoped[key] = known
        return known


class Compiled:
    """The contexts of one list of URLs; `documents` are parsed context documents, which must not change."""

    def __init__(self, urls: Sequence[str], documents: Mapping[str, Any]) -> None:
        self.active: _Active | None = None
        try:
            terms: dict[str, _Definition] = {}
            for url in urls:
                stated = documents[url]["@context"]
                for item in stated if isinstance(stated, list) else [stated]:
                    terms = _merged(terms, item, may_override=False)
            self.active = _Active(terms)
        except (_Unsupported, KeyError, TypeError):
            pass

    def quads(
        self, document: Mapping[str, Any], compiled_for: "CompiledFor"
    ) -> tuple[tuple[Quad, ...], tuple[str, ...]] | None:
        """Return quads and expanded types of a document, or None for one that the general way has to look at.

        `compiled_for` finds what the contexts of a document inside this one are compiled to.
        """
        writer = _Writer(compiled_for)
        try:
            writer.document(document, self, "", is_root=True)
        except (_Unsupported, MalformedInput, TypeError, RecursionError):
            return None
        if len(set(writer.quads)) != len(writer.quads):
            return None
        return tuple(writer.quads), writer.types


#: What a document's `@context` is compiled to; None if it names what is not known.
CompiledFor: TypeAlias = Callable[[Any], Compiled | None]


class _Writer:
    def __init__(self, compiled_for: CompiledFor) -> None:
        self.quads: list[Quad] = []
        self.types: tuple[str, ...] = ()
        self._labels = 0
        self._compiled_for = compiled_for

    def document(
        self, document: Mapping[str, Any], compiled: Compiled | None, graph: Term, *, is_root: bool = False
    ) -> None:
        """Write a document with a context of its own."""
        if compiled is None or compiled.active is None:
            raise _Unsupported
        active = compiled.active
        body = {name: value for name, value in document.items() if name != "@context"}
        self.node(body, active, graph, is_document=True, is_root=is_root)

    def node(
        self,
        node: Mapping[str, Any],
        active: _Active,
        graph: Term,
        *,
        is_document: bool = False,
        is_root: bool = False,
    ) -> Term:
        """Write a node and everything below it; returns its term."""
        if not node:
            raise _Unsupported
        aliases = [name for name in active.aliases if name in node]
        identifier, stated = "", list[str]()
        for name in aliases:
            if active.terms[name].iri == "@id":
                identifier = _iri_term(node[name], active.terms)
            else:
                stated = _texts(node[name])
        subject = identifier or self._blank()
        inner = active
        if stated:
            inner = self._typed(subject, stated, active, graph, is_root=is_root)
        elif is_root:
            raise _Unsupported
        if len(aliases) != bool(identifier) + bool(stated) or not _mean_the_same(aliases, active, inner):
            raise _Unsupported
        if len(self.quads) > _MOST_QUADS or (is_root and len(node) == len(aliases)):
            raise _Unsupported
        self._members(subject, node, aliases, inner, graph, is_document=is_document)
        return subject

    def _members(
        self,
        subject: Term,
        node: Mapping[str, Any],
        aliases: list[str],
        active: _Active,
        graph: Term,
        *,
        is_document: bool,
    ) -> None:
        terms, quads = active.terms, self.quads
        for name, value in node.items():
            definition = terms.get(name, _UNKNOWN)
            kind, suffix, number = value.__class__, definition.suffix, definition.number
            # What most members are: texts and numbers.
            if kind is str and suffix is not None and not _UNUSUAL(value):
                quads.append(_new(Quad, (subject, definition.predicate, f'"{value}"{suffix}', graph)))
            elif kind is int and number is not None and -_SAFE_INTEGER <= value <= _SAFE_INTEGER:
                quads.append(_new(Quad, (subject, definition.predicate, f'"{value}"{number}', graph)))
            elif definition.is_graph:
                self._graphs(subject, name, definition, value, active, graph, is_document=is_document)
            elif definition.predicate:
                self._member(subject, name, definition, value, active, graph)
            elif name not in aliases:
                raise _Unsupported

    def _blank(self) -> Term:
        self._labels += 1
        return f"_:b{self._labels}"

    def _typed(
        self, subject: Term, stated: list[str], active: _Active, graph: Term, *, is_root: bool
    ) -> _Active:
        found = []
        for name in stated:
            definition = active.terms.get(name)
            if definition is None or not definition.predicate:
                raise _Unsupported
            found.append((name, definition))
            self.quads.append(Quad(subject, _TYPE, definition.predicate, graph))
        if is_root:
            self.types = tuple(definition.iri for _, definition in found)
        inner = active
        for _, definition in sorted(found, key=lambda item: item[0]):
            if definition.scoped is not None:
                inner = inner.with_scoped(definition, of_type=True)
        return inner

    def _graphs(
        self,
        subject: Term,
        name: str,
        definition: _Definition,
        value: Any,
        active: _Active,
        graph: Term,
        *,
        is_document: bool,
    ) -> None:
        """Write proofs, or documents with contexts of their own, each into a graph of its own."""
        embeds = definition.scoped_text == _RESET
        if embeds and not (is_document and name == EMBEDDING_TERM):
            raise _Unsupported
        items = value if isinstance(value, list) else (value,)
        if not items:
            raise _Unsupported
        for item in items:
            if item.__class__ is not dict or "@value" in item or "@graph" in item:
                raise _Unsupported
            own = self._blank()
            self.quads.append(Quad(subject, definition.predicate, own, graph))
            before = len(self.quads)
            if embeds:
                self.document(item, self._compiled_for(item.get("@context")), own)
            else:
                self.node(item, active.previous or active, own)
            if len(self.quads) == before:
                raise _Unsupported

    def _member(
        self,
        subject: Term,
        name: str,
        definition: _Definition,
        value: Any,
        active: _Active,
        graph: Term,
    ) -> None:
        if definition.kind == "@json":
            self.quads.append(Quad(subject, definition.predicate, _json(value), graph))
            return
        items = value if isinstance(value, list) else (value,)
        if not items:
            raise _Unsupported
        terms = active.terms
        if definition.scoped is not None:
            terms = active.with_scoped(definition, of_type=False).terms
            if terms.get(name) is not definition:
                raise _Unsupported
        for item in items:
            cls = item.__class__
            if cls is str:
                term = _text(item, definition, terms)
            elif cls is dict:
                term = self._object(item, definition, active, graph)
            elif cls is bool or cls is int:
                term = _native(item, definition)
            else:
                raise _Unsupported
            self.quads.append(Quad(subject, definition.predicate, term, graph))

    def _object(self, item: Mapping[str, Any], definition: _Definition, active: _Active, graph: Term) -> Term:
        if "@value" in item:
            if item.keys() - {"@value", "@language"} or definition.scoped is not None:
                raise _Unsupported
            value, language = item["@value"], item.get("@language", "")
            if value.__class__ is not str or _CONTROL.search(value):
                raise _Unsupported
            if "@language" in item and (language.__class__ is not str or not _LANGUAGE.fullmatch(language)):
                raise _Unsupported
            return literal(value, "", language)
        # Below a node whose types brought a context, the one before it holds again.
        outer = active.previous or active
        if definition.scoped is not None:
            outer = outer.with_scoped(definition, of_type=False)
        return self.node(item, outer, graph)


_UNKNOWN = _Definition("", "")
#: The text of a scoped context that is null: whatever stands there brings a context of its own.
_RESET = "null"


def _json(value: Any) -> Term:
    """Return a JSON literal of what everybody reads alike."""
    if value.__class__ is list and all(item.__class__ is str and not _UNUSUAL(item) for item in value):
        texts = ",".join([f'\\"{item}\\"' for item in value])
        return f'"[{texts}]"{_JSON}'
    waiting = [value]
    for item in waiting:
        cls = item.__class__
        if cls is dict:
            if any(name.startswith("@") or _CONTROL.search(name) for name in item):
                raise _Unsupported
            waiting += item.values()
        elif cls is list:
            waiting += item
        elif cls is str:
            if _CONTROL.search(item):
                raise _Unsupported
        elif cls is int and not -_SAFE_INTEGER <= item <= _SAFE_INTEGER:
            raise _Unsupported
    if value is None:
        raise _Unsupported
    return literal(jcs.canonicalize(value).decode("utf-8"), RDF + "JSON")


def _text(value: str, definition: _Definition, terms: Mapping[str, _Definition]) -> Term:
    kind = definition.kind
    if kind == "@id":
        return _iri_term(value, terms)
    if kind == "@vocab":
        found = terms.get(value)
        if found is None or not found.predicate:
            raise _Unsupported
        return found.predicate
    if _CONTROL.search(value):
        raise _Unsupported
    if kind == XSD + "double":
        raise _Unsupported
    return literal(value, kind, "" if kind else definition.language)


def _native(value: bool | int, definition: _Definition) -> Term:
    number = definition.number
    if number is None or not -_SAFE_INTEGER <= value <= _SAFE_INTEGER:
        raise _Unsupported
    if value is True or value is False:
        return f'"{"true" if value else "false"}"{number if definition.kind else _BOOLEAN}'
    return f'"{value}"{number}'


def _iri_term(value: Any, terms: Mapping[str, _Definition]) -> Term:
    """Return the term of an absolute IRI that no context could read as something shorter."""
    if value.__class__ is not str or not is_absolute_iri(value) or value.startswith("_:"):
        raise _Unsupported
    if value in terms or value.partition(":")[0] in terms:
        raise _Unsupported
    return f"<{value}>"


def _mean_the_same(aliases: list[str], active: _Active, inner: _Active) -> bool:
    """Whether a node's types leave the names alone by which it was identified and typed."""
    return inner is active or all(
        name in inner.terms and inner.terms[name].iri == active.terms[name].iri for name in aliases
    )


def _texts(value: Any) -> list[str]:
    items = value if isinstance(value, list) else [value]
    if not items or not all(item.__class__ is str for item in items) or len(set(items)) != len(items):
        raise _Unsupported
    return items


def _merged(terms: Mapping[str, _Definition], context: Any, *, may_override: bool) -> dict[str, _Definition]:
    """Return the terms with those of one more context; a term that would change its meaning is not for this way."""
    if (
        context.__class__ is not dict
        or not {name for name in context if name.startswith("@")} <= _CONTEXT_KEYWORDS
    ):
        raise _Unsupported
    is_protected = context.get("@protected", False)
    if is_protected.__class__ is not bool or context.get("@version", 1.1) != 1.1:  # noqa: PLR2004  JSON-LD 1.1
        raise _Unsupported
    merged = dict(terms)
    for name, stated in context.items():
        if name.startswith("@"):
            continue
        definition = _define(name, stated, context, terms, is_protected=is_protected)
        known = terms.get(name)
        if known is not None and known != definition and not (may_override or not known.is_protected):
            raise _Unsupported
        merged[name] = definition
    return merged


def _define(
    name: str,
    stated: Any,
    context: Mapping[str, Any],
    terms: Mapping[str, _Definition],
    *,
    is_protected: bool,
) -> _Definition:
    if stated.__class__ is str:
        stated = {"@id": stated}
    if (
        stated.__class__ is not dict
        or not stated.keys() <= _DEFINITION_KEYWORDS
        or ":" in name
        or "/" in name
    ):
        raise _Unsupported
    iri, kind = stated.get("@id"), stated.get("@type", "")
    if iri in _KEYWORD_ALIASES:
        if stated.keys() - {"@id", "@protected"}:
            raise _Unsupported
        return _Definition(iri, "", is_protected=is_protected)
    own = stated.get("@protected", is_protected)
    if own.__class__ is not bool or iri.__class__ is not str or kind.__class__ is not str:
        raise _Unsupported
    if not _is_full_iri(iri, context, terms):
        raise _Unsupported
    if kind and kind not in _KINDS and not _is_full_iri(kind, context, terms):
        raise _Unsupported
    container, language, scoped = (
        stated.get(f"@{member}", default)
        for member, default in (("container", "@set"), ("language", ""), ("context", None))
    )
    if language.__class__ is not str or container not in _CONTAINERS:
        raise _Unsupported
    if container == "@graph" and kind == "@id" and scoped is None and not language:
        text = _RESET if "@context" in stated else ""
        return _Definition(iri, f"<{iri}>", kind, scoped_text=text, is_protected=own, is_graph=True)
    if (
        kind == "@none"
        or (kind == "@json" and stated.keys() - {"@id", "@type", "@protected"})
        or container != "@set"
        or (language and not _LANGUAGE.fullmatch(language))
        or ("@context" in stated and scoped.__class__ is not dict)
    ):
        return _Definition("@unsupported", "", is_protected=own)
    text = "" if scoped is None else repr(scoped)
    suffix = number = None
    if scoped is None and not kind.startswith("@") and kind != XSD + "double":
        suffix = literal("", kind, "" if kind else language)[2:]
        number = suffix if kind else _INTEGER
    is_set = "@container" in stated
    return _Definition(
        iri, f"<{iri}>", kind, language, is_set, scoped, text, own, suffix=suffix, number=number
    )


def _is_full_iri(value: Any, context: Mapping[str, Any], terms: Mapping[str, _Definition]) -> bool:
    """Whether the text is an absolute IRI, and no term is its prefix."""
    if value.__class__ is not str or not is_absolute_iri(value):
        return False
    prefix = value.partition(":")[0]
    return prefix not in context and prefix not in terms
