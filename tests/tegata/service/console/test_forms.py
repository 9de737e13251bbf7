"""Forms of pages: read within limits, and kept as typed."""

import asyncio

import pytest
from starlette.requests import Request
from starlette.types import Message

from tegata.errors import LimitExceeded, Text
from tegata.service.bodies import WrongContentType
from tegata.service.console.errors import UnreadableForm
from tegata.service.console.forms import MAX_FIELDS, Form, read_page_form

_URLENCODED = "application/x-www-form-urlencoded"
_MULTIPART = "multipart/form-data; boundary=b"


def _read(body: bytes, content_type: str = _URLENCODED, max_bytes: int = 1_048_576) -> Form:
    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    scope = {
        "type": "http",
        "method": "POST",
        "path": "/",
        "headers": [(b"content-type", content_type.encode())],
    }
    return asyncio.run(read_page_form(Request(scope, receive), max_bytes=max_bytes))


def _part(name: str, content: bytes, extra: str = "") -> bytes:
    return f'--b\r\nContent-Disposition: form-data; name="{name}"{extra}\r\n\r\n'.encode() + content + b"\r\n"


def test_values_come_as_typed_and_repeated_fields_keep_their_order():
    form = _read(b"name=%E9%9D%92%E8%91%89%E3%80%80&row=2&row=1&empty=")
    assert form["name"] == "青葉　"
    assert form.all("row") == ("2", "1")
    assert form["empty"] == ""
    assert form["missing"] == ""
    assert form.all("missing") == ()


def test_files_come_with_their_names_and_unchosen_ones_do_not():
    body = (
        _part("kind", "卒業".encode())
        + _part("file", b"a,b", '; filename="list.csv"')
        + _part("other", b"", '; filename=""')
        + b"--b--\r\n"
    )
    form = _read(body, _MULTIPART)
    assert form["kind"] == "卒業"
    assert [(file.name, file.content) for file in form.files("file")] == [("list.csv", b"a,b")]
    assert form.files("other") == ()


@pytest.mark.parametrize(
    "body", [b"name=%ff", b"name", "name=青".encode("cp932"), b"&".join([b"a=1"] * (MAX_FIELDS + 1))]
)
def test_what_no_browser_sends_is_refused(body: bytes):
    with pytest.raises(UnreadableForm):
        _read(body)


@pytest.mark.parametrize("body", [b"", b"nonsense", _part("a", b"1", '; filename="x"')[:-30]])
def test_a_broken_multipart_body_holds_nothing_or_is_refused(body: bytes):
    try:
        form = _read(body, _MULTIPART)
    except UnreadableForm:
        return
    assert not form.values
    assert not form.uploads


def test_a_multipart_body_without_a_boundary_is_refused():
    with pytest.raises(UnreadableForm):
        _read(b"--b--", "multipart/form-data")


def test_too_many_parts_are_refused():
    with pytest.raises(UnreadableForm):
        _read(b"".join(_part("a", b"1") for _ in range(MAX_FIELDS + 1)) + b"--b--\r\n", _MULTIPART)


def test_a_large_body_is_refused_before_it_is_parsed():
    with pytest.raises(LimitExceeded):
        _read(b"a=" + b"x" * 100, max_bytes=100)


def test_other_media_types_are_refused():
    with pytest.raises(WrongContentType):
        _read(b"{}", "application/json")


def test_errors_keep_their_order_and_the_first_message_of_a_field():
    form = Form.filled(name=" ", year="2026")
    assert form.require("name", Text("氏名", "Name")) == ""
    form.errors.add("name", Text("別", "Other"))
    form.errors.add("year", Text("年度", "Year"))
    assert [(name, text.en) for name, text in form.errors] == [("name", "Name"), ("year", "Year")]
    assert len(form.errors) == 2
    assert form.errors.get("missing") is None
    assert form.require("year", Text("年度", "Year")) == "2026"
