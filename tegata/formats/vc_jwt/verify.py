"""Verifying a credential of VCDM 1.1 in a JWT: the issuer's signature, and the dates."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from tegata.codec import dates
from tegata.envelope import jws
from tegata.errors import CryptographyFailed, MalformedInput
from tegata.formats.credential import Expected, HolderBindingRefused, SignatureRefused, Verified
from tegata.formats.vc_jwt.structure import FORMAT, Parsed
from tegata.formats.vcdm import model
from tegata.keys.signer import DEFAULT_ALGORITHMS, Algorithm, PublicKey

_CLAUSE = "VCDM 1.1 §6.3.1"


def verify(
    parsed: Parsed,
    key: PublicKey,
    algorithms: frozenset[Algorithm] = DEFAULT_ALGORITHMS,
    *,
    now: datetime,
    expected: Expected = Expected(),  # noqa: B008  frozen
) -> Verified:
    """Verify what an issuer signed, with the key that the caller resolved from `parsed.key_reference`.

    1. A verification method that the JWT names is one that the issuer controls by its name.
    2. The signature holds under an allowed algorithm.
    3. Unless told otherwise, `now` lies between the dates.
    4. No holder can prove anything with it: where a proof is required, it is refused.

    Raises `SignatureRefused` (1, 2), `NotValidNow` (3), `HolderBindingRefused` (4).
    """
    method = parsed.key_reference.verification_method
    if method and method.partition("#")[0] != parsed.issuer:
        raise SignatureRefused("signed with a key that is not the issuer's", clause=_CLAUSE)
    try:
        jws.verify(parsed.signed, key, algorithms)
    except CryptographyFailed as error:
        raise SignatureRefused(error.detail, clause=error.clause or _CLAUSE) from None
    verified = _verified(parsed, key)
    if expected.enforce_validity:
        verified.check_validity(now, expected.clock_skew)
    if expected.holder_binding_required:
        raise HolderBindingRefused("the holder's proof is missing", clause=_CLAUSE)
    return verified


def _verified(parsed: Parsed, key: PublicKey) -> Verified:
    document = parsed.document
    subjects = model.as_list(document["credentialSubject"])
    single = subjects[0] if len(subjects) == 1 else {}
    valid_from, valid_until = model.period(document)
    return Verified(
        format=FORMAT,
        issuer=parsed.issuer,
        types=parsed.types,
        claims={name: value for name, value in single.items() if name != "id"},
        algorithm=key.algorithm.value,
        key_id=parsed.key_reference.verification_method or parsed.key_reference.key_id or key.key_id,
        issued_at=_issued_at(parsed.claims) or valid_from,
        valid_from=valid_from,
        valid_until=valid_until,
        status=tuple(model.as_list(document.get("credentialStatus"))) or None,
        holder_key=None,
        raw=document,
    )


def _issued_at(claims: Mapping[str, Any]) -> datetime | None:
    try:
        return dates.numeric_date(claims["iat"]) if "iat" in claims else None
    except MalformedInput:
        return None
