"""Taking a JWT with a credential in it apart: bounded, strict, and believing nothing."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tegata.codec import dates, json
from tegata.envelope import jws
from tegata.errors import Forbidden, LimitExceeded, MalformedInput, Text
from tegata.formats.credential import FormatRefused, KeyReference, Limits
from tegata.formats.linked_data.dataset import types_of
from tegata.formats.linked_data.json_ld import Contexts
from tegata.formats.vcdm import model
from tegata.formats.vcdm.legacy import NONE, Legacy
from tegata.keys.signer import DEFAULT_ALGORITHMS, Algorithm

FORMAT = Legacy.VC_JWT.value
_CLAUSE = "VCDM 1.1 §6.3.1"
#: Claims of the JWT and the members of the credential that they stand for.
_DATES = {"nbf": "issuanceDate", "exp": "expirationDate"}


class OldFormRefused(Forbidden):
    """A form of before VCDM 2.0 that nobody told the reader to accept."""

    kind = "old_form_refused"
    text = Text(
        "この古い形式の証明書は受け付けていません。", "Credentials of this old form are not accepted here."
    )


@dataclass(frozen=True, slots=True)
class Parsed:
    """An untrusted credential: the document, as the JWT's claims complete it. `types` are the document's, expanded."""

    document: Mapping[str, Any]
    claims: Mapping[str, Any] = field(repr=False)
    issuer: str
    types: tuple[str, ...]
    key_reference: KeyReference
    signed: jws.ParsedJws = field(repr=False)


def parse(
    data: bytes,
    contexts: Mapping[str, bytes] | Contexts,
    limits: Limits = Limits(),  # noqa: B008  frozen
    *,
    legacy: frozenset[Legacy] = NONE,
    algorithms: frozenset[Algorithm] = DEFAULT_ALGORITHMS,
) -> Parsed:
    """Take a credential in a JWT apart.

    Claim and member may both be there, and then say the same; what comes back is a conforming credential of VCDM 1.1.
    Raises `OldFormRefused` unless `legacy` names this form, `FormatRefused`, `LimitExceeded`.
    """
    if Legacy.VC_JWT not in legacy:
        raise OldFormRefused("a credential in a JWT of before VCDM 2.0", clause="VC-JOSE-COSE §1.1.2.1")
    limits.check_size(data)
    try:
        signed = jws.parse(data, max_bytes=limits.max_bytes, algorithms=algorithms)
        claims = json.loads(signed.payload, max_bytes=limits.max_bytes, max_depth=limits.max_depth)
    except LimitExceeded:
        raise
    except MalformedInput as error:
        raise FormatRefused(f"not a JWT: {error.detail}", clause=error.clause or _CLAUSE) from None
    if signed.header.get("typ", "JWT") != "JWT":
        raise FormatRefused("the typ is not JWT", clause=_CLAUSE)
    if not isinstance(claims, dict) or not isinstance(claims.get("vc"), dict) or "vp" in claims:
        raise FormatRefused("no credential in the claim vc", clause=_CLAUSE)
    document = _document(claims, claims["vc"])
    model.check_credential(document, legacy=frozenset({Legacy.VCDM_1_1}))
    if not model.is_version_1_1(document):
        raise FormatRefused("a credential of VCDM 2.0 in the claim vc", clause="VC-JOSE-COSE §1.1.2.1")
    if "proof" in document:
        raise FormatRefused("a proof beside the JWT's signature", clause=_CLAUSE)
    issuer = model.identifier_of(document["issuer"])
    types = types_of(document, Contexts.of(contexts))
    return Parsed(document, claims, issuer, types, _key_reference(signed, issuer), signed)


def _document(claims: Mapping[str, Any], inside: Mapping[str, Any]) -> dict[str, Any]:
    """Return the credential: what stands in `vc`, completed by the claims (§6.3.1.2)."""
    document = dict(inside)
    issuer = _text(claims, "iss")
    if not issuer:
        raise FormatRefused("iss is missing", clause=_CLAUSE)
    _join(document, "issuer", issuer)
    if identifier := _text(claims, "jti"):
        _join(document, "id", identifier)
    for claim, member in _DATES.items():
        if claim in claims:
            _join_date(document, member, claims[claim], claim)
    if subject := _text(claims, "sub"):
        document["credentialSubject"] = _subject(document.get("credentialSubject"), subject)
    return document


def _join(document: dict[str, Any], member: str, value: str) -> None:
    found = document.get(member)
    if found is None:
        document[member] = value
    elif model.identifier_of(found) != value and found != value:
        raise FormatRefused(f"{member} is not what the JWT's claims say", clause=_CLAUSE)


def _join_date(document: dict[str, Any], member: str, value: Any, claim: str) -> None:
    try:
        instant = dates.numeric_date(value).replace(microsecond=0)
    except MalformedInput as error:
        raise FormatRefused(f"{claim}: {error.detail}", clause=error.clause) from None
    if member not in document:
        document[member] = dates.format_instant(instant)
        return
    written = model.instant(document, member)
    if written is None or written.replace(microsecond=0) != instant:
        raise FormatRefused(f"{member} is not what the JWT's claims say", clause=_CLAUSE)


def _subject(found: Any, identifier: str) -> Any:
    if not isinstance(found, Mapping):
        raise FormatRefused("sub, where there is not one subject", clause=_CLAUSE)
    subject = dict(found)
    _join(subject, "id", identifier)
    return subject


def _text(claims: Mapping[str, Any], name: str) -> str:
    found = claims.get(name, "")
    if not isinstance(found, str):
        raise FormatRefused(f"{name} is not text", clause="RFC 7519 §4.1")
    return found


def _key_reference(signed: jws.ParsedJws, issuer: str) -> KeyReference:
    algorithm, key_id = str(signed.header["alg"]), signed.header.get("kid", "")
    if not isinstance(key_id, str):
        raise FormatRefused("kid is not text", clause="RFC 7515 §4.1.4")
    try:
        certificates = jws.certificates_of(signed.header)
    except MalformedInput as error:
        raise FormatRefused(error.detail, clause=error.clause) from None
    if certificates:
        return KeyReference(certificates=certificates, algorithm=algorithm)
    if key_id.startswith("#"):
        key_id = issuer + key_id
    if "#" in key_id:
        return KeyReference(issuer=issuer, verification_method=key_id, algorithm=algorithm)
    return KeyReference(issuer=issuer, key_id=key_id, algorithm=algorithm)
