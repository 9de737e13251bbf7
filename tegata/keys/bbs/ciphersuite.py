"""The ciphersuites over BLS12-381 and their hashing (draft-irtf-cfrg-bbs-signatures §4.2.2, §7.2; RFC 9380 §5, §8.8.1)."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field

from py_arkworks_bls12381 import G1Point, Scalar

from tegata.errors import LimitExceeded

#: ⌈(⌈log2 r⌉ + k) / 8⌉ for k = 128: how many octets become one scalar (§7.2).
EXPAND_LENGTH = 48
_FIELD_PRIME = int(
    "1a0111ea397fe69a4b1ba7b6434bacd764774b84f38512bf6730d2a0f6b0f6241eabfffeb153ffffb9feffffffffaaab", 16
)
_FIELD_BYTES = 48
#: L of the hash-to-curve suites: octets for one element of the field (RFC 9380 §8.8.1).
_FIELD_EXPAND_LENGTH = 64
_SHA256_BYTES = hashlib.sha256().digest_size
_SHA256_BLOCK = hashlib.sha256().block_size
_MAX_TAG = 255
_MAX_EXPANDED = 65_535
_MAX_BLOCKS = 255

#: Expands a message under a domain separation tag to a number of octets.
ExpandMessage = Callable[[bytes, bytes, int], bytes]
#: Hashes a message under a domain separation tag to a point of G1.
HashToCurve = Callable[[bytes, bytes], G1Point]


@dataclass(frozen=True, slots=True)
class Ciphersuite:
    """What a suite fixes; `p1` is the suite's own point of G1, in octets (§7.2)."""

    identifier: bytes
    p1: bytes = field(repr=False)
    expand_message: ExpandMessage = field(repr=False, compare=False)
    hash_to_curve_g1: HashToCurve = field(repr=False, compare=False)

    @property
    def api_id(self) -> bytes:
        """The identifier of the interface whose generators and scalars come from hashing (§3.5)."""
        return self.identifier + b"H2G_HM2S_"

    def hash_to_scalar(self, message: bytes, tag: bytes) -> Scalar:
        """Hash octets to a scalar (§4.2.2); raises `LimitExceeded` for a tag of more than 255 octets."""
        return Scalar.from_be_bytes_mod_order(self.expand_message(message, tag, EXPAND_LENGTH))


def expand_message_xmd(message: bytes, tag: bytes, length: int) -> bytes:
    """Expand with SHA-256 (RFC 9380 §5.3.1); raises `LimitExceeded` beyond what the function is defined for."""
    blocks = -(-length // _SHA256_BYTES)
    _check(tag, length)
    if blocks > _MAX_BLOCKS:
        raise LimitExceeded("more octets than SHA-256 is expanded to", clause="RFC 9380 §5.3.1")
    suffix = tag + bytes([len(tag)])
    first = hashlib.sha256(
        bytes(_SHA256_BLOCK) + message + length.to_bytes(2, "big") + b"\x00" + suffix
    ).digest()
    block = hashlib.sha256(first + b"\x01" + suffix).digest()
    expanded = [block]
    for index in range(2, blocks + 1):
        mixed = bytes(left ^ right for left, right in zip(first, block, strict=True))
        block = hashlib.sha256(mixed + bytes([index]) + suffix).digest()
        expanded.append(block)
    return b"".join(expanded)[:length]


def expand_message_xof(message: bytes, tag: bytes, length: int) -> bytes:
    """Expand with SHAKE-256 (RFC 9380 §5.3.2); raises `LimitExceeded` beyond what the function is defined for."""
    _check(tag, length)
    return hashlib.shake_256(message + length.to_bytes(2, "big") + tag + bytes([len(tag)])).digest(length)


def _check(tag: bytes, length: int) -> None:
    if len(tag) > _MAX_TAG or length > _MAX_EXPANDED:
        raise LimitExceeded(
            "a longer tag or more octets than messages are expanded to", clause="RFC 9380 §5.3"
        )


def _hash_to_curve_xof(message: bytes, tag: bytes) -> G1Point:
    """BLS12381G1_XOF:SHAKE-256_SSWU_RO_ (draft §A.1): the sum of two mapped field elements (RFC 9380 §3).

    The map clears the cofactor of each; the sum of the two is the sum, cleared.
    """
    expanded = expand_message_xof(message, tag, 2 * _FIELD_EXPAND_LENGTH)
    first, second = (
        int.from_bytes(part, "big") % _FIELD_PRIME
        for part in (expanded[:_FIELD_EXPAND_LENGTH], expanded[_FIELD_EXPAND_LENGTH:])
    )
    return _mapped(first) + _mapped(second)


def _mapped(element: int) -> G1Point:
    return G1Point.map_from_fp_be(element.to_bytes(_FIELD_BYTES, "big"))


BLS12_381_SHA_256 = Ciphersuite(
    b"BBS_BLS12381G1_XMD:SHA-256_SSWU_RO_",
    bytes.fromhex(
        "a8ce256102840821a3e94ea9025e4662b205762f9776b3a766c872b948f1fd225e7c59698588e70d11406d161b4e28c9"
    ),
    expand_message_xmd,
    G1Point.hash_to_curve,
)
BLS12_381_SHAKE_256 = Ciphersuite(
    b"BBS_BLS12381G1_XOF:SHAKE-256_SSWU_RO_",
    bytes.fromhex(
        "8929dfbc7e6642c4ed9cba0856e493f8b9d7d5fcb0c31ef8fdcd34d50648a56c795e106e9eada6e0bda386b414150755"
    ),
    expand_message_xof,
    _hash_to_curve_xof,
)
