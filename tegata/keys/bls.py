"""Keys for BBS signatures: points of BLS12-381 G2, as Multikeys, and a signer in software.

Apart from `signer`: a BBS key signs a header and a list of messages, never one message, so it is no `Signer` and JOSE never
meets it. `BBS` is the name that stands in an allowlist of algorithms where somebody wants it there.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from tegata.codec import base58
from tegata.errors import MalformedInput
from tegata.keys.bbs import interface
from tegata.keys.bbs.ciphersuite import BLS12_381_SHA_256
from tegata.keys.bbs.core import Random
from tegata.keys.bbs.octets import G2_BYTES, octets_to_pubkey

BBS = "BBS"
_PREFIX = b"\xeb\x01"
_CLAUSE = "CID 1.0 §2.2.2"


@dataclass(frozen=True, slots=True)
class BbsPublicKey:
    """A public key of 96 bytes, checked; `key_id` is the name its owner gave it."""

    octets: bytes
    key_id: str = ""
    algorithm: str = BBS

    def __post_init__(self) -> None:
        """Raise `MalformedInput` unless the bytes are a point of the subgroup, and not the identity."""
        octets_to_pubkey(self.octets)


class SoftwareBbsSigner:
    """Signs with a secret key in memory; `random` only blinds what is computed with it."""

    def __init__(self, secret: bytes, random: Random, key_id: str = "") -> None:
        """Take a secret key of 32 bytes; raises `MalformedInput` for what is none."""
        self._secret = secret
        self._random = random
        self.public_key = BbsPublicKey(interface.sk_to_pk(secret, random), key_id)

    @classmethod
    def generate(cls, random: Random, key_id: str = "") -> "SoftwareBbsSigner":
        """Make a key of fresh randomness."""
        return cls(interface.key_gen(random(G2_BYTES), b"", BLS12_381_SHA_256), random, key_id)

    def sign(self, header: bytes, messages: Sequence[bytes]) -> bytes:
        """Return the signature over a header and messages: 80 bytes."""
        return interface.sign(
            self._secret, self.public_key.octets, header, messages, BLS12_381_SHA_256, self._random
        )

    def __repr__(self) -> str:
        return f"SoftwareBbsSigner({self.public_key.key_id!r})"


def encode(key: BbsPublicKey) -> str:
    """Return the `publicKeyMultibase` value."""
    return "z" + base58.encode(_PREFIX + key.octets)


def decode(text: str) -> BbsPublicKey:
    """Read a `publicKeyMultibase` value; its key id is the value itself. Raises `MalformedInput` for anything else."""
    if not text.startswith("z"):
        raise MalformedInput("a Multikey starts with z", clause=_CLAUSE)
    data = base58.decode(text[1:])
    if not data.startswith(_PREFIX) or len(data) != len(_PREFIX) + G2_BYTES:
        raise MalformedInput("not a public Multikey of BLS12-381 G2", clause=_CLAUSE)
    return BbsPublicKey(data[len(_PREFIX) :], text)
