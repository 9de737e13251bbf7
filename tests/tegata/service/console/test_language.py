"""Which language a page speaks."""

import pytest
from starlette.requests import Request

from tegata.service.console import language


def _request(query: str = "", cookie: str = "", accept: str = "") -> Request:
    headers = [(b"cookie", cookie.encode()), (b"accept-language", accept.encode())]
    return Request(
        {"type": "http", "method": "GET", "path": "/", "query_string": query.encode(), "headers": headers}
    )


def test_the_address_wins_over_the_cookie_and_the_cookie_over_the_browser():
    kept = "tegata_issuer_lang=en"
    assert language.of(_request("lang=ja", kept, "en"), "issuer") == "ja"
    assert language.of(_request("", kept, "ja"), "issuer") == "en"
    assert language.of(_request("", "", "en-GB,ja;q=0.5"), "issuer") == "en"


def test_each_service_has_its_own_cookie():
    assert language.of(_request("", "tegata_issuer_lang=en"), "verifier") == "ja"


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("", "ja"),
        ("zh-CN,zh;q=0.9", "ja"),
        ("zh-CN,en;q=0.8,ja;q=0.3", "en"),
        ("ja,en", "ja"),
        ("en;q=x,ja", "ja"),
        ("en;q=0", "ja"),
        ("english", "ja"),
    ],
)
def test_the_browsers_wishes_are_read_in_their_order(header: str, expected: str):
    assert language.of(_request(accept=header), "issuer") == expected


def test_an_unknown_language_is_no_choice():
    assert language.chosen(_request("lang=fr")) is None
    assert language.of(_request("lang=fr"), "issuer") == "ja"
