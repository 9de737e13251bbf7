"""Redeeming over HTTP: a program's call and a counter's page. Neither answer names a person."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import update

from issuer.app import create_app
from issuer.issuance.tables import Document
from tests.issuer.redemption.conftest import Counter
from tests.simulators.school import ORIGIN


@pytest.fixture(scope="module")
def app(counter: Counter) -> FastAPI:
    return create_app(counter.ready.settings)


def ask(app: FastAPI, method: str, path: str, **more: Any) -> httpx.Response:
    async def send() -> httpx.Response:
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url=ORIGIN) as http:
            return await http.request(method, path, **more)

    return asyncio.run(send())


def redemptions(counter: Counter) -> str:
    return f"/s/{counter.ready.school.public_id}/redemptions"


def page(counter: Counter) -> str:
    return f"/s/{counter.ready.school.public_id}/redeem"


def issue(counter: Counter, number: str) -> str:
    """Issue a certificate that is good today, whenever the tests run; returns its code."""
    document_id = counter.issue(number)
    table = Document.__table__  # type: ignore[attr-defined]  # SQLModel sets it on tables
    far = datetime(2999, 1, 1, tzinfo=UTC)
    with counter.ready.workshop.database.writing() as connection:
        connection.execute(update(table).where(table.c.id == document_id).values(valid_until=far))
    return counter.code(document_id)


def test_a_program_redeems_once_and_is_told_nothing_about_the_person(counter: Counter, app: FastAPI) -> None:
    code = issue(counter, "T2601")
    body = {"code": code, "redeemer": "例示鉄道 例示駅"}
    first = ask(app, "POST", redemptions(counter), json=body)
    assert first.status_code == 201
    assert first.headers["cache-control"] == "no-store"
    told = first.json()
    assert set(told) == {"document", "document_number", "date_of_expiry", "status", "redeemed_at"}
    assert (told["document"], told["status"]) == ("fare-discount", "used")
    assert "旅人" not in first.text
    second = ask(app, "POST", redemptions(counter), json=body)
    assert second.status_code == 409
    assert second.headers["content-type"] == "application/problem+json"
    refused = second.json()
    assert refused["kind"] == "already_redeemed"
    assert refused["redeemed_at"] == told["redeemed_at"]
    assert "すでに使用済みです" in refused["title_ja"]
    assert code not in second.text


def test_the_same_attempt_sent_again_gets_the_same_answer(counter: Counter, app: FastAPI) -> None:
    body = {"code": issue(counter, "T2602"), "reference": "sale 4711"}
    first, again = (ask(app, "POST", redemptions(counter), json=body) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 400),
        ([], 400),
        ({"code": 1}, 400),
        ({"code": "AAAA-AAAA-AAAA-AAAA", "more": "x"}, 400),
        ({"code": "AAAA-AAAA-AAAA-AAAA", "redeemer": "x" * 101}, 400),
        ({"code": "x" * 5_000}, 413),
        ({"code": "AAAA-AAAA-AAAA-AAAA"}, 404),
    ],
)
def test_what_is_no_redemption_is_refused(counter: Counter, app: FastAPI, body: Any, status: int) -> None:
    assert ask(app, "POST", redemptions(counter), json=body).status_code == status


def test_a_school_that_is_not_there_redeems_nothing(app: FastAPI) -> None:
    body = {"code": "AAAA-AAAA-AAAA-AAAA"}
    assert ask(app, "POST", "/s/nobody/redemptions", json=body).status_code == 404
    assert ask(app, "GET", "/s/nobody/redeem").status_code == 404


@pytest.mark.parametrize(("language", "asks"), [("ja", "使用番号"), ("en", "Redemption code")])
def test_the_page_asks_for_the_code_in_both_languages(
    counter: Counter, app: FastAPI, language: str, asks: str
) -> None:
    found = ask(app, "GET", f"{page(counter)}?lang={language}")
    assert found.status_code == 200
    assert asks in found.text


def test_a_counter_uses_a_certificate_up_on_the_page_and_the_next_one_is_told(
    counter: Counter, app: FastAPI
) -> None:
    code = issue(counter, "T2603")
    done = ask(app, "POST", page(counter), data={"code": code, "redeemer": "例示駅"})
    assert done.status_code == 200
    assert "使用済みにしました" in done.text
    assert "Text(" not in done.text
    assert "旅人" not in done.text
    again = ask(app, "POST", page(counter), data={"code": code})
    assert again.status_code == 409
    assert "すでに使用済みです" in again.text
    assert ask(app, "POST", page(counter), data={"code": ""}).status_code == 422
    unknown = ask(app, "POST", page(counter), data={"code": "AAAA-AAAA-AAAA-AAAA"})
    assert unknown.status_code == 422
    assert "この学校の使用番号ではありません" in unknown.text
