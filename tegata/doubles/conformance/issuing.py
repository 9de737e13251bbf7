"""Free credentials: whatever keeps the data model, signed by the issuer that it names."""

import secrets
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from tegata.codec import cbor, json
from tegata.doubles.conformance.checking import LEGACY
from tegata.doubles.conformance.circumstances import Circumstances
from tegata.doubles.conformance.inline import check_suites, named
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
from tegata.status import bitstring_entry

_TERMS = "https://w3id.org/security/data-integrity/v2"


class IssueRefused(MalformedInput):
    """The body asks for nothing that can be signed here."""

    kind = "issue_refused"


def issue(instance: Instance, body: Any, on: Circumstances) -> dict[str, Any]:
    """Return what `/credentials/issue` answers with; raises `IssueRefused` and the format's own refusals.

    The credential has to name the instance as its issuer; nothing is added to it but the proof, and by one issuer
    the entries in status lists.
    """
    if not isinstance(body, Mapping) or not isinstance(body.get("credential"), Mapping):
        raise IssueRefused("no credential", clause="VCALM §3.2.1")
    credential, options = dict(body["credential"]), body.get("options") or {}
    if not isinstance(options, Mapping):
        raise IssueRefused("options is an object", clause="VCALM §3.2.1")
    if model.identifier_of(credential.get("issuer")) != instance.did:
        raise IssueRefused("the credential names another issuer", clause="VCALM §3.2.1")
    bitstring_entry.entries_of(credential.get("credentialStatus"))
    if instance.has_status:
        credential = on.statuses.with_entries(credential)
    if instance.form is not None:
        return _in_envelope(instance, instance.form, credential, on)
    renamed, known = named(_with_terms(credential), on.contexts)
    signed = _with_proof(instance, renamed, _pointers(options), replace(on, contexts=known))
    return {**signed, "@context": _with_terms(credential)["@context"]}


def _with_proof(
    instance: Instance,
    credential: Mapping[str, Any],
    pointers: tuple[str, ...],
    on: Circumstances,
) -> dict[str, Any]:
    created, contexts = on.now.replace(microsecond=0), on.contexts
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
            legacy=LEGACY,
        )
    if any(url.startswith("urn:sha256:") for url in contexts):
        check_suites([{"cryptosuite": instance.secures_with}])
    return data_integrity.secure(
        credential,
        instance.signer,
        instance.method,
        created,
        contexts,
        cryptosuite=instance.secures_with,
        legacy=LEGACY,
    )


def _with_terms(credential: dict[str, Any]) -> dict[str, Any]:
    """Add the context that defines proofs, which that of VCDM 1.1 does not (VC Data Integrity 1.0 §2.4.2)."""
    found = credential.get("@context")
    if not model.is_version_1_1(credential) or not isinstance(found, list) or _TERMS in found:
        return credential
    return {**credential, "@context": [*found, _TERMS]}


def _pointers(options: Mapping[str, Any]) -> tuple[str, ...]:
    found = options.get("mandatoryPointers", [])
    if not isinstance(found, list) or not all(isinstance(item, str) for item in found):
        raise IssueRefused("mandatoryPointers is a list of JSON Pointers", clause="VCALM §3.2.1")
    return tuple(found)


def _in_envelope(
    instance: Instance, form: Form, credential: dict[str, Any], on: Circumstances
) -> dict[str, Any]:
    if isinstance(instance.signer, SoftwareBbsSigner):
        raise FormatRefused("no key for JOSE or COSE")
    model.check_credential(credential)
    types_of(credential, Contexts.of(on.contexts))
    payload = json.dumps({**credential, "iat": int(on.now.timestamp())})
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
