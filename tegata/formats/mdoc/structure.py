"""Taking a mobile document apart: bounded, strict, and believing nothing (ISO/IEC 18013-5 §8.3.2.1.2.2)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tegata.codec import cbor
from tegata.envelope import cose
from tegata.errors import LimitExceeded, MalformedInput
from tegata.formats.credential import FormatRefused, KeyReference, Limits

FORMAT = "mso_mdoc"
_CLAUSE = "ISO/IEC 18013-5 §8.3.2.1.2.2"
_VERSION = "1.0"
_OK = 0
_MAX_DOCUMENTS = 16
_ITEM_MEMBERS = frozenset({"digestID", "random", "elementIdentifier", "elementValue"})
_MIN_RANDOM = 16
#: Ours are small. Issuers in the field draw 32 bits at random; a number beyond 31 bits weakens nothing.
_LARGEST_NUMBER = 2**32 - 1


@dataclass(frozen=True, slots=True)
class Item:
    """One element as it came: `encoded` are the bytes that its digest covers."""

    number: int
    identifier: str
    value: Any = field(repr=False)
    encoded: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class DevicePart:
    """What the device added: its namespaces' bytes as they came, and its signature or MAC."""

    doctype: str
    namespaces: bytes = field(repr=False)
    signature: Any = field(default=None, repr=False)
    mac: Any = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Parsed:
    """An untrusted IssuerSigned: items by namespace, the signed security object, what it says, and the device's part."""

    namespaces: Mapping[str, tuple[Item, ...]] = field(repr=False)
    message: cose.ParsedSign1 = field(repr=False)
    security_object: Mapping[str, Any] = field(repr=False)
    key_reference: KeyReference
    device: DevicePart | None = None


def parse(data: bytes, limits: Limits = Limits()) -> Parsed:  # noqa: B008  frozen
    """Take an IssuerSigned apart; raises `LimitExceeded` or `FormatRefused`."""
    return _issuer_signed(_decoded(data, limits), limits)


def parse_response(data: bytes, limits: Limits = Limits()) -> tuple[Parsed, ...]:  # noqa: B008  frozen
    """Take a DeviceResponse apart into its documents, each with its device's part.

    Raises `LimitExceeded` or `FormatRefused`, also for a response that reports an error or holds no document.
    """
    response = _map(_decoded(data, limits), "a DeviceResponse")
    if response.get("version") != _VERSION or response.get("status") != _OK or "documentErrors" in response:
        raise _refused("a DeviceResponse of another version, or one that failed")
    documents = response.get("documents")
    if not isinstance(documents, list | tuple) or not documents:
        raise _refused("a DeviceResponse without documents")
    if len(documents) > _MAX_DOCUMENTS:
        raise LimitExceeded(f"more than {_MAX_DOCUMENTS} documents in a response")
    return tuple(_document(document, limits) for document in documents)


def _document(value: Any, limits: Limits) -> Parsed:
    document = _map(value, "a document")
    doctype, signed = document.get("docType"), _map(document.get("deviceSigned"), "deviceSigned")
    authentication = _map(signed.get("deviceAuth"), "deviceAuth")
    if not isinstance(doctype, str) or authentication.keys() not in ({"deviceSignature"}, {"deviceMac"}):
        raise _refused("a document without its type, or with more than one proof of the device")
    try:
        namespaces = cbor.embedded_bytes(signed.get("nameSpaces"))
        if not isinstance(cbor.loads(namespaces), Mapping):
            raise _refused("the device's namespaces are no map")
    except FormatRefused:
        raise
    except MalformedInput:
        raise _refused("the device's namespaces are no embedded map") from None
    issued = _issuer_signed(document.get("issuerSigned"), limits)
    device = DevicePart(
        doctype, namespaces, authentication.get("deviceSignature"), authentication.get("deviceMac")
    )
    return Parsed(issued.namespaces, issued.message, issued.security_object, issued.key_reference, device)


def _issuer_signed(value: Any, limits: Limits) -> Parsed:
    signed = _map(value, "an IssuerSigned")
    if not signed.keys() <= {"nameSpaces", "issuerAuth"}:
        raise _refused("an IssuerSigned with further members")
    stated = _map(signed.get("nameSpaces", {}), "nameSpaces")
    namespaces = {_text(name): _items(items) for name, items in stated.items()}
    if sum(map(len, namespaces.values())) > limits.max_disclosures:
        raise LimitExceeded(f"more than {limits.max_disclosures} elements")
    try:
        message = cose.parse_sign1(signed.get("issuerAuth"))
        certificates = cose.certificates_of(message)
        content = cbor.loads(message.payload or b"", max_bytes=limits.max_bytes, max_depth=limits.max_depth)
        security_object = cbor.loads(
            cbor.embedded_bytes(content), max_bytes=limits.max_bytes, max_depth=limits.max_depth
        )
    except LimitExceeded:
        raise
    except MalformedInput as error:
        raise _refused(f"issuerAuth: {error.detail}") from None
    reference = KeyReference(certificates=certificates, algorithm=message.algorithm.value)
    return Parsed(namespaces, message, _map(security_object, "the security object"), reference)


def _items(value: Any) -> tuple[Item, ...]:
    if not isinstance(value, list | tuple) or not value:
        raise _refused("a namespace without elements")
    items = tuple(map(_item, value))
    if len({item.number for item in items}) != len(items):
        raise _refused("two elements of one number")
    if len({item.identifier for item in items}) != len(items):
        raise _refused("one element stands twice")
    return items


def _item(value: Any) -> Item:
    try:
        raw = cbor.embedded_bytes(value)
        content = cbor.loads(raw)
    except MalformedInput:
        raise _refused("an element that is no embedded item") from None
    if not isinstance(content, Mapping) or content.keys() != _ITEM_MEMBERS:
        raise _refused("an element with other members")
    number, salt = content["digestID"], content["random"]
    if type(number) is not int or not 0 <= number <= _LARGEST_NUMBER:
        raise _refused("a digestID that is no number")
    if not isinstance(salt, bytes) or len(salt) < _MIN_RANDOM:
        raise _refused("an element with too little random")
    return Item(
        number, _text(content["elementIdentifier"]), content["elementValue"], cbor.spelling_of_embedded(raw)
    )


def _decoded(data: bytes, limits: Limits) -> Any:
    limits.check_size(data)
    try:
        return cbor.loads(data, max_bytes=limits.max_bytes, max_depth=limits.max_depth)
    except LimitExceeded:
        raise
    except MalformedInput as error:
        raise _refused(f"not CBOR: {error.detail}") from None


def _map(value: Any, what: str) -> Mapping[Any, Any]:
    if not isinstance(value, Mapping):
        raise _refused(f"{what} is no map")
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise _refused("a name that is no text")
    return value


def _refused(detail: str) -> FormatRefused:
    return FormatRefused(detail, clause=_CLAUSE)
