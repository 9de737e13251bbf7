"""Whether the claims of a document are right: its JSON Schema first, then the rules that a schema cannot say.

`validate` is for whoever makes a document, `validate_disclosed` for whoever received some of it. Not for signatures,
dates against now, or status.
"""

import copy
from collections.abc import Mapping
from functools import cache
from typing import Any

import jsonschema_rs

from schemas import rules
from schemas.catalogue import ClaimPath, DocumentDefinition
from schemas.rules.facts import Facts, Violation
from tegata.errors import Misconfigured, Text

__all__ = ["Violation", "disclosed_schema", "validate", "validate_disclosed"]

_CLAUSE = "JSON Schema 2020-12"
_MOST_TOLD = 100

_TEXTS: Mapping[str, Text] = {
    "required": Text("「{}」がありません。", "“{}” is missing."),
    "additionalProperties": Text(
        "この証明書にない項目があります。", "There is a claim that this document does not have."
    ),
    "enum": Text("「{}」が決められた値のどれでもありません。", "“{}” is none of the values there are."),
    "type": Text("「{}」の値の種類が違います。", "“{}” is of another type."),
    "format": Text("「{}」の日付がありません（例 2026-03-01）。", "“{}” is not a date (as 2026-03-01)."),
    "minimum": Text("「{}」が小さすぎます。", "“{}” is too small."),
    "maximum": Text("「{}」が大きすぎます。", "“{}” is too large."),
    "maxLength": Text("「{}」が長すぎます。", "“{}” is too long."),
    "minLength": Text("「{}」が空です。", "“{}” is empty."),
    "maxItems": Text("「{}」が多すぎます。", "“{}” has too many entries."),
    "minItems": Text("「{}」が空です。", "“{}” has too few entries."),
}
_OTHERWISE = Text("「{}」の書き方が違います。", "“{}” is not written as expected.")
_WHOLE = Text("証明書の内容", "The document")


def validate(document: DocumentDefinition, claims: Mapping[str, Any]) -> tuple[Violation, ...]:
    """Return everything that is wrong with a whole document's claims; none means that it may be sealed.

    The rules are only run on claims that follow the schema: otherwise one mistake would be told many times.
    """
    return _validate(document, claims, complete=True)


def validate_disclosed(
    document: DocumentDefinition, claims: Mapping[str, Any], *, hides_all: bool = False
) -> tuple[Violation, ...]:
    """Return what is wrong with the claims that were received.

    What may be withheld is not missing (SD-JWT VC §5.6), arrays may be partial, and a rule that lacks its input is
    skipped. `hides_all`: of this form nothing is always shown, as of a mobile document.
    """
    return _validate(document, claims, complete=False, hides_all=hides_all)


def disclosed_schema(document: DocumentDefinition, *, hides_all: bool = False) -> dict[str, Any]:
    """Return the document's schema without the demand for what a holder may withhold."""
    schema: dict[str, Any] = copy.deepcopy(dict(document.schema))
    for path in (*document.selectable, *document.hideable):
        parent = schema
        for step in path[:-1]:
            parent = parent["items"] if step is None else parent["properties"][step]
        if path[-1] is None:
            parent.pop("minItems", None)
        else:
            parent.pop("minProperties", None)
            parent["required"] = [name for name in parent.get("required", ()) if name != path[-1]]
    if hides_all:
        schema["required"] = []
    return schema


def _validate(
    document: DocumentDefinition, claims: Mapping[str, Any], *, complete: bool, hides_all: bool = False
) -> tuple[Violation, ...]:
    validator = _validator(document, complete, hides_all)
    if validator.is_valid(claims):  # several times faster than asking for errors
        return rules.check(Facts(document, claims, complete, hides_all))
    found: dict[tuple[str, str], Violation] = {}
    for error in validator.iter_errors(claims):
        for violation in _violations(document, error):
            found.setdefault((violation.pointer, violation.rule), violation)
        if len(found) >= _MOST_TOLD:
            break
    return tuple(found.values())


@cache
def _validator(
    document: DocumentDefinition, complete: bool, hides_all: bool
) -> jsonschema_rs.Draft202012Validator:
    unknown = set(document.rules) - set(rules.RULES)
    if unknown:
        raise Misconfigured(f"{document.name} asks for rules that do not exist: {sorted(unknown)}")
    schema = dict(document.schema) if complete else disclosed_schema(document, hides_all=hides_all)
    return jsonschema_rs.Draft202012Validator(schema, validate_formats=True, offline=True)


def _violations(document: DocumentDefinition, error: jsonschema_rs.ValidationError) -> list[Violation]:
    keyword, path = error.kind.name, tuple(error.instance_path)
    if isinstance(error.kind, jsonschema_rs.ValidationErrorKind.Required):
        path = (*path, error.kind.property)
    paths = [path]
    if isinstance(error.kind, jsonschema_rs.ValidationErrorKind.AdditionalProperties):
        paths = [(*path, name[:200]) for name in error.kind.unexpected]
    text = _TEXTS.get(keyword, _OTHERWISE)
    return [
        Violation(_pointer(one), f"schema.{keyword}", _filled(text, _label(document, one)), _CLAUSE)
        for one in paths
    ]


def _filled(text: Text, label: Text) -> Text:
    return Text(text.ja.format(label.ja), text.en.format(label.en))


def _label(document: DocumentDefinition, path: tuple[str | int, ...]) -> Text:
    """Return the label of the nearest claim that has one: a value inside a claim is called by the claim's name."""
    general: ClaimPath = tuple(None if isinstance(step, int) else step for step in path)
    while general:
        if general in document.labels:
            return document.labels[general]
        general = general[:-1]
    return _WHOLE


def _pointer(path: tuple[str | int, ...]) -> str:
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in path)
