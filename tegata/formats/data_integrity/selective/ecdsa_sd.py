"""ecdsa-sd-2023: a signature for each statement that may be hidden (ECDSA Cryptosuites 1.0 §3.5, §3.6).

The issuer's key signs what nobody may hide, and a key made for this one credential, which signs every other statement on
its own and is forgotten. The holder passes on the signatures of what is shown.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tegata.errors import CryptographyFailed, LimitExceeded, MalformedInput
from tegata.formats.credential import FormatRefused, Random, SignatureRefused
from tegata.formats.data_integrity import suites
from tegata.formats.data_integrity.selective import grouping, pointers, values
from tegata.formats.linked_data.json_ld import Contexts
from tegata.keys import multikey
from tegata.keys.signer import Algorithm, PublicKey, Signer
from tegata.keys.software import SoftwareSigner

NAME = suites.ECDSA_SD
BASE_HEAD, DERIVED_HEAD = b"\xd9\x5d\x00", b"\xd9\x5d\x01"
#: What an issuer shows always where nothing else is said: without these a credential could not be judged.
MANDATORY = ("/issuer", "/validFrom", "/validUntil", "/credentialStatus", "/credentialSchema")
_CLAUSE = "ECDSA Cryptosuites 1.0 §3.5"
_HMAC_BYTES, _SIGNATURE_BYTES, _KEY_BYTES = 32, 64, 35
#: How many statements are signed one by one; a transcript of three years has some six hundred.
_MAX_SIGNATURES = 2_048


@dataclass(frozen=True, slots=True)
class BaseValue:
    """What a base proof holds, for the holder alone: with the HMAC key every label can be undone."""

    signature: bytes
    public_key: bytes
    hmac_key: bytes = field(repr=False)
    signatures: tuple[bytes, ...] = field(repr=False)
    mandatory_pointers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DerivedValue:
    """What a derived proof holds; the labels are by canonical label."""

    signature: bytes
    public_key: bytes
    signatures: tuple[bytes, ...] = field(repr=False)
    label_map: Mapping[str, str] = field(repr=False)
    mandatory_indexes: tuple[int, ...]


def add_base_proof(
    document: Mapping[str, Any],
    options: Mapping[str, Any],
    signer: Signer,
    contexts: Contexts,
    mandatory_pointers: Sequence[str],
    random: Random,
) -> dict[str, Any]:
    """Return the base proof over a document without proofs (§3.6.1 to §3.6.5); only with a P-256 key.

    Raises `PointerRefused` for a pointer that points at nothing, `FormatRefused`, and `LimitExceeded` for more
    statements than are signed one by one.
    """
    if signer.public_key.algorithm is not Algorithm.ES256:
        raise FormatRefused(f"{NAME} is not for {signer.public_key.algorithm}", clause=_CLAUSE)
    proof = suites.new_proof(NAME, options)
    hmac_key = random(_HMAC_BYTES)
    grouped = grouping.group(document, contexts, grouping.hmac_labels(hmac_key))
    mandatory = set(grouped.indexes_of(mandatory_pointers))
    others = [line for index, line in enumerate(grouped.lines) if index not in mandatory]
    if len(others) > _MAX_SIGNATURES:
        raise LimitExceeded(f"more than {_MAX_SIGNATURES} statements to sign one by one", clause=_CLAUSE)
    once = SoftwareSigner.generate(Algorithm.ES256)
    public_key = multikey.to_bytes(once.public_key)
    shown = [line for index, line in enumerate(grouped.lines) if index in mandatory]
    signature = signer.sign(_base_data(document, proof, contexts, public_key, shown))
    signatures = [once.sign(line.encode("utf-8")) for line in others]
    elements = [signature, public_key, hmac_key, signatures, list(mandatory_pointers)]
    return {**proof, "proofValue": values.write(BASE_HEAD, elements)}


def read_base(proof: Mapping[str, Any]) -> BaseValue:
    """Read a base proof (§3.5.3); raises `FormatRefused`."""
    signature, public_key, hmac_key, signatures, mandatory = values.read(
        proof.get("proofValue"), BASE_HEAD, (bytes, bytes, bytes, list, list)
    )
    if not all(isinstance(pointer, str) for pointer in mandatory):
        raise FormatRefused("a pointer that is no text", clause=_CLAUSE)
    return BaseValue(
        values.check_bytes(signature, _SIGNATURE_BYTES, "a base signature"),
        values.check_bytes(public_key, _KEY_BYTES, "a public key"),
        values.check_bytes(hmac_key, _HMAC_BYTES, "an HMAC key"),
        _signatures(signatures),
        tuple(mandatory),
    )


def derive(
    document: Mapping[str, Any],
    proof: Mapping[str, Any],
    selective_pointers: Sequence[str],
    contexts: Contexts,
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what is shown of a document, and the proof for it (§3.5.4, §3.6.6); `document` has no proofs.

    What the issuer made mandatory is always shown. Raises `PointerRefused` and `FormatRefused`.
    """
    base = read_base(proof)
    grouped = grouping.group(document, contexts, grouping.hmac_labels(base.hmac_key))
    wanted = (*base.mandatory_pointers, *selective_pointers)
    if not wanted:
        raise pointers.PointerRefused("nothing is selected")
    mandatory = set(grouped.indexes_of(base.mandatory_pointers))
    combined = grouped.indexes_of(wanted)
    hideable = [index for index in range(len(grouped.lines)) if index not in mandatory]
    if len(hideable) != len(base.signatures):
        raise FormatRefused("a base proof with signatures for another document", clause=_CLAUSE)
    shown = set(combined)
    derived = {
        "signature": base.signature,
        "key": base.public_key,
        "signatures": [one for index, one in zip(hideable, base.signatures, strict=True) if index in shown],
        "labels": {
            int(canonical.removeprefix("c14n")): grouping.hmac_of(label)
            for canonical, label in grouped.canonical_labels(wanted).items()
        },
        "mandatory": [place for place, index in enumerate(combined) if index in mandatory],
    }
    value = values.write(DERIVED_HEAD, list(derived.values()))
    return pointers.select(document, wanted), {**proof, "proofValue": value}


