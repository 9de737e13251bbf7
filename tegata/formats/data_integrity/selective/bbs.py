"""bbs-2023: one signature over all statements, and a new proof of it for each reader (BBS Cryptosuites 1.0 §3.3, §3.4).

Two proofs made of one credential have nothing in common by which readers could tell that it is one, as long as what is
shown does not say so. The suite is a Candidate Recommendation and may change, and its curve is in software that is not
constant-time: an issuer has to ask for it in so many words. The baseline alone: anonymous holder binding and pseudonyms
are refused by name.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tegata.codec import base64url
from tegata.errors import CryptographyFailed, Forbidden, MalformedInput
from tegata.formats.credential import FormatRefused, Random, SignatureRefused
from tegata.formats.data_integrity import suites
from tegata.formats.data_integrity.selective import grouping, pointers, values
from tegata.formats.linked_data.json_ld import Contexts
from tegata.keys.bbs import interface
from tegata.keys.bbs.ciphersuite import BLS12_381_SHA_256
from tegata.keys.bbs.generators import MAX_MESSAGES
from tegata.keys.bbs.octets import G2_BYTES, SIGNATURE_BYTES
from tegata.keys.bls import BbsPublicKey, SoftwareBbsSigner

NAME = suites.BBS
BASE_HEAD, DERIVED_HEAD = b"\xd9\x5d\x02", b"\xd9\x5d\x03"
#: The feature options that are not here, by the heads of their base and derived proofs.
_OPTIONS = {
    b"\xd9\x5d\x04": "anonymous holder binding",
    b"\xd9\x5d\x05": "anonymous holder binding",
    b"\xd9\x5d\x06": "a pseudonym",
    b"\xd9\x5d\x07": "a pseudonym",
    b"\xd9\x5d\x08": "holder binding and a pseudonym",
    b"\xd9\x5d\x09": "holder binding and a pseudonym",
}
_CLAUSE = "BBS Cryptosuites 1.0 §3.3"
_HMAC_BYTES, _HEADER_BYTES = 32, 64
_HEAD_CHARACTERS = 5


@dataclass(frozen=True, slots=True)
class BaseValue:
    """What a base proof holds, for the holder alone."""

    signature: bytes
    header: bytes
    public_key: bytes
    hmac_key: bytes = field(repr=False)
    mandatory_pointers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DerivedValue:
    """What a derived proof holds; the labels are by canonical label."""

    proof: bytes = field(repr=False)
    label_map: Mapping[str, str] = field(repr=False)
    mandatory_indexes: tuple[int, ...]
    selective_indexes: tuple[int, ...]
    presentation_header: bytes


def add_base_proof(
    document: Mapping[str, Any],
    options: Mapping[str, Any],
    signer: SoftwareBbsSigner,
    contexts: Contexts,
    mandatory_pointers: Sequence[str],
    random: Random,
    *,
    is_allowed: bool = False,
) -> dict[str, Any]:
    """Return the base proof over a document without proofs (§3.4.1 to §3.4.5).

    Raises `Forbidden` unless `is_allowed`, `PointerRefused` for a pointer that points at nothing, `FormatRefused`, and
    `LimitExceeded` for more statements than are signed together.
    """
    if not is_allowed:
        raise Forbidden("bbs-2023 is not switched on for issuing", clause=_CLAUSE)
    proof = suites.new_proof(NAME, options)
    hmac_key = random(_HMAC_BYTES)
    grouped = grouping.group(document, contexts, grouping.shuffled_labels(hmac_key))
    mandatory = set(grouped.indexes_of(mandatory_pointers))
    header = _header(
        proof, document, contexts, [line for index, line in enumerate(grouped.lines) if index in mandatory]
    )
    others = [line.encode("utf-8") for index, line in enumerate(grouped.lines) if index not in mandatory]
    signature = signer.sign(header, others)
    elements = [signature, header, signer.public_key.octets, hmac_key, list(mandatory_pointers)]
    return {**proof, "proofValue": values.write(BASE_HEAD, elements)}


def read_base(proof: Mapping[str, Any]) -> BaseValue:
    """Read a base proof (§3.3.2); raises `FormatRefused`."""
    _refuse_options(proof)
    signature, header, public_key, hmac_key, mandatory = values.read(
        proof.get("proofValue"), BASE_HEAD, (bytes, bytes, bytes, bytes, list)
    )
    if not all(isinstance(pointer, str) for pointer in mandatory):
        raise FormatRefused("a pointer that is no text", clause=_CLAUSE)
    return BaseValue(
        values.check_bytes(signature, SIGNATURE_BYTES, "a BBS signature"),
        values.check_bytes(header, _HEADER_BYTES, "a BBS header"),
        values.check_bytes(public_key, G2_BYTES, "a public key"),
        values.check_bytes(hmac_key, _HMAC_BYTES, "an HMAC key"),
        tuple(mandatory),
    )


def derive(
    document: Mapping[str, Any],
    proof: Mapping[str, Any],
    selective_pointers: Sequence[str],
    contexts: Contexts,
    presentation_header: bytes,
    random: Random,
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what is shown of a document, and the proof for it (§3.3.4, §3.4.6); `document` has no proofs.

    `presentation_header` is what the reader asks for, such as a nonce; it is in the proof and bound by it. Raises
    `PointerRefused`, `FormatRefused`, and `MalformedInput` for a base proof without a signature in it.
    """
    base = read_base(proof)
    grouped = grouping.group(document, contexts, grouping.shuffled_labels(base.hmac_key))
    wanted = (*base.mandatory_pointers, *selective_pointers)
    if not wanted:
        raise pointers.PointerRefused("nothing is selected")
    mandatory = set(grouped.indexes_of(base.mandatory_pointers))
    combined = grouped.indexes_of(wanted)
    hideable = [index for index in range(len(grouped.lines)) if index not in mandatory]
    shown = set(combined)
    selective = [place for place, index in enumerate(hideable) if index in shown]
    messages = [grouped.lines[index].encode("utf-8") for index in hideable]
    bbs_proof = interface.proof_gen(
        base.public_key,
        base.signature,
        base.header,
        presentation_header,
        messages,
        selective,
        BLS12_381_SHA_256,
        random,
    )
    labels = {
        int(canonical.removeprefix("c14n")): int(label.removeprefix("b"))
        for canonical, label in grouped.canonical_labels(wanted).items()
    }
    places = [place for place, index in enumerate(combined) if index in mandatory]
    value = values.write(DERIVED_HEAD, [bbs_proof, labels, places, selective, presentation_header])
    return pointers.select(document, wanted), {**proof, "proofValue": value}


