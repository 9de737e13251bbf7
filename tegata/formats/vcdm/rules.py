"""The rules of the data model, one by one (VCDM 2.0 §4, §5, §6): each looks at one thing and raises `FormatRefused`.

The comments name the checklist's lines. `model` says which rules a document has to keep.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from tegata.codec import dates
from tegata.errors import MalformedInput
from tegata.formats.credential import FormatRefused
from tegata.formats.linked_data.nquads import is_absolute_iri, is_language_tag

BASE_CONTEXT = "https://www.w3.org/ns/credentials/v2"
CREDENTIAL = "VerifiableCredential"
PRESENTATION = "VerifiablePresentation"
ENVELOPED = "EnvelopedVerifiableCredential"
ENVELOPED_PRESENTATION = "EnvelopedVerifiablePresentation"


_TYPED = (
    "credentialStatus",
    "termsOfUse",
    "evidence",
    "refreshService",
    "credentialSchema",
    "confidenceMethod",
    "renderMethod",
)
_WITH_IDENTIFIER = ("credentialSubject", "relatedResource", *_TYPED)


def as_list(value: Any) -> list[Any]:
    """Return one value, an array of them, or nothing, as a list (VCDM 2.0 §6)."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def identifier_of(value: Any) -> str:
    """Return the identifier in a URL or in an object with an `id`; empty if there is none."""
    found = value.get("id") if isinstance(value, Mapping) else value
    return found if isinstance(found, str) else ""


def instant(document: Mapping[str, Any], name: str) -> datetime | None:
    """Return a date of the document; one without an offset is read as UTC (VCDM 2.0 §5.8)."""
    value = document.get(name)
    if value is None:
        return None
    return read_instant(value, name, "VCDM 2.0 §4.9")


def read_instant(value: Any, name: str, clause: str) -> datetime:
    """Read a dateTimeStamp, or a dateTime without an offset as UTC; raises `FormatRefused`."""
    try:
        if not isinstance(value, str):
            raise MalformedInput("not text")
        has_offset = value.endswith("Z") or value[-6:-5] in {"+", "-"}
        return dates.instant(value if has_offset else value + "Z")
    except MalformedInput:
        raise FormatRefused(f"{name} is not a dateTimeStamp", clause=clause) from None


# --- both: A, C, I, T ---


def single_values(document: Mapping[str, Any]) -> None:  # A2
    """Refuse arrays where one value belongs."""
    for name in ("id", "issuer", "validFrom", "validUntil"):
        if isinstance(document.get(name), list):
            raise FormatRefused(f"{name} is an array", clause="VCDM 2.0 §6")


def no_nulls(document: Mapping[str, Any]) -> None:
    """Refuse null, which says nothing."""
    for name, value in document.items():
        if value is None:
            raise FormatRefused(f"{name} is null", clause="VCDM 2.0 §4.4")


def contexts(document: Mapping[str, Any]) -> None:  # C1 to C4
    """Ask for an array of contexts that begins with the one of VCDM 2.0."""
    found = document.get("@context")
    if not isinstance(found, list) or not found:
        raise FormatRefused("@context is not an array with something in it", clause="VCDM 2.0 §4.3")
    if found[0] != BASE_CONTEXT:
        raise FormatRefused("the first context is not credentials/v2", clause="VCDM 2.0 §4.3")
    for item in found:
        if isinstance(item, str) and not is_absolute_iri(item):
            raise FormatRefused("a context that is not a URL", clause="VCDM 2.0 §4.3")
        if not isinstance(item, str | Mapping):
            raise FormatRefused("a context that is neither a URL nor an object", clause="VCDM 2.0 §4.3")


def identifier(document: Mapping[str, Any]) -> None:  # I1
    """Refuse an id that is not one URL."""
    check_identifier(document, "the document")


def check_identifier(value: Mapping[str, Any], where: str) -> None:
    """Raise `FormatRefused` for an id that is not one URL."""
    if "id" not in value:
        return
    found = value["id"]
    if not isinstance(found, str) or not is_absolute_iri(found):
        raise FormatRefused(f"the id of {where} is not one URL", clause="VCDM 2.0 §4.4")


def types_in(value: Mapping[str, Any], where: str) -> list[str]:
    """Return the types of a value; raises `FormatRefused` unless they are text."""
    found = as_list(value.get("type"))
    if not found or not all(isinstance(item, str) and item for item in found):
        raise FormatRefused(f"the type of {where} is missing or not text", clause="VCDM 2.0 §4.5")
    return found


def credential_type(document: Mapping[str, Any]) -> None:  # T1
    """Ask for the type VerifiableCredential."""
    if CREDENTIAL not in types_in(document, "the credential"):
        raise FormatRefused("the type is not VerifiableCredential", clause="VCDM 2.0 §4.5")


def presentation_type(document: Mapping[str, Any]) -> None:  # T2
    """Ask for the type VerifiablePresentation."""
    if PRESENTATION not in types_in(document, "the presentation"):
        raise FormatRefused("the type is not VerifiablePresentation", clause="VCDM 2.0 §4.13")


