"""A whole batch with its database: what one document costs from draft to sealed master, in raw signatures."""

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from issuer.issuance.batches import draft, submit
from issuer.issuance.entitlements import invite_batch
from issuer.issuance.sealer import Sealer
from issuer.wallet_api.copies import CopyMaker
from tegata.keys.software import SoftwareSigner
from tests.benchmarks.measure import Pace, Row, rate, references
from tests.simulators import school as simulator
from tests.simulators.school import ISSUE_DATE, NOW, ReadySchool


def rows(pace: Pace, database_url: str = "", people: int = 38) -> Iterator[Row]:
    """Measure each step once over the batch of 76, and copies for wallets afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        url = database_url or f"sqlite:///{folder}/bench.sqlite3"
        ready = simulator.build(simulator.settings_for(url, Path(folder)))
        yield from _steps(ready, pace, people)
        ready.workshop.database.dispose()


def _steps(ready: ReadySchool, pace: Pace, people: int) -> Iterator[Row]:
    workshop, tenant_id = ready.workshop, ready.school.tenant_id
    kind = "SQLite" if workshop.database.is_sqlite else "PostgreSQL"
    learners = ready.graduates()[:people]
    chosen = [(name, learner) for name in ("graduation", "transcript") for learner in learners]
    began = time.process_time()
    batch_id = draft(workshop, ready.desk, chosen, ISSUE_DATE, NOW)
    yield _per_document(f"draft, {kind}", began, len(chosen), pace)
    began = time.process_time()
    submitted = submit(workshop, tenant_id, batch_id, ready.clerk.account_id, NOW)
    yield _per_document(f"freeze and number, {kind}", began, len(chosen), pace)
    ready.approve(batch_id, submitted.digest)
    began = time.process_time()
    Sealer(workshop).run_next(lambda: NOW)
    yield _per_document(f"seal masters (W3C), {kind}", began, len(chosen), pace)
    began = time.process_time()
    links = invite_batch(workshop, tenant_id, batch_id, "clerk", NOW)
    yield _per_document(f"claim links, {kind}", began, len(chosen), pace)
    yield from _copies(ready, [link.document_id for link in links], kind, pace)


def _copies(ready: ReadySchool, documents: list[str], kind: str, pace: Pace) -> Iterator[Row]:
    """Sign SD-JWT VC copies, ten to a transaction, without HTTP."""
    maker = CopyMaker(ready.workshop)
    keys = [SoftwareSigner.generate().public_key for _ in range(10)]
    half = len(documents) // 2
    for name, found in (("graduation", documents[:half]), ("transcript", documents[half:])):
        began = time.process_time()
        for document_id in found:
            with ready.workshop.database.writing(durable=True) as connection:
                prepared = maker.prepare(
                    connection, ready.school.tenant_id, document_id, f"{name}-sd-jwt", keys, NOW
                )
            for copy in prepared:
                copy.seal()
        yield _per_document(f"copies SD-JWT VC {name}, {kind}", began, len(found) * len(keys), pace)


def _per_document(name: str, began: float, count: int, pace: Pace) -> Row:
    spent = (time.process_time() - began) / count
    reference = references()["sign"]
    ratio = 1 / spent / rate(reference.run, pace.slice_seconds)
    return Row(f"{name}, per document", reference.name, ratio, spent * 1e6)
