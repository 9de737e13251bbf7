"""W3C credentials and presentations in JOSE and COSE, in envelopes, and in presentations that mix the ways.

A presentation is signed by its holder in one way, the credentials in it by their issuers each in its own. So each is opened on
its own, and bound to who signed the presentation.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from urllib.parse import unquote

from tegata.codec import json
from tegata.formats import data_integrity, jose_cose
from tegata.formats.credential import Expected, FormatRefused, HolderBindingRefused, Limits, Verified
from tegata.formats.jose_cose import Form
from tegata.formats.vcdm import model
from tegata.formats.vcdm.legacy import Legacy
from tegata.keys.signer import Algorithm, PublicKey
from verifier.verification.opened import Contexts, Opened, Verifying, key_of_did, no_type_metadata

_SD_JWT_VC_URL = "data:application/dc+sd-jwt,"
#: Proves that the holder signed the presentation, and returns the holder's key; raises `HolderBindingRefused`.
Proving = Callable[[frozenset[Algorithm], datetime, Expected], PublicKey]
#: Opens the bytes of another form.
OpenOther = Callable[[bytes, Contexts, Limits], tuple[Opened, ...]]


def open_jose(form: Form, data: bytes, contexts: Contexts, limits: Limits) -> tuple[Opened, ...]:
    """Open a credential in JOSE or COSE."""
    parsed = jose_cose.parse(data, contexts, form, limits)

    def verifying(
        key: PublicKey, algorithms: frozenset[Algorithm], *, now: datetime, expected: Expected, proof: bool
    ) -> Verified:
        del proof  # a credential alone comes with none
        bare = replace(expected, enforce_validity=False, holder_binding_required=False)
        return jose_cose.verify(parsed, key, algorithms, now=now, expected=bare, holder_keys=key_of_did)

    return (_opened(form.value, parsed, verifying),)


def open_jose_presentation(
    form: Form, data: bytes, contexts: Contexts, limits: Limits, sd_jwt_vc: OpenOther
) -> tuple[Opened, ...]:
    """Open each credential of a presentation in JOSE or COSE."""
    presentation = jose_cose.parse_presentation(data, form, limits)

    def prove(algorithms: frozenset[Algorithm], now: datetime, expected: Expected) -> PublicKey:
        return jose_cose.check_holder(
            presentation, algorithms, now=now, expected=expected, holder_keys=key_of_did
        )

    found: list[Opened] = []
    for item in presentation.credentials:
        opened = (
            _open_form(*item, contexts, limits)
            if isinstance(item, tuple)
            else _open_embedded(item, contexts, limits, sd_jwt_vc)
        )
        found += [_bound(one, presentation.holder, prove) for one in opened]
    return tuple(found)


def open_mixed_presentation(
    data: bytes,
    contexts: Contexts,
    limits: Limits,
    embedded: Callable[[data_integrity.Parsed], Opened],
    sd_jwt_vc: OpenOther,
    legacy: frozenset[Legacy],
) -> tuple[Opened, ...]:
    """Open each credential of a presentation with a Data Integrity proof: those with one as well, and enveloped ones."""
    presentation, parsed = data_integrity.parse_mixed_presentation(data, contexts, limits, legacy=legacy)

    def prove(algorithms: frozenset[Algorithm], now: datetime, expected: Expected) -> PublicKey:
        return data_integrity.check_holder(presentation, algorithms, now, expected, key_of_did)

    found = [embedded(item) for item in parsed]
    for item in presentation.enveloped:
        opened = open_enveloped(json.dumps(item), contexts, limits, sd_jwt_vc)
        found += [_bound(one, presentation.holder, prove) if presentation.proofs else one for one in opened]
    return tuple(found)


def open_enveloped(
    data: bytes, contexts: Contexts, limits: Limits, sd_jwt_vc: OpenOther
) -> tuple[Opened, ...]:
    """Open what is in an envelope; its media type says what that is."""
    value = json.loads(data, max_bytes=limits.max_bytes, max_depth=limits.max_depth)
    if not isinstance(value, dict):
        raise FormatRefused("an envelope that is no object", clause="VCDM 2.0 §4.13")
    identifier = value.get("id")
    if isinstance(identifier, str) and identifier.startswith(_SD_JWT_VC_URL):
        return sd_jwt_vc(unquote(identifier.removeprefix(_SD_JWT_VC_URL)).encode("utf-8"), contexts, limits)
    form, inside = jose_cose.unenveloped(value)
    if form.is_presentation:
        return open_jose_presentation(form, inside, contexts, limits, sd_jwt_vc)
    return open_jose(form, inside, contexts, limits)


def _open_form(form: Form, data: bytes, contexts: Contexts, limits: Limits) -> tuple[Opened, ...]:
    if form.is_presentation:
        raise FormatRefused("a presentation inside a presentation", clause="VCDM 2.0 §4.13")
    return open_jose(form, data, contexts, limits)


def _open_embedded(
    value: Mapping[str, Any], contexts: Contexts, limits: Limits, sd_jwt_vc: OpenOther
) -> tuple[Opened, ...]:
    """Open a credential with a proof of its own inside a presentation in JOSE or COSE."""
    if model.is_enveloped(value):
        return open_enveloped(json.dumps(value), contexts, limits, sd_jwt_vc)
    parsed = data_integrity.parse(json.dumps(value), contexts, limits)

    def verifying(
        key: PublicKey, algorithms: frozenset[Algorithm], *, now: datetime, expected: Expected, proof: bool
    ) -> Verified:
        del proof  # the presentation's, which is bound from outside
        bare = replace(expected, enforce_validity=False, holder_binding_required=False)
        return data_integrity.verify(parsed, key, algorithms, now=now, expected=bare, holder_keys=key_of_did)

    return (_opened(data_integrity.FORMAT, parsed, verifying),)


def _opened(
    format_name: str, parsed: jose_cose.Parsed | data_integrity.Parsed, verifying: Verifying
) -> Opened:
    return Opened(
        format_name,
        parsed.issuer,
        parsed.key_reference,
        has_proof=False,
        verifying=verifying,
        check_type=no_type_metadata,
    )


def _bound(opened: Opened, holder: str, prove: Proving) -> Opened:
    """Return the credential with the presentation's proof as its own: its subject has to be who signed."""

    def verifying(
        key: PublicKey, algorithms: frozenset[Algorithm], *, now: datetime, expected: Expected, proof: bool
    ) -> Verified:
        verified = opened.verifying(key, algorithms, now=now, expected=expected, proof=False)
        if not proof:
            return verified
        holder_key = prove(algorithms, now, expected)
        subjects = {
            identifier
            for subject in model.as_list(verified.raw.get("credentialSubject"))
            if (identifier := model.identifier_of(subject))
        }
        if not subjects:
            return verified
        if holder not in subjects:
            raise HolderBindingRefused("the credential is about somebody else", clause="VCDM 2.0 §4.13")
        return replace(verified, holder_key=holder_key, holder_proven=True)

    return replace(opened, has_proof=True, verifying=verifying)
