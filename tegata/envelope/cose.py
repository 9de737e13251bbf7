"""COSE_Sign1 and COSE_Mac0 (RFC 9052 §4.2, §6.2): parsed first, verified with a key that the caller chose.

The algorithm stands in the protected header and has to be the key's; certificates (`x5chain`, RFC 9360 §2) and key ids are
claims until somebody believes them. Payloads may be detached.
"""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from tegata.codec import cbor
from tegata.errors import CryptographyFailed, MalformedInput
from tegata.keys.cose_key import NUMBERS
from tegata.keys.signer import DEFAULT_ALGORITHMS, Algorithm, PublicKey, Signer

ALG, CRIT, CONTENT_TYPE, KEY_ID, TYP, X5CHAIN = 1, 2, 3, 4, 16, 33
SIGN1_TAG, MAC0_TAG = 18, 17
MAX_BYTES = 4_194_304
_HMAC_256 = 5
_MAX_CERTIFICATES = 5
_ALGORITHMS: Mapping[int, Algorithm] = {number: algorithm for algorithm, number in NUMBERS.items()}
_CLAUSE = "RFC 9052 §4.2"


@dataclass(frozen=True, slots=True)
class ParsedSign1:
    """An untrusted COSE_Sign1, taken apart. `protected_bytes` are as received; `payload` is None if it is detached."""

    protected: Mapping[Any, Any]
    unprotected: Mapping[Any, Any]
    payload: bytes | None = field(repr=False)
    signature: bytes = field(repr=False)
    protected_bytes: bytes = field(repr=False)
    algorithm: Algorithm


def sign1(
    payload: bytes,
    signer: Signer,
    *,
    protected: Mapping[int, Any] | None = None,
    unprotected: Mapping[int, Any] | None = None,
    detached: bool = False,
    external_aad: bytes = b"",
) -> list[Any]:
    """Sign, and return the untagged structure; `alg` is the signer's and joins the protected header."""
    header = cbor.dumps({**(protected or {}), ALG: NUMBERS[signer.public_key.algorithm]})
    signature = signer.sign(_to_be_signed("Signature1", header, external_aad, payload))
    return [header, dict(unprotected or {}), None if detached else payload, signature]


def certificate_header(signer: Signer) -> dict[int, Any]:
    """Return `x5chain` for a signer's chain: one certificate as it is, several as a list, leaf first (RFC 9360 §2)."""
    chain = list(signer.certificates)
    if not chain:
        return {}
    return {X5CHAIN: chain[0] if len(chain) == 1 else chain}


def parse_sign1(value: Any, algorithms: frozenset[Algorithm] = DEFAULT_ALGORITHMS) -> ParsedSign1:
    """Take a decoded COSE_Sign1 apart, tagged or not, signed with one of `algorithms`.

    Raises `MalformedInput` for anything but its four members, an algorithm that is none of ours, critical header
    parameters, and a label that stands in both headers (RFC 9052 §3).
    """
    header, protected, unprotected, payload, signature = _parts(value, SIGN1_TAG)
    number = protected.get(ALG)
    if not isinstance(number, int) or _ALGORITHMS.get(number) not in algorithms:
        raise MalformedInput("the COSE algorithm is none of ours", clause="RFC 9053 §2")
    return ParsedSign1(protected, unprotected, payload, signature, header, _ALGORITHMS[number])


def verify_sign1(
    parsed: ParsedSign1,
    key: PublicKey,
    algorithms: frozenset[Algorithm] = DEFAULT_ALGORITHMS,
    *,
    payload: bytes | None = None,
    external_aad: bytes = b"",
) -> bytes:
    """Verify with the caller's key and return the payload; `payload` is given if, and only if, it is detached.

    Raises `CryptographyFailed` if the algorithm is not the key's or not allowed, or the signature does not hold.
    """
    if parsed.algorithm is not key.algorithm or key.algorithm not in algorithms:
        raise CryptographyFailed(
            "the COSE algorithm is not the key's, or is not allowed", clause="RFC 9053 §2"
        )
    if (parsed.payload is None) == (payload is None):
        raise CryptographyFailed("a payload that is there twice, or not at all", clause=_CLAUSE)
    content = parsed.payload if payload is None else payload
    assert content is not None  # noqa: S101  one of the two is there
    key.verify(parsed.signature, _to_be_signed("Signature1", parsed.protected_bytes, external_aad, content))
    return content


