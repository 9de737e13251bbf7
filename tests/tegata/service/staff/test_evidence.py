"""Evidence of approvals, as an auditor checks it years later."""

from dataclasses import replace
from hashlib import sha256
from typing import Any

import pytest

from tegata.codec import base64url
from tegata.doubles.authenticator import Authenticator
from tegata.errors import MalformedInput
from tegata.service.settings import Mode
from tegata.service.staff import webauthn
from tegata.service.staff.errors import PasskeyRefused
from tegata.service.staff.evidence import ApprovalEvidence, challenge_for, verify_evidence
from tegata.service.staff.webauthn import RelyingParty

ORIGIN, RP_ID = "https://issuer.example.jp", "issuer.example.jp"
NONCE, MESSAGE = b"n" * 32, b"the digest of a batch"


def approved(message: bytes = MESSAGE, **options: Any) -> tuple[ApprovalEvidence, bytes]:
    """Evidence and the public key it was made with."""
    party = RelyingParty(RP_ID, ORIGIN)
    authenticator = Authenticator(Mode.TEST, ORIGIN, **options)
    challenge = challenge_for(NONCE, message)
    encoded = base64url.encode(challenge)
    authenticator.verifies_user = True
    created = authenticator.create(webauthn.creation_options(party, encoded, "id", "login", "名", ()))
    made = webauthn.check_registration(webauthn.parse_registration(created), encoded, party)
    authenticator.verifies_user = options.get("verifies_user", True)
    got = webauthn.parse_assertion(authenticator.get(webauthn.request_options(party, encoded, ())))
    evidence = ApprovalEvidence(
        base64url.decode(got.credential_id),
        got.authenticator_data,
        got.client_data,
        got.signature,
        NONCE,
        challenge,
    )
    return evidence, made.public_key_cose


def test_the_challenge_is_the_digest_of_prefix_nonce_and_message() -> None:
    assert challenge_for(NONCE, MESSAGE) == sha256(b"tegata approval 1" + NONCE + MESSAGE).digest()


@pytest.mark.parametrize("nonce", [b"", b"n" * 31, b"n" * 33])
def test_a_nonce_has_one_length_so_that_it_cannot_run_into_the_message(nonce: bytes) -> None:
    with pytest.raises(MalformedInput):
        challenge_for(nonce, MESSAGE)


def test_good_evidence_holds() -> None:
    evidence, key = approved()
    assert verify_evidence(evidence, key, MESSAGE, RP_ID, ORIGIN) is None


def test_evidence_does_not_hold_for_another_message_nonce_place_or_key() -> None:
    evidence, key = approved()
    _, other_key = approved()
    other = challenge_for(NONCE, b"other")
    for changed, with_key, message, rp_id, origin in (
        (evidence, key, b"other", RP_ID, ORIGIN),
        (replace(evidence, challenge=other), key, b"other", RP_ID, ORIGIN),
        (replace(evidence, nonce=b"m" * 32), key, MESSAGE, RP_ID, ORIGIN),
        (evidence, key, MESSAGE, "example.jp", ORIGIN),
        (evidence, key, MESSAGE, RP_ID, "https://other.example.jp"),
        (evidence, other_key, MESSAGE, RP_ID, ORIGIN),
        (replace(evidence, signature=b"x"), key, MESSAGE, RP_ID, ORIGIN),
    ):
        with pytest.raises(PasskeyRefused):
            verify_evidence(changed, with_key, message, rp_id, origin)


def test_evidence_without_user_verification_does_not_hold() -> None:
    evidence, key = approved(verifies_user=False)
    with pytest.raises(PasskeyRefused, match="not verified"):
        verify_evidence(evidence, key, MESSAGE, RP_ID, ORIGIN)


def test_evidence_survives_being_written_down() -> None:
    evidence, _ = approved()
    assert ApprovalEvidence.from_json(evidence.to_json()) == evidence


@pytest.mark.parametrize("change", [{"more": "AA"}, {"nonce": 7}, {"nonce": "not base64url!"}])
def test_what_is_no_evidence_is_malformed(change: dict[str, Any]) -> None:
    evidence, _ = approved()
    with pytest.raises(MalformedInput):
        ApprovalEvidence.from_json(evidence.to_json() | change)
    with pytest.raises(MalformedInput):
        ApprovalEvidence.from_json([])
