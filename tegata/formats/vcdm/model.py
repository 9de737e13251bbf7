"""The structure that VCDM 2.0 asks of credentials and presentations, rule by rule, on issue and on verify.

Each rule looks at one thing and raises `FormatRefused` with its clause; the comments name the checklist's lines. What
JSON-LD has to say (unmapped terms and types: A4, A5, T3, C6, C8) is found in `json_ld` and `dataset`. Dates are
checked for being dates: whether now lies between them is the verifier's question (D4).
"""

from collections.abc import Callable, Iterator, Mapping
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

Rule = Callable[[Mapping[str, Any]], None]

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


def check_credential(document: Any) -> None:
    """Check a credential, secured or not; raises `FormatRefused`."""
    _check(document, _CREDENTIAL_RULES)


def check_presentation(document: Any, *, is_secured: bool, may_envelop: bool = False) -> None:
    """Check a presentation and every credential in it; raises `FormatRefused`.

    `is_secured`: it has a proof of its own, without which no credential in it may be self-asserted (P5). `may_envelop`: what
    stands in it as an enveloped credential is looked at by whoever opens the envelope.
    """
    _check(document, _PRESENTATION_RULES)
    for credential in as_list(document.get("verifiableCredential")):
        if not (may_envelop and is_enveloped(credential)):
            _check_inner(credential, document, is_secured=is_secured)


def is_enveloped(value: Mapping[str, Any]) -> bool:
    """Whether an object says that it envelops a credential or a presentation."""
    return bool({ENVELOPED, ENVELOPED_PRESENTATION} & set(map(str, as_list(value.get("type")))))


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


def _check(document: Any, rules: tuple[Rule, ...]) -> None:
    if not isinstance(document, Mapping):  # A1
        raise FormatRefused("not an object", clause="VCDM 2.0 §6.1")
    for rule in rules:
        rule(document)


# --- both: A, C, I, T ---


def _single_values(document: Mapping[str, Any]) -> None:  # A2
    for name in ("id", "issuer", "validFrom", "validUntil"):
        if isinstance(document.get(name), list):
            raise FormatRefused(f"{name} is an array", clause="VCDM 2.0 §6")


def _no_nulls(document: Mapping[str, Any]) -> None:
    for name, value in document.items():
        if value is None:
            raise FormatRefused(f"{name} is null", clause="VCDM 2.0 §4.4")


def _contexts(document: Mapping[str, Any]) -> None:  # C1 to C4
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


def _identifier(document: Mapping[str, Any]) -> None:  # I1
    _check_identifier(document, "the document")


def _check_identifier(value: Mapping[str, Any], where: str) -> None:
    if "id" not in value:
        return
    found = value["id"]
    if not isinstance(found, str) or not is_absolute_iri(found):
        raise FormatRefused(f"the id of {where} is not one URL", clause="VCDM 2.0 §4.4")


def _types_of(value: Mapping[str, Any], where: str) -> list[str]:
    found = as_list(value.get("type"))
    if not found or not all(isinstance(item, str) and item for item in found):
        raise FormatRefused(f"the type of {where} is missing or not text", clause="VCDM 2.0 §4.5")
    return found


def _credential_type(document: Mapping[str, Any]) -> None:  # T1
    if CREDENTIAL not in _types_of(document, "the credential"):
        raise FormatRefused("the type is not VerifiableCredential", clause="VCDM 2.0 §4.5")


def _presentation_type(document: Mapping[str, Any]) -> None:  # T2
    if PRESENTATION not in _types_of(document, "the presentation"):
        raise FormatRefused("the type is not VerifiablePresentation", clause="VCDM 2.0 §4.13")


def _proof(document: Mapping[str, Any]) -> None:  # S11
    for item in _objects(document, "proof", "VC Data Integrity 1.0 §2.1"):
        _types_of(item, "proof")


# --- credentials: N, D, S ---


def _objects(document: Mapping[str, Any], name: str, clause: str) -> Iterator[Mapping[str, Any]]:
    if name not in document:
        return
    found = as_list(document[name])
    if not found:
        raise FormatRefused(f"{name} is empty", clause=clause)
    for item in found:
        if not isinstance(item, Mapping):
            raise FormatRefused(f"{name} holds something that is no object", clause=clause)
        yield item


