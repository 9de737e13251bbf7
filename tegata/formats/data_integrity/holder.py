"""The holder's side: putting credentials into a presentation for one verifier (VCDM 2.0 §4.13, OID4VP 1.0 §B.1.3)."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from tegata.codec import dates
from tegata.formats.data_integrity import suites
from tegata.formats.linked_data.json_ld import Contexts
from tegata.formats.vcdm import model
from tegata.formats.vcdm.subject import holder_of, verification_method
from tegata.keys.signer import Signer


def present(
    credentials: Sequence[Mapping[str, Any]],
    signer: Signer | None,
    *,
    challenge: str,
    domain: str,
    now: datetime,
    contexts: Mapping[str, bytes] | Contexts,
) -> dict[str, Any]:
    """Make a presentation for one challenge (the nonce) and one domain (the verifier's client id).

    Its holder is who the first credential is about, if it is bound, else the signer's did:key. Without a signer the
    presentation has no proof and names no holder. Raises `FormatRefused` for credentials that break the model.
    """
    presentation: dict[str, Any] = {
        "@context": [model.BASE_CONTEXT],
        "type": [model.PRESENTATION],
        "verifiableCredential": [dict(credential) for credential in credentials],
    }
    if signer is None:
        model.check_presentation(presentation, is_secured=False)
        return presentation
    presentation["holder"] = holder_of(credentials, signer.public_key)
    model.check_presentation(presentation, is_secured=True)
    options = {
        "created": dates.format_instant(now.replace(microsecond=0)),
        "verificationMethod": verification_method(presentation["holder"]),
        "proofPurpose": suites.AUTHENTICATION,
        "challenge": challenge,
        "domain": domain,
    }
    secured = suites.Secured(presentation, Contexts.of(contexts))
    return {**presentation, "proof": suites.add_proof(secured, options, signer)}


def types_of(credential: Mapping[str, Any], contexts: Mapping[str, bytes] | Contexts) -> tuple[str, ...]:
    """Return the expanded types of a held credential, as requests name them (OID4VP 1.0 §B.1.1); nothing is verified.

    Raises `FormatRefused` for what is no credential over these contexts.
    """
    model.check_credential(credential)
    return suites.Secured(credential, Contexts.of(contexts)).types
