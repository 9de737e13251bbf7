"""What scripts of other origins may call: a wallet in a browser, and nobody a page."""

import asyncio
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from issuer.app import create_app
from issuer.database import open_database
from tests.simulators.school import ORIGIN, settings_for

WALLET = {"Origin": "https://wallet.example"}


@pytest.fixture
def app(tmp_path: Path) -> FastAPI:
    settings = settings_for(f"sqlite:///{tmp_path}/issuer.sqlite3", tmp_path)
    open_database(settings).upgrade()
    return create_app(settings)


def ask(app: FastAPI, method: str, path: str, **more: Any) -> httpx.Response:
    async def once() -> httpx.Response:
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url=ORIGIN) as http:
            return await http.request(method, path, **more)

    return asyncio.run(once())


@pytest.mark.parametrize("path", ["/token", "/nonce", "/credential", "/notification", "/offers/abc"])
def test_a_wallet_that_lives_in_a_browser_may_ask_and_see_refusals(app: FastAPI, path: str) -> None:
    method = "GET" if path.startswith("/offers") else "POST"
    asked = {
        **WALLET,
        "Access-Control-Request-Method": method,
        "Access-Control-Request-Headers": "authorization,content-type,dpop",
    }
    preflight = ask(app, "OPTIONS", f"/s/abc{path}", headers=asked)
    assert preflight.status_code == 200
    assert preflight.headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-credentials" not in preflight.headers
    answer = ask(app, method, f"/s/abc{path}", headers=WALLET)
    assert answer.status_code in {400, 401, 404, 415}
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "WWW-Authenticate" in answer.headers["access-control-expose-headers"]


@pytest.mark.parametrize(
    "path", ["/s/abc/credentials/issue", "/s/abc/token/x", "/register", "/sign-in/password"]
)
def test_nothing_else_is_opened_to_other_origins(app: FastAPI, path: str) -> None:
    answer = ask(app, "POST", path, headers=WALLET, data={"a": "b"})
    assert "access-control-allow-origin" not in answer.headers
    asked = {**WALLET, "Access-Control-Request-Method": "POST"}
    assert "access-control-allow-origin" not in ask(app, "OPTIONS", path, headers=asked).headers
