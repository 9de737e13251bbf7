"""OID4VP over HTTP: media types, forms, limits, codes, cookies."""

from typing import Any

import httpx
import pytest

from tegata.codec import json
from tegata.envelope import jwe, jws
from tests.verifier.conftest import MakeWorld, World
from tests.verifier.wallet_api.answers import (
    QUERY_ID,
    fetch,
    form_of,
    good_form,
    make_request,
    presentation,
)


def request_uri(world: World) -> str:
    view = make_request(world)
    assert view.links is not None
    link = httpx.URL(view.links.cross_device)
    return link.params["request_uri"]


def assert_refused(answer: httpx.Response, status: int, code: str, kind: str) -> None:
    assert answer.status_code == status, answer.text
    body = answer.json()
    assert (body["error"], body["kind"]) == (code, kind)
    assert body["reference_number"] == answer.headers["x-reference-number"]
    assert body["error_text_ja"]
    assert body["error_text_en"]
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.clause("OID4VP 1.0 §5.10")
def test_the_request_is_served_by_get_and_again_by_get(world: World) -> None:
    uri = request_uri(world)
    for _ in range(2):
        answer = world.client.get(uri)
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "application/oauth-authz-req+jwt"
        assert answer.headers["cache-control"] == "no-store"
        parsed = jws.parse(answer.content)
        assert parsed.header["typ"] == "oauth-authz-req+jwt"
        assert "wallet_nonce" not in json.loads(parsed.payload)


@pytest.mark.clause("OID4VP 1.0 §5.10.1")
def test_by_post_the_wallets_nonce_comes_back(world: World) -> None:
    answer = world.client.post(request_uri(world), data={"wallet_nonce": "abc", "unknown": "ignored"})
    assert json.loads(jws.parse(answer.content).payload)["wallet_nonce"] == "abc"


def test_by_post_the_request_is_encrypted_to_the_wallets_key(world: World) -> None:
    key = jwe.generate_encryption_key()
    metadata = {
        "jwks": {"keys": [dict(key.public_jwk)]},
        "request_object_encryption_enc_values_supported": ["A256GCM"],
    }
    answer = world.client.post(
        request_uri(world), data={"wallet_metadata": json.dumps(metadata).decode(), "wallet_nonce": "n"}
    )
    assert answer.status_code == 200
    inner = jws.parse(jwe.decrypt(answer.text, key.private_jwk))
    assert json.loads(inner.payload)["wallet_nonce"] == "n"


def test_an_unknown_request_is_404(world: World) -> None:
    assert_refused(world.client.get(f"/request/{'x' * 43}"), 404, "invalid_request", "not_found")
    answer = world.client.post(f"/response/{'x' * 43}", data={"vp_token": "{}"})
    assert_refused(answer, 404, "invalid_request", "not_found")


def test_a_wallets_nonce_that_is_not_url_safe_is_refused(world: World) -> None:
    answer = world.client.post(request_uri(world), data={"wallet_nonce": "a b"})
    assert_refused(answer, 400, "invalid_request", "response_refused")


def test_a_form_of_another_media_type_is_refused(world: World) -> None:
    uri = request_uri(world)
    assert_refused(world.client.post(uri, json={}), 400, "invalid_request", "wrong_content_type")
    request = fetch(world, make_request(world))
    answer = world.client.post(request.response_uri, json=good_form(world, request))
    assert_refused(answer, 400, "invalid_request", "wrong_content_type")


def test_an_answer_that_is_too_large_is_refused(world: World) -> None:
    request = fetch(world, make_request(world))
    answer = world.client.post(request.response_uri, data={"response": "a" * 4_000_000})
    assert_refused(answer, 413, "invalid_request", "limit_exceeded")


@pytest.mark.parametrize(
    "form",
    [{}, {"response": "x"}, {"response": "a.b.c.d.e"}, {"vp_token": "{}"}, {"state": "x", "vp_token": "{}"}],
    ids=["empty", "no JWE", "no JSON in the JWE", "not encrypted", "not encrypted, with a state"],
)
def test_a_malformed_answer_is_refused(world: World, form: dict[str, str]) -> None:
    request = fetch(world, make_request(world))
    answer = world.client.post(request.response_uri, data=form)
    assert answer.status_code == 400
    assert answer.json()["error"] == "invalid_request"


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"vp_token": {}},
        {"vp_token": []},
        {"vp_token": {QUERY_ID: []}},
        {"vp_token": {QUERY_ID: "not an array"}},
        {"vp_token": {QUERY_ID: [{}]}},
        {"vp_token": {"another": ["x~"]}},
        {"vp_token": {QUERY_ID: ["a~", "b~"]}},
    ],
)
@pytest.mark.clause("OID4VP 1.0 §8.1")
def test_a_vp_token_that_does_not_fit_the_query_is_refused(world: World, body: dict[str, Any]) -> None:
    request = fetch(world, make_request(world))
    answer = world.client.post(request.response_uri, data=form_of(request, body))
    assert_refused(answer, 400, "invalid_request", "response_refused")


