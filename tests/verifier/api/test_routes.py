"""The JSON API: orders, reports, files; what it refuses, and that its document tells the truth."""

from typing import Any

import jsonschema_rs
import pytest

from schemas import catalogue
from tegata.doubles.wallet.present import present
from tegata.identity.certificates import KeyUse
from tegata.keys.software import SoftwareSigner
from tegata.status.entries import Status
from tests.verifier.conftest import MakeWorld, World


def order(world: World, body: Any, status: int = 201) -> dict[str, Any]:
    answer = world.client.post("/api/v1/requests", json=body, headers=world.key())
    assert answer.status_code == status, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_an_order_answers_with_links_and_what_is_not_asked(world: World) -> None:
    made = order(world, {"template": "graduation", "reference": "受験番号 0001"})
    assert made["state"] == "created"
    assert made["purpose"] == "卒業していることを確認するため"
    assert made["reference"] == "受験番号 0001"
    assert made["links"]["qr_payload"] == made["links"]["cross_device"]
    assert made["links"]["same_device"].startswith(world.verifier.settings.public_origin)
    not_asked = {item["ja"] for item in made["documents"][0]["not_asked"]}
    asked = {item["ja"] for item in made["documents"][0]["asked"]}
    assert not_asked
    assert not asked & not_asked


def test_three_chosen_items_of_a_transcript(world: World) -> None:
    items = [
        {"any_of": [{"document": "transcript", "claims": ["family_name", "average", ["courses", None]]}]}
    ]
    made = order(world, {"items": items, "purpose": "奨学金の審査のため", "expires_in": 3600})
    wallet = world.wallet()
    world.claim(wallet, "transcript")
    present(made["links"]["cross_device"], wallet, world.http(), world.now, catalogue.contexts())
    report = world.client.get(f"/api/v1/requests/{made['id']}", headers=world.key()).json()["report"]
    assert report["verdict"] == "valid"
    claims = report["credentials"][0]["claims"]
    assert {"family_name", "average", "courses"} <= claims.keys()
    assert "birthdate" not in claims


def test_a_query_of_ones_own(world: World) -> None:
    vct = catalogue.load().get("graduation").vct
    query = {
        "credentials": [
            {
                "id": "g",
                "format": "dc+sd-jwt",
                "meta": {"vct_values": [vct]},
                "claims": [{"path": ["birthdate"]}],
            }
        ]
    }
    assert order(world, {"dcql_query": query, "purpose": "試験"})["documents"] == []


BAD: dict[str, Any] = {
    "no object": [],
    "no way to ask": {"purpose": "x"},
    "two ways to ask": {"template": "graduation", "items": [], "purpose": "x"},
    "an unknown member": {"template": "graduation", "webhook": "x"},
    "no purpose": {"items": [{"any_of": [{"document": "graduation", "claims": ["birthdate"]}]}]},
    "an item that the document has not": {
        "items": [{"any_of": [{"document": "graduation", "claims": ["address"]}]}],
        "purpose": "x",
    },
    "no items": {"items": [], "purpose": "x"},
    "a purpose that is too long": {"template": "graduation", "purpose": "あ" * 401},
    "a lifetime of a second": {"template": "graduation", "expires_in": 1},
    "a lifetime that is true": {"template": "graduation", "expires_in": True},
    "a broken query": {"dcql_query": {"credentials": []}, "purpose": "x"},
}


@pytest.mark.parametrize("name", BAD)
def test_an_order_that_cannot_be_understood_is_refused(world: World, name: str) -> None:
    body = order(world, BAD[name], 400)
    assert body["kind"] in {"order_refused", "query_refused"}
    assert body["title"]
    assert body["title_ja"]


@pytest.mark.parametrize(
    "body",
    [{"template": "nothing"}, {"items": [{"any_of": [{"document": "x", "claims": ["y"]}]}], "purpose": "z"}],
)
def test_what_does_not_exist_is_not_found(world: World, body: Any) -> None:
    assert order(world, body, 404)["kind"] == "not_found"


def test_an_individual_number_is_refused_and_not_repeated(world: World) -> None:
    number = "123456789018"
    body = order(world, {"template": "graduation", "reference": f"個人番号 {number}"}, 403)
    assert body["kind"] == "individual_number_refused"
    assert number not in str(body)