def proof(document: Mapping[str, Any]) -> None:  # S11
    """Ask for a type in every proof."""
    for item in objects(document, "proof", "VC Data Integrity 1.0 §2.1"):
        types_in(item, "proof")


# --- credentials: N, D, S ---


def objects(document: Mapping[str, Any], name: str, clause: str) -> Iterator[Mapping[str, Any]]:
    """Yield the objects of a member; raises `FormatRefused` for an empty one and for what is no object."""
    if name not in document:
        return
    found = as_list(document[name])
    if not found:
        raise FormatRefused(f"{name} is empty", clause=clause)
    for item in found:
        if not isinstance(item, Mapping):
            raise FormatRefused(f"{name} holds something that is no object", clause=clause)
        yield item


def identifiers_inside(document: Mapping[str, Any]) -> None:  # I1
    """Refuse ids further inside that are not one URL."""
    for name in _WITH_IDENTIFIER:
        for item in as_list(document.get(name)):
            if isinstance(item, Mapping):
                check_identifier(item, name)


def texts(document: Mapping[str, Any]) -> None:  # N1, N2
    """Refuse names and descriptions that are neither text nor language values."""
    issuer = document.get("issuer")
    for holder in (document, issuer if isinstance(issuer, Mapping) else {}):
        for name in ("name", "description"):
            for item in as_list(holder.get(name)):
                _check_text(item, name)


def _check_text(value: Any, name: str) -> None:
    if isinstance(value, str):
        return
    clause = "VCDM 2.0 §11.1"
    if not isinstance(value, Mapping) or not isinstance(value.get("@value"), str):
        raise FormatRefused(f"{name} is neither text nor a language value", clause=clause)
    if value.keys() - {"@value", "@language", "@direction"}:
        raise FormatRefused(f"{name} has members that no language value has", clause=clause)
    language = value.get("@language", "en")
    if not isinstance(language, str) or not is_language_tag(language):
        raise FormatRefused(f"the language of {name} is no language tag", clause=clause)
    if value.get("@direction", "ltr") not in ("ltr", "rtl"):
        raise FormatRefused(f"the direction of {name} is neither ltr nor rtl", clause=clause)


def issuer(document: Mapping[str, Any]) -> None:  # S1
    """Ask for an issuer that is a URL, or has one as its id."""
    found = document.get("issuer")
    if not isinstance(found, str | Mapping) or not is_absolute_iri(identifier_of(found)):
        raise FormatRefused("the issuer is not a URL, and has none as its id", clause="VCDM 2.0 §4.7")


def validity(document: Mapping[str, Any]) -> None:  # D1 to D3
    """Refuse dates that are none, and an end before the start."""
    start, end = instant(document, "validFrom"), instant(document, "validUntil")
    if start is not None and end is not None and start > end:
        raise FormatRefused("validUntil lies before validFrom", clause="VCDM 2.0 §4.9")


def subject(document: Mapping[str, Any]) -> None:  # S2
    """Ask for at least one subject about which something is said."""
    if "credentialSubject" not in document:
        raise FormatRefused("credentialSubject is missing", clause="VCDM 2.0 §4.8")
    for item in objects(document, "credentialSubject", "VCDM 2.0 §4.8"):
        if not item:
            raise FormatRefused("a subject about which nothing is said", clause="VCDM 2.0 §4.8")


def typed_objects(document: Mapping[str, Any]) -> None:  # T4, S3, S5 to S7
    """Ask for a type in status, terms, evidence and the like."""
    for name in _TYPED:
        for item in objects(document, name, "VCDM 2.0 §4.5"):
            types_in(item, name)


def schemas(document: Mapping[str, Any]) -> None:  # S4
    """Ask for an id in every credentialSchema."""
    for item in objects(document, "credentialSchema", "VCDM 2.0 §4.11"):
        if "id" not in item:
            raise FormatRefused("credentialSchema has no id", clause="VCDM 2.0 §4.11")


def related_resources(document: Mapping[str, Any]) -> None:  # S8
    """Ask for ids of their own and a digest in related resources."""
    clause = "VCDM 2.0 §5.3"
    seen: set[str] = set()
    for item in objects(document, "relatedResource", clause):
        if "id" not in item or item["id"] in seen:
            raise FormatRefused("relatedResource has no id of its own", clause=clause)
        seen.add(item["id"])
        if not {"digestSRI", "digestMultibase"} & item.keys():
            raise FormatRefused("relatedResource has no digest", clause=clause)


# --- presentations: P ---


def holder(document: Mapping[str, Any]) -> None:  # P4
    """Refuse a holder that is no URL, and has none as its id."""
    if "holder" in document and not is_absolute_iri(identifier_of(document["holder"])):
        raise FormatRefused("the holder is not a URL, and has none as its id", clause="VCDM 2.0 §4.13")


def inner_objects(document: Mapping[str, Any]) -> None:  # P2
    """Refuse anything but objects where credentials belong."""
    for _ in objects(document, "verifiableCredential", "VCDM 2.0 §4.13"):
        pass
