"""Type metadata documents: what a `vct` is called, which claims it has, which of them may be hidden (SD-JWT VC §5, §6).

Reading one document, and joining it with those it extends. Documents are passed in by name; nothing is fetched.
Whether a credential keeps to them is `type_rules`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from tegata.codec import json
from tegata.codec.integrity import check_integrity
from tegata.errors import LimitExceeded, MalformedInput, Text, Unavailable
from tegata.formats.credential import ClaimPath

MAX_BYTES = 262_144
#: A type, what it extends, and so on: this many documents at most.
MAX_EXTENSIONS = 5
_MAX_CLAIMS = 1_000
_SVG_ID = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,99}")


class TypeMetadataRefused(MalformedInput):
    """The type metadata breaks its grammar, extends itself, or loosens what it extends."""

    kind = "type_metadata_refused"
    text = Text(
        "証明書の種類の説明に誤りがあり、使用できません。",
        "The description of this type of credential is faulty and cannot be used.",
    )


class TypeMetadataUnavailable(Unavailable):
    """There is no type metadata at hand for a type that is named."""

    kind = "type_metadata_unavailable"
    text = Text(
        "証明書の種類の説明が手元にないため、判定できません。",
        "Cannot decide: there is no description of this type of credential at hand.",
    )


class Selective(StrEnum):
    """Whether the issuer lets the holder hide a claim (SD-JWT VC §6, `sd`)."""

    ALWAYS = "always"
    ALLOWED = "allowed"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class Label:
    """What a type or a claim is called in one language."""

    locale: str
    text: str
    description: str = ""


@dataclass(frozen=True, slots=True)
class ClaimRule:
    """What the metadata says about the claims at one path; None in the path stands for every element."""

    path: ClaimPath
    mandatory: bool = False
    selective: Selective = Selective.ALLOWED
    labels: tuple[Label, ...] = ()
    svg_id: str = ""


@dataclass(frozen=True, slots=True)
class TypeMetadata:
    """One document as it was read, or several joined by `resolve`; `lineage` are the types, the credential's first."""

    vct: str
    lineage: tuple[str, ...]
    name: str = ""
    labels: tuple[Label, ...] = ()
    rules: tuple[ClaimRule, ...] = ()
    extends: str = ""
    extends_integrity: str = ""
    raw: Mapping[str, Any] = field(default_factory=dict, repr=False)
    #: What `type_rules` made of the rules, so that it is made once; no part of the value.
    memory: dict[str, Any] = field(default_factory=dict, repr=False, compare=False)

    def called(self, language: str) -> str:
        """Return the type's name for a person who reads this language."""
        return label_for(self.labels, language) or self.name or self.vct


def label_for(labels: tuple[Label, ...], language: str) -> str:
    """Return the label in a language: the same tag, else one of the same language, else the first (RFC 4647 §3.4)."""
    wanted = language.lower()
    for matches in (
        lambda label: label.locale.lower() == wanted,
        lambda label: label.locale.lower().partition("-")[0] == wanted.partition("-")[0],
        lambda _: True,
    ):
        for label in labels:
            if matches(label):
                return label.text
    return ""


def parse_type_metadata(data: bytes) -> TypeMetadata:
    """Read one document.

    Raises `TypeMetadataRefused`, or `LimitExceeded` for more than `MAX_BYTES` bytes or a thousand claims.
    """
    try:
        value = json.loads(data, max_bytes=MAX_BYTES, max_depth=16)
    except LimitExceeded:
        raise
    except MalformedInput as error:
        raise _refused(f"not JSON: {error.detail}") from None
    if not isinstance(value, dict):
        raise _refused("not an object")
    vct = _text(value, "vct", required=True)
    extends, extends_integrity = _text(value, "extends"), _text(value, "extends#integrity")
    if extends_integrity and not extends:
        raise _refused("extends#integrity without extends")
    _text(value, "description")
    return TypeMetadata(
        vct=vct,
        lineage=(vct,),
        name=_text(value, "name"),
        labels=_labels(value, "name"),
        rules=_rules(value.get("claims", [])),
        extends=extends,
        extends_integrity=extends_integrity,
        raw=value,
    )


