"""The wallet bridge for now: health, keys, and a page that says what it does not do yet."""

import asyncio
import base64
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute
from sqlalchemy import select

from tegata.errors import CryptographyFailed
from tegata.keys import jwk
from tegata.service.settings import Mode
from wallet_bridge.app import create_app
from wallet_bridge.base import AUDIT
from wallet_bridge.database import open_database
from wallet_bridge.keys.service import BridgeKeys
from wallet_bridge.settings import BridgeSettings

ORIGIN = "http://localhost:8003"


def settings_at(
    database_url: str, folder: Path, kek: bytes = bytes(range(32)), **changes: Any
) -> BridgeSettings:
    """Settings of a bridge that listens nowhere."""
    return BridgeSettings(
        mode=Mode.TEST,
        public_origin=ORIGIN,
        database_url=database_url,
        data_directory=folder,
        insecure_loopback=True,
        key_encryption_key=base64.b64encode(kek).decode("ascii"),  # type: ignore[arg-type]  # pydantic wraps it
        **changes,
    )


def ask(
    app: FastAPI, path: str, method: str = "GET", accept: str = "*/*", body: bytes = b""
) -> httpx.Response:
    """Send one request to the app, as a browser or a program would."""

    async def send() -> httpx.Response:
        transport = httpx.ASGITransport(app)
        client = httpx.AsyncClient(transport=transport, base_url=ORIGIN)
        async with app.router.lifespan_context(app), client:
            headers = {"Accept": accept} | ({"Content-Type": "application/json"} if body else {})
            return await client.request(method, path, headers=headers, content=body)

    return asyncio.run(send())


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> BridgeSettings:
    """A bridge with an up-to-date database, on SQLite and on PostgreSQL."""
    found = settings_at(database_url, tmp_path)
    database = open_database(found)
    database.upgrade()
    database.dispose()
    return found


def test_it_is_well_once_its_database_is_up_to_date(settings):
    answer = ask(create_app(settings), "/healthz")
    assert (answer.status_code, answer.json()["well"]) == (200, True)


def test_it_says_that_it_is_not_well_before_the_migrations_ran(tmp_path):
    app = create_app(settings_at(f"sqlite:///{tmp_path}/empty.sqlite3", tmp_path))
    answer = ask(app, "/healthz")
    assert (answer.status_code, answer.json()["well"]) == (503, False)


def test_it_publishes_one_public_key_and_keeps_it(settings):
    first = ask(create_app(settings), "/jwks.json").json()
    second = ask(create_app(settings), "/jwks.json").json()
    assert first == second
    (key,) = first["keys"]
    assert key["kid"] == jwk.thumbprint(jwk.from_jwk(key))
    assert (key["alg"], key["use"]) == ("ES256", "sig")
    assert "d" not in key


def test_making_the_key_is_written_into_the_audit_trail_once(settings):
    for _ in range(2):
        ask(create_app(settings), "/jwks.json")
    database = open_database(settings)
    with database.reading() as connection:
        actions = connection.execute(select(AUDIT.row.c.action)).scalars().all()
    database.dispose()
    assert actions == ["key.made"]


def test_the_key_does_not_open_under_another_key_encryption_key(database_url, tmp_path, settings):
    ask(create_app(settings), "/jwks.json")
    other = settings_at(database_url, tmp_path, kek=bytes(32))
    database = open_database(other)
    with pytest.raises(CryptographyFailed):
        BridgeKeys(other, database).signer(datetime(2026, 4, 1, tzinfo=UTC))
    database.dispose()


def test_its_metadata_names_no_way_to_sign_in_yet(settings):
    found = ask(create_app(settings), "/.well-known/tegata-bridge").json()
    assert found["bridge"] == ORIGIN
    assert found["jwks_uri"] == f"{ORIGIN}/jwks.json"
    assert found["login_methods_supported"] == []
    assert found["authorization_servers"] == []


@pytest.mark.parametrize(("language", "words"), [("ja", "まだ準備中です"), ("en", "Not ready yet")])
def test_its_page_says_in_both_languages_that_it_does_nothing_yet(settings, language, words):
    answer = ask(create_app(settings), f"/?lang={language}", accept="text/html")
    assert answer.status_code == 200
    assert words in answer.text
    assert f'<html lang="{language}"' in answer.text


def test_an_unknown_address_is_answered_with_a_page_and_a_reference_number(settings):
    answer = ask(create_app(settings), "/sign-in", accept="text/html")
    assert answer.status_code == 404
    assert answer.headers["x-reference-number"] in answer.text


def test_it_offers_nothing_but_what_it_says(settings):
    """Deny by default: a new route has to be added here, with who may call it."""
    app = create_app(settings)
    found = {
        (route.path, tuple(sorted(route.methods))) for router in [app.router] for route in _routes(router)
    }
    assert found == {
        ("/healthz", ("GET",)),
        ("/jwks.json", ("GET",)),
        ("/.well-known/tegata-bridge", ("GET",)),
        ("/", ("GET",)),
    }


def _routes(router):
    for route in router.routes:
        if isinstance(route, APIRoute):
            yield route
        elif hasattr(route, "original_router"):
            yield from _routes(route.original_router)
