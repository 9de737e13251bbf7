"""An organisation at work behind the verifier's real app; each test changes only what it names."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tegata.service.staff.principal import Role
from tests.issuer.console.visitor import Visitor
from tests.verifier.conftest import World, build_world
from tests.verifier.console.desk import add_staff, visitor
from tests.verifier.console.scenes import Scenes, build_scenes


@dataclass(frozen=True)
class Desk:
    """What there is, and people at the pages: signed in, or nobody in particular."""

    world: World
    scenes: Scenes
    staff: Visitor
    stranger: Visitor
    clerk: Visitor
    nobody: Visitor


@contextmanager
def make_desk(folder: Path) -> Iterator[Desk]:
    """Make two organisations; and somebody of the first one who does not verify."""
    with ExitStack() as stack:
        world = build_world(stack, folder)
        scenes = build_scenes(world)
        clerk = add_staff(world, "clerk@university.example", role=Role.CLERK, name="事務 次郎")
        yield Desk(
            world=world,
            scenes=scenes,
            staff=visitor(world, scenes.staff),
            stranger=visitor(world, scenes.beginner),
            clerk=_signed_in(world, clerk.token),
            nobody=visitor(world),
        )


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """The desk that the tests of one file share."""
    with make_desk(tmp_path_factory.mktemp("verifier")) as made:
        yield made


def _signed_in(world: World, token: str) -> Visitor:
    """Return somebody with a session whom no page of ours lets in."""
    found = visitor(world)
    found.client.cookies.set("tegata_verifier_session", token)
    return found
