"""The wallet's HTTP edge: the protocol's codes and statuses, words in both languages, one number in answer and log."""

import logging
import re
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from issuer.issuance.entitlements import make_slip
from issuer.oid4vci.offer import PRE_AUTHORIZED_CODE
from tegata.codec import json
from tegata.keys.software import SoftwareSigner
from tegata.service.correlation import CorrelationFilter
from tests.issuer.wallet_api.conftest import Wallet, token_of
from tests.simulators import claiming

FORM = "application/x-www-form-urlencoded"


def _offer(wallet: Wallet) -> dict[str, Any]:
    answer = wallet.ask("GET", f"/offers/{token_of(wallet.link())}")
    assert answer.status_code == 200
    return dict(answer.json())


def _access_token(wallet: Wallet) -> str:
    code = _offer(wallet)["grants"][PRE_AUTHORIZED_CODE]["pre-authorized_code"]
    form = {"grant_type": PRE_AUTHORIZED_CODE, "pre-authorized_code": code}
    answer = wallet.ask("POST", "/token", data=form)
    assert answer.status_code == 200
    return str(answer.json()["access_token"])


def _request(wallet: Wallet, **more: Any) -> dict[str, Any]:
    nonce = wallet.ask("POST", "/nonce").json()["c_nonce"]
    proof = claiming.proof(SoftwareSigner.generate(), wallet.school, nonce, datetime.now(UTC))
    return {"credential_configuration_id": "graduation-sd-jwt", "proofs": {"jwt": [proof]}} | more


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    """What the service logs, with the reference number as its own handlers add it."""
    caplog.set_level(logging.INFO)
    added = CorrelationFilter()
    caplog.handler.addFilter(added)
    return caplog


def _assert_refused(
    answer: httpx.Response, log: pytest.LogCaptureFixture, status: int, code: str
) -> dict[str, Any]:
    """A refusal of the protocol: its code and status, words, and one reference number everywhere."""
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/json")
    assert answer.headers["cache-control"] == "no-store"
    body: dict[str, Any] = answer.json()
    assert body["error"] == code
    assert re.fullmatch(r"[\x20\x21\x23-\x5b\x5d-\x7e]+", body["error_description"])
    assert re.search("[ぁ-鿿]", body["error_text_ja"])
    assert body["error_text_en"].isascii()
    number = body["reference_number"]
    assert answer.headers["x-reference-number"] == number
    logged = [record for record in log.records if getattr(record, "reference_number", "") == number]
    assert any(record.name == "tegata.service.problems" for record in logged)
    return body


def test_a_wallet_goes_from_the_offer_to_the_copy_and_reports_back(wallet: Wallet) -> None:
    offer = _offer(wallet)
    assert offer["credential_issuer"] == wallet.school.issuer
    assert offer["credential_configuration_ids"] == [
        "graduation-sd-jwt",
        "graduation-ldp",
        "graduation-mdoc",
        "graduation-open-badge",
    ]
    token = _access_token(wallet)
    answer = wallet.ask("POST", "/credential", json=_request(wallet), headers=_bearer(token))
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    (issued,) = answer.json()["credentials"]
    assert issued["credential"].endswith("~")
    event = {"notification_id": answer.json()["notification_id"], "event": "credential_accepted"}
    for _ in range(2):
        told = wallet.ask("POST", "/notification", json=event, headers=_bearer(token))
        assert (told.status_code, told.content) == (204, b"")


@pytest.mark.clause("OID4VCI 1.0 §7.2")
def test_a_nonce_is_fresh_for_everybody_who_asks(wallet: Wallet) -> None:
    answers = [wallet.ask("POST", "/nonce") for _ in range(2)]
    assert [answer.headers["cache-control"] for answer in answers] == ["no-store"] * 2
    assert answers[0].json().keys() == {"c_nonce"}
    assert answers[0].json() != answers[1].json()


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_the_name_of_the_scheme_is_in_any_case(wallet: Wallet, scheme: str) -> None:
    headers = {"Authorization": f"{scheme} {_access_token(wallet)}"}
    assert wallet.ask("POST", "/credential", json=_request(wallet), headers=headers).status_code == 200


