"""Issuing: a document becomes a credential of VCDM 2.0 inside a JWT, an SD-JWT or a COSE_Sign1."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tegata.codec import cbor, json
from tegata.envelope import cose, jws
from tegata.formats.credential import ClaimPath, Document, FormatRefused, Random
from tegata.formats.jose_cose.forms import Form
from tegata.formats.jose_cose.structure import ENVELOPE_CLAIMS, NEVER_HIDDEN
from tegata.formats.linked_data.dataset import types_of
from tegata.formats.linked_data.json_ld import Contexts
from tegata.formats.sd_jwt.hiding import Hiding, check_values
from tegata.formats.sd_jwt.names import Reserved
from tegata.formats.sd_jwt.policy import compile_policy
from tegata.formats.vcdm import model
from tegata.formats.vcdm.building import credential_of
from tegata.keys.signer import PublicKey, Signer

_SUBJECT = "credentialSubject"
#: A document type's policy is about its subject; below it only the holder's own id has to stay.
_RESERVED = Reserved(NEVER_HIDDEN.names | {"id"}, NEVER_HIDDEN.clause)


@dataclass(frozen=True, slots=True)
class Prepared:
    """Everything but the signature."""

    form: Form
    payload: bytes = field(repr=False)
    disclosures: tuple[str, ...] = field(repr=False)
    issuer_did: str


def prepare(
    document: Document,
    holder_key: PublicKey | None,
    random: Random,
    now: datetime,
    contexts: Mapping[str, bytes] | Contexts,
    form: Form = Form.VC_JWT,
) -> Prepared:
    """Build the credential and check it by the rules that a verifier has; nothing is signed yet.

    As an SD-JWT, the claims that its type lets the holder hide are behind digests. With a holder's key its DID is the
    subject's id. Raises `FormatRefused`, `MalformedInput` for values that JSON cannot say, `Misconfigured` for a policy
    that does not fit.
    """
    if document.valid_from > now:
        raise FormatRefused("a credential cannot be issued before its start")
    if form.is_presentation:
        raise FormatRefused("a presentation is not issued", clause="VC-JOSE-COSE §3")
    credential = credential_of(document, holder_key)
    if ENVELOPE_CLAIMS & credential.keys():
        raise FormatRefused("claims use names of the envelope", clause="VC-JOSE-COSE §3.1.3")
    model.check_credential(credential)
    types_of(credential, Contexts.of(contexts))
    credential["iat"] = int(document.valid_from.timestamp())
    if not form.is_sd_jwt:
        return Prepared(form, json.dumps(credential), (), document.issuer_did)
    return _hidden(document, credential, random)


def seal(prepared: Prepared, signer: Signer) -> bytes:
    """Sign what was prepared: the key is named as a verification method of the issuer (VC-JOSE-COSE §4)."""
    method = f"{prepared.issuer_did}#{signer.public_key.key_id}"
    form = prepared.form
    if form.is_cose:
        protected = {
            cose.CONTENT_TYPE: f"application/{form.content_type}",
            cose.KEY_ID: method.encode("utf-8"),
            cose.TYP: f"application/{form}",
        }
        return cbor.dumps(cbor.Tag(cose.SIGN1_TAG, cose.sign1(prepared.payload, signer, protected=protected)))
    header = {"typ": form.value, "cty": form.content_type, "kid": method}
    token = jws.sign(header, prepared.payload, signer)
    if form.is_sd_jwt:
        token = "~".join((token, *prepared.disclosures, ""))
    return token.encode("ascii")


def _hidden(document: Document, credential: dict[str, Any], random: Random) -> Prepared:
    hiding = Hiding(random)
    paths: tuple[ClaimPath, ...] = tuple(document.names.selectable)
    claims = dict(credential[_SUBJECT])
    subject = hiding.members(claims, compile_policy(paths, _RESERVED))
    if document.names.decoys:
        hiding.objects += "_sd" not in subject
        subject["_sd"] = sorted((*subject.get("_sd", ()), *hiding.decoys(document.names.decoys)))
    credential[_SUBJECT] = subject
    if hiding.disclosures or document.names.decoys:
        credential["_sd_alg"] = "sha-256"
    payload = json.dumps(credential)
    check_values(claims, hiding, payload)
    return Prepared(Form.VC_SD_JWT, payload, tuple(hiding.disclosures), document.issuer_did)
