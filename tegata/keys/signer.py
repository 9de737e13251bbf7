"""The one door to a private key, and its public twin.

A `Signer` may be software, a token or a service; nobody who signs knows which. `PublicKey` pairs key material with
the one algorithm it may be used with, so that the message never chooses (RFC 8725 §3.1).
"""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

from tegata.errors import CryptographyFailed, MalformedInput


class Algorithm(StrEnum):
    """Signature algorithms by their JOSE names (RFC 7518 §3.1, RFC 8037 §3.1)."""

    ES256 = "ES256"
    ES384 = "ES384"
    EDDSA = "EdDSA"
    #: These two are only verified, and only where a caller names them: W3C credentials of others are signed with them.
    ES512 = "ES512"
    ES256K = "ES256K"


#: What a verifier accepts unless its policy says otherwise, and what Tegata signs with.
DEFAULT_ALGORITHMS: frozenset[Algorithm] = frozenset({Algorithm.ES256, Algorithm.ES384, Algorithm.EDDSA})

PublicKeyMaterial = ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey

_CURVES: dict[Algorithm, tuple[type[ec.EllipticCurve], int, hashes.HashAlgorithm]] = {
    Algorithm.ES256: (ec.SECP256R1, 32, hashes.SHA256()),
    Algorithm.ES384: (ec.SECP384R1, 48, hashes.SHA384()),
    Algorithm.ES512: (ec.SECP521R1, 66, hashes.SHA512()),
    Algorithm.ES256K: (ec.SECP256K1, 32, hashes.SHA256()),
}
#: y-coordinates of the Edwards points of small order, for which a signature proves nothing (RFC 8032 §5.1, §8.4).
_ED25519_PRIME = 2**255 - 19
_ED25519_BYTES = 32
_SMALL_ORDER_Y = frozenset(
    {
        0,
        1,
        _ED25519_PRIME - 1,
        int.from_bytes(
            bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"), "little"
        ),
        int.from_bytes(
            bytes.fromhex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"), "little"
        ),
    }
)


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A public key and the only algorithm it is used with; `key_id` is the name its owner gave it."""

    algorithm: Algorithm
    material: PublicKeyMaterial = field(repr=False)
    key_id: str = ""
    #: What others made of it (`jwk.to_jwk`), so that it is made once; no part of the value.
    memory: dict[str, Any] = field(default_factory=dict, repr=False, compare=False)

    def verify(self, signature: bytes, message: bytes) -> None:
        """Verify a JOSE signature: r‖s of fixed width for ECDSA (RFC 7518 §3.4), 64 bytes for Ed25519.

        Raises `CryptographyFailed` for a signature of the wrong length or that does not hold.
        """
        try:
            if isinstance(self.material, ed25519.Ed25519PublicKey):
                self.material.verify(signature, message)
                return
            _, width, digest = _CURVES[self.algorithm]
            if len(signature) != 2 * width:
                raise CryptographyFailed(f"signature of {len(signature)} bytes for {self.algorithm}")
            der = encode_dss_signature(
                int.from_bytes(signature[:width], "big"), int.from_bytes(signature[width:], "big")
            )
            self.material.verify(der, message, ec.ECDSA(digest))
        except (InvalidSignature, ValueError):
            raise CryptographyFailed("the signature does not hold") from None


def algorithm_for(material: object) -> Algorithm:
    """Return the only algorithm for this key; `MalformedInput` for a kind of key Tegata does not use."""
    if isinstance(material, ed25519.Ed25519PublicKey | ed25519.Ed25519PrivateKey):
        return Algorithm.EDDSA
    if isinstance(material, ec.EllipticCurvePublicKey | ec.EllipticCurvePrivateKey):
        for algorithm, (curve, _, _) in _CURVES.items():
            if algorithm in DEFAULT_ALGORITHMS and isinstance(material.curve, curve):
                return algorithm
    raise MalformedInput("neither P-256, P-384 nor Ed25519")


def public_key_from(material: object, key_id: str = "") -> PublicKey:
    """Pair key material with its only algorithm; `MalformedInput` for a kind of key Tegata does not use."""
    algorithm = algorithm_for(material)
    if not isinstance(material, ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey):
        raise MalformedInput("not a public key")
    return PublicKey(algorithm, material, key_id)


def public_key_from_point(algorithm: Algorithm, point: bytes, key_id: str = "") -> PublicKey:
    """Read raw key bytes, also of a curve that is only verified: an X9.62 point (compressed or not) for ECDSA, 32 bytes for Ed25519 (RFC 8032 §5.1.5).

    Raises `MalformedInput` for points off the curve, wrong lengths, and Ed25519 points of small order.
    """
    try:
        if algorithm is Algorithm.EDDSA:
            _refuse_small_order(point)
            return PublicKey(algorithm, ed25519.Ed25519PublicKey.from_public_bytes(point), key_id)
        curve = _CURVES[algorithm][0]()
        return PublicKey(algorithm, ec.EllipticCurvePublicKey.from_encoded_point(curve, point), key_id)
    except ValueError:
        raise MalformedInput("the point is not on the curve", clause="RFC 7518 §6.2.1") from None


def _refuse_small_order(point: bytes) -> None:
    y = int.from_bytes(point, "little") % 2**255
    if len(point) != _ED25519_BYTES or y >= _ED25519_PRIME or y in _SMALL_ORDER_Y:
        raise MalformedInput("not an Ed25519 key that can prove anything", clause="RFC 8032 §5.1")


def fixed_width(der_signature: bytes, algorithm: Algorithm) -> bytes:
    """Turn a DER ECDSA signature into r‖s (RFC 7518 §3.4)."""
    width = _CURVES[algorithm][1]
    r, s = decode_dss_signature(der_signature)
    return r.to_bytes(width, "big") + s.to_bytes(width, "big")


def curve_for(algorithm: Algorithm) -> ec.EllipticCurve:
    """Return the curve that an ECDSA algorithm is used on."""
    return _CURVES[algorithm][0]()


def digest_for(algorithm: Algorithm) -> hashes.HashAlgorithm:
    """Return the hash that an ECDSA algorithm signs with."""
    return _CURVES[algorithm][2]


class Signer(Protocol):
    """Signs messages with one private key that nobody can read through this interface."""

    @property
    def public_key(self) -> PublicKey:
        """The public twin; its `key_id` and `algorithm` are the signer's."""

    @property
    def certificates(self) -> tuple[bytes, ...]:
        """DER certificates, leaf first, the trust anchor left out (HAIP §6.1.1); empty if there are none."""

    def sign(self, message: bytes) -> bytes:
        """Return the JOSE signature over `message`; raises `Unavailable` if the key cannot be reached."""
