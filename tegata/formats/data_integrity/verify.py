"""Verifying a credential, and the holder's proof of the presentation that it came in.

VC Data Integrity 1.0 §4.4 and §4.5; OID4VP 1.0 §B.1.3.2; the binding rule of Tegata: the subject's id, the holder of
the presentation and the key that signed it are one DID.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from tegata.errors import MalformedInput
from tegata.formats.credential import Expected, HolderBindingRefused, SignatureRefused, Verified
from tegata.formats.data_integrity import suites
from tegata.formats.data_integrity.proof_chain import KeyOf, verify_with_previous
from tegata.formats.data_integrity.proofs import ProofKey
from tegata.formats.data_integrity.structure import Parsed, Presentation
from tegata.formats.vcdm import model
from tegata.keys.signer import DEFAULT_ALGORITHMS, PublicKey

FORMAT = "ldp_vc"
#: Returns the key of a did:key or did:jwk, or of the URL of its method; raises `MalformedInput` for anything else.
HolderKeys = Callable[[str], PublicKey]
_CLAUSE = "VC Data Integrity 1.0 §4.4"
_BINDING = "OID4VP 1.0 §B.1.3.2"


def verify(
    parsed: Parsed,
    key: ProofKey,
    algorithms: frozenset[str] = DEFAULT_ALGORITHMS,
    *,
    now: datetime,
    expected: Expected = Expected(),  # noqa: B008  frozen
    holder_keys: HolderKeys | None = None,
) -> Verified:
    """Verify what an issuer signed, with the key that the caller resolved from `parsed.key_reference`.

    1. The key's algorithm is allowed, and the verification method is one that the issuer controls by its name.
    2. Every proof that names this method was made to assert, is in its own time, and holds. Proofs of others are not
       judged: they add no trust and take none away.
    3. Unless told otherwise, `now` lies between the dates.
    4. A holder's proof is required or not by `expected`, never by what arrived.

    Without `holder_keys` the result names no holder's key. Raises `SignatureRefused` (1, 2), `LimitExceeded` (2),
    `NotValidNow` (3), `HolderBindingRefused` (4).
    """
    if key.algorithm not in algorithms:
        raise SignatureRefused(f"{key.algorithm} is not an algorithm allowed here", clause=_CLAUSE)
    method = parsed.key_reference.verification_method
    if method.partition("#")[0] != parsed.issuer:
        raise SignatureRefused("no proof is by the issuer", clause="VC Data Integrity 1.0 §5.9")
    own = [proof for proof in parsed.proofs if proof["verificationMethod"] == method]
    for proof in own:
        if proof["proofPurpose"] != suites.ASSERTION:
            raise SignatureRefused("the proof was made for another purpose", clause=_CLAUSE)
        if not _is_in_time(proof, now, expected):
            raise SignatureRefused("the proof is not of this time", clause="VC Data Integrity 1.0 §2.1")
        verify_with_previous(parsed.secured, parsed.proofs, proof, _keys(method, key, holder_keys))
    verified = _verified(parsed, own[0], key, holder_keys)
    if expected.enforce_validity:
        verified.check_validity(now, expected.clock_skew)
    if expected.holder_binding_required and (parsed.presentation is None or not parsed.presentation.proofs):
        raise HolderBindingRefused("the holder's proof is missing", clause=_BINDING)
    return verified


def _keys(method: str, key: ProofKey, others: HolderKeys | None) -> KeyOf:
    """Return the issuer's key for its own method, and for others (of proofs that the issuer's follow) what they name."""

    def key_of(wanted: str) -> ProofKey:
        if wanted == method:
            return key
        if others is None:
            raise MalformedInput("nobody knows the keys of others here")
        return others(wanted)

    return key_of


def verify_presentation(
    parsed: Parsed,
    key: ProofKey,
    algorithms: frozenset[str] = DEFAULT_ALGORITHMS,
    *,
    now: datetime,
    expected: Expected,
    holder_keys: HolderKeys,
) -> Verified:
    """Verify a credential and the holder's proof of its presentation, if there is one or it is required.

    5. The presentation's holder is a DID that is a key, and every proof of it is by that key, to authenticate, for our
       nonce and audience, made just now.
    6. The credential is about that holder. One that is about nobody (a master) is returned as not bound:
       `holder_key` is None and `holder_proven` False; where binding is required, it is refused.
    """
    verified = verify(parsed, key, algorithms, now=now, expected=expected, holder_keys=holder_keys)
    presentation = parsed.presentation
    if presentation is None or not presentation.proofs:
        return verified
    holder_key = check_holder(presentation, algorithms, now, expected, holder_keys)
    subjects = _subjects(parsed.document)
    if not subjects:
        if expected.holder_binding_required:
            raise HolderBindingRefused("the credential is bound to nobody", clause=_BINDING)
        return verified
    if presentation.holder not in subjects:
        raise HolderBindingRefused("the credential is about somebody else", clause=_BINDING)
    return replace(verified, holder_key=holder_key, holder_proven=True)


def check_holder(
    presentation: Presentation,
    algorithms: frozenset[str],
    now: datetime,
    expected: Expected,
    holder_keys: HolderKeys,
) -> PublicKey:
    """Verify every proof of a presentation with the holder's own key, and return that key.

    Raises `HolderBindingRefused`.
    """
    try:
        key = holder_keys(presentation.holder)
    except MalformedInput as error:
        raise HolderBindingRefused(f"the holder is no key: {error.detail}", clause=_BINDING) from None
    if key.algorithm not in algorithms:
        raise HolderBindingRefused(f"{key.algorithm} is not an algorithm allowed here", clause=_BINDING)
    for proof in presentation.proofs:
        _check_holder_proof(presentation, proof, key, now, expected, holder_keys)
    return key


def _check_holder_proof(
    presentation: Presentation,
    proof: Mapping[str, Any],
    key: PublicKey,
    now: datetime,
    expected: Expected,
    holder_keys: HolderKeys,
) -> None:
    method = proof["verificationMethod"]
    if method.partition("#")[0] != presentation.holder:
        raise HolderBindingRefused("a proof by somebody else than the holder", clause=_BINDING)
    if proof["proofPurpose"] != suites.AUTHENTICATION:
        raise HolderBindingRefused("the proof was made for another purpose", clause=_CLAUSE)
    if expected.nonce is None or proof.get("challenge") != expected.nonce:
        raise HolderBindingRefused("INVALID_CHALLENGE_ERROR", clause=_CLAUSE)
    if expected.audience is None or suites.domains(proof) != {expected.audience}:
        raise HolderBindingRefused("INVALID_DOMAIN_ERROR", clause=_CLAUSE)
    created = model.instant(proof, "created")
    if not _is_in_time(proof, now, expected) or (
        created is not None and now - created > expected.max_proof_age + expected.clock_skew
    ):
        raise HolderBindingRefused("the proof was not made just now", clause=_BINDING)
    try:
        holder_keys(method)  # the fragment is the key's own
        suites.verify_proof(presentation.secured, proof, key)
    except (MalformedInput, SignatureRefused) as error:
        raise HolderBindingRefused(error.detail, clause=_CLAUSE) from None


def _is_in_time(proof: Mapping[str, Any], now: datetime, expected: Expected) -> bool:
    created, expires = model.instant(proof, "created"), model.instant(proof, "expires")
    if created is not None and created > now + expected.clock_skew:
        return False
    return expires is None or expires >= now - expected.clock_skew


def _verified(
    parsed: Parsed, proof: Mapping[str, Any], key: ProofKey, holder_keys: HolderKeys | None
) -> Verified:
    document = parsed.document
    entries = tuple(model.as_list(document.get("credentialStatus")))
    valid_from, valid_until = model.period(document)
    return Verified(
        format=FORMAT,
        issuer=parsed.issuer,
        types=parsed.secured.types,
        claims=_claims(document),
        algorithm=str(key.algorithm),
        key_id=proof["verificationMethod"],
        issued_at=model.instant(proof, "created"),
        valid_from=valid_from,
        valid_until=valid_until,
        status=entries or None,
        holder_key=_bound_key(document, holder_keys),
        raw=document,
    )


def _claims(document: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what is said about the one subject; of several, none can be called the subject."""
    subjects = model.as_list(document["credentialSubject"])
    if len(subjects) != 1:
        return {}
    return {name: value for name, value in subjects[0].items() if name != "id"}


def _subjects(document: Mapping[str, Any]) -> set[str]:
    return {
        identifier
        for subject in model.as_list(document["credentialSubject"])
        if (identifier := subject.get("id"))
    }


def _bound_key(document: Mapping[str, Any], holder_keys: HolderKeys | None) -> PublicKey | None:
    """Return the key that the credential is bound to; a subject named in another way is bound to none."""
    subjects = _subjects(document)
    if holder_keys is None or len(subjects) != 1:
        return None
    try:
        return holder_keys(subjects.pop())
    except MalformedInput:
        return None
