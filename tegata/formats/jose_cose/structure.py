"""Taking a secured credential or presentation apart: bounded, strict, and believing nothing."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tegata.codec import cbor, json
from tegata.envelope import cose, jws
from tegata.errors import LimitExceeded, MalformedInput
from tegata.formats.credential import FormatRefused, KeyReference, Limits
from tegata.formats.jose_cose.forms import Form, unenveloped
from tegata.formats.linked_data.dataset import types_of
from tegata.formats.linked_data.json_ld import Contexts
from tegata.formats.sd_jwt.disclosure import Disclosed
from tegata.formats.sd_jwt.names import Reserved
from tegata.formats.vcdm import model
from tegata.formats.vcdm.related import check_related
from tegata.keys.signer import DEFAULT_ALGORITHMS, Algorithm

_CLAUSE = "VC-JOSE-COSE §3"
#: Claims of the envelope and not of the document: they date and address the signature (§3.1.3).
ENVELOPE_CLAIMS = frozenset({"iss", "iat", "exp", "nbf", "jti", "sub", "aud", "nonce", "cnf", "_sd_alg"})
#: What a reader has to see to judge a document at all (§3.2.1).
NEVER_HIDDEN = Reserved(
    frozenset(
        {
            *(
                "@context",
                "type",
                "issuer",
                "validFrom",
                "validUntil",
                "credentialStatus",
                "credentialSchema",
            ),
            *("relatedResource", "iss", "exp", "nbf", "cnf", "vc", "vp"),
        }
    ),
    "VC-JOSE-COSE §3.2.1",
)
#: A presentation's members are hidden by who signs it, if at all.
_NEVER_HIDDEN_IN_PRESENTATIONS = Reserved(
    frozenset({"iss", "exp", "nbf", "cnf", "vc", "vp"}), "VC-JOSE-COSE §3.2.2"
)
_MAX_CREDENTIALS = 16
_HEADER_TYP, _HEADER_CTY = "typ", "cty"
#: An absolute URL with a fragment: the name of a verification method.
_METHOD = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s#]+#[^\s#]+")


@dataclass(frozen=True, slots=True)
class Envelope:
    """What is signed, and the signature: untrusted. `claims` are everything inside, with what was disclosed."""

    form: Form
    signed: jws.ParsedJws | cose.ParsedSign1
    claims: Mapping[str, Any] = field(repr=False)
    disclosures: tuple[str, ...] = field(repr=False)
    limits: Limits

    @property
    def document(self) -> dict[str, Any]:
        """The credential or presentation inside, without the claims of its envelope."""
        return {name: value for name, value in self.claims.items() if name not in ENVELOPE_CLAIMS}


@dataclass(frozen=True, slots=True)
class Presentation:
    """An untrusted presentation; `credentials` are secured ones by form, or objects with proofs of another kind."""

    document: Mapping[str, Any]
    holder: str
    credentials: tuple[tuple[Form, bytes] | Mapping[str, Any], ...]
    key_reference: KeyReference
    envelope: Envelope = field(repr=False)


@dataclass(frozen=True, slots=True)
class Parsed:
    """An untrusted credential. `types` are the document's, expanded."""

    document: Mapping[str, Any]
    issuer: str
    types: tuple[str, ...]
    key_reference: KeyReference
    envelope: Envelope = field(repr=False)
    presentation: Presentation | None = None


def parse(
    data: bytes,
    contexts: Mapping[str, bytes] | Contexts,
    form: Form,
    limits: Limits = Limits(),  # noqa: B008  frozen
    *,
    algorithms: frozenset[Algorithm] = DEFAULT_ALGORITHMS,
    presentation: Presentation | None = None,
) -> Parsed:
    """Take a credential of a form apart; the form is what its media type says, never a guess.

    Raises `LimitExceeded` or `FormatRefused`; what comes back is a conforming credential (VCDM 2.0 §1.3) of contexts that
    are known, and nothing more.
    """
    if form.is_presentation:
        raise FormatRefused("a presentation where a credential belongs", clause=_CLAUSE)
    envelope = _open(data, form, limits, algorithms)
    document = envelope.document
    model.check_credential(document)
    compiled = Contexts.of(contexts)
    check_related(document, compiled.source)
    issuer = model.identifier_of(document["issuer"])
    _check_agreement(envelope.claims, {"iss": issuer, "jti": document.get("id"), "sub": _subject(document)})
    types = types_of(document, compiled)
    return Parsed(document, issuer, types, _key_reference(envelope, issuer), envelope, presentation)


def parse_presentation(
    data: bytes,
    form: Form,
    limits: Limits = Limits(),  # noqa: B008  frozen
    *,
    algorithms: frozenset[Algorithm] = DEFAULT_ALGORITHMS,
) -> Presentation:
    """Take a presentation apart, but not the credentials in it: those are for whoever reads their form.

    Raises `LimitExceeded` or `FormatRefused`, also for a presentation of no credential.
    """
    if not form.is_presentation:
        raise FormatRefused("a credential where a presentation belongs", clause=_CLAUSE)
    envelope = _open(data, form, limits, algorithms)
    document = envelope.document
    credentials = model.as_list(document.get("verifiableCredential"))
    if not credentials:
        raise FormatRefused("a presentation of no credential", clause="VCDM 2.0 §4.13")
    if len(credentials) > _MAX_CREDENTIALS:
        raise LimitExceeded(f"more than {_MAX_CREDENTIALS} credentials in a presentation")
    model.check_presentation(document, is_secured=True, may_envelop=True)
    holder = model.identifier_of(document.get("holder"))
    _check_agreement(envelope.claims, {"iss": holder, "jti": document.get("id")})
    inner = tuple(unenveloped(item) if model.is_enveloped(item) else item for item in credentials)
    return Presentation(document, holder, inner, _key_reference(envelope, holder), envelope)


