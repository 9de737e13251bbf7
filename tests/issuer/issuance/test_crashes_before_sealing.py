"""kill -9 just after approval was asked for, and just after it was given: what was committed stands, once."""

import pickle
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from issuer.issuance import store
from issuer.issuance.batches import draft
from issuer.issuance.errors import WrongState
from issuer.issuance.sealer import Sealer
from issuer.issuance.states import Approved, Draft, Sealed, Submitted, expect
from tests.simulators import school as simulator
from tests.simulators.crashing import ask
from tests.simulators.school import ISSUE_DATE, NOW, ReadySchool

ROOT = Path(__file__).parents[3]


@pytest.fixture
def ready(database_url: str, tmp_path: Path):
    """A school with its register, on both databases."""
    found = simulator.build(simulator.settings_for(database_url, tmp_path))
    yield found
    found.workshop.database.dispose()


def _die(ready: ReadySchool, action: str, failpoint: str, *arguments: str) -> None:
    settings = ready.settings
    module = ["-m", "tests.simulators.crashing", action, settings.database_url, str(settings.data_directory)]
    command = [sys.executable, *module, failpoint, ready.school.tenant_id, *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()


def _batch(ready: ReadySchool, batch_id: str):
    with ready.workshop.database.reading() as connection:
        return store.batch(connection, ready.school.tenant_id, batch_id)


def test_what_was_frozen_before_a_kill_stays_frozen_and_takes_no_number_twice(ready):
    chosen = [("graduation", learner) for learner in ready.graduates()[:5]]
    first = draft(ready.workshop, ready.desk, chosen, ISSUE_DATE, NOW)
    second = draft(ready.workshop, ready.desk, chosen, ISSUE_DATE, NOW)
    _die(ready, "submit", "batch.after_freeze", first)
    expect(_batch(ready, first), Submitted)
    with pytest.raises(WrongState):
        ask(ready.workshop, ready.school.tenant_id, first)
    expect(_batch(ready, second), Draft)
    ask(ready.workshop, ready.school.tenant_id, second)
    with ready.workshop.database.reading() as connection:
        numbers = [item.sequence for batch in (first, second) for item in store.documents(connection, batch)]
    assert numbers == list(range(1, 11))


def test_an_approval_that_was_given_before_a_kill_leads_to_sealed_documents(ready):
    batch_id = ready.submitted_batch(("graduation",), people=3)
    decision = ready.decision(batch_id, _batch(ready, batch_id).digest, NOW)
    prepared = ready.settings.data_directory / "decision"
    prepared.write_bytes(pickle.dumps((ready.approver.principal, decision)))
    _die(ready, "approve", "batch.after_approval", batch_id, str(prepared))
    expect(_batch(ready, batch_id), Approved)
    with ready.workshop.database.reading() as connection:
        assert len(store.approvals(connection, batch_id)) == 1
    assert Sealer(ready.workshop).run_next(lambda: NOW) == batch_id
    expect(_batch(ready, batch_id), Sealed)
