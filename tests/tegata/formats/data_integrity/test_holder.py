"""The holder's side: what is put into a presentation, and for whom."""

import pytest

from tegata.formats.credential import FormatRefused
from tegata.identity.did import did_key
from tests.tegata.formats.data_integrity.support import CLIENT, HOLDER, NONCE, V2, issue, present


@pytest.mark.clause("OID4VP 1.0 §B.1.3.2")
def test_a_presentation_is_made_for_one_verifier_and_one_nonce():
    credential = issue()
    presentation = present(credential)
    did = did_key(HOLDER.public_key)
    assert (
        presentation.pop("proof").items()
        >= {
            "type": "DataIntegrityProof",
            "cryptosuite": "ecdsa-rdfc-2019",
            "created": "2026-03-02T09:00:00Z",
            "proofPurpose": "authentication",
            "verificationMethod": f"{did}#{did.removeprefix('did:key:')}",
            "challenge": NONCE,
            "domain": CLIENT,
        }.items()
    )
    assert presentation == {
        "@context": [V2],
        "type": ["VerifiablePresentation"],
        "holder": did,
        "verifiableCredential": [credential],
    }


def test_what_is_bound_to_nobody_is_presented_by_the_signer():
    assert present(issue(holder=None))["holder"] == did_key(HOLDER.public_key)


def test_without_a_signer_nobody_is_the_holder():
    assert present(issue(), holder=None).keys() == {"@context", "type", "verifiableCredential"}


@pytest.mark.parametrize("holder", [HOLDER, None])
def test_what_is_no_credential_is_not_presented(holder):
    with pytest.raises(FormatRefused):
        present({"type": "VerifiableCredential"}, holder=holder)
    with pytest.raises(FormatRefused):
        present(holder=holder)
