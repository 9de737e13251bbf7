"""A school with sealed documents, on both databases; each test takes documents that no other has touched."""

from collections.abc import Iterator

import pytest

from issuer.issuance import store
from issuer.issuance.states import BatchState
from issuer.issuance.store import StoredDocument
from issuer.status.publication import StatusPublisher
from issuer.status.service import StatusService
from tests.simulators import postgres
from tests.simulators.school import NOW, ReadySchool, build, settings_for


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def ready(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ReadySchool]:
    """A school with 30 sealed documents."""
    folder = tmp_path_factory.mktemp("status")
    if request.param == "sqlite":
        made = _sealed(build(settings_for(f"sqlite:///{folder}/issuer.sqlite3", folder)))
        yield made
        made.workshop.database.dispose()
        return
    server: postgres.Server = request.getfixturevalue("postgres_server")
    with server.fresh_database() as url:
        made = _sealed(build(settings_for(url, folder)))
        yield made
        made.workshop.database.dispose()


def _sealed(ready: ReadySchool) -> ReadySchool:
    ready.sealed_batch(NOW, 30, names=("graduation",))
    return ready


@pytest.fixture(scope="module")
def untouched(ready: ReadySchool) -> Iterator[StoredDocument]:
    """Return sealed documents, each once."""
    with ready.workshop.database.reading() as connection:
        sealed = store.batches(connection, ready.school.tenant_id, ready.school.id, [BatchState.SEALED])
        found = store.documents(connection, sealed[0].terms.id)
    return iter(found)


@pytest.fixture
def document(untouched: Iterator[StoredDocument]) -> StoredDocument:
    """A sealed document whose status never changed."""
    return next(untouched)


@pytest.fixture
def service(ready: ReadySchool) -> StatusService:
    """What changes a status."""
    return StatusService(ready.workshop.database, ready.workshop.vault)


@pytest.fixture
def publisher(ready: ReadySchool) -> StatusPublisher:
    """What serves lists."""
    return StatusPublisher(ready.workshop)
