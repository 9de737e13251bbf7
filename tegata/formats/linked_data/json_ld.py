"""JSON-LD to RDF with nothing lost (VC Data Integrity 1.0 §2.4.3), over contexts that are passed in.

Nothing is fetched, no base is invented, and whatever would not be in the signed quads is refused with
DATA_LOSS_DETECTION_ERROR: undefined terms, unmapped types, relative identifiers, nulls, empty arrays, repeated
values, index keys. How it is known that nothing was lost: pyld reports the terms it drops, and every value of the
document is counted before expansion and again while quads are made of its result; the two counts have to agree.

The names in a document are not signed, only what they stand for. So a document has to be compact (VCDM 2.0 §1.3): its
members are terms of its contexts. Else somebody could write `validUntil` or `credentialStatus` as the IRI it stands
for: the signature would hold, and nobody would look at the date or the status any more.

pyld expands; `Contexts.expand` is the one place that knows it.
"""

import re
import threading
from collections.abc import Callable, Iterator, Mapping
from typing import Any, ClassVar

from cachetools import LRUCache
from frozendict import frozendict
from pyld.context_resolver import ContextResolver
from pyld.jsonld import JsonLdError, JsonLdProcessor
from pyld.resolved_context import ResolvedContext

from tegata.codec import json
from tegata.errors import MalformedInput, Misconfigured
from tegata.formats.credential import FormatRefused
from tegata.formats.linked_data import nquads
from tegata.formats.linked_data.direct import EMBEDDING_TERM, Compiled
from tegata.formats.linked_data.nquads import Quad

_CLAUSE = "VC Data Integrity 1.0 §2.4.3"
#: C0 controls and U+007F: no document has them, and implementations sign them differently. Tabs and line ends may be.
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_SAFE_INTEGER = 2**53 - 1
#: How many surroundings a context is kept compiled for; documents of one kind have one.
_ACTIVE_CONTEXTS = 32
#: Each further context of a document has to be compiled for those before it, at the sender's wish.
_MAX_CONTEXTS = 8
#: Each kind is counted in digits of its own, so that what is lost of one kind cannot be made up by another.
SCALAR, NULL, EMPTY_ARRAY, EMPTY_OBJECT = 1, 1 << 32, 1 << 64, 1 << 96
_VALUE_MEMBERS = frozenset({"@value", "@type", "@language", "@direction"})
_KEPT_MAPPINGS = 8
#: Lists of contexts that are kept compiled; a sender may choose, so there is an end.
_KEPT_COMPILED = 64


class DataLoss(FormatRefused):
    """Something in the document would not be covered by its signature."""

    kind = "data_loss"

    def __init__(self, detail: str) -> None:
        super().__init__(f"DATA_LOSS_DETECTION_ERROR: {detail}", clause=_CLAUSE)


class ContextRefused(FormatRefused):
    """A context is unknown, malformed, or stands where none may stand."""

    kind = "context_refused"


class NotCompact(FormatRefused):
    """A member is named by an IRI or a keyword, where readers look for a term."""

    kind = "not_compact"


class _Resolver(ContextResolver):  # type: ignore[misc]  # pyld has no types
    """Resolves contexts from the mapping, and remembers what was compiled for the life of the mapping."""

    def __init__(self, documents: Mapping[str, Any]) -> None:
        super().__init__({}, self._load, _MAX_CONTEXTS)
        self._documents = documents
        self._scoped: dict[int, tuple[Any, list[ResolvedContext]]] = {}

    def _load(self, url: str, _options: Any) -> dict[str, Any]:
        if url not in self._documents:
            raise ContextRefused(f"unknown context {url[:200]}", clause="VC Data Integrity 1.0 §2.4.1")
        document = self._documents[url]
        return {"contextUrl": None, "documentUrl": url, "document": document, "tag": "static"}

    def resolve(self, active_ctx: Any, context: Any, base: Any, cycles: Any = None) -> Any:
        # Scoped contexts are objects inside the mapping's documents, the same ones each time: known by identity,
        # where pyld would serialize them again for every node they apply to.
        if not isinstance(context, dict | frozendict) or "@context" in context:
            return super().resolve(active_ctx, context, base, cycles)
        known = self._scoped.get(id(context))
        if known is None:
            known = self._scoped[id(context)] = (context, [self._roomy(ResolvedContext(context))])
        return known[1]

    def _cache_resolved_context(self, key: Any, resolved: Any, tag: Any) -> Any:
        for item in resolved if isinstance(resolved, list) else [resolved]:
            self._roomy(item)
        return super()._cache_resolved_context(key, resolved, tag)

    @staticmethod
    def _roomy(resolved: ResolvedContext) -> ResolvedContext:
        if resolved.cache.maxsize < _ACTIVE_CONTEXTS:
            resolved.cache = LRUCache(maxsize=_ACTIVE_CONTEXTS)
        return resolved


