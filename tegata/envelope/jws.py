"""JSON Web Signatures in compact form (RFC 7515): parsed first, verified with a key that the caller chose."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import pybase64

from tegata.codec import base64url, json
from tegata.errors import CryptographyFailed, LimitExceeded, MalformedInput
from tegata.keys.signer import DEFAULT_ALGORITHMS, Algorithm, PublicKey, Signer

MAX_BYTES = 262_144
MAX_HEADER_BYTES = 32_768
_MAX_CERTIFICATES = 5


@dataclass(frozen=True, slots=True)
class ParsedJws:
    """An untrusted JWS, taken apart; nothing is verified yet."""

    header: Mapping[str, Any]
    payload: bytes = field(repr=False)
    signing_input: bytes = field(repr=False)
    signature: bytes = field(repr=False)
    compact: str = field(repr=False)


def sign(header: Mapping[str, Any], payload: bytes, signer: Signer, *, name_key: bool = True) -> str:
    """Sign; `alg` is the signer's. `kid` is added if the header names no key itself, unless `name_key` is off."""
    full = {**header, "alg": signer.public_key.algorithm.value}
    if name_key and not {"kid", "jwk", "x5c"} & full.keys() and signer.public_key.key_id:
        full["kid"] = signer.public_key.key_id
    return sign_encoded(base64url.encode(json.dumps(full)), payload, signer)


def sign_encoded(header: str, payload: bytes, signer: Signer) -> str:
    """Sign under a protected header that is written already: for many signatures with one."""
    content = f"{header}.{base64url.encode(payload)}"
    return f"{content}.{base64url.encode(signer.sign(content.encode('ascii')))}"


def encoded_header(typ: str, signer: Signer) -> str:
    """Return the protected header of all that one key signs: `typ`, `kid` if the key has a name, `x5c`, `alg`."""
    key = signer.public_key
    return _encoded_header(typ, key.key_id, key.algorithm, signer.certificates)


@lru_cache(maxsize=64)
def _encoded_header(typ: str, key_id: str, algorithm: Algorithm, certificates: tuple[bytes, ...]) -> str:
    named = {"kid": key_id} if key_id else {}
    header = {"typ": typ, **named, **_certificate_header(certificates), "alg": algorithm.value}
    return base64url.encode(json.dumps(header))


def parse(
    compact: str | bytes,
    *,
    max_bytes: int = MAX_BYTES,
    algorithms: frozenset[Algorithm] = DEFAULT_ALGORITHMS,
) -> ParsedJws:
    """Take a compact JWS apart, signed with one of `algorithms`.

    Raises `LimitExceeded`, or `MalformedInput` for anything but three base64url parts with a JSON header whose `alg`
    is one of ours (never `none`, never a MAC: RFC 8725 §3.1) and which has no critical extensions (RFC 7515 §4.1.11).
    """
    if len(compact) > max_bytes:
        raise LimitExceeded(f"JWS of {len(compact)} bytes; at most {max_bytes} are read")
    try:
        text = compact if isinstance(compact, str) else compact.decode("ascii")
    except UnicodeDecodeError:
        raise MalformedInput("a compact JWS is ASCII", clause="RFC 7515 §3.1") from None
    parts = text.split(".")
    if len(parts) != 3:  # noqa: PLR2004  header, payload, signature
        raise MalformedInput("a compact JWS has three parts", clause="RFC 7515 §3.1")
    header = json.loads(base64url.decode(parts[0]), max_bytes=MAX_HEADER_BYTES)
    if not isinstance(header, dict):
        raise MalformedInput("a JWS header is an object", clause="RFC 7515 §4")
    algorithm = header.get("alg")
    if not isinstance(algorithm, str) or algorithm not in algorithms:
        raise MalformedInput("the JWS algorithm is none of ours", clause="RFC 8725 §3.1")
    if "crit" in header or "b64" in header:
        raise MalformedInput("critical header parameters are not understood", clause="RFC 7515 §4.1.11")
    payload, signature = base64url.decode(parts[1]), base64url.decode(parts[2])
    return ParsedJws(header, payload, f"{parts[0]}.{parts[1]}".encode("ascii"), signature, text)


def verify(parsed: ParsedJws, key: PublicKey, algorithms: frozenset[Algorithm] = DEFAULT_ALGORITHMS) -> bytes:
    """Verify with the caller's key and return the payload.

    Raises `CryptographyFailed` if the header's algorithm is not the key's, or is not allowed, or the signature does
    not hold.
    """
    if parsed.header.get("alg") != key.algorithm.value or key.algorithm not in algorithms:
        raise CryptographyFailed(
            "the JWS algorithm is not the key's, or is not allowed", clause="RFC 8725 §3.1"
        )
    key.verify(parsed.signature, parsed.signing_input)
    return parsed.payload


def certificates_of(header: Mapping[str, Any]) -> tuple[bytes, ...]:
    """Return the DER certificates of an untrusted header's `x5c`, leaf first; empty if it has none.

    Raises `MalformedInput` for anything but one to five strings of standard base64 (RFC 7515 §4.1.6).
    """
    chain = header.get("x5c")
    if chain is None:
        return ()
    if not isinstance(chain, list) or not 1 <= len(chain) <= _MAX_CERTIFICATES:
        raise MalformedInput("x5c is not an array of certificates", clause="RFC 7515 §4.1.6")
    try:
        return tuple(pybase64.b64decode(item, validate=True) for item in chain)
    except (ValueError, TypeError):
        raise MalformedInput("x5c is not base64", clause="RFC 7515 §4.1.6") from None


def certificate_header(signer: Signer) -> dict[str, list[str]]:
    """Return the `x5c` member for a signer's chain; nothing if it has no certificates (HAIP 1.0 §6.1.1)."""
    return _certificate_header(signer.certificates)


def _certificate_header(certificates: tuple[bytes, ...]) -> dict[str, list[str]]:
    chain = [pybase64.b64encode(der).decode("ascii") for der in certificates]
    return {"x5c": chain} if chain else {}
