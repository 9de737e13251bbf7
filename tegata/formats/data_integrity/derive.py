"""The holder's side of selective disclosure: a credential with less in it, and a proof for what is left."""

from collections.abc import Mapping, Sequence
from typing import Any

from tegata.formats.credential import FormatRefused, Random
from tegata.formats.data_integrity import suites
from tegata.formats.data_integrity.selective import bbs, ecdsa_sd
from tegata.formats.linked_data.json_ld import Contexts
from tegata.formats.vcdm import model


def derive(
    credential: Mapping[str, Any],
    selective_pointers: Sequence[str],
    contexts: Mapping[str, bytes] | Contexts,
    random: Random,
    *,
    presentation_header: bytes = b"",
) -> dict[str, Any]:
    """Return a credential that shows what its issuer made mandatory and what is pointed at, with a derived proof.

    `selective_pointers` are JSON Pointers into the credential without its proofs. Of several proofs the first base proof is
    derived from; no other goes along, as it would be over what is hidden. `presentation_header` is for bbs-2023: what the
    reader wants to see bound, such as a nonce. Raises `PointerRefused`, `FormatRefused` for a credential without a base proof
    or a selection that is no credential, and `LimitExceeded`.
    """
    model.check_credential(credential)
    document = {name: value for name, value in credential.items() if name != "proof"}
    proof = _base_proof(credential)
    compiled = Contexts.of(contexts)
    if proof["cryptosuite"] == suites.BBS:
        shown, derived = bbs.derive(
            document, proof, selective_pointers, compiled, presentation_header, random
        )
    else:
        shown, derived = ecdsa_sd.derive(document, proof, selective_pointers, compiled)
    model.check_credential({**shown, "proof": derived})
    return {**shown, "proof": derived}


def _base_proof(credential: Mapping[str, Any]) -> Mapping[str, Any]:
    for proof in model.as_list(credential.get("proof")):
        suites.check_proof(proof)
        if proof["cryptosuite"] in (suites.ECDSA_SD, suites.BBS):
            return proof  # type: ignore[no-any-return]  # as_list knows nothing of its items
    raise FormatRefused("no proof that others could be derived from", clause="ECDSA Cryptosuites 1.0 §3.6.6")
