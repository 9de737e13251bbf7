"""kill -9 at every named failpoint, on both databases, and what a restart finds: nothing lost, nothing twice."""

import os
import secrets
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import func, select

from issuer.base import AUDIT
from issuer.issuance import store
from issuer.issuance.entitlements import invite_batch
from issuer.issuance.sealer import Sealer, master_of
from issuer.issuance.states import DocumentState, Sealed, expect
from issuer.issuance.workshop import Workshop
from issuer.oid4vci.metadata import SD_JWT_VC, configuration_id
from issuer.status import store as status
from issuer.status.files import write_lists
from issuer.status.tables import StatusEntry
from issuer.wallet_api.copies import CopyMaker
from issuer.wallet_api.service import WalletService
from issuer.wallet_api.tables import Instance
from tegata.codec.dates import today
from tegata.formats import data_integrity
from tegata.formats.credential import Expected
from tegata.identity.certificates import KeyUse
from tegata.keys.signer import DEFAULT_ALGORITHMS
from tegata.service import audit, failpoints
from tegata.status.entries import Entries, Status
from tests.simulators import claiming, postgres
from tests.simulators import school as simulator
from tests.simulators.crashing import open_workshop
from tests.simulators.school import NOW

ROOT = Path(__file__).parents[3]
DOCUMENTS = 76
FIRST_MIDDLE_LAST = (1, 38, DOCUMENTS)
POSITIONS = [n - 1 for n in FIRST_MIDDLE_LAST]
PER_DOCUMENT = ("seal.before_record", "seal.after_record", "seal.after_sign", "seal.after_store")
SEALING = [f"{name}:{n}" for name in PER_DOCUMENT for n in FIRST_MIDDLE_LAST] + ["seal.before_close:1"]

pytestmark = pytest.mark.xdist_group("crashes")


@dataclass(frozen=True)
class Prepared:
    """A database with an approved batch, to be copied for each case."""

    url: str
    folder: Path
    tenant_id: str
    public_id: str
    batch_id: str


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def prepared(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prepared]:
    """An approved batch of 76 documents that nobody has begun to seal."""
    folder = tmp_path_factory.mktemp("prepared")
    if request.param == "sqlite":
        yield _prepare(f"sqlite:///{folder}/prepared.sqlite3", folder)
        return
    server: postgres.Server = request.getfixturevalue("postgres_server")
    with server.fresh_database() as url:
        yield _prepare(url, folder)


def _prepare(url: str, folder: Path) -> Prepared:
    ready = simulator.build(simulator.settings_for(url, folder))
    batch_id = ready.approved_batch()
    ready.workshop.database.dispose()
    return Prepared(url, folder, ready.school.tenant_id, ready.school.public_id, batch_id)


