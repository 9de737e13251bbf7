"""Bodies, bounded before anything parses them."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response

from tegata.codec import json
from tegata.service.bodies import read_form, read_json
from tests.tegata.service.app import ask, new_app

JSON = {"Content-Type": "application/json"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.fixture
def app() -> FastAPI:
    made = new_app()

    @made.post("/json")
    async def as_json(request: Request) -> Response:
        return Response(json.dumps(await read_json(request, max_bytes=100)))

    @made.post("/form")
    async def as_form(request: Request) -> Response:
        return Response(json.dumps(await read_form(request, max_bytes=5000)))

    return made


def kind_of(app: FastAPI, path: str, content: Any, headers: dict[str, str]) -> tuple[int, str]:
    answer = ask(app, "POST", path, content=content, headers=headers)
    return answer.status_code, answer.json().get("kind", "") if answer.status_code != 200 else ""


@pytest.mark.parametrize(
    "kind", ["application/json", "Application/JSON; charset=utf-8", "application/ld+json"]
)
def test_json_is_read_whatever_its_parameters(app: FastAPI, kind: str) -> None:
    answer = ask(app, "POST", "/json", content='{"氏名":"青葉"}'.encode(), headers={"Content-Type": kind})
    assert answer.json() == {"氏名": "青葉"}


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "application/jsonp", ""])
def test_another_media_type_is_refused(app: FastAPI, kind: str) -> None:
    assert kind_of(app, "/json", b"{}", {"Content-Type": kind}) == (415, "wrong_content_type")


def test_a_body_without_a_media_type_is_refused(app: FastAPI) -> None:
    assert kind_of(app, "/json", b"{}", {}) == (415, "wrong_content_type")


@pytest.mark.parametrize("content", [b"", b"{", b'{"a":1,"a":2}', b"\xff", b"NaN", b"{}x"])
def test_json_that_is_none_is_malformed(app: FastAPI, content: bytes) -> None:
    assert kind_of(app, "/json", content, JSON) == (400, "malformed")


def test_a_body_may_be_as_large_as_the_limit_and_no_larger(app: FastAPI) -> None:
    assert kind_of(app, "/json", b'"' + b"x" * 98 + b'"', JSON) == (200, "")
    assert kind_of(app, "/json", b'"' + b"x" * 99 + b'"', JSON) == (413, "limit_exceeded")


def test_a_stream_without_an_end_is_left_at_the_limit(app: FastAPI) -> None:
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        while sent < 1_000_000:
            sent += 50
            yield b" " * 50

    assert kind_of(app, "/json", endless(), JSON) == (413, "limit_exceeded")
    assert sent < 1000


def test_a_form_is_read_with_its_empty_fields(app: FastAPI) -> None:
    answer = ask(app, "POST", "/form", content=b"a=%E6%89%8B%E5%BD%A2&b=&c=1+2", headers=FORM)
    assert answer.json() == {"a": "手形", "b": "", "c": "1 2"}
    assert ask(app, "POST", "/form", content=b"", headers=FORM).json() == {}


@pytest.mark.clause("RFC 6749 §3.2")
def test_a_field_given_twice_is_refused(app: FastAPI) -> None:
    assert kind_of(app, "/form", b"a=1&a=1", FORM) == (400, "malformed")


@pytest.mark.parametrize(
    "content",
    [b"a", b"a=1&b", b"&", b"a=%ff", b"\xff=1", b"&".join(b"f%d=1" % number for number in range(201))],
)
def test_what_is_no_form_is_malformed(app: FastAPI, content: bytes) -> None:
    assert kind_of(app, "/form", content, FORM) == (400, "malformed")


def test_a_form_in_parts_is_refused_where_a_protocol_wants_none(app: FastAPI) -> None:
    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    assert kind_of(app, "/form", b"--x--", headers) == (415, "wrong_content_type")
