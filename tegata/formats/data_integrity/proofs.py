"""One proof over a document, whichever suite it is of (VC Data Integrity 1.0 §4.4)."""

from collections.abc import Mapping
from typing import Any, TypeAlias

from tegata.formats.credential import SignatureRefused
from tegata.formats.data_integrity import suites
from tegata.formats.data_integrity.selective import bbs, ecdsa_sd
from tegata.keys.bls import BbsPublicKey
from tegata.keys.signer import PublicKey

#: A key that a proof may be verified with.
ProofKey: TypeAlias = PublicKey | BbsPublicKey


def verify_proof(secured: suites.Secured, proof: Mapping[str, Any], key: ProofKey) -> None:
    """Verify a proof with a key that the caller chose.

    Of selective suites only derived proofs are accepted: a base proof is for the holder. Raises `SignatureRefused`, and
    `FormatRefused` for a proof that is none.
    """
    if isinstance(key, BbsPublicKey):
        if suites.name_of(proof) != suites.BBS:
            raise SignatureRefused(
                "the key is of another kind than the cryptosuite", clause="VC Data Integrity 1.0 §4.4"
            )
        bbs.verify_derived(secured, proof, key)
    elif suites.name_of(proof) == suites.ECDSA_SD:
        ecdsa_sd.verify_derived(secured, proof, key)
    else:
        suites.verify_proof(secured, proof, key)
