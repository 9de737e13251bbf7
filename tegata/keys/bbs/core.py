"""The core operations over scalars (draft-irtf-cfrg-bbs-signatures §3.6, §3.7), which only `interface` may call.

The curve library is not constant-time, so the secret key never goes near it bare: what is inverted and what multiplies
a point is blinded with fresh randomness (`_blinded_inverse`). The signature stays the deterministic one of the draft.
A prover's hidden messages and blinding scalars have no such cover; they are used once, on the holder's own machine.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise

from py_arkworks_bls12381 import GT, G1Point, G2Point, Scalar

from tegata.errors import CryptographyFailed, MalformedInput
from tegata.keys.bbs.ciphersuite import EXPAND_LENGTH, Ciphersuite
from tegata.keys.bbs.generators import Generators
from tegata.keys.bbs.octets import (
    Proof,
    Signature,
    octets_to_proof,
    octets_to_pubkey,
    octets_to_signature,
    proof_to_octets,
    serialize,
    signature_to_octets,
)

#: `random(n)` returns n unpredictable bytes; `secrets.token_bytes` outside tests.
Random = Callable[[int], bytes]

_LENGTH_BYTES = 8
#: r1, r2, e~, r1~, r3~ before the scalars of the hidden messages (§3.7.1).
_BLINDING_SCALARS = 5
_BP2 = G2Point()
_MINUS_BP2 = -_BP2


@dataclass(frozen=True, slots=True)
class Initialized:
    """What a challenge is calculated over (§3.7.1, §3.7.3)."""

    a_bar: G1Point
    b_bar: G1Point
    d: G1Point
    t1: G1Point
    t2: G1Point
    domain: Scalar


@dataclass(frozen=True, slots=True)
class RandomScalars:
    """The scalars that blind one proof, in the order in which they are drawn (§3.7.1). Never used twice."""

    r1: Scalar = field(repr=False)
    r2: Scalar = field(repr=False)
    e: Scalar = field(repr=False)
    r1_tilde: Scalar = field(repr=False)
    r3_tilde: Scalar = field(repr=False)
    messages: tuple[Scalar, ...] = field(repr=False)


def core_sign(
    secret: Scalar,
    public: bytes,
    generators: Generators,
    header: bytes,
    messages: Sequence[Scalar],
    suite: Ciphersuite,
    random: Random,
) -> bytes:
    """Sign message scalars (CoreSign, §3.6.1); `random` only blinds, the signature does not depend on it."""
    octets_to_pubkey(public)
    domain = calculate_domain(public, generators, header, suite)
    e = suite.hash_to_scalar(serialize((secret, *messages, domain)), _tag(suite))
    if (secret + e).is_zero():
        raise CryptographyFailed("no signature: SK + e is zero", clause="BBS §3.6.1")
    blind, inverse = _blinded_inverse(secret + e, random)
    b = _commitment(generators, domain, messages, suite)
    return signature_to_octets(Signature(b * blind * inverse, e))


def core_verify(
    public: bytes,
    signature: bytes,
    generators: Generators,
    header: bytes,
    messages: Sequence[Scalar],
    suite: Ciphersuite,
) -> None:
    """Verify a signature over message scalars (CoreVerify, §3.6.2).

    Raises `MalformedInput` for what is no signature or no key, `CryptographyFailed` for one that does not hold.
    """
    read = octets_to_signature(signature)
    w = octets_to_pubkey(public)
    domain = calculate_domain(public, generators, header, suite)
    b = _commitment(generators, domain, messages, suite)
    if not GT.pairing_check([read.a, read.a * read.e - b], [w, _BP2]):
        raise CryptographyFailed("the BBS signature does not hold", clause="BBS §3.6.2")


def core_proof_gen(
    public: bytes,
    signature: bytes,
    generators: Generators,
    header: bytes,
    presentation_header: bytes,
    messages: Sequence[Scalar],
    disclosed_indexes: Sequence[int],
    suite: Ciphersuite,
    random: Random,
) -> bytes:
    """Prove a signature, showing the messages at `disclosed_indexes` (CoreProofGen, §3.6.3).

    Raises `MalformedInput` for what is no signature or no key, and for indexes that do not ascend within the messages.
    """
    read = octets_to_signature(signature)
    octets_to_pubkey(public)
    hidden = undisclosed_indexes(disclosed_indexes, len(messages))
    scalars = calculate_random_scalars(len(hidden), random)
    initialized = proof_init(public, read, generators, scalars, header, messages, hidden, suite)
    disclosed = [messages[index] for index in disclosed_indexes]
    challenge = proof_challenge_calculate(
        initialized, disclosed, disclosed_indexes, presentation_header, suite
    )
    proof = proof_finalize(initialized, challenge, read.e, scalars, [messages[index] for index in hidden])
    return proof_to_octets(proof)


def core_proof_verify(
    public: bytes,
    proof: bytes,
    generators: Generators,
    header: bytes,
    presentation_header: bytes,
    disclosed_messages: Sequence[Scalar],
    disclosed_indexes: Sequence[int],
    suite: Ciphersuite,
) -> None:
    """Verify a proof over the messages that it shows (CoreProofVerify, §3.6.4).

    Raises `MalformedInput` for what is no proof or no key, `CryptographyFailed` for one that does not hold.
    """
    read = octets_to_proof(proof)
    w = octets_to_pubkey(public)
    initialized = proof_verify_init(
        public, read, generators, header, disclosed_messages, disclosed_indexes, suite
    )
    challenge = proof_challenge_calculate(
        initialized, disclosed_messages, disclosed_indexes, presentation_header, suite
    )
    if challenge != read.challenge:
        raise CryptographyFailed("the challenge of the BBS proof is another", clause="BBS §3.6.4")
    if not GT.pairing_check([read.a_bar, read.b_bar], [w, _MINUS_BP2]):
        raise CryptographyFailed("the BBS proof is of no signature by this key", clause="BBS §3.6.4")


def proof_init(
    public: bytes,
    signature: Signature,
    generators: Generators,
    scalars: RandomScalars,
    header: bytes,
    messages: Sequence[Scalar],
    hidden: Sequence[int],
    suite: Ciphersuite,
) -> Initialized:
    """Blind a signature and commit to what stays hidden (ProofInit, §3.7.1)."""
    domain = calculate_domain(public, generators, header, suite)
    b = _commitment(generators, domain, messages, suite)
    d = b * scalars.r2
    a_bar = signature.a * (scalars.r1 * scalars.r2)
    b_bar = d * scalars.r1 - a_bar * signature.e
    t1 = a_bar * scalars.e + d * scalars.r1_tilde
    t2 = _sum([d, *(generators.messages[index] for index in hidden)], [scalars.r3_tilde, *scalars.messages])
    return Initialized(a_bar, b_bar, d, t1, t2, domain)


def proof_finalize(
    initialized: Initialized,
    challenge: Scalar,
    e: Scalar,
    scalars: RandomScalars,
    hidden_messages: Sequence[Scalar],
) -> Proof:
    """Answer the challenge (ProofFinalize, §3.7.2)."""
    r3 = scalars.r2.inverse()
    return Proof(
        initialized.a_bar,
        initialized.b_bar,
        initialized.d,
        scalars.e + e * challenge,
        scalars.r1_tilde - scalars.r1 * challenge,
        scalars.r3_tilde - r3 * challenge,
        tuple(
            blind + message * challenge
            for blind, message in zip(scalars.messages, hidden_messages, strict=True)
        ),
        challenge,
    )


def proof_verify_init(
    public: bytes,
    proof: Proof,
    generators: Generators,
    header: bytes,
    disclosed_messages: Sequence[Scalar],
    disclosed_indexes: Sequence[int],
    suite: Ciphersuite,
) -> Initialized:
    """Recompute what the prover committed to (ProofVerifyInit, §3.7.3).

    Bv * c of the draft is not formed on its own: its terms, times c, go into the one sum for T2.
    """
    count = len(disclosed_indexes) + len(proof.commitments)
    hidden = undisclosed_indexes(disclosed_indexes, count)
    if len(disclosed_messages) != len(disclosed_indexes):
        raise MalformedInput("disclosed messages and indexes differ in number", clause="BBS §3.7.3")
    domain = calculate_domain(public, generators, header, suite)
    c = proof.challenge
    t1 = _sum([proof.b_bar, proof.a_bar, proof.d], [c, proof.e, proof.r1])
    points = [_p1(suite), generators.q1, proof.d]
    factors = [c, domain * c, proof.r3]
    points += [generators.messages[index] for index in (*disclosed_indexes, *hidden)]
    factors += [*(message * c for message in disclosed_messages), *proof.commitments]
    return Initialized(proof.a_bar, proof.b_bar, proof.d, t1, _sum(points, factors), domain)


def proof_challenge_calculate(
    initialized: Initialized,
    disclosed_messages: Sequence[Scalar],
    disclosed_indexes: Sequence[int],
    presentation_header: bytes,
    suite: Ciphersuite,
) -> Scalar:
    """Hash everything that a proof says into its challenge (ProofChallengeCalculate, §3.7.4)."""
    disclosed = [
        element for pair in zip(disclosed_indexes, disclosed_messages, strict=True) for element in pair
    ]
    points = (initialized.a_bar, initialized.b_bar, initialized.d, initialized.t1, initialized.t2)
    octets = serialize((len(disclosed_indexes), *disclosed, *points, initialized.domain))
    return suite.hash_to_scalar(octets + _prefixed(presentation_header), _tag(suite))


def calculate_domain(public: bytes, generators: Generators, header: bytes, suite: Ciphersuite) -> Scalar:
    """Hash the key, the generators and the header into one scalar (§4.2.3)."""
    count = serialize((len(generators.messages),))
    octets = public + count + generators.octets + suite.api_id + _prefixed(header)
    return suite.hash_to_scalar(octets, _tag(suite))


def calculate_random_scalars(hidden: int, random: Random) -> RandomScalars:
    """Draw the scalars of a proof that hides so many messages (§4.2.1)."""
    r1, r2, e, r1_tilde, r3_tilde, *messages = (
        random_scalar(random) for _ in range(_BLINDING_SCALARS + hidden)
    )
    return RandomScalars(r1, r2, e, r1_tilde, r3_tilde, tuple(messages))


def random_scalar(random: Random) -> Scalar:
    """Draw one scalar; raises `CryptographyFailed` for zero, which only a broken source gives."""
    scalar = Scalar.from_be_bytes_mod_order(random(EXPAND_LENGTH))
    if scalar.is_zero():
        raise CryptographyFailed("the source of randomness gave zero", clause="BBS §6.7")
    return scalar


def undisclosed_indexes(disclosed: Sequence[int], count: int) -> tuple[int, ...]:
    """Return the other indexes; raises `MalformedInput` unless those given ascend within the messages."""
    if any(left >= right for left, right in pairwise(disclosed)) or (
        disclosed and not 0 <= disclosed[0] <= disclosed[-1] < count
    ):
        raise MalformedInput("indexes that do not ascend within the messages", clause="BBS §3.6.3")
    shown = set(disclosed)
    return tuple(index for index in range(count) if index not in shown)


def secret_multiple(point: G2Point, secret: Scalar, random: Random) -> G2Point:
    """Multiply by a secret in two random shares, so that no operation sees it whole."""
    share = random_scalar(random)
    return point * share + point * (secret - share)


def _blinded_inverse(value: Scalar, random: Random) -> tuple[Scalar, Scalar]:
    """Return a blind and the inverse of `value` times it: their product inverts `value`, and neither tells of it."""
    blind = random_scalar(random)
    return blind, (value * blind).inverse()


def _commitment(
    generators: Generators, domain: Scalar, messages: Sequence[Scalar], suite: Ciphersuite
) -> G1Point:
    """Return B = P1 + Q_1 * domain + H_1 * msg_1 + … (§3.6.1)."""
    return _p1(suite) + _sum([generators.q1, *generators.messages], [domain, *messages])


def _sum(points: list[G1Point], factors: list[Scalar]) -> G1Point:
    if len(points) != len(factors):  # the library would drop what has no pair
        raise MalformedInput("messages and generators differ in number", clause="BBS §3.6")
    return G1Point.multiexp_unchecked(points, factors)


@lru_cache
def _p1(suite: Ciphersuite) -> G1Point:
    return G1Point.from_compressed_bytes_unchecked(suite.p1)


def _tag(suite: Ciphersuite) -> bytes:
    return suite.api_id + b"H2S_"


def _prefixed(octets: bytes) -> bytes:
    return len(octets).to_bytes(_LENGTH_BYTES, "big") + octets
