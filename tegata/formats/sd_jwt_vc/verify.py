"""Verifying an SD-JWT VC, and the holder's proof that came with it (RFC 9901 §7.1, §7.3; SD-JWT VC §2.4)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from tegata.codec import dates
from tegata.envelope import jws
from tegata.errors import CryptographyFailed, MalformedInput
from tegata.formats.credential import (
    Expected,
    FormatRefused,
    HolderBindingRefused,
    SignatureRefused,
    Verified,
)
from tegata.formats.sd_jwt import key_binding
from tegata.formats.sd_jwt_vc.structure import TYP, Parsed
from tegata.keys import jwk
from tegata.keys.signer import DEFAULT_ALGORITHMS, Algorithm, PublicKey

_NOT_CLAIMS = frozenset(
    {"iss", "iat", "nbf", "exp", "cnf", "vct", "vct#integrity", "aka_vcts", "status", "_sd_alg"}
)


def verify(
    parsed: Parsed,
    key: PublicKey,
    algorithms: frozenset[Algorithm] = DEFAULT_ALGORITHMS,
    *,
    now: datetime,
    expected: Expected = Expected(),  # noqa: B008  frozen
) -> Verified:
    """Verify what an issuer signed, with the key that the caller resolved.

    1. The issuer's signature holds under an allowed algorithm.
    2. Every digest stands once, every disclosure belongs to one, none names what must not be hidden.
    3. The dates are dates; unless told otherwise, `now` lies between them.
    4. A holder's proof is required or not by `expected`, never by what arrived.

    Raises `SignatureRefused` (1, and 2 for a disclosure that belongs to no digest), `FormatRefused` (2, 3),
    `NotValidNow` (3), `HolderBindingRefused` (4).
    """
    try:
        jws.verify(parsed.token, key, algorithms)
    except CryptographyFailed as error:
        raise SignatureRefused(error.detail, clause="RFC 9901 §7.1") from None
    claims = parsed.disclosed().claims
    verified = _verified(parsed, claims, key)
    if expected.enforce_validity:
        verified.check_validity(now, expected.clock_skew)
    if expected.holder_binding_required and not parsed.key_binding:
        raise HolderBindingRefused("the holder's proof is missing", clause="RFC 9901 §7.3")
    return verified


def verify_presentation(
    parsed: Parsed,
    key: PublicKey,
    algorithms: frozenset[Algorithm] = DEFAULT_ALGORITHMS,
    *,
    now: datetime,
    expected: Expected,
) -> Verified:
    """Verify a presentation: `verify`, and the holder's proof if there is one or it is required.

    5. The credential names the holder's key (`cnf.jwk`), and the proof is signed by that key.
    6. The proof is a kb+jwt for our audience and nonce, made just now.
    7. Its sd_hash covers exactly what was presented.
    """
    verified = verify(parsed, key, algorithms, now=now, expected=expected)
    if not parsed.key_binding:
        return verified
    if verified.holder_key is None:
        raise HolderBindingRefused(
            "a holder's proof for a credential bound to no key", clause="RFC 9901 §7.3"
        )
    key_binding.check(parsed.key_binding, parsed.bound_part, verified.holder_key, algorithms, now, expected)
    fields = {name: getattr(verified, name) for name in Verified.__slots__}
    return Verified(**{**fields, "holder_proven": True})


def _verified(parsed: Parsed, claims: Mapping[str, Any], key: PublicKey) -> Verified:
    holder_key = None
    if "cnf" in claims:
        try:
            holder_key = jwk.from_jwk(claims["cnf"]["jwk"])
        except (MalformedInput, KeyError, TypeError):
            raise FormatRefused("cnf holds no public JWK", clause="RFC 7800 §3.2") from None
    return Verified(
        format=TYP,
        issuer=claims.get("iss", ""),
        types=(claims["vct"], *_further_types(claims)),
        claims={name: value for name, value in claims.items() if name not in _NOT_CLAIMS},
        algorithm=key.algorithm.value,
        key_id=parsed.key_reference.key_id or key.key_id,
        issued_at=_instant(claims, "iat"),
        valid_from=_instant(claims, "nbf"),
        valid_until=_instant(claims, "exp"),
        status=_status(claims),
        holder_key=holder_key,
        raw=claims,
    )


def _further_types(claims: Mapping[str, Any]) -> tuple[str, ...]:
    if "aka_vcts" not in claims:
        return ()
    also = claims["aka_vcts"]
    is_list = isinstance(also, list) and bool(also) and all(isinstance(item, str) for item in also)
    if not is_list or claims["vct"] in also:
        raise FormatRefused("aka_vcts is not an array of further types", clause="SD-JWT VC §2.2.2.1")
    return tuple(also)


def _status(claims: Mapping[str, Any]) -> Mapping[str, Any] | None:
    if "status" not in claims:
        return None
    status = claims["status"]
    if not isinstance(status, dict):
        raise FormatRefused("status is not an object", clause="SD-JWT VC §2.2.2.2")
    return status


def _instant(claims: Mapping[str, Any], name: str) -> datetime | None:
    if name not in claims:
        return None
    try:
        return dates.numeric_date(claims[name])
    except MalformedInput as error:
        raise FormatRefused(f"{name}: {error.detail}", clause=error.clause) from None
