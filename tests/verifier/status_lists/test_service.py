"""Status lists over HTTP: kept as long as they say, asked for once, and an outage is an outage."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from tegata.errors import TegataError, Unavailable
from tests.verifier.conftest import World
from verifier.status_lists import store
from verifier.status_lists.service import RETRY, SHORTEST

ACCEPT = "application/statuslist+jwt"
HOUR = timedelta(hours=1)


def uri(world: World) -> str:
    return f"{world.school.identifier}/status"


def asked(world: World) -> int:
    return sum(path.endswith("/status") for path, _ in world.server.asked)


def test_a_list_is_kept_as_long_as_it_says(world: World) -> None:
    now = world.now()
    first = world.verifier.status_lists.get(uri(world), ACCEPT, now)
    assert world.verifier.status_lists.get(uri(world), ACCEPT, now + HOUR / 2) == first
    assert asked(world) == 1
    world.verifier.status_lists.get(uri(world), ACCEPT, now + HOUR)
    assert asked(world) == 2


def test_a_list_that_has_not_changed_is_not_sent_again(world: World) -> None:
    path = uri(world).removeprefix(world.server.origin)
    world.server.headers[path] = {"ETag": '"1"'}
    now = world.now()
    first = world.verifier.status_lists.get(uri(world), ACCEPT, now)
    second = world.verifier.status_lists.get(uri(world), ACCEPT, now + 2 * HOUR)
    assert second.body == first.body
    assert second.fetched_at == now + 2 * HOUR
    assert [etag for asked_path, etag in world.server.asked if asked_path == path] == ["", '"1"']


def test_after_a_failure_the_last_copy_is_handed_out_with_its_age(world: World) -> None:
    now = world.now()
    first = world.verifier.status_lists.get(uri(world), ACCEPT, now)
    world.server.pages.clear()
    later = world.verifier.status_lists.get(uri(world), ACCEPT, now + 2 * HOUR)
    assert later == first
    assert later.fetched_at == now


def test_a_list_that_never_came_is_unavailable_and_asked_for_again_soon(world: World) -> None:
    pages = dict(world.server.pages)
    world.server.pages.clear()
    now = world.now()
    for _ in range(2):
        with pytest.raises(Unavailable):
            world.verifier.status_lists.get(uri(world), ACCEPT, now)
    assert asked(world) == 1
    world.server.pages.update(pages)
    assert world.verifier.status_lists.get(uri(world), ACCEPT, now + RETRY).body


def test_a_list_that_could_not_be_used_is_asked_for_again_soon(world: World) -> None:
    now = world.now()
    world.verifier.status_lists.get(uri(world), ACCEPT, now)
    world.verifier.status_lists.unusable(uri(world), now)
    world.verifier.status_lists.get(uri(world), ACCEPT, now + RETRY)
    assert asked(world) == 2


def test_a_list_that_is_too_large_is_not_kept(world: World) -> None:
    path = uri(world).removeprefix(world.server.origin)
    world.server.pages[path] = (ACCEPT, b"x" * 5_000_000)
    with pytest.raises(Unavailable, match="limit_exceeded"):
        world.verifier.status_lists.get(uri(world), ACCEPT, world.now())


def test_an_address_inside_is_not_contacted(world: World) -> None:
    for address in ("http://localhost:1/status", "https://127.0.0.1/status", "file:///etc/passwd", ""):
        with pytest.raises(TegataError):
            world.verifier.status_lists.get(address, ACCEPT, world.now())


@pytest.mark.postgres
def test_of_many_who_need_a_list_one_asks_and_all_get_it(world_on_each_database: World) -> None:
    world = world_on_each_database
    now = world.now()
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: world.verifier.status_lists.get(uri(world), ACCEPT, now), range(8)))
    assert len({item.body for item in found}) == 1
    assert asked(world) == 1


def test_whoever_died_while_asking_does_not_keep_others_from_it(world: World) -> None:
    now = world.now()
    with world.verifier.database.writing() as connection:
        assert store.claim(connection, uri(world), now, now + HOUR)
        assert not store.claim(connection, uri(world), now, now + HOUR)
    assert world.verifier.status_lists.get(uri(world), ACCEPT, now + HOUR).body


def test_lists_that_nobody_asks_about_are_forgotten(world: World) -> None:
    now = world.now()
    world.verifier.status_lists.get(uri(world), ACCEPT, now)
    with world.verifier.database.writing() as connection:
        assert store.forget(connection, now - HOUR) == 0
        assert store.forget(connection, now + HOUR) == 1


@pytest.mark.clause("Bitstring Status List 1.0 §2.2")
def test_a_list_that_asks_not_to_be_kept_is_kept_for_moments_only(world: World) -> None:
    path = f"{uri(world).removeprefix(world.server.origin)}-zero"
    world.server.pages[path] = ("application/vc", b'{"credentialSubject": {"ttl": 0}}')
    now = world.now()
    for later in (now, now + SHORTEST / 2, now + SHORTEST):
        world.verifier.status_lists.get(f"{uri(world)}-zero", "application/vc", later)
    assert sum(asked_path == path for asked_path, _ in world.server.asked) == 2
