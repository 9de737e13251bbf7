"""A school at work behind the issuer's real app, and visitors who are signed in."""

from collections.abc import Iterator

import pytest

from tests.issuer.console.world import World, make_world


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Two schools of one legal person and one of another; each test changes only what it names."""
    made = make_world(tmp_path_factory.mktemp("issuer"))
    yield made
    made.close()
