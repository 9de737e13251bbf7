"""A whole batch with its database: dry run, draft, freeze, approve, seal; and what it takes in memory.

`python -m tests.benchmarks.batches <folder> <documents> <sealed>` runs one in a process of its own and prints JSON.
"""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from issuer.issuance import store
from issuer.issuance.approvals import approve
from issuer.issuance.batches import candidates, draft, submit
from issuer.issuance.sealer import Progress, Sealer
from issuer.issuance.states import Submitted, expect
from tests.benchmarks.learners import multiply
from tests.benchmarks.measuring import Effort, Row, reference_seconds
from tests.simulators import postgres
from tests.simulators.school import ISSUE_DATE, ReadySchool, build, settings_for

NAMES = ("graduation", "transcript")
MAX_MEGABYTES = 300
_SAMPLE = 38


class EnoughSealed(Exception):
    """As many documents are sealed as are measured."""


@dataclass(frozen=True, slots=True)
class Cost:
    """Processor seconds of the two halves of a batch, for each document."""

    frozen: float
    sealed: float


def rows(effort: Effort, folder: Path) -> Iterator[Row]:
    """Measure the sample's 76 documents, a larger register, both databases, and memory."""
    yield from _both(effort, f"sqlite:///{folder}/batch.sqlite3", folder, _SAMPLE, "SQLite")
    if effort.learners:
        url = f"sqlite:///{folder}/large.sqlite3"
        yield from _both(effort, url, folder, effort.learners, "SQLite")
    if effort.every_database and postgres.is_installed():
        with postgres.running(folder) as server, server.fresh_database() as url:
            yield from _both(effort, url, folder, _SAMPLE, "PostgreSQL")
    yield _memory(folder, 2 * _SAMPLE, 2 * _SAMPLE)
    if effort.memory_documents > 2 * _SAMPLE:
        yield _memory(folder, effort.memory_documents, effort.sealed_for_memory)


def _both(effort: Effort, url: str, folder: Path, people: int, database: str) -> Iterator[Row]:
    now = datetime.now(UTC)
    ready = build(settings_for(url, folder), now)
    learners = ready.graduates(now) if people == _SAMPLE else multiply(ready, people, now)
    before, _ = reference_seconds(effort)
    cost = run(ready, learners)
    after, _ = reference_seconds(effort)
    ready.workshop.database.dispose()
    signature = (before + after) / 2
    where = f"{len(learners) * len(NAMES)} documents, {database}"
    unit = "raw signs a document"
    yield Row(f"Batch to approval, {where}", cost.frozen / signature, unit, note=_milliseconds(cost.frozen))
    yield Row(f"Batch sealing, {where}", cost.sealed / signature, unit, note=_milliseconds(cost.sealed))


def _milliseconds(seconds: float) -> str:
    return f"{1000 * seconds:.2f} ms CPU a document"


def run(ready: ReadySchool, learners: list[str], sealed: int | None = None) -> Cost:
    """Issue both documents to the learners; stops after so many are sealed."""
    workshop, school = ready.workshop, ready.school
    now = datetime.now(UTC)
    begin = time.process_time()
    found = candidates(workshop, ready.desk, NAMES, learners, ISSUE_DATE, now)
    chosen = [(item.document.name, item.record.id) for item in found if not item.obstacles]
    del found
    assert len(chosen) == len(learners) * len(NAMES)
    batch_id = draft(workshop, ready.desk, chosen, ISSUE_DATE, now)
    submit(workshop, school.tenant_id, batch_id, ready.clerk.account_id, now)
    with workshop.database.reading() as connection:
        batch = expect(store.batch(connection, school.tenant_id, batch_id), Submitted)
    decision = ready.decision(batch_id, batch.digest, now)
    approve(workshop, ready.approver.principal, school.tenant_id, batch_id, decision, now)
    middle = time.process_time()
    done = 0

    def progress(seen: Progress) -> None:
        nonlocal done
        done = seen.done
        if sealed is not None and done >= sealed:
            raise EnoughSealed

    with suppress(EnoughSealed):
        Sealer(workshop).run_next(lambda: datetime.now(UTC), progress)
    return Cost((middle - begin) / len(chosen), (time.process_time() - middle) / done)


def _memory(folder: Path, documents: int, sealed: int) -> Row:
    with tempfile.TemporaryDirectory(dir=folder) as own:
        command = [sys.executable, "-m", __name__, own, str(documents), str(sealed)]
        root = Path(__file__).parents[2]
        done = subprocess.run(command, capture_output=True, check=True, cwd=root)
    peak = float(json.loads(done.stdout)["megabytes"])
    note = "" if sealed >= documents else f"the whole batch to approval, and its first {sealed} sealed"
    return Row(f"Peak memory, batch of {documents}", peak, "MB", MAX_MEGABYTES, is_limit=True, note=note)


def main(folder: Path, documents: int, sealed: int) -> None:
    """Run one batch and print the peak memory of this process, the making of the register included."""
    now = datetime.now(UTC)
    ready = build(settings_for(f"sqlite:///{folder}/memory.sqlite3", folder), now)
    people = documents // len(NAMES)
    learners = ready.graduates(now) if people == _SAMPLE else multiply(ready, people, now)
    start = _peak_megabytes()
    run(ready, learners, sealed if sealed < documents else None)
    ready.workshop.database.dispose()
    print(json.dumps({"megabytes": _peak_megabytes(), "before": start}))


def _peak_megabytes() -> float:
    """Return this program's peak; `ru_maxrss` would begin with the peak of whoever started it."""
    status = Path("/proc/self/status").read_text("ascii")
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