def resolve(vct: str, documents: Mapping[str, bytes], integrity: str = "") -> TypeMetadata:
    """Read a type's document and join it with those it extends, looked up by name in `documents`.

    `integrity` is the credential's `vct#integrity`. A child's rule for a path replaces the parent's, and may be
    stricter, never looser (SD-JWT VC §6). Raises `TypeMetadataUnavailable` if a document is missing, `IntegrityFailed`,
    `TypeMetadataRefused` for other faults: a document about another type, a circle, more than `MAX_EXTENSIONS`
    documents, a rule loosened.
    """
    chain: list[TypeMetadata] = []
    wanted = vct
    while wanted:
        if wanted in {document.vct for document in chain}:
            raise _refused("the type extends itself")
        if len(chain) == MAX_EXTENSIONS:
            raise _refused(f"more than {MAX_EXTENSIONS} types extend each other")
        chain.append(_look_up(wanted, documents, integrity))
        wanted, integrity = chain[-1].extends, chain[-1].extends_integrity
    joined = chain.pop()
    while chain:
        joined = _extend(joined, chain.pop())
    return joined


def _look_up(vct: str, documents: Mapping[str, bytes], integrity: str) -> TypeMetadata:
    data = documents.get(vct)
    if data is None:
        raise TypeMetadataUnavailable(f"no type metadata for {vct}", clause="SD-JWT VC §6")
    if integrity:
        try:
            check_integrity(data, integrity)
        except MalformedInput as error:
            raise TypeMetadataRefused(error.detail, clause=error.clause) from None
    found = parse_type_metadata(data)
    if found.vct != vct:
        raise _refused("the document describes another type")
    return found


def _extend(parent: TypeMetadata, child: TypeMetadata) -> TypeMetadata:
    rules = {rule.path: rule for rule in parent.rules}
    for rule in child.rules:
        inherited = rules.get(rule.path)
        if inherited is not None:
            _check_not_looser(inherited, rule)
        rules[rule.path] = rule
    return TypeMetadata(
        vct=child.vct,
        lineage=(*child.lineage, *parent.lineage),
        name=child.name or parent.name,
        labels=child.labels or parent.labels,
        rules=tuple(rules.values()),
        raw=child.raw,
    )


def _check_not_looser(inherited: ClaimRule, rule: ClaimRule) -> None:
    if inherited.selective not in {Selective.ALLOWED, rule.selective}:
        raise _refused("an extension loosens whether a claim may be hidden")
    if inherited.mandatory and not rule.mandatory:
        raise _refused("an extension makes a mandatory claim optional")


def _rules(value: Any) -> tuple[ClaimRule, ...]:
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise _refused("claims is not an array of objects")
    if len(value) > _MAX_CLAIMS:
        raise LimitExceeded(f"type metadata with more than {_MAX_CLAIMS} claims")
    rules = tuple(map(_rule, value))
    names = [rule.svg_id for rule in rules if rule.svg_id]
    if len({rule.path for rule in rules}) != len(rules) or len(set(names)) != len(names):
        raise _refused("two claims with one path or one svg_id")
    return rules


def _rule(value: Mapping[str, Any]) -> ClaimRule:
    mandatory, selective = value.get("mandatory", False), value.get("sd", Selective.ALLOWED.value)
    if not isinstance(mandatory, bool):
        raise _refused("mandatory is not a boolean")
    if not isinstance(selective, str) or selective not in set(Selective):
        raise _refused("sd is not always, allowed or never")
    svg_id = _text(value, "svg_id")
    if svg_id and not _SVG_ID.fullmatch(svg_id):
        raise _refused("svg_id is not a name")
    return ClaimRule(
        path=_path(value.get("path")),
        mandatory=mandatory,
        selective=Selective(selective),
        labels=_labels(value, "label"),
        svg_id=svg_id,
    )


def _path(value: Any) -> ClaimPath:
    if not isinstance(value, list) or not value:
        raise _refused("a claim without a path")
    for part in value:
        is_index = isinstance(part, int) and not isinstance(part, bool) and part >= 0
        if part is not None and not isinstance(part, str) and not is_index:
            raise _refused("a claim's path holds something else than names, indices and null")
    if not isinstance(value[0], str):
        raise _refused("a claim's path does not start with a name")
    return tuple(value)


def _labels(value: Mapping[str, Any], member: str) -> tuple[Label, ...]:
    stated = value.get("display", [])
    if not isinstance(stated, list) or not all(isinstance(item, dict) for item in stated):
        raise _refused("display is not an array of objects")
    labels = tuple(
        Label(
            _text(item, "locale", required=True),
            _text(item, member, required=True),
            _text(item, "description"),
        )
        for item in stated
    )
    if len({label.locale.lower() for label in labels}) != len(labels):
        raise _refused("two displays for one locale")
    return labels


def _text(value: Mapping[str, Any], name: str, *, required: bool = False) -> str:
    found = value.get(name) if required else value.get(name, "")
    if not isinstance(found, str) or (required and not found):
        raise _refused(f"{name} is missing or not a string")
    return found


def _refused(detail: str) -> TypeMetadataRefused:
    return TypeMetadataRefused(f"type metadata: {detail}", clause="SD-JWT VC §6")
