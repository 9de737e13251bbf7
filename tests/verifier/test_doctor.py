"""What doctor finds, and that each finding says what to do."""

from datetime import timedelta

from tests.verifier.conftest import MakeWorld, World
from verifier.doctor import look_at
from verifier.oid4vp.request import Prefix


def unwell(world: World, **later: float) -> list[str]:
    found = look_at(world.verifier, world.now() + timedelta(**later))
    assert all(item.advice for item in found if not item.is_well)
    return [item.subject.partition(":")[0] for item in found if not item.is_well]


def test_a_well_installation_has_nothing_to_say(world: World) -> None:
    # The tables of tests are made without migrations: that alone is found.
    assert unwell(world) in ([], ["database"])


def test_an_anchor_that_is_not_there_is_found(make_world: MakeWorld) -> None:
    world = make_world()
    assert world.verifier.settings.trust_anchor_file is not None
    world.verifier.settings.trust_anchor_file.unlink()
    assert "trust anchor" in unwell(world)


def test_a_clock_of_last_year_is_found(world: World) -> None:
    assert "clock" in unwell(world, days=-700)


def test_in_tests_no_certificate_is_needed(make_world: MakeWorld) -> None:
    world = make_world(client_id_prefix=Prefix.REDIRECT_URI)
    found = look_at(world.verifier, world.now())
    assert not [item for item in found if "certificate" in item.subject and not item.is_well]