class _Processor(JsonLdProcessor):  # type: ignore[misc]  # pyld has no types
    """pyld's processor, which says what it drops, and looks terms up before anything else: half of what it does."""

    def __init__(self) -> None:
        super().__init__(on_property_dropped=_refuse_dropped)

    def _expand_iri(
        self,
        active_ctx: Any,
        value: Any,
        base: Any = None,
        vocab: bool = False,
        local_ctx: Any = None,
        defined: Any = None,
    ) -> Any:
        if vocab and local_ctx is None and value.__class__ is str:
            mapping = active_ctx["mappings"].get(value)
            if mapping is not None:
                return mapping["@id"]
        return super()._expand_iri(active_ctx, value, base, vocab, local_ctx, defined)


class Contexts:
    """The contexts of one mapping, parsed once and compiled on first use; safe to share between threads.

    `source` returns the bytes of one, or None.
    """

    _known: ClassVar[dict[int, tuple[Mapping[str, bytes], "Contexts"]]] = {}
    _known_lock: ClassVar[threading.Lock] = threading.Lock()

    def __init__(self, documents: Mapping[str, bytes]) -> None:
        """Parse the mapping; raises `Misconfigured` for bytes that are no context, or that refer to other contexts."""
        self.source = documents.get
        self._documents = {url: _context_document(url, data) for url, data in documents.items()}
        self._json_terms = {
            url: frozenset(_terms_where(document["@context"], _is_json))
            for url, document in self._documents.items()
        }
        self._resolver = _Resolver(self._documents)
        self._compiled: dict[tuple[Any, ...], Compiled] = {}
        # pyld's caches are plain dictionaries, and expansion is bound by the interpreter anyway.
        self._lock = threading.Lock()

    @classmethod
    def of(cls, documents: "Mapping[str, bytes] | Contexts") -> "Contexts":
        """Return the compiled contexts of a mapping: compiled once for each mapping object, which must not change."""
        if isinstance(documents, Contexts):
            return documents
        with cls._known_lock:
            known = cls._known.pop(id(documents), None)
            # The mapping is kept beside its contexts, so its id cannot be given to another object.
            entry = known if known is not None else (documents, cls(documents))
            cls._known[id(documents)] = entry
            while len(cls._known) > _KEPT_MAPPINGS:
                del cls._known[next(iter(cls._known))]
            return entry[1]

    def direct(self, document: Mapping[str, Any]) -> tuple[tuple[Quad, ...], tuple[str, ...]] | None:
        """Return quads and types of a document by the fast way; None if it is not for that one (`direct`)."""
        compiled = self._compiled_for(document.get("@context"))
        return None if compiled is None else compiled.quads(document, self._compiled_for)

    def _compiled_for(self, stated: Any) -> Compiled | None:
        urls = tuple(stated) if isinstance(stated, list) else (stated,)
        if len(urls) > _MAX_CONTEXTS or len(set(map(str, urls))) != len(urls) or not self._has_all(urls):
            return None
        compiled = self._compiled.get(urls)
        if compiled is None:
            if len(self._compiled) >= _KEPT_COMPILED:
                self._compiled.clear()
            compiled = self._compiled[urls] = Compiled(urls, self._documents)
        return compiled

    def opaque_terms(self, stated: Any) -> frozenset[str]:
        """Return the terms whose values, if they are objects, are no nodes: JSON, maps, graphs, lists."""
        urls = stated if isinstance(stated, list) else [stated]
        known = (
            self._documents[url]["@context"]
            for url in urls
            if isinstance(url, str) and url in self._documents
        )
        return frozenset(name for context in known for name in _terms_where(context, _is_opaque))

    def _has_all(self, urls: tuple[Any, ...]) -> bool:
        return all(isinstance(url, str) and url in self._documents for url in urls)

    def expand(self, document: Mapping[str, Any]) -> list[Any]:
        """Expand a document, without looking for losses; raises `FormatRefused` for what JSON-LD refuses."""
        _check_names(document, self._json_terms)
        options = {
            "base": None,
            "contextResolver": self._resolver,
            "documentLoader": self._resolver.document_loader,
            "processingMode": "json-ld-1.1",
        }
        try:
            with self._lock:
                expanded = _Processor().expand(document, options)
        except JsonLdError as error:
            # The code alone: pyld's messages may quote the document.
            raise FormatRefused(
                f"JSON-LD: {error.code or error.type}", clause="JSON-LD 1.1 API §5.1"
            ) from None
        except RecursionError:
            raise FormatRefused("JSON-LD is nested too deeply", clause="JSON-LD 1.1 API §5.1") from None
        # Whatever else pyld trips over is a shape that no rule of its own caught: refused, never an internal error.
        except (TypeError, KeyError, AttributeError, ValueError, IndexError) as error:
            raise FormatRefused(f"JSON-LD: {type(error).__name__}", clause="JSON-LD 1.1 API §5.1") from None
        return list(expanded)


