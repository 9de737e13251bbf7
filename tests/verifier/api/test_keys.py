"""API keys: one look, one scope, one tenant."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from tegata.errors import MalformedInput, NotFound
from tegata.service.api_keys.keys import ApiKeyMissing, ScopeMissing
from tests.verifier.conftest import World
from verifier.api.keys import Scope
from verifier.base import API_KEYS


def test_a_key_stands_for_its_tenant(world: World) -> None:
    authorization = world.key(Scope.VERIFY)["Authorization"]
    caller = world.verifier.keys.recognise(authorization, Scope.VERIFY, world.now())
    assert caller.tenant_id == world.tenant_id
    assert caller.actor.startswith("api:")
    with pytest.raises(ScopeMissing):
        world.verifier.keys.recognise(authorization, Scope.READ_REQUESTS, world.now())


def test_what_is_stored_is_not_the_key(world: World) -> None:
    key = world.key()["Authorization"].removeprefix("Bearer ")
    with world.verifier.database.reading() as connection:
        row = connection.execute(select(API_KEYS)).one()
    assert row.prefix in key
    assert key.rpartition("_")[2] not in str(row)


@pytest.mark.parametrize(
    "change",
    ["", "Bearer ", "Basic ", "Bearer tgv_000000000000_" + "x" * 43, "Bearer tgi_000000000000_" + "x" * 43],
)
def test_what_is_no_key_is_refused(world: World, change: str) -> None:
    with pytest.raises(ApiKeyMissing):
        world.verifier.keys.recognise(change, Scope.VERIFY, world.now())


def test_one_wrong_character_is_refused(world: World) -> None:
    key = world.key()["Authorization"]
    wrong = key[:-1] + ("A" if key[-1] != "A" else "B")
    with pytest.raises(ApiKeyMissing):
        world.verifier.keys.recognise(wrong, Scope.VERIFY, world.now())


def test_a_key_ends(world: World) -> None:
    now = world.now()
    key = world.verifier.keys.create(
        world.tenant_id, "x", frozenset(Scope), now, expires_at=now + timedelta(days=1)
    )
    assert world.verifier.keys.recognise(f"Bearer {key}", Scope.VERIFY, now)
    with pytest.raises(ApiKeyMissing):
        world.verifier.keys.recognise(f"Bearer {key}", Scope.VERIFY, now + timedelta(days=1))


def test_a_revoked_key_is_refused_and_only_its_tenant_revokes_it(world: World) -> None:
    authorization = world.key()["Authorization"]
    prefix = authorization.split("_")[1]
    with pytest.raises(NotFound):
        world.verifier.keys.revoke(world.new_tenant(), prefix, world.now())
    world.verifier.keys.revoke(world.tenant_id, prefix, world.now())
    with pytest.raises(ApiKeyMissing):
        world.verifier.keys.recognise(authorization, Scope.VERIFY, world.now())


def test_a_key_needs_a_tenant_and_a_scope(world: World) -> None:
    with pytest.raises(NotFound):
        world.verifier.keys.create("0" * 32, "x", frozenset(Scope), world.now())
    with pytest.raises(MalformedInput):
        world.verifier.keys.create(world.tenant_id, "x", frozenset(), world.now())
