"""The credential request and its answer (OID4VCI 1.0 §8)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from issuer.oid4vci.errors import (
    InvalidCredentialRequest,
    InvalidEncryptionParameters,
    InvalidProof,
    UnknownConfiguration,
    UnknownIdentifier,
)
from issuer.oid4vci.metadata import BATCH_SIZE
from issuer.oid4vci.token import credential_identifier

#: A member of drafts before 1.0; deployed wallets still send it, and reading it weakens nothing.
LEGACY_PROOF = "proof"


@dataclass(frozen=True, slots=True)
class CredentialRequest:
    """A request that fits its token: which configuration, and one key proof for each copy asked for."""

    configuration_id: str
    proofs: tuple[str, ...]
    lenience: tuple[str, ...] = ()


def parse_request(body: Any, *, authorised: Sequence[str], identifiers_were_named: bool) -> CredentialRequest:
    """Read a Credential Request (§8.2) against what its access token covers; unknown members are ignored.

    `authorised` are the configuration ids of the token; `identifiers_were_named` says whether the token response
    had `credential_identifiers`: the request must then use one (§8.2).
    """
    if not isinstance(body, dict):
        raise InvalidCredentialRequest("not a JSON object")
    if "credential_response_encryption" in body:
        raise InvalidEncryptionParameters("response encryption is not offered", clause="OID4VCI 1.0 §8.2")
    configuration = _configuration_id(body, authorised, identifiers_were_named=identifiers_were_named)
    proofs, lenience = _proofs(body)
    return CredentialRequest(configuration, proofs, lenience)


def response(credentials: Sequence[Any], notification_id: str) -> dict[str, Any]:
    """Build the Credential Response of an immediate issuance (§8.3)."""
    return {
        "credentials": [{"credential": credential} for credential in credentials],
        "notification_id": notification_id,
    }


def _configuration_id(
    body: Mapping[str, Any], authorised: Sequence[str], *, identifiers_were_named: bool
) -> str:
    by_identifier, by_configuration = (
        body.get("credential_identifier"),
        body.get("credential_configuration_id"),
    )
    if (by_identifier is None) == (by_configuration is None):
        raise InvalidCredentialRequest(
            "exactly one of credential_identifier and credential_configuration_id is required"
        )
    if by_identifier is not None:
        known = {credential_identifier(name): name for name in authorised}
        if not identifiers_were_named or not isinstance(by_identifier, str) or by_identifier not in known:
            raise UnknownIdentifier("not an identifier of this token", clause="OID4VCI 1.0 §8.3.1.2")
        return known[by_identifier]
    if identifiers_were_named:
        raise InvalidCredentialRequest(
            "the token names credential identifiers: use one", clause="OID4VCI 1.0 §8.2"
        )
    if not isinstance(by_configuration, str) or by_configuration not in authorised:
        raise UnknownConfiguration("not covered by this token", clause="OID4VCI 1.0 §8.3.1.2")
    return by_configuration


def _proofs(body: Mapping[str, Any]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    proofs, legacy = body.get("proofs"), body.get(LEGACY_PROOF)
    if proofs is not None and legacy is not None:
        raise InvalidCredentialRequest("both proofs and proof")
    if legacy is not None:
        if (
            not isinstance(legacy, dict)
            or legacy.get("proof_type") != "jwt"
            or not isinstance(legacy.get("jwt"), str)
        ):
            raise InvalidProof("proof is not of type jwt")
        return (legacy["jwt"],), (LEGACY_PROOF,)
    if not isinstance(proofs, dict):
        raise InvalidProof("a key proof is required", clause="OID4VCI 1.0 §8.2")
    if list(proofs) != ["jwt"]:
        raise InvalidProof("exactly one proof type, jwt, is supported", clause="OID4VCI 1.0 §8.2")
    found = proofs["jwt"]
    if not isinstance(found, list) or not found or not all(isinstance(item, str) for item in found):
        raise InvalidProof("proofs.jwt is not a non-empty array of strings")
    if len(found) > BATCH_SIZE:
        raise InvalidCredentialRequest(
            f"at most {BATCH_SIZE} proofs are accepted", clause="OID4VCI 1.0 §3.3.2"
        )
    return tuple(found), ()
