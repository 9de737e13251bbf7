"""Issuing: a document becomes a signed JWT and the disclosures that belong to it (RFC 9901 §4, §5)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson

from tegata.codec import json
from tegata.envelope import jws
from tegata.errors import MalformedInput
from tegata.formats.credential import Document, FormatRefused, Random
from tegata.formats.sd_jwt.hiding import Hiding, check_values
from tegata.formats.sd_jwt.policy import compile_policy
from tegata.formats.sd_jwt_vc.names import REGISTERED
from tegata.formats.sd_jwt_vc.structure import TYP
from tegata.keys import jwk
from tegata.keys.signer import PublicKey, Signer


@dataclass(frozen=True, slots=True)
class Prepared:
    """Everything but the signature: the payload's bytes and the disclosures in order."""

    payload: bytes = field(repr=False)
    disclosures: tuple[str, ...] = field(repr=False)


def prepare(document: Document, holder_key: PublicKey | None, random: Random, now: datetime) -> Prepared:
    """Build payload and disclosures, without a signature.

    `iat` is the document's `valid_from`, so that copies made together do not share a second (RFC 9901 §10.1); `now`
    only bounds it. Raises `FormatRefused` for claims that clash with the format's own names, `MalformedInput` for
    values that JSON cannot say, `Misconfigured` for a disclosure policy that does not fit the claims.
    """
    if document.valid_from > now:
        raise FormatRefused("a credential cannot be issued before its start")
    claims = document.claims
    _check_names(claims)
    names = document.names
    hiding = Hiding(random)
    try:
        payload = hiding.members(claims, compile_policy(tuple(names.selectable), REGISTERED))
    except (orjson.JSONEncodeError, RecursionError) as error:
        raise MalformedInput(f"not expressible in JSON: {error}") from None
    if names.decoys:
        hiding.objects += "_sd" not in payload
        payload["_sd"] = sorted((*payload.get("_sd", ()), *hiding.decoys(names.decoys)))
    payload |= _registered(document, holder_key)
    if hiding.disclosures or names.decoys:
        payload["_sd_alg"] = "sha-256"
    raw = json.dumps(payload)
    check_values(claims, hiding, raw)
    return Prepared(raw, tuple(hiding.disclosures))


def seal(prepared: Prepared, signer: Signer) -> bytes:
    """Sign what was prepared; the chain goes into the protected header (SD-JWT VC §2.5, HAIP §6.1.1)."""
    header = jws.encoded_header(TYP, signer)
    token = jws.sign_encoded(header, prepared.payload, signer)
    return "~".join((token, *prepared.disclosures, "")).encode("ascii")


def _registered(document: Document, holder_key: PublicKey | None) -> dict[str, Any]:
    names = document.names
    claims: dict[str, Any] = {
        "iss": document.issuer,
        "vct": names.vct,
        "iat": int(document.valid_from.timestamp()),
        "nbf": int(document.valid_from.timestamp()),
    }
    if names.vct_integrity:
        claims["vct#integrity"] = names.vct_integrity
    if document.valid_until is not None:
        claims["exp"] = int(document.valid_until.timestamp())
    if holder_key is not None:
        claims["cnf"] = {"jwk": jwk.to_jwk(holder_key)}
    if document.status is not None:
        reference = {"idx": document.status.index, "uri": document.status.token_list}
        claims["status"] = {"status_list": reference}
    return claims


def _check_names(claims: Mapping[str, Any]) -> None:
    clashing = REGISTERED.names & claims.keys()
    if clashing:
        raise FormatRefused(f"claims use registered names: {sorted(clashing)}", clause="SD-JWT VC §2.2.2")
