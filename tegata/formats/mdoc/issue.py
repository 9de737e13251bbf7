"""Issuing: a document becomes salted items and a signed list of their digests (ISO/IEC 18013-5 §9.1.2)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any

from tegata.codec import cbor
from tegata.envelope import cose
from tegata.errors import Misconfigured
from tegata.formats.credential import Document, FormatRefused, MdocElement, Random
from tegata.formats.mdoc.values import full_date, picture, tdate
from tegata.keys.cose_key import to_cose_key
from tegata.keys.signer import PublicKey, Signer

#: At least 16 are asked for (§9.1.2.5).
RANDOM_BYTES = 32
#: A claim, or a member of one.
_DEEPEST = 2
VERSION, DIGEST = "1.0", "SHA-256"
_CLAUSE = "ISO/IEC 18013-5 §9.1.2.4"


@dataclass(frozen=True, slots=True)
class Prepared:
    """Everything but the signature: the items by namespace, and the security object's bytes."""

    items: Mapping[str, list[cbor.Tag]] = field(repr=False)
    security_object: bytes = field(repr=False)


def prepare(document: Document, holder_key: PublicKey | None, random: Random, now: datetime) -> Prepared:
    """Build the items and the mobile security object, without a signature.

    `signed` and `validFrom` are the document's `valid_from`, so that copies made together do not share a second; `now` only
    bounds them. Items stand in a random order and their numbers say nothing about what they hold.
    Raises `FormatRefused` for a document without an end or a holder's key, `MalformedInput` for values that CBOR is not
    written with here, `Misconfigured` for a type that is no mobile document.
    """
    if document.mdoc is None:
        raise Misconfigured("a type that is no mobile document")
    if holder_key is None:
        raise FormatRefused("a mobile document is bound to a device's key", clause=_CLAUSE)
    if (
        document.valid_until is None
        or document.valid_until < document.valid_from
        or document.valid_from > now
    ):
        raise FormatRefused("a mobile document begins before now and ends after that", clause=_CLAUSE)
    items: dict[str, list[cbor.Tag]] = {}
    digests: dict[str, dict[int, bytes]] = {}
    for namespace, elements in _by_namespace(document).items():
        items[namespace], digests[namespace] = [], {}
        salts = random(RANDOM_BYTES * len(elements))
        for number, (identifier, value) in enumerate(_shuffled(elements, random)):
            salt = salts[RANDOM_BYTES * number : RANDOM_BYTES * (number + 1)]
            item = _item(number, salt, identifier, value)
            items[namespace].append(cbor.embedded(item))
            digests[namespace][number] = sha256(cbor.spelling_of_embedded(item)).digest()
    return Prepared(items, cbor.dumps(cbor.embedded(_security_object(document, digests, holder_key))))


def seal(prepared: Prepared, signer: Signer) -> bytes:
    """Sign what was prepared; returns IssuerSigned. The chain goes into the unprotected header (§9.1.2.4)."""
    message = cose.sign1(prepared.security_object, signer, unprotected=cose.certificate_header(signer))
    return cbor.dumps({"nameSpaces": prepared.items, "issuerAuth": message})


def _by_namespace(document: Document) -> dict[str, list[tuple[str, Any]]]:
    assert document.mdoc is not None  # noqa: S101  the caller looked
    places = {element.path: element for element in document.mdoc.elements}
    found: dict[str, list[tuple[str, Any]]] = {}

    def visit(path: tuple[str, ...], value: Any) -> None:
        place = places.get(path)
        if place is not None:
            found.setdefault(place.namespace, []).append((place.identifier, _value(place, value)))
            return
        if not isinstance(value, Mapping) or len(path) == _DEEPEST or not value:
            # What would not be signed is told, not dropped.
            raise Misconfigured(f"a claim without a place in the mobile document: {'.'.join(path)}")
        for name, member in value.items():
            visit((*path, name), member)

    for claim, value in document.claims.items():
        visit((claim,), value)
    return found


def _value(place: MdocElement, value: Any) -> Any:
    if place.kind == "picture":
        return picture(value)
    return full_date(value) if place.kind == "full-date" else value


def _shuffled(elements: list[tuple[str, Any]], random: Random) -> list[tuple[str, Any]]:
    drawn = random(8 * len(elements))
    keyed = [(drawn[8 * position : 8 * position + 8], position) for position in range(len(elements))]
    return [elements[position] for _, position in sorted(keyed)]


def _item(number: int, salt: bytes, identifier: str, value: Any) -> bytes:
    return cbor.dumps(
        {"digestID": number, "random": salt, "elementIdentifier": identifier, "elementValue": value}
    )


def _security_object(
    document: Document, digests: Mapping[str, Mapping[int, bytes]], holder_key: PublicKey
) -> bytes:
    assert document.mdoc is not None  # noqa: S101  the caller looked
    assert document.valid_until is not None  # noqa: S101  same
    content: dict[str, Any] = {
        "version": VERSION,
        "digestAlgorithm": DIGEST,
        "valueDigests": digests,
        "deviceKeyInfo": {"deviceKey": to_cose_key(holder_key)},
        "docType": document.mdoc.doctype,
        "validityInfo": {
            "signed": tdate(document.valid_from),
            "validFrom": tdate(document.valid_from),
            "validUntil": tdate(document.valid_until),
        },
    }
    if document.status is not None:
        reference = {"idx": document.status.index, "uri": document.status.token_list}
        content["status"] = {"status_list": reference}
    return cbor.dumps(content)
