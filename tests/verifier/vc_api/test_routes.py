"""The W3C's API: one result shape, errors and warnings apart."""

import secrets
from typing import Any

import pytest

from schemas import catalogue
from tegata.codec import json
from tegata.formats import data_integrity, jose_cose
from tegata.formats.jose_cose import Form, enveloped
from tegata.keys.software import SoftwareSigner
from tegata.status.entries import Status
from tests.verifier.conftest import MakeWorld, World


def verify(world: World, path: str, body: Any) -> tuple[int, dict[str, Any]]:
    answer = world.client.post(path, json=body, headers=world.key())
    return answer.status_code, answer.json()


def w3c(world: World, index: int = 0) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(world.school.w3c(world.school.document("graduation", index), None))
    return found


def test_a_good_credential_is_verified(world: World) -> None:
    credential = w3c(world)
    options = {"returnResults": True, "returnCredential": True}
    status, found = verify(
        world, "/credentials/verify", {"verifiableCredential": credential, "options": options}
    )
    assert (status, found["verified"], found["errors"], found["warnings"]) == (200, True, [], [])
    assert found["problemDetails"] == []
    assert found["credential"] == credential
    assert found["results"][0]["proof"] == "passed"
    assert "signature" in found["checks"]


def test_a_changed_credential_is_not(world: World) -> None:
    credential = w3c(world)
    credential["credentialSubject"]["family_name"] = "別人"
    status, found = verify(world, "/credentials/verify", {"verifiableCredential": credential})
    assert (status, found["verified"]) == (400, False)
    types = [item["type"] for item in found["problemDetails"]]
    assert types == ["https://www.w3.org/TR/vc-data-model#CRYPTOGRAPHIC_SECURITY_ERROR"]
    assert found["errors"]


@pytest.mark.parametrize("status", [200, 422])
def test_how_a_failure_is_answered_is_a_setting(make_world: MakeWorld, status: int) -> None:
    world = make_world(vc_api_failure_status=status)
    credential = w3c(world) | {"validFrom": "2020-01-01T00:00:00Z"}
    assert verify(world, "/credentials/verify", {"verifiableCredential": credential})[0] == status


def test_status_is_a_warning(world: World) -> None:
    credential = w3c(world, 3)
    world.school.set_status(3, Status.INVALID)
    world.school.publish(world.server)
    status, found = verify(world, "/credentials/verify", {"verifiableCredential": credential})
    assert (status, found["verified"]) == (200, True)
    assert len(found["warnings"]) == 1


def test_a_status_that_cannot_be_fetched_is_named_so(world: World) -> None:
    world.server.pages.clear()
    _, found = verify(world, "/credentials/verify", {"verifiableCredential": w3c(world)})
    (problem,) = found["problemDetails"]
    assert problem["type"] == "https://www.w3.org/ns/credentials/status-list#STATUS_RETRIEVAL_ERROR"


def test_an_enveloped_sd_jwt_vc_is_verified(world: World) -> None:
    sealed = world.school.sd_jwt_vc(world.school.document("graduation"), None).decode("ascii")
    envelope = {
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "id": f"data:application/dc+sd-jwt,{sealed}",
        "type": "EnvelopedVerifiableCredential",
    }
    status, found = verify(world, "/credentials/verify", {"verifiableCredential": envelope})
    assert (status, found["verified"]) == (200, True)


@pytest.mark.clause("VCDM 2.0 §4.13")
@pytest.mark.parametrize("form", [Form.VC_JWT, Form.VC_SD_JWT, Form.VC_COSE], ids=str)
def test_an_enveloped_credential_of_each_form_is_verified(world: World, form: Form) -> None:
    document = world.school.document("graduation")
    prepared = jose_cose.prepare(document, None, secrets.token_bytes, world.now(), catalogue.contexts(), form)
    envelope = enveloped(form, jose_cose.seal(prepared, world.school.document_signer))
    status, found = verify(world, "/credentials/verify", {"verifiableCredential": envelope})
    assert (status, found["verified"]) == (200, True), found


def test_an_envelope_with_nothing_in_it_is_not_verified(world: World) -> None:
    envelope = {"type": "EnvelopedVerifiableCredential", "id": "x"}
    status, found = verify(world, "/credentials/verify", {"verifiableCredential": envelope})
    assert (status, found["verified"]) == (400, False)
    assert found["problemDetails"][0]["type"] == "https://www.w3.org/TR/vc-data-model#PARSING_ERROR"


def presentation(world: World, challenge: str, domain: str) -> dict[str, Any]:
    holder = SoftwareSigner.generate()
    sealed = world.school.w3c(world.school.document("graduation"), holder.public_key)
    return dict(
        data_integrity.present(
            (json.loads(sealed),),
            holder,
            challenge=challenge,
            domain=domain,
            now=world.now(),
            contexts=catalogue.contexts(),
        )
    )


def test_a_presentation_for_the_challenge_is_verified(world: World) -> None:
    shown = presentation(world, "c-1", "example.org")
    options = {"challenge": "c-1", "domain": "example.org", "returnPresentation": True}
    body = {"verifiablePresentation": shown, "options": options}
    status, found = verify(world, "/presentations/verify", body)
    assert (status, found["verified"]) == (200, True), found
    assert found["presentation"] == shown


@pytest.mark.parametrize("wrong", [{"challenge": "c-2"}, {"domain": "other.example"}])
def test_a_presentation_for_another_challenge_is_not(world: World, wrong: dict[str, str]) -> None:
    options = {"challenge": "c-1", "domain": "example.org"} | wrong
    body = {"verifiablePresentation": presentation(world, "c-1", "example.org"), "options": options}
    status, found = verify(world, "/presentations/verify", body)
    assert (status, found["verified"]) == (400, False)


def test_an_unknown_option_is_named_and_ignored(world: World) -> None:
    body = {"verifiableCredential": w3c(world), "options": {"colour": "red"}}
    status, found = verify(world, "/credentials/verify", body)
    assert (status, found["verified"]) == (200, True)
    assert found["problemDetails"][0]["type"].endswith("#UNKNOWN_OPTION_PROVIDED")


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/credentials/verify", []),
        ("/credentials/verify", {}),
        ("/credentials/verify", {"verifiableCredential": "x"}),
        ("/credentials/verify", {"verifiableCredential": {}, "options": []}),
        ("/presentations/verify", {}),
        ("/presentations/verify", {"presentation": {}, "options": {"challenge": "only"}}),
    ],
)
def test_a_body_without_a_credential_is_refused(world: World, path: str, body: Any) -> None:
    status, found = verify(world, path, body)
    assert (status, found["kind"]) == (400, "vc_api_input_refused")


def test_something_that_is_no_credential_is_answered_in_the_same_shape(world: World) -> None:
    status, found = verify(world, "/credentials/verify", {"verifiableCredential": {"hello": "world"}})
    assert (status, found["verified"]) == (400, False)
    assert found["problemDetails"][0]["type"].endswith("#PARSING_ERROR")