@pytest.mark.clause("RFC 6749 §5.2")
@pytest.mark.parametrize(
    ("sent", "code"),
    [
        ({"data": {"grant_type": "authorization_code", "code": "x"}}, "unsupported_grant_type"),
        ({"data": {"grant_type": PRE_AUTHORIZED_CODE}}, "invalid_request"),
        ({"data": {"grant_type": PRE_AUTHORIZED_CODE, "pre-authorized_code": "x"}}, "invalid_grant"),
        ({"content": b"", "headers": {"Content-Type": FORM}}, "unsupported_grant_type"),
        ({"content": b"grant_type=a&grant_type=b", "headers": {"Content-Type": FORM}}, "invalid_request"),
        ({"content": b"%ff=%ff", "headers": {"Content-Type": FORM}}, "invalid_request"),
        ({"content": b"a=" + b"x" * 40_000, "headers": {"Content-Type": FORM}}, "invalid_request"),
        (
            {"content": b"&".join(b"a%d=" % n for n in range(500)), "headers": {"Content-Type": FORM}},
            "invalid_request",
        ),
        ({"json": {"grant_type": PRE_AUTHORIZED_CODE}}, "invalid_request"),
        ({"content": b"x", "headers": {"Content-Type": "multipart/form-data"}}, "invalid_request"),
        ({}, "invalid_request"),
    ],
    ids=[
        "other grant",
        "no code",
        "foreign code",
        "empty",
        "twice",
        "no UTF-8",
        "oversized",
        "too many fields",
        "JSON",
        "multipart",
        "no body",
    ],
)
def test_a_token_request_that_does_not_fit_gets_the_protocols_code(
    wallet: Wallet, log: pytest.LogCaptureFixture, sent: dict[str, Any], code: str
) -> None:
    _assert_refused(wallet.ask("POST", "/token", **sent), log, 400, code)


def test_a_code_used_before_is_an_invalid_grant(wallet: Wallet, log: pytest.LogCaptureFixture) -> None:
    code = _offer(wallet)["grants"][PRE_AUTHORIZED_CODE]["pre-authorized_code"]
    form = {"grant_type": PRE_AUTHORIZED_CODE, "pre-authorized_code": code}
    first = wallet.ask("POST", "/token", data=form)
    assert first.headers["cache-control"] == "no-store"
    _assert_refused(wallet.ask("POST", "/token", data=form), log, 400, "invalid_grant")


def test_a_wrong_number_tells_how_many_tries_are_left(wallet: Wallet, log: pytest.LogCaptureFixture) -> None:
    slip = wallet.slip()
    offer = wallet.ask("GET", f"/offers/{token_of(slip)}").json()["grants"][PRE_AUTHORIZED_CODE]
    assert offer["tx_code"]["length"] == 6
    wrong = f"{(int(slip.transaction_code) + 1) % 1_000_000:06d}"
    form = {
        "grant_type": PRE_AUTHORIZED_CODE,
        "pre-authorized_code": offer["pre-authorized_code"],
        "tx_code": wrong,
    }
    body = _assert_refused(wallet.ask("POST", "/token", data=form), log, 400, "invalid_grant")
    assert "あと4回" in body["error_text_ja"]
    assert slip.transaction_code not in log.text
    assert wrong not in log.text


@pytest.mark.clause("OID4VCI 1.0 §6.2")
def test_a_token_with_identifiers_is_used_with_an_identifier(
    wallet: Wallet, log: pytest.LogCaptureFixture
) -> None:
    code = _offer(wallet)["grants"][PRE_AUTHORIZED_CODE]["pre-authorized_code"]
    detail = {"type": "openid_credential", "credential_configuration_id": "graduation-ldp"}
    form = {"grant_type": PRE_AUTHORIZED_CODE, "pre-authorized_code": code}
    form["authorization_details"] = json.dumps([detail]).decode()
    answer = wallet.ask("POST", "/token", data=form).json()
    headers = _bearer(answer["access_token"])
    by_configuration = _request(wallet, credential_configuration_id="graduation-ldp")
    refused = wallet.ask("POST", "/credential", json=by_configuration, headers=headers)
    _assert_refused(refused, log, 400, "invalid_credential_request")
    request = _request(wallet)
    del request["credential_configuration_id"]
    (named,) = answer["authorization_details"]
    request["credential_identifier"] = named["credential_identifiers"][0]
    issued = wallet.ask("POST", "/credential", json=request, headers=headers)
    assert "proof" in issued.json()["credentials"][0]["credential"]


