"""What the application says in its log, and what it never says."""

import io
import logging
from collections.abc import Iterator

import httpx
import pytest

from tegata.identity.individual_number import RedactingFilter
from tegata.service.correlation import CorrelationFilter
from tests.verifier.conftest import World
from tests.verifier.wallet_api.answers import QUERY_ID, fetch, form_of, good_form, make_request


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """The log as the service writes it."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.addFilter(CorrelationFilter())
    handler.addFilter(RedactingFilter())
    handler.setFormatter(logging.Formatter("%(reference_number)s %(message)s"))
    names = ("verifier", "tegata")
    before = {name: logging.getLogger(name).level for name in names}
    for name in names:
        logging.getLogger(name).addHandler(handler)
        logging.getLogger(name).setLevel(logging.DEBUG)
    yield written
    for name in names:
        logging.getLogger(name).removeHandler(handler)
        logging.getLogger(name).setLevel(before[name])


def line_of(log: io.StringIO, answer: httpx.Response) -> str:
    number = answer.headers["x-reference-number"]
    return next(line for line in log.getvalue().splitlines() if line.startswith(number))


def test_a_refusals_reference_number_is_in_the_log(world: World, log: io.StringIO) -> None:
    request = fetch(world, make_request(world))
    wallet = world.client.post(request.response_uri, data=form_of(request, {"vp_token": {}}))
    assert "response_refused" in line_of(log, wallet)
    api = world.client.get("/api/v1/templates")
    assert "api_key_refused" in line_of(log, api)


def test_the_log_holds_no_claim_no_secret_and_no_key(world: World, log: io.StringIO) -> None:
    key = world.key()
    view = make_request(world)
    request = fetch(world, view)
    held = world.claim(world.wallet())
    world.client.post(request.response_uri, data=form_of(request, {"vp_token": {QUERY_ID: ["x~", "y~"]}}))
    world.client.post(request.response_uri, data=good_form(world, request, held))
    world.client.post(request.response_uri, data=good_form(world, request, held))
    world.client.get(f"/api/v1/requests/{view.id}", headers=key)
    world.client.post("/api/v1/requests", json={"template": "x"}, headers=key)
    written = log.getvalue()
    assert written
    for secret in ("青葉", "2007-04-14", request.nonce, request.state, key["Authorization"][-20:]):
        assert secret not in written


def test_an_unknown_path_is_a_problem_in_both_languages(world: World) -> None:
    answer = world.client.get("/nothing")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["title"]
    assert answer.json()["title_ja"]
