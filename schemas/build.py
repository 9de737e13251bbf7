"""Writes each document's schema, type metadata and context from the one dictionary of claims.

`python -m schemas.build` after a change of `data/claims/`, `data/codes/` or a `document.json`; a test fails when the
files do not follow. Not used at run time: services read the files.

The rules that the files follow:

- Decimals (an average, a GPA) are strings with a pattern and `xsd:decimal`. As JSON numbers they would be doubles in
  JSON-LD, and "4.0" and "4" would have to be one value: canonical forms would depend on how software prints floats.
- Whole numbers are JSON integers and `xsd:integer`, dates are `xsd:date`, Japanese texts carry their language one by
  one. Names of persons carry none: a name is not in a language.
- Arrays are sets in JSON-LD. A list would cost one blank node per element and make canonicalisation slow; the order
  of courses is in the data (school year, then the order of subject areas). The three viewpoints of a course are the
  exception, since neither order nor repetition may be lost: they are one JSON literal (`@json`).
- Members whose short names mean something else elsewhere (`name`, `code`) get a context of their own (`scoped`).
"""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from schemas import names
from schemas.dictionary import DATA, Definition, Dictionary

_XSD = "http://www.w3.org/2001/XMLSchema#"
_LANGUAGES = ("ja", "en")
#: Types that CBOR has an own way of writing.
_MDOC_KINDS = {"date": "full-date", "portrait": "picture"}
_CARD = {"background_color": "#0017c1", "text_color": "#ffffff"}


def build(name: str, dictionary: Dictionary, data: Path = DATA) -> dict[str, bytes]:
    """Return the generated files of a document by file name."""
    document = _read(data / name / "document.json")
    files = {
        "schema.json": _schema(name, document, dictionary),
        "vct.json": _type_metadata(name, document, dictionary),
        "context.jsonld": _context(document, dictionary),
    }
    if document["legal_basis"] == "consent":
        files["mdoc.json"] = _mdoc(name, document, dictionary, _read(data / "mdoc.json"))
    return {file: _write(content) for file, content in files.items()}


# --- JSON Schema 2020-12 ---


def _schema(name: str, document: Definition, dictionary: Dictionary) -> dict[str, Any]:
    definitions: dict[str, Any] = {}
    claims = list(dictionary.of(document))
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": names.schema(name),
        "title": document["title"]["en"],
        "description": document["description"]["en"],
        "type": "object",
        "properties": {
            claim: _value_schema(definition, dictionary, definitions) for claim, definition, _ in claims
        },
        "required": [claim for claim, _, required in claims if required],
        "additionalProperties": False,
        "$defs": dict(sorted(definitions.items())),
    }


def _value_schema(definition: Definition, dictionary: Dictionary, definitions: dict[str, Any]) -> Any:
    label = {"title": definition["label"]["ja"]}
    if "items" in definition:
        item = _object_schema(definition["items"], dictionary, definitions)
        limits = {"minItems": 1, "maxItems": definition["max_items"]}
        return label | {"type": "array", "items": item, **limits}
    if "members" in definition:
        return label | _object_schema(definition["members"], dictionary, definitions)
    if "only" in definition:
        return label | {"type": "string", "enum": definition["only"]}
    name = definition.get("schema") or "code_" + definition["codes"].replace("-", "_")
    if "codes" in definition:
        values = [value["code"] for value in dictionary.codes[definition["codes"]]["values"]]
        definitions[name] = {"type": "string", "enum": values}
    else:
        definitions[name] = dictionary.types[name]["schema"]
    return label | {"$ref": f"#/$defs/{name}"}


def _object_schema(
    members: Definition, dictionary: Dictionary, definitions: dict[str, Any]
) -> dict[str, Any]:
    result: dict[str, Any] = {
        "type": "object",
        "properties": {
            name: _value_schema(member, dictionary, definitions) for name, member in members.items()
        },
        "additionalProperties": False,
    }
    required = [name for name, member in members.items() if member.get("required")]
    return result | ({"required": required} if required else {"minProperties": 1})


# --- SD-JWT VC type metadata ---


def _type_metadata(name: str, document: Definition, dictionary: Dictionary) -> dict[str, Any]:
    return {
        "vct": names.vct(name),
        "name": document["title"]["en"],
        "description": document["description"]["en"],
        "display": [
            {
                "locale": language,
                "name": document["title"][language],
                "description": document["description"][language],
                "rendering": {"simple": _CARD},
            }
            for language in _LANGUAGES
        ],
        "claims": [
            entry
            for claim, definition, required in dictionary.of(document)
            for entry in _claim_metadata(
                [claim],
                definition,
                required=required,
                disclosure=_disclosure(claim, definition, document),
                may_choose=document["legal_basis"] == "consent",
            )
        ],
    }


