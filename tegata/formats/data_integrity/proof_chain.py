"""Proof sets and chains (VC Data Integrity 1.0 §2.1.1, §2.1.2, §4.5): what a proof covers besides the document.

Each proof of a set covers the document alone. A proof that follows others covers them as well, so it holds only if they do.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from tegata.errors import MalformedInput
from tegata.formats.credential import SignatureRefused
from tegata.formats.data_integrity import suites
from tegata.formats.data_integrity.proofs import ProofKey, verify_proof

_CLAUSE = "VC Data Integrity 1.0 §4.5"
#: A chain is as long as people sign after each other.
_MAX_LENGTH = 8
#: Returns the key of a verification method; raises `MalformedInput` for one that is not known.
KeyOf = Callable[[str], ProofKey]


def verify_with_previous(
    secured: suites.Secured, proofs: Sequence[Mapping[str, Any]], proof: Mapping[str, Any], key_of: KeyOf
) -> None:
    """Verify a proof, and every proof that it follows; raises `SignatureRefused`."""
    _verify(secured, {str(item["id"]): item for item in proofs if "id" in item}, proof, key_of, ())


def previous(proofs: Sequence[Mapping[str, Any]], wanted: Sequence[str]) -> tuple[Mapping[str, Any], ...]:
    """Return the proofs of these ids, in the order in which they stand; raises `SignatureRefused` if one is missing."""
    return _named({str(item["id"]): item for item in proofs if "id" in item}, wanted)


def _named(by_id: Mapping[str, Mapping[str, Any]], wanted: Sequence[str]) -> tuple[Mapping[str, Any], ...]:
    if not set(wanted) <= by_id.keys():
        raise SignatureRefused(
            "PROOF_VERIFICATION_ERROR: a proof that another follows is missing", clause=_CLAUSE
        )
    return tuple(item for identifier, item in by_id.items() if identifier in set(wanted))


def _verify(
    secured: suites.Secured,
    by_id: Mapping[str, Mapping[str, Any]],
    proof: Mapping[str, Any],
    key_of: KeyOf,
    above: tuple[int, ...],
) -> None:
    if id(proof) in above or len(above) >= _MAX_LENGTH:
        raise SignatureRefused(
            "PROOF_VERIFICATION_ERROR: proofs that follow each other in a circle", clause=_CLAUSE
        )
    followed = _named(by_id, suites.previous_of(proof))
    try:
        key = key_of(proof["verificationMethod"])
    except MalformedInput as error:
        raise SignatureRefused(
            f"a proof by a key that is not known: {error.detail}", clause=_CLAUSE
        ) from None
    verify_proof(secured.following(followed) if followed else secured, proof, key)
    for item in followed:
        _verify(secured, by_id, item, key_of, (*above, id(proof)))
