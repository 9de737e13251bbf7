"""A NUL character comes in nowhere: not by address, query, form or JSON, and never as an error of a database."""

import pytest
from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response

from tegata.codec import json
from tegata.service.bodies import read_form, read_json
from tegata.service.console.forms import read_page_form
from tests.tegata.service.app import ask, new_app

JSON = {"Content-Type": "application/json"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.fixture
def app() -> FastAPI:
    made = new_app()

    @made.get("/read/{name}")
    async def read(name: str, text: str = "") -> Response:
        return Response(json.dumps([name, text]))

    @made.post("/json")
    async def as_json(request: Request) -> Response:
        return Response(json.dumps(await read_json(request)))

    @made.post("/form")
    async def as_form(request: Request) -> Response:
        return Response(json.dumps(await read_form(request)))

    @made.post("/page")
    async def as_page(request: Request) -> Response:
        return Response(json.dumps((await read_page_form(request))["text"]))

    return made


@pytest.mark.parametrize(
    ("path", "status", "kind"),
    [
        ("/read/a%00b", 404, "not_found"),
        ("/read/%00", 404, "not_found"),
        ("/unknown%00", 404, "not_found"),
        ("/read/a?text=%00", 400, "malformed"),
        ("/read/a?%00=b", 400, "malformed"),
    ],
)
def test_an_address_with_a_nul_is_refused_with_a_reference_number(
    app: FastAPI, path: str, status: int, kind: str
) -> None:
    answer = ask(app, "GET", path)
    assert (answer.status_code, answer.json()["kind"]) == (status, kind)
    assert answer.headers["x-reference-number"] == answer.json()["reference_number"]


@pytest.mark.parametrize("path", ["/read/a%2500", "/read/a?text=%2500"])
def test_what_only_looks_like_one_is_let_through(app: FastAPI, path: str) -> None:
    answer = ask(app, "GET", path)
    assert answer.status_code == 200
    assert "%00" in answer.text


@pytest.mark.parametrize(
    "content", ['{"a":"x\\u0000"}', '{"a\\u0000":1}', '[[{"a":["\\u0000"]}]]', '"\\u0000"']
)
def test_json_with_a_nul_in_a_name_or_a_text_is_malformed(app: FastAPI, content: str) -> None:
    answer = ask(app, "POST", "/json", content=content, headers=JSON)
    assert (answer.status_code, answer.json()["kind"]) == (400, "malformed")


def test_json_that_speaks_of_the_escape_is_read(app: FastAPI) -> None:
    answer = ask(app, "POST", "/json", content='{"a":"\\\\u0000"}', headers=JSON)
    assert answer.json() == {"a": "\\u0000"}


@pytest.mark.parametrize("content", ["text=a%00", "a%00=text"])
@pytest.mark.parametrize("path", ["/form", "/page"])
def test_a_form_with_a_nul_is_refused(app: FastAPI, path: str, content: str) -> None:
    assert ask(app, "POST", path, content=content, headers=FORM).status_code == 400
    assert ask(app, "POST", path, content="text=a", headers=FORM).status_code == 200


def test_an_upload_whose_field_has_a_nul_is_refused(app: FastAPI) -> None:
    sent = {"text": (None, b"a\x00b"), "file": ("a.csv", b"a,b")}
    assert ask(app, "POST", "/page", files=sent).status_code == 400
