"""Issuing: a document becomes a credential of VCDM 2.0 with a Data Integrity proof."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tegata.codec import dates, json
from tegata.formats.credential import Document, FormatRefused, Random, SignatureRefused
from tegata.formats.data_integrity import suites
from tegata.formats.data_integrity.proof_chain import previous
from tegata.formats.data_integrity.selective import bbs, ecdsa_sd
from tegata.formats.linked_data.json_ld import Contexts
from tegata.formats.vcdm import model
from tegata.formats.vcdm.building import credential_of
from tegata.formats.vcdm.legacy import NONE, Legacy
from tegata.keys.bls import SoftwareBbsSigner
from tegata.keys.signer import PublicKey, Signer


@dataclass(frozen=True, slots=True)
class Prepared:
    """Everything but the proof: the credential, checked, and as it will be hashed."""

    credential: Mapping[str, Any]
    secured: suites.Secured = field(repr=False)
    issuer_did: str
    created: str


def prepare(
    document: Document,
    holder_key: PublicKey | None,
    random: Random,  # noqa: ARG001  the interface's; this format has no salts
    now: datetime,
    contexts: Mapping[str, bytes] | Contexts,
) -> Prepared:
    """Build the credential, check it by the rules a verifier has, and canonicalize it; nothing is signed yet.

    The proof's `created` is the document's `valid_from`, so that copies made together do not share a second; `now`
    only bounds it. With a holder's key its DID is the subject's id.
    Raises `FormatRefused`, `DataLoss` if a claim would not be signed, and `LimitExceeded`.
    """
    if document.valid_from > now:
        raise FormatRefused("a credential cannot be issued before its start")
    credential = credential_of(document, holder_key)
    model.check_credential(credential)
    secured = suites.Secured(credential, Contexts.of(contexts), exact_numbers=True)
    return Prepared(credential, secured, document.issuer_did, dates.format_instant(document.valid_from))


def seal(prepared: Prepared, signer: Signer) -> bytes:
    """Sign what was prepared: ecdsa-rdfc-2019 with a P-256 key, eddsa-rdfc-2022 with an Ed25519 key."""
    method = f"{prepared.issuer_did}#{signer.public_key.key_id}"
    proof = suites.add_proof(prepared.secured, _options(method, prepared.created), signer)
    return json.dumps({**prepared.credential, "proof": proof})


def secure(
    credential: Mapping[str, Any],
    signer: Signer,
    verification_method: str,
    created: datetime,
    contexts: Mapping[str, bytes] | Contexts,
    *,
    cryptosuite: str = "",
    options: Mapping[str, Any] | None = None,
    legacy: frozenset[Legacy] = NONE,
) -> dict[str, Any]:
    """Add a proof to a credential that is no document of the catalogue, such as a status list; returns a new one.

    `options` are further members of the proof (`id`, `expires`, `domain`, `previousProof` …). Proofs that are there stay:
    together they are a set, or a chain where the new one names those it follows (VC Data Integrity 1.0 §4.3). `legacy` is
    for a double that speaks with old readers: nothing of a school's is of VCDM 1.1.
    Raises `FormatRefused`, `DataLoss`, `LimitExceeded`, as `prepare` does.
    """
    model.check_credential(credential, legacy=legacy)
    secured = suites.Secured(credential, Contexts.of(contexts))
    members = {**_options(verification_method, dates.format_instant(created)), **(options or {})}
    present = model.as_list(credential.get("proof"))
    covered = secured
    if wanted := suites.previous_of(members):
        covered = secured.following(_followed(present, wanted))
    proof = suites.add_proof(covered, members, signer, cryptosuite)
    return {**secured.document, "proof": [*present, proof] if present else proof}


def secure_selectively(
    credential: Mapping[str, Any],
    signer: Signer | SoftwareBbsSigner,
    verification_method: str,
    created: datetime,
    contexts: Mapping[str, bytes] | Contexts,
    random: Random,
    *,
    mandatory_pointers: Sequence[str] = (),
    options: Mapping[str, Any] | None = None,
    allow_bbs: bool = False,
    legacy: frozenset[Legacy] = NONE,
) -> dict[str, Any]:
    """Add a base proof, from which the holder derives others: ecdsa-sd-2023 with a P-256 key, bbs-2023 with a BBS key.

    `mandatory_pointers` (JSON Pointers) are what nobody hides; without any, issuer, dates, status, schema and whom the
    credential is bound to, as far as it says so. Returns a new credential. Raises as `secure` does, `PointerRefused`, and `Forbidden` for bbs-2023
    unless `allow_bbs`.
    """
    model.check_credential(credential, legacy=legacy)
    compiled = Contexts.of(contexts)
    secured = suites.Secured(credential, compiled, exact_numbers=True)
    pointers = tuple(mandatory_pointers) or _always_shown(credential)
    members = {**_options(verification_method, dates.format_instant(created)), **(options or {})}
    present = model.as_list(credential.get("proof"))
    if isinstance(signer, SoftwareBbsSigner):
        proof = bbs.add_base_proof(
            secured.document, members, signer, compiled, pointers, random, is_allowed=allow_bbs
        )
    else:
        proof = ecdsa_sd.add_base_proof(secured.document, members, signer, compiled, pointers, random)
    return {**secured.document, "proof": [*present, proof] if present else proof}


def _always_shown(credential: Mapping[str, Any]) -> tuple[str, ...]:
    pointers = [pointer for pointer in ecdsa_sd.MANDATORY if pointer[1:] in credential]
    subject = credential["credentialSubject"]
    if isinstance(subject, Mapping) and "id" in subject:
        pointers.append("/credentialSubject/id")
    return tuple(pointers)


def _followed(present: Sequence[Mapping[str, Any]], wanted: Sequence[str]) -> Sequence[Mapping[str, Any]]:
    try:
        return previous(present, wanted)
    except SignatureRefused as error:
        raise FormatRefused(
            "PROOF_GENERATION_ERROR: a proof to follow that is not there", clause=error.clause
        ) from None


def _options(verification_method: str, created: str) -> dict[str, str]:
    return {
        "created": created,
        "verificationMethod": verification_method,
        "proofPurpose": suites.ASSERTION,
    }
