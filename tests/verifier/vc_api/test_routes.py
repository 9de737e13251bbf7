"""The W3C's API: one result shape, errors and warnings apart."""

import secrets
from typing import Any

import pytest

from schemas import catalogue
from tegata.codec import json
from tegata.formats import data_integrity, jose_cose
from tegata.formats.jose_cose import Form, enveloped
from tegata.keys.software import SoftwareSigner
from tegata.status import bitstring_status_list
from tegata.status.bitstring_entry import ClaimedEntry
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


def _list_that(world: World, *, name: str = "revocation", **subject: Any) -> None:
    """Put a list with other members in place of the school's, signed by the school."""
    document = json.loads(world.school.bitstring(name))
    bare = {member: value for member, value in document.items() if member != "proof"}
    bare["credentialSubject"] |= subject
    signer = world.school.status_signer
    method, created = f"{world.school.did}#{signer.public_key.key_id}", world.now().replace(microsecond=0)
    body = json.dumps(data_integrity.secure(bare, signer, method, created, catalogue.contexts()))
    path = world.school.identifier.removeprefix(world.server.origin)
    world.server.pages[f"{path}/{name}"] = ("application/vc", body)


@pytest.mark.clause("Bitstring Status List 1.0 §3.5")
@pytest.mark.parametrize(
    ("subject", "index", "name"),
    [
        ({"encodedList": "uAAAA"}, 0, "https://www.w3.org/TR/vc-data-model#MALFORMED_VALUE_ERROR"),
        ({}, 200_000, "https://www.w3.org/TR/vc-data-model#RANGE_ERROR"),
        (
            {"encodedList": bitstring_status_list.encode_list(bytes(1000))},
            0,
            "https://www.w3.org/ns/credentials/status-list#STATUS_LIST_LENGTH_ERROR",
        ),
        (
            {"statusPurpose": "message"},
            0,
            "https://www.w3.org/ns/credentials/status-list#STATUS_VERIFICATION_ERROR",
        ),
    ],
)
def test_a_status_that_cannot_be_read_is_a_warning_by_the_name_of_the_standard(
    world: World, subject: dict[str, Any], index: int, name: str
) -> None:
    _list_that(world, **subject)
    status, found = verify(world, "/credentials/verify", {"verifiableCredential": w3c(world, index)})
    (problem,) = found["problemDetails"]
    assert (status, problem["type"], problem["level"]) == (200, name, "warning")
    assert problem["title"]
    assert problem["detail"].startswith("status: undecided ")


@pytest.mark.clause("Bitstring Status List 1.0 §3.2 step 13")
def test_what_the_issuer_notes_beside_revocation_is_in_the_results(world: World) -> None:
    _list_that(world, name="suspension", statusPurpose=["suspension", "message"])
    bare = {name: value for name, value in w3c(world).items() if name != "proof"}
    note = ClaimedEntry("message", 0, f"{world.school.base}/suspension", messages={0: "受理", 1: "審査中"})
    bare["credentialStatus"] = [*bare["credentialStatus"], note.stated()]
    signer, created = world.school.document_signer, world.now().replace(microsecond=0)
    method = f"{world.school.did}#{signer.public_key.key_id}"
    credential = data_integrity.secure(bare, signer, method, created, catalogue.contexts())
    body = {"verifiableCredential": credential, "options": {"returnResults": True}}
    _, found = verify(world, "/credentials/verify", body)
    (result,) = found["results"]
    assert (found["warnings"], result["credentialStatus"]) == ([], "passed")
    assert result["statusNotes"] == {"message": "0x0 受理"}


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
