"""Canonical N-Quads: terms as the text they are signed as, and back (RDFC-1.0 §5, N-Quads 1.1 §4).

A term is kept as its canonical spelling, so that two equal terms are equal strings: `<iri>`, `_:label`,
`"text"`, `"text"@en`, `"text"^^<datatype>`. Not for other RDF syntaxes, nor for RDF 1.2.
"""

import re
from collections.abc import Iterable
from typing import NamedTuple, TypeAlias

from tegata.errors import MalformedInput

Term: TypeAlias = str

XSD = "http://www.w3.org/2001/XMLSchema#"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"

_CLAUSE = "N-Quads 1.1 §4"
#: RDFC-1.0 §5: these, and every other C0 control and U+007F as \uXXXX; nothing else is escaped.
_SHORT = {"\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r", '"': '\\"', "\\": "\\\\"}
_ESCAPES = str.maketrans({chr(code): f"\\u{code:04X}" for code in (*range(0x20), 0x7F)} | _SHORT)
_UNESCAPES = {escape[1]: character for character, escape in _SHORT.items()} | {"'": "'"}
_NEEDS_ESCAPE = re.compile(r'[\x00-\x1f"\\\x7f]')
_ESCAPE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(.))", re.DOTALL)
_HIGHEST = 0x10FFFF
_SURROGATES = range(0xD800, 0xE000)

#: What may not stand between the angle brackets (N-Quads 1.1, IRIREF); the scheme makes it absolute.
_ABSOLUTE_IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\x00-\x20<>\"{}|^`\\\x7f]*")
_LANGUAGE = re.compile(r"[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*")

_IRI_TERM = r"<(?:[^\x00-\x20<>\"{}|^`\\]|\\u[0-9A-Fa-f]{4}|\\U[0-9A-Fa-f]{8})*>"
_BLANK_TERM = r"_:[\w:](?:[\w:.·-]*[\w:·-])?"
_LITERAL_TERM = rf'"(?:[^"\\\n\r]|\\.)*"(?:\^\^{_IRI_TERM}|@[A-Za-z]+(?:-[A-Za-z0-9]+)*)?'
_LINE = re.compile(
    rf"[ \t]*({_IRI_TERM}|{_BLANK_TERM})[ \t]*({_IRI_TERM})[ \t]*"
    rf"({_IRI_TERM}|{_BLANK_TERM}|{_LITERAL_TERM})[ \t]*({_IRI_TERM}|{_BLANK_TERM})?[ \t]*\.[ \t]*(?:#.*)?"
)
_EMPTY_LINE = re.compile(r"[ \t]*(?:#.*)?")
_LITERAL_PARTS = re.compile(r'"(.*)"(?:\^\^<(.*)>|@(.*))?', re.DOTALL)


class Quad(NamedTuple):
    """One statement; `graph` is empty in the default graph."""

    subject: Term
    predicate: Term
    object: Term
    graph: Term = ""

    def line(self) -> str:
        """Return the canonical line, its newline included (RDFC-1.0 §5)."""
        graph = f" {self.graph}" if self.graph else ""
        return f"{self.subject} {self.predicate} {self.object}{graph} .\n"


def is_blank(term: Term) -> bool:
    """Whether the term is a blank node."""
    return term.startswith("_:")


def is_absolute_iri(value: str) -> bool:
    """Whether the value is an IRI with a scheme, without characters that no IRI has."""
    return _ABSOLUTE_IRI.fullmatch(value) is not None


def is_language_tag(value: str) -> bool:
    """Whether the value is well-formed as a language tag goes in RDF (BCP 47 §2.1, without its registry)."""
    return _LANGUAGE.fullmatch(value) is not None


def iri(value: str) -> Term:
    """Return the term of an absolute IRI; raises `MalformedInput` for anything else."""
    if not is_absolute_iri(value):
        raise MalformedInput("not an absolute IRI", clause=_CLAUSE)
    return f"<{value}>"


def literal(value: str, datatype: str = "", language: str = "") -> Term:
    """Return the term of a literal; xsd:string is not written, a language goes before a datatype."""
    quoted = f'"{value.translate(_ESCAPES) if _NEEDS_ESCAPE.search(value) else value}"'
    if language:
        if not is_language_tag(language):
            raise MalformedInput("not a language tag", clause="BCP 47 §2.1")
        return f"{quoted}@{language}"
    return f"{quoted}^^{iri(datatype)}" if datatype and datatype != XSD + "string" else quoted


def serialize(quads: Iterable[Quad]) -> str:
    """Return the lines in code point order, each once (RDFC-1.0 §4.4, §5)."""
    return "".join(sorted({quad.line() for quad in quads}))


def parse(text: str) -> tuple[Quad, ...]:
    """Read N-Quads, undoing every escape; raises `MalformedInput` for anything that is not N-Quads.

    Blank node labels are kept as they are.
    """
    quads = []
    for number, line in enumerate(re.split(r"[\r\n]+", text), 1):
        if _EMPTY_LINE.fullmatch(line):
            continue
        found = _LINE.fullmatch(line)
        if found is None:
            raise MalformedInput(f"line {number} is not N-Quads", clause=_CLAUSE)
        subject, predicate, object_, graph = found.groups(default="")
        quads.append(Quad(_canonical(subject), _canonical(predicate), _canonical(object_), _canonical(graph)))
    return tuple(quads)


def _canonical(term: str) -> Term:
    if term.startswith("<"):
        return iri(_unescape(term[1:-1]))
    if not term.startswith('"'):
        return term
    found = _LITERAL_PARTS.fullmatch(term)
    if found is None:
        raise MalformedInput("not a literal", clause=_CLAUSE)
    value, datatype, language = found.groups(default="")
    return literal(_unescape(value), _unescape(datatype), language)


def _unescape(text: str) -> str:
    return _ESCAPE.sub(_character, text) if "\\" in text else text


def _character(found: re.Match[str]) -> str:
    if found[3] is not None:
        if found[3] not in _UNESCAPES:
            raise MalformedInput("no such escape", clause=_CLAUSE)
        return _UNESCAPES[found[3]]
    code = int(found[1] or found[2], 16)
    if code > _HIGHEST or code in _SURROGATES:
        raise MalformedInput("an escape of no character", clause=_CLAUSE)
    return chr(code)
