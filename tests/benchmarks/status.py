"""Revoking one of 131,072 entries and publishing the list again."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from issuer.issuance import store as documents
from issuer.status import store
from issuer.status.publication import TOKEN, StatusPublisher
from issuer.status.service import Change, Reason, StatusService
from schemas import catalogue
from tegata.formats import data_integrity
from tegata.keys.software import SoftwareSigner
from tegata.status import bitstring_status_list, status_list_cwt, token_status_list
from tegata.status.entries import Entries, Status
from tests.benchmarks.measuring import RAW, Effort, Row, Work, ratio, reference_seconds
from tests.simulators.school import build, settings_for

MAX_SIGNS = 27
MAX_MILLISECONDS = 1.0


def rows(effort: Effort, folder: Path) -> Iterator[Row]:
    """Measure the list alone, and the use case with its database."""
    yield from _list_alone(effort)
    yield from _use_case(effort, folder)


def _list_alone(effort: Effort) -> Iterator[Row]:
    """2 % are revoked, as in the reference; then one more, and a signed token."""
    signer, now = SoftwareSigner.generate(), datetime.now(UTC).replace(microsecond=0)
    entries = Entries.unallocated()
    size = len(entries.packed) * 4
    values = {index: Status.INVALID if index % 50 == 0 else Status.VALID for index in range(size)}
    entries = entries.changed(values)

    terms = {"issued_at": now, "expires_at": now + timedelta(days=2), "ttl": timedelta(hours=1)}
    contexts, uri = catalogue.contexts(), "https://issuer.example/status/1"

    def changed() -> Entries:
        return entries.changed({77: Status.INVALID})

    def secure(document: dict[str, Any]) -> dict[str, Any]:
        return data_integrity.secure(document, signer, "did:web:issuer.example#1", now, contexts)

    def bitstring() -> object:
        return bitstring_status_list.publish(
            changed(),
            bitstring_status_list.REVOCATION,
            secure,
            url=f"{uri}/revocation",
            issuer="did:web:issuer.example",
            valid_from=now,
            valid_until=now + timedelta(days=2),
            ttl=timedelta(hours=1),
        )

    forms: dict[str, Work] = {
        "": lambda: token_status_list.sign(changed(), uri=uri, signer=signer, **terms),
        ", as CWT": lambda: status_list_cwt.sign(changed(), uri=uri, signer=signer, **terms),
        ", as Bitstring": bitstring,
    }
    for form, work in forms.items():
        name = f"Revoke and sign again, list of {size}{form}"
        yield from _in_signs(name, ratio(work, RAW.sign, effort), effort)


def _use_case(effort: Effort, folder: Path) -> Iterator[Row]:
    now = datetime.now(UTC)
    ready = build(settings_for(f"sqlite:///{folder}/status.sqlite3", folder), now)
    workshop, school = ready.workshop, ready.school
    batch_id = ready.sealed_batch(now, 1, names=("graduation",))
    with workshop.database.reading() as connection:
        document_id = documents.documents(connection, batch_id)[0].id
        list_id = store.lists_of(connection, school.id)[0]
    service, publisher = StatusService(workshop.database, workshop.vault), StatusPublisher(workshop)
    step = 0

    def change() -> None:
        nonlocal step
        step += 1
        at = now + timedelta(milliseconds=step)
        status = Status.SUSPENDED if step % 2 else Status.VALID
        service.change(
            school.tenant_id, document_id, Change(status, Reason.OTHER, "測定"), ready.approver.account_id, at
        )
        publisher.published(school, list_id, TOKEN, at)

    found = ratio(change, RAW.sign, effort)
    yield from _in_signs("Change a status and publish, with database", found, effort)
    workshop.database.dispose()


def _in_signs(name: str, found: float, effort: Effort) -> Iterator[Row]:
    sign, _ = reference_seconds(effort)
    note = f"{1000 * sign / found:.2f} ms CPU"
    is_alone = "database" not in name
    yield Row(name, 1 / found, "raw signs", MAX_SIGNS if is_alone else None, is_limit=True, note=note)