def test_details_that_name_what_was_not_offered_are_refused_and_burn_nothing(
    wallet: Wallet, log: pytest.LogCaptureFixture
) -> None:
    code = _offer(wallet)["grants"][PRE_AUTHORIZED_CODE]["pre-authorized_code"]
    detail = {"type": "openid_credential", "credential_configuration_id": "transcript-ldp"}
    form = {"grant_type": PRE_AUTHORIZED_CODE, "pre-authorized_code": code}
    details = form | {"authorization_details": json.dumps([detail]).decode()}
    _assert_refused(wallet.ask("POST", "/token", data=details), log, 400, "invalid_request")
    assert wallet.ask("POST", "/token", data=form).status_code == 200


@pytest.mark.clause("RFC 6750 §3.1")
@pytest.mark.parametrize("path", ["/credential", "/notification"])
@pytest.mark.parametrize(
    "headers",
    [
        [("Authorization", "Bearer")],
        [("Authorization", "Bearer ")],
        [("Authorization", "Bearer unknown")],
        [("Authorization", "Basic dTpw")],
        [("Authorization", "DPoP unknown")],
        [("Authorization", "Bearer a"), ("Authorization", "Bearer b")],
    ],
    ids=["empty", "blank", "unknown", "basic", "dpop", "two"],
)
def test_without_a_good_token_nothing_is_said_but_that(
    wallet: Wallet, log: pytest.LogCaptureFixture, path: str, headers: list[tuple[str, str]]
) -> None:
    body = {"notification_id": "0" * 32, "event": "credential_accepted"}
    answer = wallet.ask("POST", path, json=body, headers=headers)
    _assert_refused(answer, log, 401, "invalid_token")
    assert answer.headers["www-authenticate"] == 'Bearer error="invalid_token"'


@pytest.mark.clause("RFC 6750 §3.1")
@pytest.mark.parametrize("path", ["/credential", "/notification"])
def test_whoever_shows_no_token_is_told_to_and_not_that_it_was_wrong(wallet: Wallet, path: str) -> None:
    answer = wallet.ask("POST", path, json={})
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
    assert answer.json().keys() == {"reference_number"}


@pytest.mark.parametrize("whose", ["sister", "stranger"])
def test_a_token_of_this_school_is_unknown_at_another(
    wallet: Wallet, log: pytest.LogCaptureFixture, whose: str
) -> None:
    headers = _bearer(_access_token(wallet))
    request = _request(wallet)
    school = getattr(wallet, whose)
    answer = wallet.ask("POST", "/credential", json=request, headers=headers, school=school)
    _assert_refused(answer, log, 401, "invalid_token")
    assert wallet.ask("POST", "/credential", json=request, headers=headers).status_code == 200


@pytest.mark.clause("OID4VCI 1.0 §8.3.1.2")
@pytest.mark.parametrize(
    ("sent", "code"),
    [
        ({"content": b"{}", "headers": {"Content-Type": "text/plain"}}, "invalid_credential_request"),
        ({"content": b"{}", "headers": {"Content-Type": "application/jwt"}}, "invalid_credential_request"),
        ({"content": b"{}"}, "invalid_credential_request"),
        ({"content": b"{", "headers": {"Content-Type": "application/json"}}, "invalid_credential_request"),
        (
            {"content": b'{"a":1,"a":2}', "headers": {"Content-Type": "application/json"}},
            "invalid_credential_request",
        ),
        (
            {"content": b'"\xff"', "headers": {"Content-Type": "application/json"}},
            "invalid_credential_request",
        ),
        (
            {"content": b"[" * 9_000, "headers": {"Content-Type": "application/json"}},
            "invalid_credential_request",
        ),
        ({"json": {"a": "x" * 300_000}}, "invalid_credential_request"),
        ({"json": []}, "invalid_credential_request"),
        ({"json": {"credential_configuration_id": "graduation-sd-jwt"}}, "invalid_proof"),
        (
            {"json": {"credential_configuration_id": "transcript-ldp", "proofs": {"jwt": ["x"]}}},
            "unknown_credential_configuration",
        ),
        ({"json": {"credential_identifier": "x", "proofs": {"jwt": ["x"]}}}, "unknown_credential_identifier"),
        ({"json": {"credential_response_encryption": {}}}, "invalid_encryption_parameters"),
    ],
    ids=[
        "text",
        "jwt",
        "no type",
        "no JSON",
        "a member twice",
        "no UTF-8",
        "too deep",
        "oversized",
        "an array",
        "no proof",
        "another document",
        "unknown identifier",
        "encryption",
    ],
)
def test_a_credential_request_that_does_not_fit_gets_the_protocols_code(
    wallet: Wallet, log: pytest.LogCaptureFixture, access_token: str, sent: dict[str, Any], code: str
) -> None:
    headers = sent.get("headers", {}) | _bearer(access_token)
    answer = wallet.ask("POST", "/credential", **(sent | {"headers": headers}))
    _assert_refused(answer, log, 400, code)


