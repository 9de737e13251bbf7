"""Free credentials: whatever keeps the data model, signed by the issuer that it names."""

import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from tegata.codec import cbor, json
from tegata.doubles.conformance.instances import Instance
from tegata.envelope import cose, jws
from tegata.errors import MalformedInput
from tegata.formats import data_integrity
from tegata.formats.credential import FormatRefused
from tegata.formats.data_integrity import Contexts
from tegata.formats.jose_cose import Form, enveloped
from tegata.formats.linked_data.dataset import types_of
from tegata.formats.vcdm import model
from tegata.keys.bls import SoftwareBbsSigner


class IssueRefused(MalformedInput):
    """The body asks for nothing that can be signed here."""

    kind = "issue_refused"


def issue(instance: Instance, body: Any, now: datetime, contexts: Contexts) -> dict[str, Any]:
    """Return what `/credentials/issue` answers with; raises `IssueRefused` and the format's own refusals.

    The credential has to name the instance as its issuer; nothing is added to it but the proof.
    """
    if not isinstance(body, Mapping) or not isinstance(body.get("credential"), Mapping):
        raise IssueRefused("no credential", clause="VCALM §3.2.1")
    credential, options = dict(body["credential"]), body.get("options") or {}
    if not isinstance(options, Mapping):
        raise IssueRefused("options is an object", clause="VCALM §3.2.1")
    if model.identifier_of(credential.get("issuer")) != instance.did:
        raise IssueRefused("the credential names another issuer", clause="VCALM §3.2.1")
    if instance.form is not None:
        return _in_envelope(instance, instance.form, credential, now, contexts)
    pointers = _pointers(options)
    created = now.replace(microsecond=0)
    if isinstance(instance.signer, SoftwareBbsSigner) or instance.secures_with == "ecdsa-sd-2023":
        return data_integrity.secure_selectively(
            credential,
            instance.signer,
            instance.method,
            created,
            contexts,
            secrets.token_bytes,
            mandatory_pointers=pointers,
            allow_bbs=True,
        )
    suite = instance.secures_with
    return data_integrity.secure(
        credential, instance.signer, instance.method, created, contexts, cryptosuite=suite
    )


def _pointers(options: Mapping[str, Any]) -> tuple[str, ...]:
    found = options.get("mandatoryPointers", [])
    if not isinstance(found, list) or not all(isinstance(item, str) for item in found):
        raise IssueRefused("mandatoryPointers is a list of JSON Pointers", clause="VCALM §3.2.1")
    return tuple(found)


def _in_envelope(
    instance: Instance, form: Form, credential: dict[str, Any], now: datetime, contexts: Contexts
) -> dict[str, Any]:
    if isinstance(instance.signer, SoftwareBbsSigner):
        raise FormatRefused("no key for JOSE or COSE")
    model.check_credential(credential)
    types_of(credential, contexts)
    payload = json.dumps({**credential, "iat": int(now.timestamp())})
    if form.is_cose:
        protected = {
            cose.CONTENT_TYPE: "application/vc",
            cose.KEY_ID: instance.method.encode("utf-8"),
            cose.TYP: f"application/{form}",
        }
        message = cbor.Tag(cose.SIGN1_TAG, cose.sign1(payload, instance.signer, protected=protected))
        return enveloped(form, cbor.dumps(message))
    token = jws.sign({"typ": form.value, "cty": "vc", "kid": instance.method}, payload, instance.signer)
    return enveloped(form, f"{token}~".encode() if form.is_sd_jwt else token.encode())
