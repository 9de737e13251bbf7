"""A school with its register and staff, on both databases; each test drafts batches of its own."""

from collections.abc import Iterator

import pytest

from tests.simulators import postgres
from tests.simulators.school import ReadySchool, build, settings_for


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def office(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ReadySchool]:
    """A school that is ready to issue and has issued nothing."""
    folder = tmp_path_factory.mktemp("office")
    if request.param == "sqlite":
        made = build(settings_for(f"sqlite:///{folder}/issuer.sqlite3", folder))
        yield made
        made.workshop.database.dispose()
        return
    server: postgres.Server = request.getfixturevalue("postgres_server")
    with server.fresh_database() as url:
        made = build(settings_for(url, folder))
        yield made
        made.workshop.database.dispose()
