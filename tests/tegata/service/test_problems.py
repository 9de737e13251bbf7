"""Errors as answers."""

import logging

import pytest
from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from tegata.errors import (
    Conflict,
    CryptographyFailed,
    Forbidden,
    LimitExceeded,
    MalformedInput,
    Misconfigured,
    NotFound,
    TegataError,
    Text,
    Unavailable,
)
from tegata.service.bodies import WrongContentType
from tegata.service.problems import status_of
from tests.tegata.service.app import ask, new_app


def app_that(raises: Exception) -> FastAPI:
    app = new_app()

    @app.get("/")
    async def fail(number: int = 0) -> None:
        raise raises

    return app


@pytest.mark.clause("RFC 9457 §3")
@pytest.mark.parametrize(
    ("error", "status"),
    [
        (MalformedInput, 400),
        (LimitExceeded, 413),
        (WrongContentType, 415),
        (Forbidden, 403),
        (NotFound, 404),
        (Conflict, 409),
        (CryptographyFailed, 400),
        (Unavailable, 503),
        (Misconfigured, 503),
        (TegataError, 500),
    ],
)
def test_each_kind_has_its_status_and_both_languages(error: type[TegataError], status: int) -> None:
    assert status_of(error()) == status
    answer = ask(app_that(error("a private detail", pointer="/name")), "GET", "/")
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["cache-control"] == "no-store"
    body = answer.json()
    assert body["kind"] == error.kind
    assert body["type"] == f"urn:tegata:problem:{error.kind}"
    assert (body["title"], body["title_ja"]) == (error.text.en, error.text.ja)
    assert (body["status"], body["pointer"]) == (status, "/name")
    assert "a private detail" not in answer.text


def test_a_text_of_its_own_is_shown_instead_of_the_general_one() -> None:
    answer = ask(app_that(Conflict("detail", public=Text("先に変わりました。", "It changed."))), "GET", "/")
    assert answer.json()["title_ja"] == "先に変わりました。"
    assert "pointer" not in answer.json()


def test_the_number_in_the_answer_is_in_its_header_and_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    answer = ask(app_that(Forbidden("a private detail", clause="RFC 0000 §1")), "GET", "/")
    assert answer.json()["reference_number"] == answer.headers["x-reference-number"]
    assert "forbidden: a private detail RFC 0000 §1" in caplog.text


def test_what_nobody_expected_shows_a_number_and_nothing_else(caplog: pytest.LogCaptureFixture) -> None:
    answer = ask(app_that(RuntimeError("password=secret")), "GET", "/")
    assert answer.status_code == 500
    assert answer.json()["kind"] == "internal"
    assert "secret" not in answer.text
    assert len(answer.json()["reference_number"]) == 9
    assert "unexpected RuntimeError" in caplog.text


@pytest.mark.parametrize(("method", "path", "status"), [("GET", "/nowhere", 404), ("DELETE", "/", 405)])
def test_a_wrong_address_is_answered_in_both_languages(method: str, path: str, status: int) -> None:
    answer = ask(app_that(NotFound()), method, path)
    assert (answer.status_code, answer.json()["kind"]) == (status, f"http_{status}")
    assert answer.json()["title_ja"]
    assert ("allow" in answer.headers) is (status == 405)


def test_another_http_error_keeps_its_status_and_headers() -> None:
    answer = ask(app_that(HTTPException(418, headers={"X-Own": "1"})), "GET", "/")
    assert (answer.status_code, answer.headers["x-own"]) == (418, "1")
    assert answer.json()["title_ja"] == "処理できませんでした。"


def test_values_that_do_not_fit_are_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, logger="tegata")
    answer = ask(app_that(NotFound()), "GET", "/?number=personal")
    assert (answer.status_code, answer.json()["kind"]) == (422, "malformed")
    assert "query.number int_parsing" in caplog.text
    # The client of this test logs its own request; a service runs without that.
    ours = [record.getMessage() for record in caplog.records if record.name != "httpx"]
    assert "personal" not in "\n".join(ours) + answer.text


def test_a_browser_gets_a_page_where_the_service_has_pages() -> None:
    app = app_that(Conflict())

    def page(_request: Request, status: int, public: Text, kind: str, number: str) -> Response:
        return PlainTextResponse(f"{kind} {public.ja} {number}", status)

    html = {"Accept": "text/html,application/xhtml+xml"}
    assert ask(app, "GET", "/", headers=html).headers["content-type"] == "application/problem+json"
    app.state.problem_page = page
    answer = ask(app, "GET", "/", headers=html)
    assert answer.status_code == 409
    assert answer.text.startswith("conflict 状態が変わった")
    assert answer.headers["x-reference-number"] in answer.text
    assert ask(app, "GET", "/").headers["content-type"] == "application/problem+json"
