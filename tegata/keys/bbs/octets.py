"""From octets and to them (draft-irtf-cfrg-bbs-signatures §4.2.4, §B.2): nothing is believed of what comes in.

Every point is on its curve, in its subgroup and not the identity; every scalar is canonical and not zero. A value has
one spelling, so a changed octet is another value or none.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TypeAlias

from py_arkworks_bls12381 import G1Point, G2Point, Scalar

from tegata.errors import LimitExceeded, MalformedInput
from tegata.keys.bbs.generators import MAX_MESSAGES

SCALAR_BYTES = 32
G1_BYTES = 48
G2_BYTES = 96
SIGNATURE_BYTES = G1_BYTES + SCALAR_BYTES
#: A proof that hides no message: three points, and e^, r1^, r3^ and the challenge.
PROOF_FLOOR_BYTES = 3 * G1_BYTES + 4 * SCALAR_BYTES
_COUNT_BYTES = 8
_KEPT_KEYS = 256

#: What `serialize` takes: points of G1 and G2, scalars, and counts below 2^64.
Element: TypeAlias = G1Point | G2Point | Scalar | int


@dataclass(frozen=True, slots=True)
class Signature:
    """A signature: A and e."""

    a: G1Point
    e: Scalar


@dataclass(frozen=True, slots=True)
class Proof:
    """A proof: Abar, Bbar, D, e^, r1^, r3^, one commitment for each hidden message, and the challenge."""

    a_bar: G1Point
    b_bar: G1Point
    d: G1Point
    e: Scalar
    r1: Scalar
    r3: Scalar
    commitments: tuple[Scalar, ...] = field(repr=False)
    challenge: Scalar


def serialize(elements: Sequence[Element]) -> bytes:
    """Join the octets of points, scalars and counts (§4.2.4.1)."""
    return b"".join(_octets(element) for element in elements)


def _octets(element: Element) -> bytes:
    if isinstance(element, int):
        return element.to_bytes(_COUNT_BYTES, "big")
    return element.to_be_bytes() if isinstance(element, Scalar) else element.to_compressed_bytes()


def signature_to_octets(signature: Signature) -> bytes:
    """Return the 80 octets of a signature (§4.2.4.2)."""
    return serialize((signature.a, signature.e))


def octets_to_signature(octets: bytes) -> Signature:
    """Read a signature (§4.2.4.3); raises `MalformedInput`."""
    clause = "BBS §4.2.4.3"
    if len(octets) != SIGNATURE_BYTES:
        raise MalformedInput(f"a signature of {len(octets)} octets", clause=clause)
    return Signature(_point(octets[:G1_BYTES], clause), _scalar(octets[G1_BYTES:], clause))


def proof_to_octets(proof: Proof) -> bytes:
    """Return the octets of a proof (§4.2.4.4): 272, and 32 for each hidden message."""
    scalars = (proof.e, proof.r1, proof.r3, *proof.commitments, proof.challenge)
    return serialize((proof.a_bar, proof.b_bar, proof.d, *scalars))


def octets_to_proof(octets: bytes) -> Proof:
    """Read a proof (§4.2.4.5); raises `MalformedInput`, and `LimitExceeded` if it hides more than may be signed."""
    clause = "BBS §4.2.4.5"
    hidden = hidden_count(octets)
    if len(octets) != PROOF_FLOOR_BYTES + hidden * SCALAR_BYTES:
        raise MalformedInput("a proof that ends within a scalar", clause=clause)
    points = [_point(octets[start : start + G1_BYTES], clause) for start in range(0, 3 * G1_BYTES, G1_BYTES)]
    scalars = [
        _scalar(octets[start : start + SCALAR_BYTES], clause)
        for start in range(3 * G1_BYTES, len(octets), SCALAR_BYTES)
    ]
    e, r1, r3, *commitments, challenge = scalars
    return Proof(points[0], points[1], points[2], e, r1, r3, tuple(commitments), challenge)


def hidden_count(octets: bytes) -> int:
    """Return how many messages a proof of this length hides (§3.5.4); raises `MalformedInput`, `LimitExceeded`."""
    if len(octets) < PROOF_FLOOR_BYTES:
        raise MalformedInput(f"a proof of {len(octets)} octets", clause="BBS §4.2.4.5")
    hidden = (len(octets) - PROOF_FLOOR_BYTES) // SCALAR_BYTES
    if hidden > MAX_MESSAGES:
        raise LimitExceeded(
            f"a proof that hides {hidden} messages; at most {MAX_MESSAGES} are signed together"
        )
    return hidden


@lru_cache(maxsize=_KEPT_KEYS)
def octets_to_pubkey(octets: bytes) -> G2Point:
    """Read a public key (§4.2.4.6); raises `MalformedInput`. What was found valid is remembered."""
    clause = "BBS §4.2.4.6"
    if len(octets) != G2_BYTES or not _is_affine(octets[0]):
        raise MalformedInput("not a compressed point of G2, or the identity", clause=clause)
    try:
        return G2Point.from_compressed_bytes(octets)  # checks the subgroup
    except ValueError:
        raise MalformedInput("not a point of the G2 subgroup", clause=clause) from None


def octets_to_secret(octets: bytes) -> Scalar:
    """Read a secret key, 0 < SK < r (§3.4.1); raises `MalformedInput`."""
    if len(octets) != SCALAR_BYTES:
        raise MalformedInput("a secret key of another length", clause="BBS §3.4.1")
    return _scalar(octets, "BBS §3.4.1")


def _point(octets: bytes, clause: str) -> G1Point:
    if not _is_affine(octets[0]):
        raise MalformedInput("not a compressed point of G1, or the identity", clause=clause)
    try:
        return G1Point.from_compressed_bytes(octets)  # checks the subgroup
    except ValueError:
        raise MalformedInput("not a point of the G1 subgroup", clause=clause) from None


def _is_affine(first: int) -> bool:
    """Whether the flags say compressed and not the identity, of which the library reads any spelling (§B.2.2)."""
    return first & 0xC0 == 0x80  # noqa: PLR2004  C_bit and I_bit


def _scalar(octets: bytes, clause: str) -> Scalar:
    try:
        scalar = Scalar.from_be_bytes(octets)
    except ValueError:
        raise MalformedInput("a scalar that is not below the group's order", clause=clause) from None
    if scalar.is_zero():
        raise MalformedInput("a scalar that is zero", clause=clause)
    return scalar