def test_bodies_are_bounded_and_of_their_kind(world: World) -> None:
    headers = world.key()
    large = world.client.post("/api/v1/requests", json={"purpose": "x" * 70_000}, headers=headers)
    assert (large.status_code, large.json()["kind"]) == (413, "limit_exceeded")
    form = world.client.post("/api/v1/requests", data={"template": "graduation"}, headers=headers)
    assert (form.status_code, form.json()["kind"]) == (415, "wrong_content_type")
    broken = world.client.post(
        "/api/v1/requests", content=b"{", headers=headers | {"Content-Type": "application/json"}
    )
    assert (broken.status_code, broken.json()["kind"]) == (400, "malformed")


def test_a_mobile_document_is_checked_as_a_file(make_world: MakeWorld) -> None:
    world = make_world(use=KeyUse.MDOC_DS)
    sealed = world.school.mobile(world.school.document("graduation", 7), SoftwareSigner.generate().public_key)
    headers = world.key() | {"Content-Type": "application/cbor"}
    report = world.client.post("/api/v1/verify", content=sealed, headers=headers).json()
    assert report["verdict"] == "valid"
    (credential,) = report["credentials"]
    assert (credential["format"], credential["document"]) == ("mso_mdoc", "graduation")
    assert credential["binding"] == "not_proven"


@pytest.mark.parametrize("w3c", [False, True], ids=["dc+sd-jwt", "ldp_vc"])
def test_a_file_is_checked_without_its_holder(world: World, w3c: bool) -> None:
    document = world.school.document("graduation", 7)
    make = world.school.w3c if w3c else world.school.sd_jwt_vc
    headers = world.key() | {"Content-Type": "application/octet-stream"}
    data = make(document, None)
    answer = world.client.post("/api/v1/verify", content=data, headers=headers)
    assert answer.status_code == 200
    report = answer.json()
    assert report["verdict"] == "valid"
    assert report["credentials"][0]["binding"] == "not_bound"
    world.school.set_status(7, Status.INVALID)
    world.school.publish(world.server)
    assert (
        world.client.post("/api/v1/verify", content=b"nothing", headers=headers).json()["verdict"]
        == "invalid"
    )


def test_a_file_that_is_too_large_is_refused(world: World) -> None:
    headers = world.key() | {"Content-Type": "application/octet-stream"}
    answer = world.client.post("/api/v1/verify", content=b"x" * 1_100_000, headers=headers)
    assert answer.status_code == 413


def test_templates_are_listed_with_what_they_ask_for(world: World) -> None:
    found = world.client.get("/api/v1/templates", headers=world.key()).json()
    assert [item["name"] for item in found] == ["admissions", "enrolment", "graduation"]
    assert all(item["documents"] and item["purpose"]["en"] for item in found)


def test_the_openapi_document_describes_what_is_answered(world: World) -> None:
    document = world.client.get("/api/openapi.json").json()
    assert document["components"]["securitySchemes"]["apiKey"]["scheme"] == "bearer"
    operation = document["paths"]["/api/v1/requests"]["post"]
    assert operation["security"] == [{"apiKey": []}]
    schema = operation["responses"]["201"]["content"]["application/json"]["schema"]
    made = order(world, {"template": "graduation"})
    assert jsonschema_rs.is_valid(schema, made)
    assert not jsonschema_rs.is_valid(schema, made | {"state": "lost"})


def test_an_undecided_answer_can_be_checked_again(world: World) -> None:
    pages = dict(world.server.pages)
    world.server.pages.clear()
    made = order(world, {"template": "graduation"})
    wallet = world.wallet()
    world.claim(wallet)
    present(made["links"]["cross_device"], wallet, world.http(), world.now, catalogue.contexts())
    path = f"/api/v1/requests/{made['id']}"
    first = world.client.get(path, headers=world.key()).json()
    assert (first["report"]["verdict"], bool(first["next_check_at"])) == ("undecided", True)
    world.server.pages.update(pages)
    # The list is asked for again only after a while: until then the answer stays open.
    again = world.client.post(f"{path}/check-again", headers=world.key()).json()
    assert again["report"]["verdict"] == "undecided"
