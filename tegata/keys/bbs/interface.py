"""The BBS signatures interface (draft-irtf-cfrg-bbs-signatures §3.4, §3.5): octets in, octets out, bounded.

Public keys, signatures and proofs are untrusted: what is none is `MalformedInput`, what does not hold is
`CryptographyFailed`, and nothing else is raised for any octets.
"""

from collections.abc import Sequence

from py_arkworks_bls12381 import G2Point, Scalar

from tegata.errors import CryptographyFailed, LimitExceeded, MalformedInput
from tegata.keys.bbs import core
from tegata.keys.bbs.ciphersuite import Ciphersuite
from tegata.keys.bbs.core import Random
from tegata.keys.bbs.generators import MAX_MESSAGES, create_generators
from tegata.keys.bbs.octets import hidden_count, octets_to_secret

#: Octets of all messages together, and of each header: as much as a credential may have (`Limits.max_bytes`).
MAX_OCTETS = 262_144
_MIN_KEY_MATERIAL = 32
_MAX_KEY_INFO = 65_535


def key_gen(key_material: bytes, key_info: bytes, suite: Ciphersuite, key_tag: bytes | None = None) -> bytes:
    """Derive a secret key from secret octets (KeyGen, §3.4.1); `key_tag` defaults to the suite's.

    Raises `MalformedInput` for key material of less than 32 octets, `LimitExceeded` for more than 65,535 of key info.
    """
    if len(key_material) < _MIN_KEY_MATERIAL:
        raise MalformedInput("key material of less than 32 octets", clause="BBS §3.4.1")
    if len(key_info) > _MAX_KEY_INFO:
        raise LimitExceeded("key info of more than 65,535 octets", clause="BBS §3.4.1")
    tag = suite.identifier + b"KEYGEN_DST_" if key_tag is None else key_tag
    secret = suite.hash_to_scalar(key_material + len(key_info).to_bytes(2, "big") + key_info, tag)
    if secret.is_zero():
        raise CryptographyFailed("the key material gives no key", clause="BBS §3.4.1")
    return secret.to_be_bytes()


def sk_to_pk(secret: bytes, random: Random) -> bytes:
    """Return the public key of a secret key (SkToPk, §3.4.2); `random` only blinds the computation."""
    return core.secret_multiple(G2Point(), octets_to_secret(secret), random).to_compressed_bytes()


def sign(
    secret: bytes, public: bytes, header: bytes, messages: Sequence[bytes], suite: Ciphersuite, random: Random
) -> bytes:
    """Return the signature over a header and messages (Sign, §3.5.1): 80 octets, the same each time.

    `random` only blinds the computation. Raises `LimitExceeded` for more than is signed together.
    """
    _check_size(header, messages)
    scalars = messages_to_scalars(messages, suite)
    generators = create_generators(len(messages) + 1, suite)
    return core.core_sign(octets_to_secret(secret), public, generators, header, scalars, suite, random)


def verify(
    public: bytes, signature: bytes, header: bytes, messages: Sequence[bytes], suite: Ciphersuite
) -> None:
    """Verify a signature (Verify, §3.5.2); raises `CryptographyFailed`, `MalformedInput`, `LimitExceeded`."""
    _check_size(header, messages)
    scalars = messages_to_scalars(messages, suite)
    generators = create_generators(len(messages) + 1, suite)
    core.core_verify(public, signature, generators, header, scalars, suite)


def proof_gen(
    public: bytes,
    signature: bytes,
    header: bytes,
    presentation_header: bytes,
    messages: Sequence[bytes],
    disclosed_indexes: Sequence[int],
    suite: Ciphersuite,
    random: Random,
) -> bytes:
    """Prove a signature and show the messages at `disclosed_indexes` (ProofGen, §3.5.3).

    The signature is not verified first: a proof of one that does not hold does not hold either. Raises
    `MalformedInput`, `LimitExceeded`.
    """
    _check_size(header + presentation_header, messages)
    scalars = messages_to_scalars(messages, suite)
    generators = create_generators(len(messages) + 1, suite)
    return core.core_proof_gen(
        public, signature, generators, header, presentation_header, scalars, disclosed_indexes, suite, random
    )


def proof_verify(
    public: bytes,
    proof: bytes,
    header: bytes,
    presentation_header: bytes,
    disclosed_messages: Sequence[bytes],
    disclosed_indexes: Sequence[int],
    suite: Ciphersuite,
) -> None:
    """Verify a proof and the messages it shows (ProofVerify, §3.5.4).

    Raises `CryptographyFailed`, `MalformedInput`, `LimitExceeded`.
    """
    _check_size(header + presentation_header, disclosed_messages)
    count = hidden_count(proof) + len(disclosed_indexes)
    scalars = messages_to_scalars(disclosed_messages, suite)
    generators = create_generators(count + 1, suite)
    core.core_proof_verify(
        public, proof, generators, header, presentation_header, scalars, disclosed_indexes, suite
    )


def messages_to_scalars(messages: Sequence[bytes], suite: Ciphersuite) -> list[Scalar]:
    """Hash each message to a scalar (§4.1.2)."""
    tag = suite.api_id + b"MAP_MSG_TO_SCALAR_AS_HASH_"
    return [suite.hash_to_scalar(message, tag) for message in messages]


def _check_size(header: bytes, messages: Sequence[bytes]) -> None:
    if len(messages) > MAX_MESSAGES:
        raise LimitExceeded(f"{len(messages)} messages; at most {MAX_MESSAGES} are signed together")
    if len(header) > MAX_OCTETS or sum(map(len, messages)) > MAX_OCTETS:
        raise LimitExceeded(f"headers or messages of more than {MAX_OCTETS} octets")
