"""Reference numbers."""

import asyncio
import logging
import re

import httpx
from starlette.types import Message, Receive, Scope, Send

from tegata.service import correlation
from tests.tegata.service.app import ask, new_app

SHAPE = re.compile(r"[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}")


def test_a_number_can_be_read_out_on_the_telephone() -> None:
    numbers = {correlation.new() for _ in range(500)}
    assert len(numbers) == 500
    assert all(SHAPE.fullmatch(number) for number in numbers)


def test_outside_a_request_there_is_none() -> None:
    assert correlation.current() == "-"


def test_a_number_that_the_client_sends_is_not_taken_over() -> None:
    answer = ask(new_app(), "GET", "/nowhere", headers={"X-Reference-Number": "AAAA-AAAA"})
    assert answer.headers["x-reference-number"] != "AAAA-AAAA"
    assert answer.headers.get_list("x-reference-number") == [answer.json()["reference_number"]]


def test_requests_at_once_do_not_mix_their_numbers() -> None:
    app = new_app()
    seen: dict[str, list[str]] = {}

    @app.get("/{name}")
    async def look(name: str) -> str:
        seen.setdefault(name, []).append(correlation.current())
        await asyncio.sleep(0)
        seen[name].append(correlation.current())
        return correlation.current()

    async def many() -> list[httpx.Response]:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="https://example.jp") as client:
            return await asyncio.gather(*(client.get(f"/{number}") for number in range(20)))

    answers = asyncio.run(many())
    assert len({answer.headers["x-reference-number"] for answer in answers}) == 20
    assert all(answer.json() == answer.headers["x-reference-number"] for answer in answers)
    assert all(first == second for first, second in seen.values())


def test_every_log_record_carries_the_number() -> None:
    record = logging.LogRecord("name", logging.INFO, "file", 1, "text", (), None)
    assert correlation.CorrelationFilter().filter(record)
    assert record.reference_number == "-"  # type: ignore[attr-defined]  # the filter adds it


def test_what_is_no_request_passes_untouched() -> None:
    passed: list[str] = []

    async def inner(scope: Scope, _receive: Receive, _send: Send) -> None:
        passed.append(f"{scope['type']} {correlation.current()}")

    async def nothing() -> Message:
        return {"type": "lifespan.startup"}

    async def nowhere(_message: Message) -> None:
        """Take nothing."""

    asyncio.run(correlation.CorrelationMiddleware(inner)({"type": "lifespan"}, nothing, nowhere))
    assert passed == ["lifespan -"]
