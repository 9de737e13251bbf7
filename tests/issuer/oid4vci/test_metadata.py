"""Issuer and authorization server metadata (OID4VCI 1.0 §12.2, RFC 8414), whatever the depth of the path."""

import pytest

from issuer.catalogue.service import as_metadata
from issuer.oid4vci.metadata import (
    BATCH_SIZE,
    LDP_VC,
    MSO_MDOC,
    PROOF_ALGORITHMS,
    SD_JWT_VC,
    authorization_server_metadata,
    configuration_id,
    configurations,
    inserted,
    issuer_metadata,
)
from issuer.oid4vci.offer import PRE_AUTHORIZED_CODE
from schemas import catalogue
from schemas.education.forms import forms_of
from tegata.codec import json
from tegata.errors import Text

ISSUER = "https://issuer.example/jp/reiji/s/abc"
DOCUMENTS = [as_metadata(item) for item in catalogue.load().documents]
METADATA = issuer_metadata(ISSUER, Text("例示高校", "Example High"), DOCUMENTS, "ES256")
SUPPORTED = METADATA["credential_configurations_supported"]

pytestmark = pytest.mark.clause("OID4VCI 1.0 §12.2.4")


@pytest.mark.clause("OID4VCI 1.0 §12.2.2", "RFC 8414 §3")
@pytest.mark.parametrize(
    ("identifier", "address"),
    [
        ("https://h.example", "https://h.example/.well-known/x"),
        ("https://h.example/t1", "https://h.example/.well-known/x/t1"),
        ("https://h.example:8443/jp/reiji/s/abc", "https://h.example:8443/.well-known/x/jp/reiji/s/abc"),
        ("https://h.example/t1/", "https://h.example/.well-known/x/t1"),
    ],
)
def test_the_well_known_string_goes_between_host_and_path(identifier: str, address: str) -> None:
    """inji/inji-certify#967, trustknots/vcknots#89: well-known path wrong where the identifier has a path."""
    assert inserted(identifier, "x") == address


def test_the_identifier_and_its_endpoints_stand_below_one_address() -> None:
    assert METADATA["credential_issuer"] == ISSUER
    for name in ("credential", "nonce", "notification"):
        assert METADATA[f"{name}_endpoint"] == f"{ISSUER}/{name}"
    assert METADATA["batch_credential_issuance"] == {"batch_size": BATCH_SIZE}
    assert [item["locale"] for item in METADATA["display"]] == ["ja", "en"]


def test_every_document_is_offered_in_every_format() -> None:
    assert set(SUPPORTED) == {
        configuration_id(document.name, name) for document in DOCUMENTS for name in (SD_JWT_VC, LDP_VC)
    }
    assert {identifier: found.document.name for identifier, found in configurations(DOCUMENTS).items()} == {
        configuration_id(document.name, name): document.name
        for document in DOCUMENTS
        for name in (SD_JWT_VC, LDP_VC)
    }


@pytest.mark.clause("OID4VCI 1.0 §A.1.2", "OID4VCI 1.0 §A.3")
@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda item: str(item.name))
def test_each_configuration_has_what_its_format_requires(document: object) -> None:
    sd_jwt = SUPPORTED[configuration_id(document.name, SD_JWT_VC)]  # type: ignore[attr-defined]  # OfferedDocument
    ldp = SUPPORTED[configuration_id(document.name, LDP_VC)]  # type: ignore[attr-defined]  # same
    assert (sd_jwt["format"], sd_jwt["vct"]) == (SD_JWT_VC, document.vct)  # type: ignore[attr-defined]  # same
    assert "credential_definition" not in sd_jwt
    assert "vct" not in ldp
    assert ldp["credential_definition"]["type"][0] == "VerifiableCredential"
    assert ldp["credential_definition"]["@context"][0] == "https://www.w3.org/ns/credentials/v2"
    for found in (sd_jwt, ldp):
        assert found["proof_types_supported"]["jwt"]["proof_signing_alg_values_supported"] == list(
            PROOF_ALGORITHMS
        )
        assert found["cryptographic_binding_methods_supported"]
        shown = found["credential_metadata"]
        assert [item["locale"] for item in shown["display"]] == ["ja", "en"]
        assert shown["claims"]
        for claim in shown["claims"]:
            assert all(label["name"] for label in claim["display"])
    assert [claim["path"] for claim in ldp["credential_metadata"]["claims"]] == [
        ["credentialSubject", *claim["path"]] for claim in sd_jwt["credential_metadata"]["claims"]
    ]