def read_derived(proof: Mapping[str, Any]) -> DerivedValue:
    """Read a derived proof (§3.5.8); raises `FormatRefused`, also for a base proof, which is no verifier's business."""
    signature, public_key, signatures, labels, mandatory = values.read(
        proof.get("proofValue"), DERIVED_HEAD, (bytes, bytes, list, dict, list)
    )
    label_map = {}
    for number, value in labels.items():
        if type(number) is not int or number < 0:
            raise FormatRefused("a label of no node", clause=_CLAUSE)
        label_map[f"c14n{number}"] = grouping.hmac_label(values.check_bytes(value, _HMAC_BYTES, "a label"))
    return DerivedValue(
        values.check_bytes(signature, _SIGNATURE_BYTES, "a base signature"),
        values.check_bytes(public_key, _KEY_BYTES, "a public key"),
        _signatures(signatures),
        label_map,
        values.check_indexes(mandatory, _MAX_SIGNATURES * 2, "mandatory indexes"),
    )


def verify_derived(secured: suites.Secured, proof: Mapping[str, Any], key: PublicKey) -> None:
    """Verify a derived proof over what is shown (§3.6.7): the issuer's signature, then that of each statement.

    Raises `SignatureRefused` for what does not hold, `FormatRefused` for what is no derived proof.
    """
    if key.algorithm is not Algorithm.ES256:
        raise SignatureRefused("the key is of another kind than the cryptosuite", clause=_CLAUSE)
    read = read_derived(proof)
    lines = grouping.relabelled_lines(secured.quads, read.label_map)
    mandatory = set(values.check_indexes(read.mandatory_indexes, len(lines), "mandatory indexes"))
    others = [line for index, line in enumerate(lines) if index not in mandatory]
    if len(others) != len(read.signatures):
        raise SignatureRefused("PROOF_VERIFICATION_ERROR: a statement without a signature", clause=_CLAUSE)
    shown = [line for index, line in enumerate(lines) if index in mandatory]
    try:
        once = multikey.from_bytes(read.public_key)
        if once.algorithm is not Algorithm.ES256:
            raise SignatureRefused(
                "PROOF_VERIFICATION_ERROR: statements signed with another curve", clause=_CLAUSE
            )
        data = _base_data(secured.document, proof, secured.contexts, read.public_key, shown)
        key.verify(read.signature, data)
        for line, signature in zip(others, read.signatures, strict=True):
            once.verify(signature, line.encode("utf-8"))
    except SignatureRefused:
        raise
    except (MalformedInput, CryptographyFailed) as error:
        raise SignatureRefused(f"PROOF_VERIFICATION_ERROR: {error.detail}", clause=_CLAUSE) from None


def _base_data(
    document: Mapping[str, Any],
    proof: Mapping[str, Any],
    contexts: Contexts,
    public_key: bytes,
    mandatory: Sequence[str],
) -> bytes:
    """Return what the issuer's key signs (§3.5.1): the proof's options, the key made for once, what nobody hides."""
    shown = hashlib.sha256("".join(mandatory).encode("utf-8")).digest()
    return suites.options_digest(proof, document, contexts) + public_key + shown


def _signatures(found: list[Any]) -> tuple[bytes, ...]:
    if len(found) > _MAX_SIGNATURES:
        raise LimitExceeded(f"more than {_MAX_SIGNATURES} signatures", clause=_CLAUSE)
    return tuple(values.check_bytes(item, _SIGNATURE_BYTES, "a signature") for item in found)
