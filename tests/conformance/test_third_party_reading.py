"""What we publish and sign, read by software of others: metadata, types, credentials, trust list, status lists."""

import json
from datetime import UTC, datetime
from urllib.parse import unquote

import httpx
import pytest

from schemas import catalogue
from schemas.contexts import load as contexts_of_w3c
from tegata.keys import jwk
from tegata.keys.software import SoftwareSigner
from tests.conformance.peers import run
from tests.conformance.world import World

pytestmark = [pytest.mark.node, pytest.mark.xdist_group("peers")]


def _fetch(url: str):
    answer = httpx.get(url, trust_env=False)
    assert answer.status_code == 200, url
    return answer.json()


def test_every_configuration_fits_the_schema_of_its_format(world: World) -> None:
    found = world.wallet("metadata", issuer=world.issuer)
    assert found["version"] == "V1"
    assert "graduation-sd-jwt" in found["known"]
    assert "transcript-ldp" in found["known"]
    assert sorted(found["known"]) == sorted(found["configurations"])


@pytest.mark.clause("RFC 8414 §3.2")
def test_the_authorization_server_is_the_school_and_says_nothing_by_empty_lists(world: World) -> None:
    (server,) = world.wallet("metadata", issuer=world.issuer)["authorizationServers"]
    assert server["issuer"] == world.issuer
    assert server["pre-authorized_grant_anonymous_access_supported"] is True
    assert [name for name, value in server.items() if value == []] == []


def test_sd_jwt_js_verifies_credential_status_and_type(world: World, held) -> None:
    found = world.wallet("verify", credential=held[0]["credential"], typesAt=world.issuer_origin)
    assert "error" not in found, found
    assert found["header"]["typ"] == "dc+sd-jwt"
    assert found["claims"]["graduation_date"] == "2026-03-01"
    assert found["type"]["vct"] == found["claims"]["vct"]
    assert [item["locale"] for item in found["type"]["display"]] == ["ja", "en"]
    assert found["type"]["display"][0]["name"] == "卒業証明書"


@pytest.mark.clause("SD-JWT VC §6")
def test_the_type_metadata_of_every_document_fit_the_schema_of_sd_jwt_js(world: World) -> None:
    names = [document.name for document in catalogue.load().documents]
    urls = [f"{world.issuer_origin}/vct/{name}/1" for name in names]
    assert world.wallet("types", urls=urls) == dict.fromkeys(urls)


@pytest.mark.clause("SD-JWT VC §2.2.2.2", "SD-JWT VC §6")
@pytest.mark.parametrize("number", [0, 1], ids=["graduation", "transcript"])
def test_what_can_be_hidden_is_what_the_type_says(world: World, held, number: int) -> None:
    found = world.wallet("verify", credential=held[number]["credential"], typesAt=world.issuer_origin)
    rules = {item["path"][0]: item["sd"] for item in found["type"]["claims"] if len(item["path"]) == 1}
    top = {key for key in found["keys"] if "." not in key}
    described = found["claims"].keys() & rules.keys()
    assert {"family_name", "birthdate", "document_number"} <= top
    assert {key for key in described if rules[key] == "always"} <= top
    assert top <= described
    assert not {key for key in described if rules[key] == "never"} & top


def test_sd_jwt_js_refuses_it_under_another_schools_key_and_with_another_value(world: World, held) -> None:
    credential = held[0]["credential"]
    other = {**jwk.to_jwk(SoftwareSigner.generate().public_key), "alg": "ES256"}
    assert "error" in world.wallet("verify", credential=credential, issuerJwk=other)
    jws, first, *more = credential.split("~")
    altered = "~".join([jws, first[:-2] + ("AA" if first[-2:] != "AA" else "BB"), *more])
    assert "error" in world.wallet("verify", credential=altered)


def test_jose_verifies_the_trust_list_which_names_the_key_of_the_credential(world: World, held) -> None:
    found = world.wallet("trustList", url=f"{world.issuer_origin}/trust-list")
    assert found["typ"] == "trust-list+jwt"
    (school,) = found["list"]["LoTE"]["TrustedEntitiesList"]
    facts = school["TrustedEntityInformation"]["TegataOrganisation"]
    assert facts["identifiers"]["uri"] == world.issuer
    credential = world.wallet("verify", credential=held[0]["credential"])
    assert credential["claims"]["vct"] in {item["documentType"] for item in facts["rights"]}
    information = [item["ServiceInformation"] for item in school["TrustedEntityServices"]]
    copies = [item for item in information if item["ServiceTypeIdentifier"].endswith("/copy")]
    keys = [key for item in copies for key in item["ServiceDigitalIdentity"]["PublicKeyValues"]]
    assert credential["header"]["kid"] in {key["kid"] for key in keys}


def test_a_list_signed_under_another_root_is_refused(world: World) -> None:
    found = world.wallet("trustList", url=f"{world.issuer_origin}/trust-list", anchors="")
    assert found["error"] == "x5c does not lead to the pinned anchor"


@pytest.mark.clause("Token Status List §4.1", "Token Status List §5.1")
def test_jose_reads_in_the_status_list_what_was_revoked_and_what_was_not(world: World) -> None:
    kept, revoked = world.invitation(), world.invitation()
    references = []
    for invitation in (kept, revoked):
        (copy,) = world.claim(invitation.link)["credentials"]
        claims = world.wallet("verify", credential=copy["credential"])["claims"]
        assert claims["status"].keys() == {"status_list"}
        references.append(claims["status"]["status_list"])
    world.revoke(revoked)
    (url,) = {item["uri"] for item in references}
    found = world.wallet("statusList", url=url, indices=[item["idx"] for item in references])
    assert found["bits"] == 2
    assert found["statuses"] == [0, 1]


@pytest.mark.clause("did:web §3.2", "VC Data Integrity 1.0 §4.4")
def test_digital_bazaar_verifies_a_claimed_w3c_credential_with_what_the_issuer_serves(world: World) -> None:
    (claimed,) = world.claim(world.invitation().link, format="ldp_vc")["credentials"]
    credential = claimed["credential"]
    assert credential["type"] == ["VerifiableCredential", "JpGraduationCredential"]
    base, own = credential["@context"]
    assert own.endswith("/contexts/graduation/1")
    contexts = {
        base: json.loads(contexts_of_w3c()[base]),
        own: _fetch(f"{world.issuer_origin}/contexts/graduation/1"),
    }
    did = credential["issuer"]["id"]
    host, *path = (unquote(part) for part in did.removeprefix("did:web:").split(":"))
    document = _fetch(f"http://{host}/{'/'.join(path)}/did.json")
    tampered = credential | {"credentialSubject": credential["credentialSubject"] | {"family_name": "高橋"}}
    now = datetime.now(UTC).isoformat()
    results = run(
        "verify_w3c.mjs",
        {
            "contexts": contexts,
            "didDocuments": {did: document},
            "cases": [{"document": item, "now": now} for item in (credential, tampered)],
        },
    )
    assert results[0] == {"verified": True, "error": ""}
    assert results[1]["verified"] is False
