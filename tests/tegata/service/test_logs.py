"""What a service logs of a request, and what it must never log."""

import logging

import httpx
import pytest
from fastapi import FastAPI
from starlette.responses import Response

from tegata.service import problems
from tegata.service.logs import masked

TOKEN = "eGhfbmoS1miAfKTCaMEWRyv62m44zvjhvRk5kQT1X4A"


def test_a_claim_links_token_is_not_logged() -> None:
    assert masked(f"/s/9dd3f5920abb612e/offers/{TOKEN}") == "/s/9dd3f5920abb612e/offers/…"


def test_the_name_of_a_page_is_logged_as_it_is() -> None:
    assert masked("/.well-known/openid-credential-issuer/s/9dd3f5920abb612e").endswith(
        "openid-credential-issuer/s/9dd3f5920abb612e"
    )
    assert masked("/documents/expected-graduation") == "/documents/expected-graduation"


def test_a_very_long_path_is_cut() -> None:
    assert len(masked("/" + "ab/" * 1000)) <= 400


@pytest.mark.anyio
async def test_a_request_is_logged_once_with_its_reference_number_and_without_query(
    caplog: pytest.LogCaptureFixture,
) -> None:
    app = FastAPI()
    problems.install(app)

    @app.get("/offers/{token}")
    async def offer(token: str) -> Response:
        return Response(token)

    transport = httpx.ASGITransport(app=app)
    with caplog.at_level(logging.INFO, logger="tegata.access"):
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            answer = await client.get(f"/offers/{TOKEN}?code=secret")
    lines = [record.getMessage() for record in caplog.records if record.name == "tegata.access"]
    assert len(lines) == 1
    assert lines[0].startswith("GET /offers/… 200 ")
    assert "secret" not in lines[0]
    assert len(answer.headers["x-reference-number"]) == 9