def count_values(value: Any) -> int:
    """Count what of a JSON document has to arrive in its quads, refusing text that no document has.

    Scalars, nulls, empty arrays and empty objects are counted apart. `@context`, the members of a value object other
    than `@value`, and keys count nothing: they change how a value is signed, not whether.
    """
    if isinstance(value, str):
        if _CONTROL.search(value):
            raise FormatRefused("a control character in a value", clause="RDFC-1.0 §5")
        return SCALAR
    if isinstance(value, Mapping):
        return _count_members(value)
    if isinstance(value, list):
        return sum(map(count_values, value)) if value else EMPTY_ARRAY
    if value is None:
        return NULL
    if isinstance(value, int) and not -_SAFE_INTEGER <= value <= _SAFE_INTEGER:
        raise FormatRefused("an integer that implementations read differently", clause="RFC 8259 §6")
    return SCALAR


def _count_members(value: Mapping[str, Any]) -> int:
    if "@value" in value:
        _check_value_object(value)
        return count_values(value["@value"])
    for name in value:
        if _CONTROL.search(name):
            raise FormatRefused("a control character in a name", clause="RDFC-1.0 §5")
        if name in {"@language", "@direction"}:
            raise DataLoss(f"{name} of nothing")
    members = [item for name, item in value.items() if name != "@context"]
    return sum(map(count_values, members)) if members else EMPTY_OBJECT


def _check_value_object(value: Mapping[str, Any]) -> None:
    """Allow the four members that decide how a literal is signed; any other would be dropped."""
    if value.keys() - _VALUE_MEMBERS:
        raise DataLoss("a value object with a member that is not signed")
    if not all(isinstance(item, str) for name, item in value.items() if name != "@value"):
        raise DataLoss("a value object with a member that is no text")
    if "@language" in value and not nquads.is_language_tag(value["@language"]):
        raise FormatRefused("@language is not a language tag", clause="VCDM 2.0 §11.1")


def _check_names(document: Mapping[str, Any], known: Mapping[str, frozenset[str]]) -> None:
    """Allow contexts at the top of a document and of the documents in it, by known URL, and below them only terms.

    A context of the sender's own could give the signed statements other names (VC Data Integrity 1.0 §2.4.1).
    `known` gives for each context the terms whose values are JSON and not further members.
    """
    body = {name: value for name, value in document.items() if name != "@context"}
    _check_members(body, _json_terms_of(document.get("@context"), known), known)


