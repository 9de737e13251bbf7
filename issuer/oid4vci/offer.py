"""Credential offers (OID4VCI 1.0 §4): what the QR code on a slip leads to.

An offer is public: it names the issuer, the configurations and a short-lived code, never a person (§13.5).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from tegata.codec import json

PRE_AUTHORIZED_CODE = "urn:ietf:params:oauth:grant-type:pre-authorized_code"
SCHEME = "openid-credential-offer://"
MAX_DESCRIPTION = 300


@dataclass(frozen=True, slots=True)
class TransactionCode:
    """What the wallet is told about the 確認番号; its presence means that one is required (§4.1.1)."""

    length: int = 6
    description: str = "学校から別に渡された6桁の確認番号 / The 6-digit confirmation number from your school"

    def as_json(self) -> dict[str, Any]:
        """Return the `tx_code` object."""
        return {
            "input_mode": "numeric",
            "length": self.length,
            "description": self.description[:MAX_DESCRIPTION],
        }


def credential_offer(
    credential_issuer: str,
    configuration_ids: Sequence[str],
    pre_authorized_code: str,
    transaction_code: TransactionCode | None,
) -> dict[str, Any]:
    """Build a Credential Offer object with the pre-authorized code grant (OID4VCI 1.0 §4.1.1)."""
    grant: dict[str, Any] = {"pre-authorized_code": pre_authorized_code}
    if transaction_code is not None:
        grant["tx_code"] = transaction_code.as_json()
    return {
        "credential_issuer": credential_issuer,
        "credential_configuration_ids": list(configuration_ids),
        "grants": {PRE_AUTHORIZED_CODE: grant},
    }


def by_value(offer: Mapping[str, Any]) -> str:
    """Return the link that carries the offer itself (OID4VCI 1.0 §4.1.2)."""
    return f"{SCHEME}?{urlencode({'credential_offer': json.dumps(offer).decode()})}"


def by_reference(offer_uri: str) -> str:
    """Return the link that carries the offer's address (OID4VCI 1.0 §4.1.3); the form for QR codes."""
    return f"{SCHEME}?{urlencode({'credential_offer_uri': offer_uri})}"
