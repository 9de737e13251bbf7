"""Verifying a mobile document, and what its device signed for this session (ISO/IEC 18013-5 §9.3.1, §9.1.3)."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from hashlib import sha256, sha384, sha512
from typing import Any

from tegata.envelope import cose
from tegata.errors import CryptographyFailed, MalformedInput
from tegata.formats.credential import (
    Expected,
    FormatRefused,
    HolderBindingRefused,
    SignatureRefused,
    Verified,
)
from tegata.formats.mdoc import session
from tegata.formats.mdoc.structure import FORMAT, DevicePart, Parsed
from tegata.formats.mdoc.values import plain, read_tdate
from tegata.keys import jwk
from tegata.keys.cose_key import from_cose_key
from tegata.keys.signer import DEFAULT_ALGORITHMS, Algorithm, PublicKey

_DIGESTS = {"SHA-256": sha256, "SHA-384": sha384, "SHA-512": sha512}
_CLAUSE = "ISO/IEC 18013-5 §9.1.2.4"
_DEVICE = "ISO/IEC 18013-5 §9.1.3"


def verify(
    parsed: Parsed,
    key: PublicKey,
    algorithms: frozenset[Algorithm] = DEFAULT_ALGORITHMS,
    *,
    now: datetime,
    expected: Expected = Expected(),  # noqa: B008  frozen
) -> Verified:
    """Verify what an issuer signed, with the key of the certificate that the caller chose to believe.

    1. The signature over the security object holds under an allowed algorithm.
    2. Each element that came has the digest that was signed under its number and namespace.
    3. The document's type is the signed one; the dates are dates, in order; unless told otherwise, `now` lies between them.
    4. A device's proof is required or not by `expected`, never by what arrived.

    Raises `SignatureRefused` (1, 2), `FormatRefused` (3), `NotValidNow` (3), `HolderBindingRefused` (4).
    """
    try:
        cose.verify_sign1(parsed.message, key, algorithms)
    except CryptographyFailed as error:
        raise SignatureRefused(error.detail, clause=_CLAUSE) from None
    _check_digests(parsed)
    verified = _verified(parsed, key)
    if parsed.device is not None and parsed.device.doctype != verified.types[0]:
        raise FormatRefused(
            "a document that names another type than was signed", clause="ISO/IEC 18013-5 §9.3.1"
        )
    if expected.enforce_validity:
        verified.check_validity(now, expected.clock_skew)
    if expected.holder_binding_required and parsed.device is None:
        raise HolderBindingRefused("the device's proof is missing", clause=_DEVICE)
    return verified


def verify_presentation(
    parsed: Parsed,
    key: PublicKey,
    algorithms: frozenset[Algorithm] = DEFAULT_ALGORITHMS,
    *,
    now: datetime,
    expected: Expected,
    transcript: bytes,
    mac_key: bytes | None = None,
) -> Verified:
    """Verify a document of a response: `verify`, and the device's proof for this session if there is one.

    5. The signature is by the signed device key, over this session's `transcript`, the type and the device's own namespaces;
       or a MAC under `mac_key`, for readers that have one (`session.mac_key`).
    6. The device said nothing of its own that its issuer did not allow: here, nothing at all.
    """
    verified = verify(parsed, key, algorithms, now=now, expected=expected)
    device = parsed.device
    if device is None:
        return verified
    assert verified.holder_key is not None  # noqa: S101  a security object without one is refused
    covered = session.device_authentication(transcript, device.doctype, device.namespaces)
    try:
        _check_proof(device, verified.holder_key, algorithms, covered, mac_key)
    except (MalformedInput, CryptographyFailed) as error:
        raise HolderBindingRefused(f"the device's proof: {error.detail}", clause=_DEVICE) from None
    if device.namespaces != _NOTHING:
        raise HolderBindingRefused(
            "elements of the device's own, which the issuer did not allow", clause=_DEVICE
        )
    return replace(verified, holder_proven=True)


#: An empty map: no elements of the device's own.
_NOTHING = b"\xa0"


def _check_proof(
    device: DevicePart,
    key: PublicKey,
    algorithms: frozenset[Algorithm],
    covered: bytes,
    mac_key: bytes | None,
) -> None:
    if device.mac is not None:
        if mac_key is None:
            raise CryptographyFailed("a MAC, where no key for one was agreed on")
        cose.verify_mac0(device.mac, mac_key, payload=covered)
        return
    message = cose.parse_sign1(device.signature)
    cose.verify_sign1(message, key, algorithms, payload=covered)


def elements_of(parsed: Parsed) -> dict[str, dict[str, Any]]:
    """Return what each element says, by namespace and identifier; nothing of it is verified here.

    Raises `FormatRefused` for values that no document of ours has.
    """
    return {
        namespace: {item.identifier: plain(item.value) for item in items}
        for namespace, items in parsed.namespaces.items()
    }


def _check_digests(parsed: Parsed) -> None:
    algorithm = _DIGESTS.get(str(parsed.security_object.get("digestAlgorithm")))
    signed = parsed.security_object.get("valueDigests")
    if algorithm is None or not isinstance(signed, Mapping):
        raise FormatRefused("a security object without digests of a known kind", clause=_CLAUSE)
    for namespace, items in parsed.namespaces.items():
        digests = signed.get(namespace)
        for item in items:
            wanted = digests.get(item.number) if isinstance(digests, Mapping) else None
            if wanted != algorithm(item.encoded).digest():
                raise SignatureRefused("an element that is not the signed one", clause=_CLAUSE)


def _verified(parsed: Parsed, key: PublicKey) -> Verified:
    content = parsed.security_object
    doctype, version = content.get("docType"), content.get("version")
    if version != "1.0" or not isinstance(doctype, str) or not doctype:
        raise FormatRefused("a security object of another version, or without a type", clause=_CLAUSE)
    signed, begins, ends = _dates(content.get("validityInfo"))
    raw = elements_of(parsed)
    return Verified(
        format=FORMAT,
        issuer="",
        types=(doctype,),
        claims={name: value for elements in raw.values() for name, value in elements.items()},
        algorithm=key.algorithm.value,
        key_id=key.key_id,
        issued_at=signed,
        valid_from=begins,
        valid_until=ends,
        status=_status(content),
        holder_key=_device_key(content.get("deviceKeyInfo")),
        raw=raw,
    )


def _dates(value: Any) -> tuple[datetime, datetime, datetime]:
    if not isinstance(value, Mapping):
        raise FormatRefused("a security object without dates", clause=_CLAUSE)
    signed, begins, ends = (read_tdate(value.get(name)) for name in ("signed", "validFrom", "validUntil"))
    if not signed <= begins <= ends:
        raise FormatRefused("dates that are not in order", clause=_CLAUSE)
    return signed, begins, ends


def _device_key(value: Any) -> PublicKey:
    try:
        found = from_cose_key(value.get("deviceKey") if isinstance(value, Mapping) else None)
    except MalformedInput as error:
        raise FormatRefused(f"deviceKey: {error.detail}", clause=error.clause) from None
    return replace(found, key_id=jwk.thumbprint(found))


def _status(content: Mapping[str, Any]) -> Mapping[str, Any] | None:
    if "status" not in content:
        return None
    status = content["status"]
    if not isinstance(status, Mapping):
        raise FormatRefused("status is no map", clause="Token Status List §6.3")
    return {name: dict(value) if isinstance(value, Mapping) else value for name, value in status.items()}
