"""The list of issuers: believed under the pinned anchor, never rolled back, asked for when it is time."""

from datetime import timedelta

import pytest

from tegata.errors import CryptographyFailed
from tegata.identity.trust_list_format import ListRolledBack
from tests.simulators.issuer import Scheme
from tests.verifier.conftest import World
from verifier.trust.service import RETRY, ListChanged, NoTrustAnchor, TrustService


def newer(world: World, sequence: int, **changes: str) -> bytes:
    return world.scheme.trust_list(world.school.trusted(**changes), now=world.now(), sequence=sequence)


def sequence(world: World, after: timedelta = timedelta()) -> int:
    snapshot = world.verifier.trust.current(world.now() + after)
    return 0 if snapshot is None else snapshot.trust_list.sequence


def test_a_newer_list_takes_the_place_of_an_older_one(world: World) -> None:
    assert sequence(world) == 1
    world.verifier.trust.load(newer(world, 2), "test", world.now())
    assert sequence(world) == 2


def test_an_older_list_is_refused(world: World) -> None:
    world.verifier.trust.load(newer(world, 5), "test", world.now())
    with pytest.raises(ListRolledBack):
        world.verifier.trust.load(newer(world, 4), "test", world.now())
    assert sequence(world) == 5


def test_the_same_number_with_other_content_is_refused(world: World) -> None:
    with pytest.raises(ListChanged):
        world.verifier.trust.load(newer(world, 1, establisher="別の県"), "test", world.now())


def test_a_list_under_another_anchor_is_refused(world: World) -> None:
    stranger = Scheme.start(world.now())
    with pytest.raises(CryptographyFailed):
        world.verifier.trust.load(
            stranger.trust_list(world.school.trusted(), now=world.now(), sequence=9), "test", world.now()
        )
    assert sequence(world) == 1


def test_without_an_anchor_nothing_is_believed(world: World) -> None:
    assert world.verifier.settings.trust_anchor_file is not None
    world.verifier.settings.trust_anchor_file.unlink()
    assert sequence(world) == 0
    with pytest.raises(NoTrustAnchor):
        world.verifier.trust.load(newer(world, 2), "test", world.now())


def with_url(world: World) -> TrustService:
    """Return the service as it is with an address to ask; the test's server answers there."""
    verifier = world.verifier
    settings = verifier.settings.model_copy(update={"trust_list_url": f"{world.server.origin}/list"})
    return TrustService(settings, verifier.database, verifier.outbound)


def asked(world: World) -> int:
    return sum(path == "/list" for path, _ in world.server.asked)


def test_the_list_is_asked_for_once_in_its_interval(world: World) -> None:
    trust, now = with_url(world), world.now()
    world.server.pages["/list"] = ("application/jwt", newer(world, 2))
    for moment in (now, now + timedelta(hours=1)):
        snapshot = trust.current(moment)
        assert snapshot is not None
        assert snapshot.trust_list.sequence == 2
    assert asked(world) == 1
    trust.current(now + timedelta(hours=7))
    assert asked(world) == 2


def test_a_failure_keeps_the_old_list_and_asks_again_soon(world: World) -> None:
    trust, now = with_url(world), world.now()
    snapshot = trust.current(now)
    assert snapshot is not None
    assert snapshot.trust_list.sequence == 1
    trust.current(now + RETRY / 2)
    assert asked(world) == 1
    world.server.pages["/list"] = ("application/jwt", newer(world, 2))
    newest = trust.current(now + RETRY)
    assert newest is not None
    assert newest.trust_list.sequence == 2


def test_for_an_issuer_who_is_not_known_a_newer_list_is_asked_for_at_once(world: World) -> None:
    trust, now = with_url(world), world.now()
    world.server.pages["/list"] = ("application/jwt", newer(world, 2))
    known = trust.current(now)
    assert trust.newer_than(known, now) is None
    world.server.pages["/list"] = ("application/jwt", newer(world, 3))
    found = trust.newer_than(known, now + RETRY)
    assert found is not None
    assert found.trust_list.sequence == 3


def test_a_list_that_is_not_believed_is_not_stored(world: World) -> None:
    trust, now = with_url(world), world.now()
    world.server.pages["/list"] = ("application/jwt", b"<html>")
    snapshot = trust.current(now)
    assert snapshot is not None
    assert snapshot.trust_list.sequence == 1
