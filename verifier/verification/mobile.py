"""Mobile documents (ISO/IEC 18013-5) as the steps look at them: opened, verified, and said in the catalogue's words.

Over OID4VP a DeviceResponse comes, in base64url (OID4VP 1.0 §B.2.5); a file is that, or an IssuerSigned as issuers hand it
out (OID4VCI 1.0 §A.2.4), as bytes or in base64url.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from schemas.catalogue import DocumentDefinition
from tegata.codec import base64url, cbor
from tegata.errors import MalformedInput
from tegata.formats import mdoc
from tegata.formats.credential import Expected, FormatRefused, HolderBindingRefused, Limits, Verified
from tegata.formats.vcdm.legacy import NONE, Legacy
from tegata.keys.signer import Algorithm, PublicKey
from verifier.verification.opened import Contexts, Opened, no_type_metadata

_TEXT = re.compile(rb"[A-Za-z0-9_-]+")
#: Heads of a map in CBOR, and what both forms have in them.
_MAPS = range(0xA1, 0xC0)
_INSIDE = b"issuerAuth"


def is_mobile(data: bytes) -> bool:
    """Whether the bytes look like a mobile document or a response with some."""
    try:
        found = _bytes(data)
    except MalformedInput:
        return False
    return bool(found) and found[0] in _MAPS and _INSIDE in found


def open_mobile(
    data: bytes, _contexts: Contexts, limits: Limits, _legacy: frozenset[Legacy] = NONE
) -> tuple[Opened, ...]:
    """Open a DeviceResponse or an IssuerSigned; raises `FormatRefused`, `LimitExceeded`."""
    try:
        found = _bytes(data)
    except MalformedInput as error:
        raise FormatRefused(error.detail, clause="OID4VP 1.0 §B.2.5") from None
    if _is_response(found, limits):
        return tuple(_opened(parsed) for parsed in mdoc.parse_response(found, limits))
    return (_opened(mdoc.parse(found, limits)),)


def _is_response(data: bytes, limits: Limits) -> bool:
    try:
        content = cbor.loads(data, max_bytes=limits.max_bytes, max_depth=limits.max_depth)
    except MalformedInput:
        return False  # the format will say what is wrong with it
    return isinstance(content, Mapping) and "version" in content


def _bytes(data: bytes) -> bytes:
    text = data.strip()
    return base64url.decode(text.decode("ascii")) if _TEXT.fullmatch(text) else data


def _opened(parsed: mdoc.Parsed) -> Opened:
    def verifying(
        key: PublicKey, algorithms: frozenset[Algorithm], *, now: datetime, expected: Expected, proof: bool
    ) -> Verified:
        lenient = replace(expected, enforce_validity=False)
        if not proof:
            bare = replace(lenient, holder_binding_required=False)
            return mdoc.verify(parsed, key, algorithms, now=now, expected=bare)
        if expected.transcript is None:
            raise HolderBindingRefused("no session to prove anything for", clause="OID4VP 1.0 §B.2.6")
        return mdoc.verify_presentation(
            parsed, key, algorithms, now=now, expected=lenient, transcript=expected.transcript
        )

    has_proof = parsed.device is not None
    return Opened(mdoc.FORMAT, "", parsed.key_reference, has_proof, verifying, no_type_metadata)


def in_words(document: DocumentDefinition | None, verified: Verified) -> Verified:
    """Return what was verified with the catalogue's claims in place of elements.

    Of a type that is not known, and where an element is not one of its type, elements keep their own names; the check of
    its rules says so. Byte strings become base64url and numbers that JSON has no room for texts, so that a report can be written
    down.
    """
    claims: Mapping[str, Any] = verified.claims
    if document is not None and document.mdoc is not None:
        try:
            claims = document.mdoc.claims(verified.raw)
        except MalformedInput:
            claims = verified.claims
    return replace(verified, claims={name: _written(value) for name, value in claims.items()})


#: What JSON has as well: most of what a document says.
_WRITABLE = frozenset({str, bool})
#: Beyond this, numbers lose digits in JSON (RFC 8259 §6).
_EXACT = (1 << 53) - 1


def _written(value: Any) -> Any:
    if isinstance(value, int):
        return value if abs(value) <= _EXACT else str(value)
    if isinstance(value, bytes):
        return base64url.encode(value)
    if isinstance(value, list):
        return [item if type(item) in _WRITABLE else _written(item) for item in value]
    if isinstance(value, Mapping):
        return {name: item if type(item) in _WRITABLE else _written(item) for name, item in value.items()}
    return value