def mac0(payload: bytes, key: bytes, *, external_aad: bytes = b"") -> list[Any]:
    """Return the untagged COSE_Mac0 with HMAC 256/256 over a detached payload."""
    header = cbor.dumps({ALG: _HMAC_256})
    tag = hmac.digest(key, _to_be_signed("MAC0", header, external_aad, payload), sha256)
    return [header, {}, None, tag]


def verify_mac0(value: Any, key: bytes, *, payload: bytes, external_aad: bytes = b"") -> None:
    """Verify a COSE_Mac0 over a detached payload; raises `MalformedInput` or `CryptographyFailed`."""
    header, protected, _, inside, tag = _parts(value, MAC0_TAG)
    if protected.get(ALG) != _HMAC_256:
        raise CryptographyFailed("the MAC algorithm is not HMAC 256/256", clause="RFC 9053 §3.1")
    if inside is not None:
        raise CryptographyFailed("a MAC over a payload of its own", clause="RFC 9052 §6.2")
    wanted = hmac.digest(key, _to_be_signed("MAC0", header, external_aad, payload), sha256)
    if not hmac.compare_digest(tag, wanted):
        raise CryptographyFailed("the MAC does not hold")


def certificates_of(parsed: ParsedSign1) -> tuple[bytes, ...]:
    """Return the DER certificates of `x5chain`, leaf first; empty if there are none. Raises `MalformedInput`."""
    found = parsed.unprotected.get(X5CHAIN, parsed.protected.get(X5CHAIN))
    if found is None:
        return ()
    chain = [found] if isinstance(found, bytes) else found
    if not isinstance(chain, list | tuple) or not 1 <= len(chain) <= _MAX_CERTIFICATES:
        raise MalformedInput("x5chain is no chain of certificates", clause="RFC 9360 §2")
    if not all(isinstance(item, bytes) for item in chain):
        raise MalformedInput("x5chain holds something else than bytes", clause="RFC 9360 §2")
    return tuple(chain)


def _parts(value: Any, tag: int) -> tuple[bytes, Mapping[Any, Any], Mapping[Any, Any], bytes | None, bytes]:
    if isinstance(value, cbor.Tag):
        if value.tag != tag:
            raise MalformedInput("another COSE message than was expected", clause="RFC 9052 §2")
        value = value.value
    # Inside a tag, the decoder makes tuples of arrays.
    if not isinstance(value, list | tuple) or len(value) != 4:  # noqa: PLR2004  headers, payload, signature
        raise MalformedInput("a COSE message has four members", clause=_CLAUSE)
    header, unprotected, payload, end = value
    if not isinstance(header, bytes) or not isinstance(unprotected, Mapping) or not isinstance(end, bytes):
        raise MalformedInput("a member of a COSE message is of another type", clause=_CLAUSE)
    if payload is not None and not isinstance(payload, bytes):
        raise MalformedInput("a COSE payload is bytes, or nothing", clause=_CLAUSE)
    protected = cbor.loads(header) if header else {}
    if not isinstance(protected, Mapping) or protected.keys() & unprotected.keys():
        raise MalformedInput("a header parameter stands in both headers", clause="RFC 9052 §3")
    if CRIT in protected or CRIT in unprotected:
        raise MalformedInput("critical header parameters are not understood", clause="RFC 9052 §3.1")
    return header, protected, unprotected, payload, end


def _to_be_signed(context: str, header: bytes, external_aad: bytes, payload: bytes) -> bytes:
    return cbor.dumps([context, header, external_aad, payload])
