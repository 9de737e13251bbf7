"""The credential request (OID4VCI 1.0 §8.2) against what its token covers, and the answer (§8.3)."""

from typing import Any

import pytest

from issuer.oid4vci.credential import CredentialRequest, parse_request, response
from issuer.oid4vci.errors import (
    InvalidCredentialRequest,
    InvalidEncryptionParameters,
    InvalidProof,
    Oid4vciRefused,
    UnknownConfiguration,
    UnknownIdentifier,
)
from issuer.oid4vci.metadata import BATCH_SIZE
from issuer.oid4vci.token import credential_identifier

AUTHORISED = ("graduation-sd-jwt", "graduation-ldp")
PROOFS = {"jwt": ["a.b.c"]}
BY_CONFIGURATION = {"credential_configuration_id": "graduation-ldp", "proofs": PROOFS}
BY_IDENTIFIER = {"credential_identifier": credential_identifier("graduation-ldp"), "proofs": PROOFS}

pytestmark = pytest.mark.clause("OID4VCI 1.0 §8.2")


def _read(body: Any, *, named: bool = False) -> CredentialRequest:
    return parse_request(body, authorised=AUTHORISED, identifiers_were_named=named)


def test_a_request_names_its_configuration_and_its_proofs() -> None:
    assert _read(BY_CONFIGURATION) == CredentialRequest("graduation-ldp", ("a.b.c",))
    assert _read(BY_CONFIGURATION | {"format": "x", "unknown": 1}).configuration_id == "graduation-ldp"


def test_a_request_uses_an_identifier_where_the_token_named_them() -> None:
    assert _read(BY_IDENTIFIER, named=True) == CredentialRequest("graduation-ldp", ("a.b.c",))


@pytest.mark.parametrize(
    ("body", "named", "refusal"),
    [
        ({"proofs": PROOFS}, False, InvalidCredentialRequest),
        (BY_CONFIGURATION | BY_IDENTIFIER, False, InvalidCredentialRequest),
        (BY_CONFIGURATION | BY_IDENTIFIER, True, InvalidCredentialRequest),
        (BY_CONFIGURATION, True, InvalidCredentialRequest),
        (BY_IDENTIFIER, False, UnknownIdentifier),
        (BY_IDENTIFIER | {"credential_identifier": "graduation-ldp"}, True, UnknownIdentifier),
        (BY_IDENTIFIER | {"credential_identifier": ["x"]}, True, UnknownIdentifier),
        (BY_CONFIGURATION | {"credential_configuration_id": "transcript-ldp"}, False, UnknownConfiguration),
        (BY_CONFIGURATION | {"credential_configuration_id": ""}, False, UnknownConfiguration),
        (BY_CONFIGURATION | {"credential_configuration_id": {"x": 1}}, False, UnknownConfiguration),
    ],
)
def test_exactly_one_name_of_the_right_kind_is_required(
    body: Any, named: bool, refusal: type[Oid4vciRefused]
) -> None:
    with pytest.raises(refusal):
        _read(body, named=named)


@pytest.mark.parametrize("body", [None, [], "x", 1, True])
def test_a_body_that_is_no_object_is_refused(body: Any) -> None:
    with pytest.raises(InvalidCredentialRequest):
        _read(body)


@pytest.mark.parametrize(
    "proofs",
    [
        None,
        [],
        "a.b.c",
        {},
        {"jwt": []},
        {"jwt": "a.b.c"},
        {"jwt": [1]},
        {"jwt": ["a.b.c", None]},
        {"jwt": ["a.b.c"], "attestation": ["x"]},
        {"attestation": ["x"]},
        {"di_vp": [{}]},
    ],
)
def test_a_proof_of_the_one_supported_type_is_required(proofs: Any) -> None:
    with pytest.raises(InvalidProof):
        _read(BY_CONFIGURATION | {"proofs": proofs})


@pytest.mark.clause("OID4VCI 1.0 §3.3.2")
def test_a_batch_has_its_limit() -> None:
    assert len(_read(BY_CONFIGURATION | {"proofs": {"jwt": ["p"] * BATCH_SIZE}}).proofs) == BATCH_SIZE
    with pytest.raises(InvalidCredentialRequest):
        _read(BY_CONFIGURATION | {"proofs": {"jwt": ["p"] * (BATCH_SIZE + 1)}})


def _with_legacy(proof: Any) -> dict[str, Any]:
    return {"credential_configuration_id": "graduation-sd-jwt", "proof": proof}


def test_the_member_of_older_drafts_is_read_and_noted() -> None:
    """eudi-app-android-wallet-ui#478: wallets send `proof`."""
    found = _read(_with_legacy({"proof_type": "jwt", "jwt": "a.b.c"}))
    assert (found.proofs, found.lenience) == (("a.b.c",), ("proof",))


@pytest.mark.parametrize(
    "proof", [[], "a.b.c", {"proof_type": "jwt"}, {"jwt": "a.b.c"}, {"proof_type": "cwt", "jwt": "a.b.c"}]
)
def test_an_older_proof_has_to_be_whole(proof: Any) -> None:
    with pytest.raises(InvalidProof):
        _read(_with_legacy(proof))


def test_both_members_at_once_are_refused() -> None:
    with pytest.raises(InvalidCredentialRequest):
        _read(_with_legacy({"proof_type": "jwt", "jwt": "a.b.c"}) | {"proofs": PROOFS})


@pytest.mark.parametrize("value", [{}, None, {"jwk": {}, "enc": "A256GCM"}])
def test_encryption_that_is_not_offered_is_refused_and_never_ignored(value: Any) -> None:
    with pytest.raises(InvalidEncryptionParameters):
        _read(BY_CONFIGURATION | {"credential_response_encryption": value})


@pytest.mark.clause("OID4VCI 1.0 §8.3")
def test_the_answer_holds_objects() -> None:
    assert response(["a~", {"type": []}], "n") == {
        "credentials": [{"credential": "a~"}, {"credential": {"type": []}}],
        "notification_id": "n",
    }