def read_derived(proof: Mapping[str, Any]) -> DerivedValue:
    """Read a derived proof (§3.3.6); raises `FormatRefused`, also for a base proof, which is no verifier's business."""
    _refuse_options(proof)
    bbs_proof, labels, mandatory, selective, presentation_header = values.read(
        proof.get("proofValue"), DERIVED_HEAD, (bytes, dict, list, list, bytes)
    )
    for number, label in labels.items():
        if type(number) is not int or type(label) is not int or number < 0 or label < 0:
            raise FormatRefused("a label of no node", clause=_CLAUSE)
    return DerivedValue(
        bbs_proof,
        {f"c14n{number}": f"b{label}" for number, label in labels.items()},
        values.check_indexes(mandatory, MAX_MESSAGES * 2, "mandatory indexes"),
        values.check_indexes(selective, MAX_MESSAGES, "selective indexes"),
        presentation_header,
    )


def verify_derived(secured: suites.Secured, proof: Mapping[str, Any], key: BbsPublicKey) -> None:
    """Verify a derived proof over what is shown (§3.4.7).

    Raises `SignatureRefused` for what does not hold, `FormatRefused` for what is no derived proof, `LimitExceeded`.
    """
    read = read_derived(proof)
    lines = grouping.relabelled_lines(secured.quads, read.label_map)
    mandatory = set(values.check_indexes(read.mandatory_indexes, len(lines), "mandatory indexes"))
    others = [line.encode("utf-8") for index, line in enumerate(lines) if index not in mandatory]
    if len(others) != len(read.selective_indexes):
        raise SignatureRefused("PROOF_VERIFICATION_ERROR: a statement that nobody signed", clause=_CLAUSE)
    shown = [line for index, line in enumerate(lines) if index in mandatory]
    header = _header(proof, secured.document, secured.contexts, shown)
    try:
        interface.proof_verify(
            key.octets,
            read.proof,
            header,
            read.presentation_header,
            others,
            read.selective_indexes,
            BLS12_381_SHA_256,
        )
    except (MalformedInput, CryptographyFailed) as error:
        raise SignatureRefused(f"PROOF_VERIFICATION_ERROR: {error.detail}", clause=_CLAUSE) from None


def _header(
    proof: Mapping[str, Any], document: Mapping[str, Any], contexts: Contexts, mandatory: Sequence[str]
) -> bytes:
    """Return the BBS header (§3.4.5): the hash of the proof's options, then of what nobody hides."""
    shown = hashlib.sha256("".join(mandatory).encode("utf-8")).digest()
    return suites.options_digest(proof, document, contexts) + shown


def _refuse_options(proof: Mapping[str, Any]) -> None:
    value = proof.get("proofValue")
    if not isinstance(value, str) or len(value) < _HEAD_CHARACTERS:
        return
    try:
        option = _OPTIONS.get(base64url.decode(value[1:_HEAD_CHARACTERS]))
    except MalformedInput:
        return
    if option:
        raise FormatRefused(f"a proof with {option}, which is not read here", clause=_CLAUSE)
