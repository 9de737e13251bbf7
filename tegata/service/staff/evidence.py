"""What remains of an approval: a passkey's signature over a message, which anyone with the public key can check again.

The WebAuthn challenge is `SHA-256("tegata approval 1" || nonce || message)`, so that the signature covers the message
(the digest of a batch, say) and the nonce makes each ceremony its own. The nonce has a fixed length.
"""

import hmac
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from tegata.codec import base64url
from tegata.errors import MalformedInput
from tegata.service.staff import webauthn
from tegata.service.staff.errors import PasskeyRefused

NONCE_BYTES = 32
_PREFIX = b"tegata approval 1"
_FIELDS = ("credential_id", "authenticator_data", "client_data_json", "signature", "nonce", "challenge")


@dataclass(frozen=True, slots=True)
class ApprovalEvidence:
    """A passkey's assertion over a message, as it has to be kept."""

    credential_id: bytes
    authenticator_data: bytes
    client_data_json: bytes
    signature: bytes
    nonce: bytes
    challenge: bytes

    def to_json(self) -> dict[str, str]:
        """Return the fields in base64url, for a JSON column or an export."""
        return {name: base64url.encode(getattr(self, name)) for name in _FIELDS}

    @classmethod
    def from_json(cls, value: Any) -> "ApprovalEvidence":
        """Read what `to_json` wrote; raises `MalformedInput`."""
        if not isinstance(value, dict) or set(value) != set(_FIELDS):
            raise MalformedInput("not the evidence of an approval")
        if not all(isinstance(item, str) for item in value.values()):
            raise MalformedInput("evidence is text in base64url")
        return cls(**{name: base64url.decode(value[name]) for name in _FIELDS})


def challenge_for(nonce: bytes, message: bytes) -> bytes:
    """Return the challenge that binds a ceremony to a message; raises `MalformedInput` for another nonce length."""
    if len(nonce) != NONCE_BYTES:
        raise MalformedInput("the nonce of an approval has 32 bytes")
    return sha256(_PREFIX + nonce + message).digest()


def verify_evidence(
    evidence: ApprovalEvidence, public_key_cose: bytes, message: bytes, rp_id: str, origin: str
) -> None:
    """Check evidence again, years later, without the service; raises `PasskeyRefused` where it does not hold.

    Checked are the message, the origin, the relying party, user verification and the signature. Whose key it was, and
    whether that person was allowed to approve then, are other questions.
    """
    challenge = challenge_for(evidence.nonce, message)
    if not hmac.compare_digest(challenge, evidence.challenge):
        raise PasskeyRefused("the evidence is about another message")
    encoded = base64url.encode(challenge)
    assertion = webauthn.Assertion(
        credential_id=base64url.encode(evidence.credential_id),
        client_data=evidence.client_data_json,
        authenticator_data=evidence.authenticator_data,
        signature=evidence.signature,
        user_handle=None,
        challenge=encoded,
    )
    webauthn.check_assertion(assertion, public_key_cose, encoded, webauthn.RelyingParty(rp_id, origin))