@pytest.mark.clause("OID4VCI 1.0 §A.2.2", "OID4VCI 1.0 §C.2")
def test_a_mobile_document_is_named_by_its_doctype_and_its_elements() -> None:
    definition = catalogue.load().get("student-id")
    metadata = issuer_metadata(
        ISSUER, Text("例示高校", "Example High"), [as_metadata(definition, mobile=True)], "ES256"
    )
    found = metadata["credential_configurations_supported"]["student-id-mdoc"]
    assert (found["format"], found["doctype"]) == (MSO_MDOC, "org.w3id.tegata.student_id.1")
    assert found["credential_signing_alg_values_supported"] == [-7]
    assert found["cryptographic_binding_methods_supported"] == ["cose_key"]
    assert "vct" not in found
    assert "credential_definition" not in found
    claims = {tuple(item["path"]): item for item in found["credential_metadata"]["claims"]}
    assert {path[0] for path in claims} == {"org.w3id.tegata.student_id.1"}
    born = claims["org.w3id.tegata.student_id.1", "birth_date"]
    assert born["mandatory"] is True
    assert [item["name"] for item in born["display"]] == ["生年月日", "Date of birth"]
    assert not claims["org.w3id.tegata.student_id.1", "age_over_18"]["mandatory"]


def test_a_document_that_no_wallet_holds_has_no_mobile_form() -> None:
    assert as_metadata(catalogue.load().get("health-card"), mobile=True).mdoc is None


def test_nothing_is_advertised_that_is_not_there() -> None:
    text = json.dumps(METADATA).decode()
    for name in (
        "deferred_credential_endpoint",
        "credential_response_encryption",
        "key_attestation",
        '"cwt"',
    ):
        assert name not in text


@pytest.mark.clause("RFC 8414 §2")
def test_the_school_is_its_own_authorization_server() -> None:
    found = authorization_server_metadata(ISSUER)
    assert (found["issuer"], found["token_endpoint"]) == (ISSUER, f"{ISSUER}/token")
    assert found["grant_types_supported"] == [PRE_AUTHORIZED_CODE]
    assert found["pre-authorized_grant_anonymous_access_supported"] is True
    assert "authorization_servers" not in METADATA


@pytest.mark.clause("RFC 8414 §3.2")
def test_a_list_without_elements_is_left_out() -> None:
    found = authorization_server_metadata(ISSUER)
    assert [name for name, value in found.items() if value in ([], None)] == []


def test_a_form_is_a_w3c_credential_with_contexts_and_types_of_its_own() -> None:
    definition = catalogue.load().get("graduation")
    offered = as_metadata(definition, forms_of("graduation"))
    metadata = issuer_metadata(ISSUER, Text("例示高校", "Example High"), [offered], "ES256")
    found = metadata["credential_configurations_supported"]["graduation-open-badge"]
    assert found["format"] == LDP_VC
    assert found["credential_signing_alg_values_supported"] == ["eddsa-rdfc-2022"]
    assert found["credential_definition"]["type"] == ["VerifiableCredential", "OpenBadgeCredential"]
    assert len(found["credential_definition"]["@context"]) == 2
    names = [item["name"] for item in found["credential_metadata"]["display"]]
    assert names == [f"{definition.title.ja}（オープンバッジ）", f"{definition.title.en} (Open Badge)"]
    assert "claims" not in found["credential_metadata"]