@pytest.fixture(scope="module")
def access_token(wallet: Wallet) -> str:
    """A token for requests that are refused, so that one is enough."""
    return _access_token(wallet)


def test_a_nonce_used_before_is_an_invalid_nonce(wallet: Wallet, log: pytest.LogCaptureFixture) -> None:
    headers, request = _bearer(_access_token(wallet)), _request(wallet)
    assert wallet.ask("POST", "/credential", json=request, headers=headers).status_code == 200
    again = wallet.ask("POST", "/credential", json=request, headers=headers)
    _assert_refused(again, log, 400, "invalid_nonce")


@pytest.mark.clause("OID4VCI 1.0 §11.3")
@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"event": "credential_accepted"}, "invalid_notification_request"),
        ({"notification_id": "0" * 32, "event": "x"}, "invalid_notification_request"),
        ({"notification_id": "0" * 32, "event": ["x"]}, "invalid_notification_request"),
        ([], "invalid_notification_request"),
        ({"notification_id": "0" * 32, "event": "credential_accepted"}, "invalid_notification_id"),
        ({"notification_id": "\x00", "event": "credential_accepted"}, "invalid_notification_request"),
        ({"notification_id": "0" * 32, "event_description": "x" * 20_000}, "invalid_notification_request"),
    ],
    ids=["no id", "event", "event is a list", "array", "unknown", "nul", "oversized"],
)
def test_a_notification_that_does_not_fit_gets_the_protocols_code(
    wallet: Wallet, log: pytest.LogCaptureFixture, access_token: str, body: Any, code: str
) -> None:
    answer = wallet.ask("POST", "/notification", json=body, headers=_bearer(access_token))
    _assert_refused(answer, log, 400, code)


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/offers/unknown"), ("GET", "/offers/%00"), ("GET", "/offers/" + "A" * 43), ("GET", "/token")],
)
def test_what_is_not_there_is_a_problem_with_a_number(wallet: Wallet, method: str, path: str) -> None:
    answer = wallet.ask(method, path)
    assert answer.status_code in {404, 405}
    assert answer.json()["reference_number"] == answer.headers["x-reference-number"]


def test_a_replaced_slip_says_what_to_do(wallet: Wallet) -> None:
    slip = wallet.slip()

    make_slip(wallet.ready.workshop, wallet.school.tenant_id, slip.document_id, "clerk", wallet.now)
    answer = wallet.ask("GET", f"/offers/{token_of(slip)}")
    assert (answer.status_code, answer.json()["kind"]) == (409, "invitation_ended")
    assert "学校" in answer.json()["title_ja"]


def test_no_name_and_no_secret_reaches_the_log(wallet: Wallet, log: pytest.LogCaptureFixture) -> None:
    token = _access_token(wallet)
    answer = wallet.ask("POST", "/credential", json=_request(wallet), headers=_bearer(token))
    assert answer.status_code == 200
    for secret in (token, answer.json()["notification_id"], answer.json()["credentials"][0]["credential"]):
        assert secret not in log.text
    assert not re.search("[一-鿿]", log.text)
