"""From an order to a report, over HTTP, with the bundled wallet."""

from typing import Any

import pytest

from schemas import catalogue
from tegata.doubles.wallet.present import present
from tegata.identity.certificates import KeyUse
from tests.verifier.conftest import MakeWorld, World


def order(world: World, **body: Any) -> dict[str, Any]:
    answer = world.client.post(
        "/api/v1/requests", json={"template": "graduation", **body}, headers=world.key()
    )
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def result(world: World, identifier: str) -> dict[str, Any]:
    answer = world.client.get(f"/api/v1/requests/{identifier}", headers=world.key())
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def outcomes(report: dict[str, Any]) -> dict[str, str]:
    found = {check["check"]: check["outcome"] for check in report["credentials"][0]["checks"]}
    return found | ({"request": report["request"]["outcome"]} if report["request"] else {})


@pytest.mark.parametrize("w3c", [False, True], ids=["dc+sd-jwt", "ldp_vc"])
def test_a_wallet_on_another_device_answers_and_the_report_is_valid(world: World, w3c: bool) -> None:
    made = order(world)
    wallet = world.wallet()
    world.claim(wallet, w3c=w3c)
    sent = present(made["links"]["cross_device"], wallet, world.http(), world.now, catalogue.contexts())
    assert sent.redirect_uri == ""
    found = result(world, made["id"])
    assert found["state"] == "decided"
    report = found["report"]
    assert set(outcomes(report).values()) == {"passed"}, report
    assert report["verdict"] == "valid"
    credential = report["credentials"][0]
    assert credential["claims"]["family_name"] == "青葉"
    assert credential["document"] == "graduation"
    assert credential["binding"] == "proven"


def test_only_what_was_asked_for_is_received(world: World) -> None:
    made = order(world)
    wallet = world.wallet()
    world.claim(wallet)
    present(made["links"]["cross_device"], wallet, world.http(), world.now, catalogue.contexts())
    claims = result(world, made["id"])["report"]["credentials"][0]["claims"]
    assert "diploma_number" not in claims
    assert "student_number" not in claims


@pytest.mark.parametrize("mode", ["direct_post", "direct_post.jwt"])
@pytest.mark.parametrize("prefix", ["x509_hash", "x509_san_dns", "redirect_uri"])
def test_every_client_identifier_works_in_every_response_mode(
    make_world: MakeWorld, prefix: str, mode: str
) -> None:
    world = make_world(client_id_prefix=prefix, encrypt_answers=mode == "direct_post.jwt")
    made = order(world)
    wallet = world.wallet()
    world.claim(wallet)
    present(made["links"]["cross_device"], wallet, world.http(), world.now, catalogue.contexts())
    assert result(world, made["id"])["report"]["verdict"] == "valid"


@pytest.mark.clause("OID4VP 1.0 §B.2.6.1")
@pytest.mark.parametrize("mode", ["direct_post", "direct_post.jwt"])
@pytest.mark.parametrize("prefix", ["x509_hash", "redirect_uri"])
def test_a_mobile_document_is_presented_in_every_response_mode(
    make_world: MakeWorld, prefix: str, mode: str
) -> None:
    world = make_world(use=KeyUse.MDOC_DS, client_id_prefix=prefix, encrypt_answers=mode == "direct_post.jwt")
    made = order(world)
    wallet = world.wallet()
    world.claim(wallet)
    present(made["links"]["cross_device"], wallet, world.http(), world.now, catalogue.contexts())
    report = result(world, made["id"])["report"]
    assert set(outcomes(report).values()) == {"passed"}, report
    credential = report["credentials"][0]
    assert (credential["format"], credential["document"]) == ("mso_mdoc", "graduation")
    assert credential["binding"] == "proven"
    assert "diploma_number" not in credential["claims"]


def test_a_mobile_document_answers_on_the_same_device_as_well(make_world: MakeWorld) -> None:
    world = make_world(use=KeyUse.MDOC_DS)
    made = order(world)
    wallet = world.wallet()
    world.claim(wallet)
    link = world.client.get(made["links"]["same_device"]).headers["location"]
    sent = present(link, wallet, world.http(), world.now, catalogue.contexts())
    assert result(world, made["id"])["report"] is None
    assert world.client.get(sent.redirect_uri).status_code == 200
    assert result(world, made["id"])["report"]["verdict"] == "valid"


def test_admission_takes_graduation_and_transcript(world: World) -> None:
    made = order(world, template="admissions")
    wallet = world.wallet()
    world.claim(wallet, "graduation", index=1)
    world.claim(wallet, "transcript", index=2)
    present(made["links"]["cross_device"], wallet, world.http(), world.now, catalogue.contexts())
    report = result(world, made["id"])["report"]
    assert report["verdict"] == "valid", report
    assert [item["document"] for item in report["credentials"]] == ["graduation", "transcript"]