def _identifiers_inside(document: Mapping[str, Any]) -> None:  # I1
    for name in _WITH_IDENTIFIER:
        for item in as_list(document.get(name)):
            if isinstance(item, Mapping):
                _check_identifier(item, name)


def _texts(document: Mapping[str, Any]) -> None:  # N1, N2
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


def _issuer(document: Mapping[str, Any]) -> None:  # S1
    found = document.get("issuer")
    if not isinstance(found, str | Mapping) or not is_absolute_iri(identifier_of(found)):
        raise FormatRefused("the issuer is not a URL, and has none as its id", clause="VCDM 2.0 §4.7")


def _validity(document: Mapping[str, Any]) -> None:  # D1 to D3
    start, end = instant(document, "validFrom"), instant(document, "validUntil")
    if start is not None and end is not None and start > end:
        raise FormatRefused("validUntil lies before validFrom", clause="VCDM 2.0 §4.9")


def _subject(document: Mapping[str, Any]) -> None:  # S2
    if "credentialSubject" not in document:
        raise FormatRefused("credentialSubject is missing", clause="VCDM 2.0 §4.8")
    for item in _objects(document, "credentialSubject", "VCDM 2.0 §4.8"):
        if not item:
            raise FormatRefused("a subject about which nothing is said", clause="VCDM 2.0 §4.8")


def _typed_objects(document: Mapping[str, Any]) -> None:  # T4, S3, S5 to S7
    for name in _TYPED:
        for item in _objects(document, name, "VCDM 2.0 §4.5"):
            _types_of(item, name)


def _schemas(document: Mapping[str, Any]) -> None:  # S4
    for item in _objects(document, "credentialSchema", "VCDM 2.0 §4.11"):
        if "id" not in item:
            raise FormatRefused("credentialSchema has no id", clause="VCDM 2.0 §4.11")


def _related_resources(document: Mapping[str, Any]) -> None:  # S8
    clause = "VCDM 2.0 §5.3"
    seen: set[str] = set()
    for item in _objects(document, "relatedResource", clause):
        if "id" not in item or item["id"] in seen:
            raise FormatRefused("relatedResource has no id of its own", clause=clause)
        seen.add(item["id"])
        if not {"digestSRI", "digestMultibase"} & item.keys():
            raise FormatRefused("relatedResource has no digest", clause=clause)


# --- presentations: P ---


def _holder(document: Mapping[str, Any]) -> None:  # P4
    if "holder" in document and not is_absolute_iri(identifier_of(document["holder"])):
        raise FormatRefused("the holder is not a URL, and has none as its id", clause="VCDM 2.0 §4.13")


def _inner_objects(document: Mapping[str, Any]) -> None:  # P2
    for _ in _objects(document, "verifiableCredential", "VCDM 2.0 §4.13"):
        pass


def _check_inner(credential: Mapping[str, Any], presentation: Mapping[str, Any], *, is_secured: bool) -> None:
    if ENVELOPED in as_list(credential.get("type")):  # P3; what it envelops is another format's
        raise FormatRefused(
            "an enveloped credential in a Data Integrity presentation", clause="VCDM 2.0 §4.13"
        )
    check_credential(credential)
    if "proof" in credential:
        return
    holder = identifier_of(presentation.get("holder"))
    if not is_secured or not holder or identifier_of(credential["issuer"]) != holder:  # P5, P6
        raise FormatRefused("an unsecured credential that is not the holder's own", clause="VCDM 2.0 §4.13")


_CREDENTIAL_RULES: tuple[Rule, ...] = (
    _single_values,
    _no_nulls,
    _contexts,
    _identifier,
    _identifiers_inside,
    _credential_type,
    _issuer,
    _texts,
    _validity,
    _subject,
    _typed_objects,
    _schemas,
    _related_resources,
    _proof,
)
_PRESENTATION_RULES: tuple[Rule, ...] = (
    _no_nulls,
    _contexts,
    _identifier,
    _presentation_type,
    _holder,
    _inner_objects,
    _proof,
)