@contextmanager
def _copied(prepared: Prepared, folder: Path) -> Iterator[str]:
    """Return the address of a copy of the prepared database."""
    if prepared.url.startswith("sqlite"):
        for path in prepared.folder.glob("prepared.sqlite3*"):
            shutil.copy(path, folder / path.name)
        yield f"sqlite:///{folder}/prepared.sqlite3"
        return
    base, _, template = prepared.url.rpartition("/")
    name = f"crash_{secrets.token_hex(6)}"
    with psycopg.connect(f"{base}/postgres", autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        try:
            yield f"{base}/{name}"
        finally:
            connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def _die(action: str, url: str, folder: Path, failpoint: str, *arguments: str) -> None:
    """Run an action in a process of its own, which has to die at the failpoint."""
    command = [
        sys.executable,
        "-m",
        "tests.simulators.crashing",
        action,
        url,
        str(folder),
        failpoint,
        *arguments,
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()


@contextmanager
def _restarted(url: str, folder: Path) -> Iterator[Workshop]:
    workshop = open_workshop(url, folder)
    try:
        yield workshop
    finally:
        workshop.database.dispose()


def _assert_sealed_once(workshop: Workshop, prepared: Prepared) -> None:
    with workshop.database.reading() as connection:
        expect(store.batch(connection, prepared.tenant_id, prepared.batch_id), Sealed)
        documents = [item for chunk in store.every_document(connection, prepared.batch_id) for item in chunk]
        entries = connection.execute(
            select(StatusEntry.list_id, StatusEntry.slot, StatusEntry.instance_id)  # type: ignore[call-overload]
        ).all()
        counted = {
            action: connection.execute(select(func.count()).where(AUDIT.row.c.action == action)).scalar()
            for action in ("document.recorded", "document.sealed", "batch.sealed")
        }
        school = workshop.school_by_public_id(connection, prepared.public_id, today(NOW))
        signer, _ = workshop.keys.signer(school.id, KeyUse.DOCUMENT, NOW, connection=connection)
    assert {item.state for item in documents} == {DocumentState.SEALED}
    assert len(documents) == DOCUMENTS
    assert len({item.number for item in documents}) == DOCUMENTS
    assert len({(row.list_id, row.slot) for row in entries}) == DOCUMENTS
    assert {row.instance_id for row in entries} == {item.id for item in documents}
    assert counted == {"document.recorded": DOCUMENTS, "document.sealed": DOCUMENTS, "batch.sealed": 1}
    for item in documents:
        parsed = data_integrity.parse(master_of(workshop, item), workshop.contexts)
        verified = data_integrity.verify(
            parsed, signer.public_key, DEFAULT_ALGORITHMS, now=NOW, expected=Expected()
        )
        assert verified.claims["document_number"] == item.number


def _assert_audit_chain_holds(workshop: Workshop, tenant_id: str) -> None:
    with workshop.database.writing() as connection:
        audit.seal(connection, AUDIT, tenant_id)
    with workshop.database.reading() as connection:
        rows = connection.execute(select(func.count()).where(AUDIT.row.c.tenant_id == tenant_id)).scalar()
        assert audit.verify(connection, AUDIT, tenant_id) == rows


@pytest.mark.parametrize("failpoint", SEALING)
def test_a_batch_is_sealed_whole_after_the_sealer_was_killed(
    prepared: Prepared, tmp_path: Path, failpoint: str
) -> None:
    with _copied(prepared, tmp_path) as url:
        _die("seal", url, tmp_path, failpoint)
        with _restarted(url, tmp_path) as workshop:
            sealer = Sealer(workshop)
            # The lease still runs, but its owner is dead, so a restart on this machine need not wait for its end.
            assert sealer.run_next(lambda: NOW) == prepared.batch_id
            assert sealer.run_next(lambda: NOW) is None
            _assert_sealed_once(workshop, prepared)
            _assert_audit_chain_holds(workshop, prepared.tenant_id)


@pytest.fixture(scope="module")
def sealed(prepared: Prepared, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prepared]:
    """The same batch, sealed."""
    folder = tmp_path_factory.mktemp("sealed")
    with _copied(prepared, folder) as url:
        with _restarted(url, folder) as workshop:
            assert Sealer(workshop).run_next(lambda: NOW) == prepared.batch_id
        yield replace(prepared, url=url, folder=folder)


@pytest.mark.parametrize("position", POSITIONS)
def test_a_copy_that_was_recorded_and_never_signed_costs_a_slot_and_nothing_else(
    sealed: Prepared, tmp_path: Path, position: int
) -> None:
    with _copied(sealed, tmp_path) as url, _restarted(url, tmp_path) as workshop:
        link = invite_batch(workshop, sealed.tenant_id, sealed.batch_id, "clerk", NOW)[position]
        with workshop.database.reading() as connection:
            school = workshop.school_by_public_id(connection, sealed.public_id, today(NOW))
            item = store.document(connection, sealed.tenant_id, link.document_id)
        name = configuration_id(item.document_name, SD_JWT_VC)
        _die("claim", url, tmp_path, "claim.after_record", link.entitlement_id, sealed.public_id, name)
        with workshop.database.reading() as connection:
            lost = connection.execute(select(Instance.id)).scalars().all()  # type: ignore[call-overload]
        assert len(lost) == 1
        service = WalletService(workshop.database, AUDIT, workshop.secret, CopyMaker(workshop))
        answer = claiming.claim(service, school, link.page.rpartition("/")[2], NOW, configuration_id=name)
        assert len(answer["credentials"]) == 1
        with workshop.database.reading() as connection:
            slots = status.slots_of(connection, link.document_id)
        assert len(slots) == len(set(slots)) == 3  # the master, the lost copy, the copy
        _assert_audit_chain_holds(workshop, sealed.tenant_id)


@pytest.mark.parametrize("position", POSITIONS)
def test_a_revocation_that_was_committed_stands_after_a_kill(
    sealed: Prepared, tmp_path: Path, position: int
) -> None:
    with _copied(sealed, tmp_path) as url, _restarted(url, tmp_path) as workshop:
        with workshop.database.reading() as connection:
            documents = store.documents(connection, sealed.batch_id)
        document = documents[position]
        _die("revoke", url, tmp_path, "status.after_change", sealed.tenant_id, document.id)
        with workshop.database.reading() as connection:
            found: dict[str, Status] = {}
            for item in documents:
                ((list_id, slot),) = status.slots_of(connection, item.id)
                stored = status.list_by_id(connection, list_id)
                assert stored is not None
                found[item.id] = Entries(stored.bits).status_at(slot)
        assert found == {item.id: Status.VALID for item in documents} | {document.id: Status.INVALID}
        _assert_audit_chain_holds(workshop, sealed.tenant_id)


@pytest.mark.parametrize("file", [1, 3, 5])
def test_a_list_that_was_not_written_to_its_end_is_the_one_before_or_none(
    sealed: Prepared, tmp_path: Path, file: int
) -> None:
    """Four files are lists, and the fifth says which there are."""
    with _copied(sealed, tmp_path) as url, _restarted(url, tmp_path) as workshop:
        lists = tmp_path / "lists"
        _die("publish", url, tmp_path, f"status.before_replace:{file}", str(lists))
        whole = [path for path in lists.rglob("*") if path.is_file() and not path.name.startswith(".")]
        (left,) = lists.rglob(".*.part")
        assert len(whole) == file - 1
        os.utime(left, (0, 0))
        assert write_lists(workshop, lists, NOW).changed == 5 - file
        assert not list(lists.rglob(".*.part"))
        assert write_lists(workshop, lists, NOW).changed == 0


def test_every_failpoint_of_the_issuer_is_tried_somewhere() -> None:
    """A new failpoint has to be added to a test that kills there."""
    from issuer import app  # noqa: F401, PLC0415  imports every module of the service

    tried = {item.partition(":")[0] for item in SEALING} | {"claim.after_record", "status.after_change"}
    tried.add("status.before_replace")
    elsewhere = {
        "import.before_commit",  # tests/issuer/register/test_concurrency.py
        "import.after_commit",
        "batch.after_freeze",  # test_crashes_before_sealing.py
        "batch.after_approval",
        "redemption.before_commit",  # tests/issuer/redemption/test_crashes.py
        "redemption.after_commit",
    }
    own = {name for name in failpoints.known() if not name.startswith("answer.")}
    assert own == tried | elsewhere
