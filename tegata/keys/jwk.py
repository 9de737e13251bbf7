"""Public keys as JSON Web Keys (RFC 7517, RFC 7518 §6, RFC 8037) and their thumbprints (RFC 7638)."""

import hashlib
from collections.abc import Mapping
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519

from tegata.codec import base64url
from tegata.errors import MalformedInput
from tegata.keys.signer import DEFAULT_ALGORITHMS, Algorithm, PublicKey, public_key_from_point

_CURVES: dict[str, tuple[int, Algorithm]] = {
    "P-256": (32, Algorithm.ES256),
    "P-384": (48, Algorithm.ES384),
    "P-521": (66, Algorithm.ES512),
    "secp256k1": (32, Algorithm.ES256K),
}
_CURVE_NAMES = {algorithm: (name, width) for name, (width, algorithm) in _CURVES.items()}
_ED25519_BYTES = 32
#: The members that a thumbprint covers (RFC 7638 §3.2, RFC 8037 §2).
_COVERED = {
    Algorithm.EDDSA: ("kty", "crv", "x"),
    **dict.fromkeys(_CURVE_NAMES, ("kty", "crv", "x", "y")),
}
#: Members that only private or symmetric keys have (RFC 7518 §6).
_PRIVATE = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})


def to_jwk(key: PublicKey) -> dict[str, str]:
    """Return the public JWK with the members that its thumbprint covers, and no others."""
    known = key.memory.get("jwk")
    if known is None:
        known = key.memory["jwk"] = _members(key)
    return dict(known)


def _members(key: PublicKey) -> dict[str, str]:
    if isinstance(key.material, ed25519.Ed25519PublicKey):
        raw = key.material.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
        return {"kty": "OKP", "crv": "Ed25519", "x": base64url.encode(raw)}
    name, width = _CURVE_NAMES[key.algorithm]
    numbers = key.material.public_numbers()
    return {
        "kty": "EC",
        "crv": name,
        "x": base64url.encode(numbers.x.to_bytes(width, "big")),
        "y": base64url.encode(numbers.y.to_bytes(width, "big")),
    }


def from_jwk(jwk: Any, algorithms: frozenset[Algorithm] = DEFAULT_ALGORITHMS) -> PublicKey:
    """Read a public JWK; `kid` becomes the key id, the thumbprint if there is none. `algorithms` are those it may be for.

    Raises `MalformedInput` for private members, other key types and curves, coordinates of the wrong length, points
    off the curve, and an `alg` or `use` that does not fit a key for signatures.
    """
    if not isinstance(jwk, Mapping):
        raise MalformedInput("a JWK is an object", clause="RFC 7517 §4")
    if _PRIVATE & jwk.keys():
        raise MalformedInput("a private key where a public one belongs", clause="RFC 7517 §4")
    key = _material(jwk, algorithms)
    if jwk.get("alg") not in (None, key.algorithm.value):
        raise MalformedInput("the JWK's alg does not fit its key", clause="RFC 7517 §4.4")
    if jwk.get("use") not in (None, "sig"):
        raise MalformedInput("the JWK is not for signatures", clause="RFC 7517 §4.2")
    # Each member had one possible spelling: what was read is what would be written.
    members = {name: jwk[name] for name in _COVERED[key.algorithm]}
    memory: dict[str, Any] = {"jwk": members}
    key_id = jwk.get("kid")
    if not isinstance(key_id, str):
        key_id = memory["thumbprint"] = _thumbprint(members)
    return PublicKey(key.algorithm, key.material, key_id, memory)


def thumbprint(key: PublicKey) -> str:
    """Return the SHA-256 thumbprint in base64url (RFC 7638 §3)."""
    found = key.memory.get("thumbprint")
    if found is None:
        found = key.memory["thumbprint"] = _thumbprint(to_jwk(key))
    return str(found)


def encryption_thumbprint(jwk: Mapping[str, Any]) -> bytes:
    """Return the 32 bytes of the thumbprint of an EC key that answers are encrypted to (RFC 7638, OID4VP 1.0 §B.2.6).

    Raises `MalformedInput` for a key of another kind.
    """
    members = {name: jwk.get(name) for name in ("crv", "kty", "x", "y")}
    if members["kty"] != "EC" or not all(isinstance(value, str) for value in members.values()):
        raise MalformedInput("no EC key", clause="RFC 7518 §6.2")
    return base64url.decode(_thumbprint({name: str(value) for name, value in members.items()}))


def _thumbprint(members: Mapping[str, str]) -> str:
    canonical = "{" + ",".join(f'"{name}":"{value}"' for name, value in sorted(members.items())) + "}"
    return base64url.encode(hashlib.sha256(canonical.encode("ascii")).digest())


def _material(jwk: Mapping[str, Any], algorithms: frozenset[Algorithm]) -> PublicKey:
    kind, curve = jwk.get("kty"), jwk.get("crv")
    if (kind, curve) == ("OKP", "Ed25519"):
        return public_key_from_point(Algorithm.EDDSA, _coordinate(jwk, "x", _ED25519_BYTES))
    if (
        kind != "EC"
        or not isinstance(curve, str)
        or curve not in _CURVES
        or _CURVES[curve][1] not in algorithms
    ):
        raise MalformedInput("not a curve that is used here", clause="RFC 7518 §6")
    width, algorithm = _CURVES[curve]
    return public_key_from_point(
        algorithm, b"\x04" + _coordinate(jwk, "x", width) + _coordinate(jwk, "y", width)
    )


def _coordinate(jwk: Mapping[str, Any], name: str, width: int) -> bytes:
    value = jwk.get(name)
    raw = base64url.decode(value) if isinstance(value, str) else b""
    if len(raw) != width:
        raise MalformedInput(f"the JWK's {name} is not {width} bytes", clause="RFC 7518 §6.2.1.2")
    return raw