def test_another_state_is_refused(world: World) -> None:
    request = fetch(world, make_request(world))
    held = world.claim(world.wallet())
    body = {"state": "other", "vp_token": {QUERY_ID: [presentation(world, held, request)]}}
    answer = world.client.post(request.response_uri, data=form_of(request, body))
    assert_refused(answer, 400, "invalid_request", "response_refused")


def test_an_answer_encrypted_to_another_requests_key_is_refused(world: World) -> None:
    first, second = (fetch(world, make_request(world)) for _ in range(2))
    answer = world.client.post(second.response_uri, data=good_form(world, first))
    assert_refused(answer, 400, "invalid_request", "response_refused")


def test_a_plain_answer_is_accepted_only_where_it_was_asked_for(make_world: MakeWorld) -> None:
    world = make_world(encrypt_answers=False)
    request = fetch(world, make_request(world))
    assert request.response_mode == "direct_post"
    answer = world.client.post(request.response_uri, data=good_form(world, request))
    assert (answer.status_code, answer.json()) == (200, {})
    assert answer.headers["content-type"] == "application/json"


def test_an_answer_that_is_no_credential_is_taken_and_reported(world: World) -> None:
    view = make_request(world)
    request = fetch(world, view)
    form = form_of(request, {"vp_token": {QUERY_ID: ["not.a.credential~"]}})
    assert world.client.post(request.response_uri, data=form).status_code == 200
    found = world.verifier.presentations.decide(world.tenant_id, view.id, world.now())
    assert found.report is not None
    assert found.report.verdict == "invalid"


def test_a_second_answer_is_refused(world: World) -> None:
    request = fetch(world, make_request(world))
    form = good_form(world, request)
    assert world.client.post(request.response_uri, data=form).status_code == 200
    answer = world.client.post(request.response_uri, data=form)
    assert_refused(answer, 400, "invalid_request", "already_answered")


@pytest.mark.clause("OID4VP 1.0 §14.4.3")
def test_the_result_is_at_no_address_that_a_wallet_knows(world: World) -> None:
    request = fetch(world, make_request(world))
    world.client.post(request.response_uri, data=good_form(world, request))
    assert world.client.get(request.response_uri).status_code == 405
    assert_refused(
        world.client.get(request.response_uri.replace("/response/", "/request/")),
        400,
        "invalid_request",
        "already_answered",
    )


def test_on_the_same_device_the_browser_is_sent_to_its_wallet_and_comes_back(world: World) -> None:
    view = make_request(world)
    assert view.links is not None
    started = world.client.get(view.links.same_device)
    assert started.status_code == 303
    assert started.headers["location"].startswith("openid4vp://?client_id=x509_hash")
    cookie = started.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    from tegata.doubles.wallet.request import read_request  # noqa: PLC0415  used here alone

    request = read_request(started.headers["location"], world.http())
    # The wallet is another program: it has none of the browser's cookies.
    with httpx.Client(trust_env=False) as wallet:
        answer = wallet.post(request.response_uri, data=good_form(world, request))
        back = answer.json()["redirect_uri"]
        stranger = wallet.get(back)
    assert stranger.status_code == 403
    assert stranger.json()["kind"] == "response_code_refused"
    came_back = world.client.get(back, headers={"Accept-Language": "en"})
    assert came_back.status_code == 200
    assert "Your answer has been received" in came_back.text
    assert world.verifier.presentations.find(world.tenant_id, view.id, world.now()).state == "decided"
    assert "青葉" not in came_back.text
    assert world.client.get(back).status_code == 403


def test_a_cross_device_address_is_no_address_to_start_from(world: World) -> None:
    uri = request_uri(world)
    answer = world.client.get(f"/start/{uri.rpartition('/')[2]}")
    assert answer.status_code == 404


def test_health_answers(world: World) -> None:
    assert world.client.get("/healthz").json()["service"] == "verifier"


def test_a_wallet_that_lives_in_a_browser_may_ask_from_its_own_origin_and_see_refusals(world: World) -> None:
    origin = {"Origin": "https://wallet.example"}
    asked = {
        **origin,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "content-type",
    }
    for path in (httpx.URL(request_uri(world)).path, "/response/unknown"):
        preflight = world.client.request("OPTIONS", path, headers=asked)
        assert preflight.status_code == 200
        assert preflight.headers["access-control-allow-origin"] == "*"
        assert "access-control-allow-credentials" not in preflight.headers
    fetched = world.client.request("GET", httpx.URL(request_uri(world)).path, headers=origin)
    assert (fetched.status_code, fetched.headers["access-control-allow-origin"]) == (200, "*")
    refused = world.client.request("POST", "/response/unknown", data={"state": "x"}, headers=origin)
    assert refused.status_code == 404
    assert refused.headers["access-control-allow-origin"] == "*"


def test_pages_and_the_api_are_not_opened_to_other_origins(world: World) -> None:
    for method, path in (("GET", "/"), ("POST", "/api/v1/requests"), ("GET", "/return")):
        answer = world.client.request(method, path, headers={"Origin": "https://wallet.example"})
        assert "access-control-allow-origin" not in answer.headers