def _disclosure(claim: str, definition: Definition, document: Definition) -> str:
    """Return whether a claim can be hidden: always, never, or where the school asks for it ("allowed")."""
    if claim in document["hideable"]:
        return "allowed"
    return _sd(claim not in document["always_shown"] and not definition.get("members_selectable"))


def _sd(selectable: bool) -> str:
    return "always" if selectable else "never"


def _claim_metadata(
    path: list[str | None], definition: Definition, *, required: bool, disclosure: str, may_choose: bool
) -> Iterator[dict[str, Any]]:
    """Yield a claim and what is inside it.

    What is inside a claim that may be hidden is disclosed together with it, unless the dictionary says that members or
    items are chosen one by one. Of a document that no holder shows nothing is chosen.
    """
    yield _entry(path, definition["label"], required=required, disclosure=disclosure)
    members, inside = definition.get("members"), path
    if "items" in definition:
        members, inside = definition["items"], [*path, None]
        one_by_one = _sd(may_choose and bool(definition.get("items_selectable")))
        yield _entry(inside, definition["item_label"], required=required, disclosure=one_by_one)
    for name, member in (members or {}).items():
        yield from _claim_metadata(
            [*inside, name],
            member,
            required=required and bool(member.get("required")),
            disclosure=_sd(may_choose and bool(definition.get("members_selectable"))),
            may_choose=may_choose,
        )


def _entry(path: list[str | None], label: Definition, *, required: bool, disclosure: str) -> dict[str, Any]:
    return {
        "path": path,
        "display": [{"locale": language, "label": label[language]} for language in _LANGUAGES],
        "mandatory": required,
        "sd": disclosure,
    }


# --- JSON-LD context ---


def _context(document: Definition, dictionary: Dictionary) -> dict[str, Any]:
    terms: dict[str, Any] = {"@version": 1.1, "@protected": True}
    terms[document["type"]] = {"@id": names.term(document["type"])}
    for claim, definition, _ in dictionary.of(document):
        _add_term(terms, claim, definition, dictionary)
    return {"@context": terms}


def _add_term(terms: dict[str, Any], name: str, definition: Definition, dictionary: Dictionary) -> None:
    term: dict[str, Any] = {"@id": names.term(definition.get("iri", name))}
    members = definition.get("members") or definition.get("items")
    if "items" in definition:
        term["@container"] = "@set"
    if definition.get("json"):
        term["@type"] = "@json"
    elif "schema" in definition and not definition.get("native"):
        xsd = dictionary.types[definition["schema"]].get("xsd")
        term |= {"@type": _XSD + xsd} if xsd else {}
    if "language" in definition:
        term["@language"] = definition["language"]
    if members:
        inner = {"@protected": True} if definition.get("scoped") else terms
        for member_name, member in members.items():
            _add_term(inner, member_name, member, dictionary)
        if definition.get("scoped"):
            term["@context"] = inner
    # Items of `levels` and `non_graded` share their scope: one term, one meaning within a context.
    if terms.get(name, term) != term:
        raise ValueError(f"the term {name} would have two meanings in one context")
    terms[name] = term


# --- names of a mobile document ---


def _mdoc(name: str, document: Definition, dictionary: Dictionary, raw: Definition) -> dict[str, Any]:
    """Give each claim its element; members that are chosen one by one are elements of their own."""
    entries: list[dict[str, Any]] = []
    for claim, definition, _ in dictionary.of(document):
        inside = definition["members"] if definition.get("members_selectable") else {}
        for path, held in {(claim, member): inside[member] for member in inside}.items() or [
            ((claim,), definition)
        ]:
            kind = _MDOC_KINDS.get(held.get("schema", ""))
            identifier = raw["identifiers"].get(".".join(path), "_".join(path))
            entries.append(
                {"path": path, "identifier": identifier} | ({} if kind is None else {"kind": kind})
            )
    if len({entry["identifier"] for entry in entries}) != len(entries):
        raise ValueError(f"{name}: two claims would be one element")
    doctype = names.doctype(name)
    return {"doctype": doctype, "namespaces": {doctype: entries}}


# --- files ---


def _read(path: Path) -> Any:
    return json.loads(path.read_text("utf-8"))


def _write(content: Definition) -> bytes:
    return (json.dumps(content, ensure_ascii=False, indent=2) + "\n").encode("utf-8")


def main(data: Path = DATA) -> None:
    """Write every document's files, and the digests of what gets signed by name."""
    dictionary = Dictionary(data)
    digests: dict[str, dict[str, str]] = {}
    for name in names.documents():
        for file, content in build(name, dictionary, data).items():
            (data / name / file).write_bytes(content)
            digests.setdefault(name, {})[file] = hashlib.sha256(content).hexdigest()
    (data / "digests.json").write_bytes(_write(digests))


if __name__ == "__main__":
    main()
