"""Public keys as COSE keys (RFC 9052 §7, RFC 9053 §7): what a mobile document and a device say a key is."""

from collections.abc import Mapping
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519

from tegata.errors import MalformedInput
from tegata.keys.signer import Algorithm, PublicKey, public_key_from_point

_KTY, _CRV, _X, _Y, _PRIVATE, _ALG = 1, -1, -2, -3, -4, 3
_OKP, _EC2 = 1, 2
_CLAUSE = "RFC 9053 §7.1"
#: Curve to width in bytes and the algorithm it is used with.
_CURVES: Mapping[int, tuple[int, Algorithm]] = {
    1: (32, Algorithm.ES256),
    2: (48, Algorithm.ES384),
}
_ED25519, _ED25519_BYTES = 6, 32
#: COSE algorithm numbers (RFC 9053 §2).
NUMBERS: Mapping[Algorithm, int] = {
    Algorithm.ES256: -7,
    Algorithm.ES384: -35,
    Algorithm.EDDSA: -8,
    Algorithm.ES512: -36,
    Algorithm.ES256K: -47,
}


def to_cose_key(key: PublicKey) -> dict[int, Any]:
    """Return the public COSE_Key, without optional members."""
    if isinstance(key.material, ed25519.Ed25519PublicKey):
        raw = key.material.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
        return {_KTY: _OKP, _CRV: _ED25519, _X: raw}
    point = key.material.public_bytes(
        serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
    )
    width = len(point) // 2
    curve = next(curve for curve, (_, algorithm) in _CURVES.items() if algorithm is key.algorithm)
    return {_KTY: _EC2, _CRV: curve, _X: point[1 : 1 + width], _Y: point[1 + width :]}


def from_cose_key(value: Any, key_id: str = "") -> PublicKey:
    """Read a public COSE_Key.

    Raises `MalformedInput` for private parts, other kinds and curves, compressed points (a sign bit for y), coordinates of
    the wrong length, points off the curve, and an `alg` that is another key's.
    """
    if not isinstance(value, Mapping) or _PRIVATE in value:
        raise MalformedInput("not a public COSE_Key", clause=_CLAUSE)
    kind, curve = value.get(_KTY), value.get(_CRV)
    if type(kind) is not int or type(curve) is not int:
        raise MalformedInput("a COSE_Key without kty or crv", clause=_CLAUSE)
    if (kind, curve) == (_OKP, _ED25519):
        point, algorithm = _coordinate(value, _X, _ED25519_BYTES), Algorithm.EDDSA
    elif kind == _EC2 and curve in _CURVES:
        width, algorithm = _CURVES[curve]
        point = b"\x04" + _coordinate(value, _X, width) + _coordinate(value, _Y, width)
    else:
        raise MalformedInput("neither P-256, P-384 nor Ed25519", clause=_CLAUSE)
    if value.get(_ALG, NUMBERS[algorithm]) != NUMBERS[algorithm]:
        raise MalformedInput("the COSE_Key's alg does not fit its curve", clause="RFC 9052 §7.1")
    return public_key_from_point(algorithm, point, key_id)


def _coordinate(value: Mapping[Any, Any], name: int, width: int) -> bytes:
    found = value.get(name)
    if not isinstance(found, bytes) or len(found) != width:
        raise MalformedInput(f"a coordinate that is not {width} bytes", clause=_CLAUSE)
    return found
