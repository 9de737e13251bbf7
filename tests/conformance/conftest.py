"""One world for every test with the wallet of others; such tests are marked `xdist_group("peers")`."""

from collections.abc import Iterator

import pytest

from tests.conformance.world import DOCUMENTS, World, built


@pytest.fixture(scope="package")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A school with sealed documents of its graduates, and two universities."""
    with built(tmp_path_factory.mktemp("world")) as ready:
        yield ready


@pytest.fixture(scope="package")
def held(world: World) -> list[dict[str, object]]:
    """A graduate's certificate and transcript in the wallet of others."""
    return [world.claim(world.invitation(name).link)["credentials"][0] for name in DOCUMENTS]
