"""Public keys as Multikey values: `z` ‖ base58btc(prefix ‖ raw key) (Controlled Identifiers 1.0 §2.2.2)."""

from functools import lru_cache

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519

from tegata.codec import base58
from tegata.errors import MalformedInput
from tegata.keys.signer import DEFAULT_ALGORITHMS, Algorithm, PublicKey, public_key_from_point

_PREFIX = {
    Algorithm.EDDSA: b"\xed\x01",
    Algorithm.ES256: b"\x80\x24",
    Algorithm.ES384: b"\x81\x24",
    Algorithm.ES512: b"\x82\x24",
    Algorithm.ES256K: b"\xe7\x01",
}
_LENGTH = {
    Algorithm.EDDSA: 32,
    Algorithm.ES256: 33,
    Algorithm.ES384: 49,
    Algorithm.ES512: 67,
    Algorithm.ES256K: 33,
}


def encode(key: PublicKey) -> str:
    """Return the `publicKeyMultibase` value."""
    return "z" + base58.encode(to_bytes(key))


@lru_cache(maxsize=512)
def decode(text: str, algorithms: frozenset[Algorithm] = DEFAULT_ALGORITHMS) -> PublicKey:
    """Read a `publicKeyMultibase` value; its key id is the value itself. `algorithms` are those it may be for.

    Raises `MalformedInput` for unknown and secret prefixes, wrong lengths, points off the curve, other spellings.
    """
    if not text.startswith("z"):
        raise MalformedInput("a Multikey starts with z", clause="CID 1.0 §2.2.2")
    key = from_bytes(base58.decode(text[1:]), text, algorithms)
    if encode(key) != text:
        raise MalformedInput("not the one spelling of this Multikey", clause="CID 1.0 §2.2.2")
    return key


def to_bytes(key: PublicKey) -> bytes:
    """Return prefix and raw key, without base58."""
    encoding, form = serialization.Encoding.X962, serialization.PublicFormat.CompressedPoint
    if isinstance(key.material, ed25519.Ed25519PublicKey):
        encoding, form = serialization.Encoding.Raw, serialization.PublicFormat.Raw
    return _PREFIX[key.algorithm] + key.material.public_bytes(encoding, form)


def from_bytes(
    data: bytes, key_id: str = "", algorithms: frozenset[Algorithm] = DEFAULT_ALGORITHMS
) -> PublicKey:
    """Read prefix and raw key; raises `MalformedInput` for unknown prefixes, wrong lengths, points off the curve."""
    for algorithm, prefix in _PREFIX.items():
        is_this = data.startswith(prefix) and len(data) == len(prefix) + _LENGTH[algorithm]
        if is_this and algorithm in algorithms:
            return public_key_from_point(algorithm, data[len(prefix) :], key_id)
    raise MalformedInput("not a public Multikey of a curve that is used here", clause="CID 1.0 §2.2.2")