def _open(data: bytes, form: Form, limits: Limits, algorithms: frozenset[Algorithm]) -> Envelope:
    limits.check_size(data)
    try:
        if form.is_cose:
            return _open_cose(data, form, limits, algorithms)
        return _open_jose(data, form, limits, algorithms)
    except (FormatRefused, LimitExceeded):
        raise
    except MalformedInput as error:
        raise FormatRefused(f"not {form}: {error.detail}", clause=error.clause or _CLAUSE) from None


def _open_jose(data: bytes, form: Form, limits: Limits, algorithms: frozenset[Algorithm]) -> Envelope:
    compact, *rest = _ascii(data).split("~")
    if form.is_sd_jwt != bool(rest):
        raise FormatRefused(
            "an SD-JWT where none belongs, or none where one does", clause="VC-JOSE-COSE §3.2"
        )
    if rest and rest[-1]:
        # The holder's proof is the presentation's signature; a second one would be for somebody else.
        raise FormatRefused("a key binding JWT in a presentation of its own", clause="VC-JOSE-COSE §3.2.2")
    disclosures = tuple(rest[:-1])
    if len(disclosures) > limits.max_disclosures:
        raise LimitExceeded(f"more than {limits.max_disclosures} disclosures")
    signed = jws.parse(compact, max_bytes=limits.max_bytes, algorithms=algorithms)
    _check_types(signed.header.get(_HEADER_TYP), signed.header.get(_HEADER_CTY), form)
    payload = _object(signed.payload, limits)
    if form.is_sd_jwt:
        reserved = _NEVER_HIDDEN_IN_PRESENTATIONS if form.is_presentation else NEVER_HIDDEN
        payload = Disclosed(payload, disclosures, limits, reserved).claims
    return Envelope(form, signed, payload, disclosures, limits)


def _open_cose(data: bytes, form: Form, limits: Limits, algorithms: frozenset[Algorithm]) -> Envelope:
    signed = cose.parse_sign1(cbor.loads(data, max_bytes=limits.max_bytes), algorithms)
    _check_types(signed.protected.get(cose.TYP), signed.protected.get(cose.CONTENT_TYPE), form)
    if signed.payload is None:
        raise FormatRefused("a credential that is not in its envelope", clause="VC-JOSE-COSE §3.3")
    return Envelope(form, signed, _object(signed.payload, limits), (), limits)


def _object(payload: bytes, limits: Limits) -> dict[str, Any]:
    found = json.loads(payload, max_bytes=limits.max_bytes, max_depth=limits.max_depth)
    if not isinstance(found, dict):
        raise FormatRefused("the payload is not an object", clause=_CLAUSE)
    if {"vc", "vp"} & found.keys():
        raise FormatRefused("a claim vc or vp, as before VCDM 2.0", clause="VC-JOSE-COSE §1.1.2.1")
    return found


def _check_types(typ: Any, content_type: Any, form: Form) -> None:
    if typ not in (form.value, f"application/{form}"):
        raise FormatRefused(f"the typ is not {form}", clause="VC-JOSE-COSE §3")
    wanted = form.content_type
    if content_type not in (None, wanted, f"application/{wanted}"):
        raise FormatRefused(f"the content type is not {wanted}", clause="VC-JOSE-COSE §3")


def _check_agreement(claims: Mapping[str, Any], wanted: Mapping[str, Any]) -> None:
    """Refuse claims of the envelope that say something else than the document (§3.1.3, §4.1.2)."""
    for name, value in wanted.items():
        if name in claims and (not value or claims[name] != value):
            raise FormatRefused(f"{name} says something else than the document", clause="VC-JOSE-COSE §3.1.3")


def _subject(document: Mapping[str, Any]) -> str:
    subjects = model.as_list(document["credentialSubject"])
    return model.identifier_of(subjects[0]) if len(subjects) == 1 else ""


def _key_reference(envelope: Envelope, controller: str) -> KeyReference:
    try:
        return _named_key(envelope.signed, controller)
    except FormatRefused:
        raise
    except MalformedInput as error:
        raise FormatRefused(error.detail, clause=error.clause) from None


def _named_key(signed: jws.ParsedJws | cose.ParsedSign1, controller: str) -> KeyReference:
    if isinstance(signed, jws.ParsedJws):
        algorithm, key_id = str(signed.header["alg"]), signed.header.get("kid", "")
        certificates = jws.certificates_of(signed.header)
    else:
        algorithm, certificates = signed.algorithm.value, cose.certificates_of(signed)
        raw = signed.protected.get(cose.KEY_ID, signed.unprotected.get(cose.KEY_ID, b""))
        key_id = raw.decode("utf-8", "replace") if isinstance(raw, bytes) else None
    if not isinstance(key_id, str):
        raise FormatRefused("kid is not text", clause="RFC 7515 §4.1.4")
    if certificates:
        return KeyReference(certificates=certificates, algorithm=algorithm)
    if _METHOD.fullmatch(key_id):
        return KeyReference(issuer=controller, verification_method=key_id, algorithm=algorithm)
    return KeyReference(issuer=controller, key_id=key_id, algorithm=algorithm)


def _ascii(data: bytes) -> str:
    try:
        return data.decode("ascii")
    except UnicodeDecodeError:
        raise FormatRefused("not ASCII", clause="RFC 7515 §3.1") from None
