"""Verifying a credential, and the holder's signature of the presentation that it came in (VC-JOSE-COSE §5)."""

import hmac
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from tegata.codec import dates
from tegata.envelope import cose, jws
from tegata.errors import CryptographyFailed, MalformedInput
from tegata.formats.credential import (
    Expected,
    FormatRefused,
    HolderBindingRefused,
    SignatureRefused,
    Verified,
)
from tegata.formats.jose_cose.structure import Envelope, Parsed, Presentation
from tegata.formats.vcdm import model
from tegata.keys.signer import DEFAULT_ALGORITHMS, Algorithm, PublicKey

#: Returns the key of a did:key or did:jwk, or of the URL of its method; raises `MalformedInput` for anything else.
HolderKeys = Callable[[str], PublicKey]
_CLAUSE = "VC-JOSE-COSE §5"
_BINDING = "VCDM 2.0 §4.13"


def verify(
    parsed: Parsed,
    key: PublicKey,
    algorithms: frozenset[Algorithm] = DEFAULT_ALGORITHMS,
    *,
    now: datetime,
    expected: Expected = Expected(),  # noqa: B008  frozen
    holder_keys: HolderKeys | None = None,
) -> Verified:
    """Verify what an issuer signed, with the key that the caller resolved from `parsed.key_reference`.

    1. A verification method that the envelope names is one that the issuer controls by its name.
    2. The signature holds under an allowed algorithm, and `exp` and `nbf`, which date it, enclose `now`.
    3. Unless told otherwise, `now` lies between the dates of the document.
    4. A holder's proof is required or not by `expected`, never by what arrived.

    Raises `SignatureRefused` (1, 2), `FormatRefused` (2), `NotValidNow` (3), `HolderBindingRefused` (4).
    """
    method = parsed.key_reference.verification_method
    if method and method.partition("#")[0] != parsed.issuer:
        raise SignatureRefused("signed with a key that is not the issuer's", clause="VC-JOSE-COSE §4.3")
    _check_signature(parsed.envelope, key, algorithms)
    _check_time(parsed.envelope.claims, now, expected)
    verified = _verified(parsed, key, holder_keys)
    if expected.enforce_validity:
        verified.check_validity(now, expected.clock_skew)
    if expected.holder_binding_required and parsed.presentation is None:
        raise HolderBindingRefused("the holder's proof is missing", clause=_BINDING)
    return verified


def verify_presentation(
    parsed: Parsed,
    key: PublicKey,
    algorithms: frozenset[Algorithm] = DEFAULT_ALGORITHMS,
    *,
    now: datetime,
    expected: Expected,
    holder_keys: HolderKeys,
) -> Verified:
    """Verify a credential and the signature of the presentation that it came in.

    5. The presentation's holder is a DID that is a key, which signed it for our nonce and audience, just now.
    6. The credential is about that holder; one that is about nobody is returned as not bound, and refused where binding
       is required.
    """
    verified = verify(parsed, key, algorithms, now=now, expected=expected, holder_keys=holder_keys)
    presentation = parsed.presentation
    if presentation is None:
        return verified
    holder_key = check_holder(presentation, algorithms, now=now, expected=expected, holder_keys=holder_keys)
    subjects = {
        identifier
        for subject in model.as_list(parsed.document["credentialSubject"])
        if (identifier := model.identifier_of(subject))
    }
    if not subjects and not expected.holder_binding_required:
        return verified
    if presentation.holder not in subjects:
        raise HolderBindingRefused("the credential is about nobody, or somebody else", clause=_BINDING)
    return replace(verified, holder_key=holder_key, holder_proven=True)


def check_holder(
    presentation: Presentation,
    algorithms: frozenset[Algorithm] = DEFAULT_ALGORITHMS,
    *,
    now: datetime,
    expected: Expected,
    holder_keys: HolderKeys,
) -> PublicKey:
    """Verify the signature of a presentation, and return the holder's key; raises `HolderBindingRefused`."""
    claims, method = presentation.envelope.claims, presentation.key_reference.verification_method
    if method and method.partition("#")[0] != presentation.holder:
        raise HolderBindingRefused("signed by somebody else than the holder", clause=_BINDING)
    try:
        key = holder_keys(method or presentation.holder)
        _check_signature(presentation.envelope, key, algorithms)
        _check_time(claims, now, expected)
    except (MalformedInput, CryptographyFailed) as error:
        raise HolderBindingRefused(f"the presentation: {error.detail}", clause=_BINDING) from None
    if not _is_equal(claims.get("nonce"), expected.nonce) or not _is_equal(
        claims.get("aud"), expected.audience
    ):
        raise HolderBindingRefused("the presentation was made for another nonce or reader", clause=_BINDING)
    made = _issued_at(claims)
    if (
        made is None
        or made > now + expected.clock_skew
        or now - made > expected.max_proof_age + expected.clock_skew
    ):
        raise HolderBindingRefused("the presentation was not made just now", clause=_BINDING)
    return key


def _check_signature(envelope: Envelope, key: PublicKey, algorithms: frozenset[Algorithm]) -> None:
    try:
        if isinstance(envelope.signed, jws.ParsedJws):
            jws.verify(envelope.signed, key, algorithms)
        else:
            cose.verify_sign1(envelope.signed, key, algorithms)
    except CryptographyFailed as error:
        raise SignatureRefused(error.detail, clause=error.clause or _CLAUSE) from None


def _check_time(claims: Mapping[str, Any], now: datetime, expected: Expected) -> None:
    """Check the dates of the signature, which are not those of the document (VC-JOSE-COSE §3.1.3)."""
    try:
        start, end = (dates.numeric_date(claims[name]) if name in claims else None for name in ("nbf", "exp"))
    except MalformedInput as error:
        raise FormatRefused(f"exp or nbf: {error.detail}", clause=error.clause) from None
    if (start and now + expected.clock_skew < start) or (end and now - expected.clock_skew > end):
        raise SignatureRefused("the signature is not of this time", clause="VC-JOSE-COSE §3.1.3")


def _verified(parsed: Parsed, key: PublicKey, holder_keys: HolderKeys | None) -> Verified:
    document = parsed.document
    subjects = model.as_list(document["credentialSubject"])
    single = subjects[0] if len(subjects) == 1 else {}
    entries = tuple(model.as_list(document.get("credentialStatus")))
    return Verified(
        format=parsed.envelope.form.value,
        issuer=parsed.issuer,
        types=parsed.types,
        claims={name: value for name, value in single.items() if name != "id"},
        algorithm=key.algorithm.value,
        key_id=parsed.key_reference.verification_method or parsed.key_reference.key_id or key.key_id,
        issued_at=_issued_at(parsed.envelope.claims),
        valid_from=model.instant(document, "validFrom"),
        valid_until=model.instant(document, "validUntil"),
        status=entries or None,
        holder_key=_bound_key(model.identifier_of(single), holder_keys),
        raw=document,
    )


def _issued_at(claims: Mapping[str, Any]) -> datetime | None:
    """Return when it was signed; some write `iat` as text, which says nothing here (samples of the working group)."""
    try:
        return dates.numeric_date(claims["iat"]) if "iat" in claims else None
    except MalformedInput:
        return None


def _bound_key(identifier: str, holder_keys: HolderKeys | None) -> PublicKey | None:
    if not identifier or holder_keys is None:
        return None
    try:
        return holder_keys(identifier)
    except MalformedInput:
        return None


def _is_equal(found: Any, wanted: str | None) -> bool:
    return (
        wanted is not None
        and isinstance(found, str)
        and hmac.compare_digest(found.encode("utf-8"), wanted.encode("utf-8"))
    )
