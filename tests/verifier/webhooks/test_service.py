"""Webhooks: signed, tried again, delivered by one process, and never with personal data."""

import hashlib
import hmac
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from tegata.codec import json
from tegata.errors import NotFound
from tests.verifier.conftest import World
from tests.verifier.wallet_api.answers import fetch, good_form, make_request
from verifier.webhooks.service import MAX_ATTEMPTS, WebhookAddressRefused

MINUTE = timedelta(minutes=1)


def closed_request(world: World) -> str:
    view = make_request(world)
    request = fetch(world, view)
    address = request.response_uri.rpartition("/")[2]
    world.verifier.presentations.respond(address, good_form(world, request), world.now())
    world.verifier.presentations.decide(world.tenant_id, view.id, world.now())
    return view.id


def test_a_closed_request_is_told_and_signed(world: World) -> None:
    _, secret = world.verifier.webhooks.register(world.tenant_id, f"{world.server.origin}/hook", world.now())
    identifier = closed_request(world)
    assert world.verifier.webhooks.deliver_due(world.now()) == 1
    ((path, headers, body),) = world.server.posted
    assert path == "/hook"
    message = json.loads(body)
    assert (message["type"], message["request"]) == ("request.closed", identifier)
    assert "青葉".encode() not in body
    stamp, _, value = headers["Tegata-Signature"].partition(",v1=")
    signed = stamp.removeprefix("t=").encode() + b"." + body
    assert value == hmac.digest(secret.encode(), signed, hashlib.sha256).hex()
    assert world.verifier.webhooks.deliver_due(world.now() + timedelta(days=1)) == 0


def test_a_failure_is_tried_again_later_and_at_last_given_up(world: World) -> None:
    world.server.post_status = 500
    world.verifier.webhooks.register(world.tenant_id, f"{world.server.origin}/hook", world.now())
    closed_request(world)
    now = world.now()
    assert world.verifier.webhooks.deliver_due(now) == 1
    assert world.verifier.webhooks.deliver_due(now + MINUTE / 2) == 0
    tries = 1
    while world.verifier.webhooks.deliver_due(now := now + timedelta(hours=3)):
        tries += 1
    assert tries == MAX_ATTEMPTS == len(world.server.posted)


def test_an_address_inside_is_not_contacted(world: World) -> None:
    world.verifier.webhooks.register(world.tenant_id, "http://localhost:1/hook", world.now())
    closed_request(world)
    assert world.verifier.webhooks.deliver_due(world.now()) == 1
    assert world.server.posted == []


@pytest.mark.postgres
def test_several_processes_deliver_a_message_once(world_on_each_database: World) -> None:
    world = world_on_each_database
    world.verifier.webhooks.register(world.tenant_id, f"{world.server.origin}/hook", world.now())
    closed_request(world)
    now = world.now()
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: world.verifier.webhooks.deliver_due(now), range(4)))
    assert sum(found) == 1
    assert len(world.server.posted) == 1


def test_another_tenants_address_is_not_told(world: World) -> None:
    world.verifier.webhooks.register(world.new_tenant(), f"{world.server.origin}/hook", world.now())
    closed_request(world)
    assert world.verifier.webhooks.deliver_due(world.now()) == 0


def test_an_address_has_to_be_https(world: World) -> None:
    for url in ("ftp://x.example/", "javascript:x", "https://" + "x" * 2001):
        with pytest.raises(WebhookAddressRefused):
            world.verifier.webhooks.register(world.tenant_id, url, world.now())
    with pytest.raises(NotFound):
        world.verifier.webhooks.register("0" * 32, "https://x.example/", world.now())