def _json_terms_of(context: Any, known: Mapping[str, frozenset[str]]) -> frozenset[str]:
    clause = "VC Data Integrity 1.0 §2.4.1"
    urls = context if isinstance(context, list) else [context]
    if len(urls) > _MAX_CONTEXTS:
        raise ContextRefused(f"more than {_MAX_CONTEXTS} contexts", clause=clause)
    for item in urls:
        if not isinstance(item, str):
            raise ContextRefused("a context that is not named by a URL", clause=clause)
        if item not in known:
            raise ContextRefused(f"unknown context {item[:200]!r}", clause=clause)
    if len(set(urls)) != len(urls):
        raise ContextRefused("a context is named twice", clause=clause)
    return frozenset().union(*(known[url] for url in urls))


def _check_members(value: Any, json_terms: frozenset[str], known: Mapping[str, frozenset[str]]) -> None:
    if isinstance(value, list):
        for item in value:
            _check_members(item, json_terms, known)
    elif isinstance(value, Mapping) and "@value" not in value:
        for name, item in value.items():
            if name == "@context":
                raise ContextRefused("a context inside the document", clause="VC Data Integrity 1.0 §2.4.1")
            if name.startswith("@") or ":" in name:
                raise NotCompact("a member that is named by no term", clause="VCDM 2.0 §1.3")
            if name == EMBEDDING_TERM:
                _check_embedded(item, json_terms, known)
            elif name not in json_terms:
                _check_members(item, json_terms, known)


def _check_embedded(value: Any, json_terms: frozenset[str], known: Mapping[str, frozenset[str]]) -> None:
    """Check what stands where documents stand: in a presentation, and in a record of credentials."""
    for item in value if isinstance(value, list) else [value]:
        if isinstance(item, Mapping) and "@context" in item:
            _check_names(item, known)
        else:
            _check_members(item, json_terms, known)


def _context_document(url: str, data: bytes) -> Any:
    """Read one context; nothing in it may lead to another document."""
    try:
        document = json.loads(data)
    except MalformedInput as error:
        raise Misconfigured(f"the context {url} is not JSON: {error.detail}") from None
    context = document.get("@context") if isinstance(document, dict) else None
    items = context if isinstance(context, list) else [context]
    if not items:
        raise Misconfigured(f"the context {url} is empty", clause="VCDM 2.0 §4.3")
    for item in items:
        if not isinstance(item, dict):
            raise Misconfigured(f"the context {url} is not a context of its own", clause="VCDM 2.0 §4.3")
        _refuse_references(url, item)
    return document


def _terms_where(context: Any, holds: Callable[[Mapping[str, Any]], bool]) -> Iterator[str]:
    """Find the terms of a context, scoped ones too, whose definitions are of a kind."""
    for item in context if isinstance(context, list) else [context]:
        for name, definition in item.items():
            if isinstance(definition, dict):
                if holds(definition):
                    yield name
                if definition.get("@context"):
                    yield from _terms_where(definition["@context"], holds)


def _is_json(definition: Mapping[str, Any]) -> bool:
    """Whether values are signed as JSON."""
    return definition.get("@type") == "@json"


def _is_opaque(definition: Mapping[str, Any]) -> bool:
    container = definition.get("@container", "@set")
    return _is_json(definition) or container not in ("@set", ["@set"])


def _refuse_references(url: str, context: Mapping[str, Any]) -> None:
    if "@import" in context or "@base" in context:
        raise Misconfigured(f"the context {url} leads to another document")
    for definition in context.values():
        scoped = definition.get("@context") if isinstance(definition, dict) else None
        for item in scoped if isinstance(scoped, list) else [scoped]:
            if isinstance(item, str):
                raise Misconfigured(f"the context {url} leads to another document")
            if isinstance(item, dict):
                _refuse_references(url, item)


def _refuse_dropped(name: str | None) -> None:
    raise DataLoss(f"the term {(name or '')[:80]!r} is not defined")
