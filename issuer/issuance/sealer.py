"""Sealing an approved batch: prepare, record, sign (DESIGN §3.3), in chunks, resumable after any crash.

For each chunk of documents:

1. record    status entries, signing key and issue time are fixed and committed, and only then
2. sign      the masters are signed in memory, and
3. store     kept sealed, with an audit row each, and committed.

A process that dies between 1 and 3 leaves records without a credential; the next run signs them with the entry and
time that they have. A batch is leased by one process at a time, and every commit checks that the lease still stands.
"""

import logging
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from issuer.base import AUDIT
from issuer.issuance import store
from issuer.issuance.batches import claims_of
from issuer.issuance.credentials import status_reference, to_seal, valid_until
from issuer.issuance.instants import issue_instant
from issuer.issuance.states import Approved, BatchState, DocumentState, expect
from issuer.issuance.store import StoredDocument
from issuer.issuance.workshop import Workshop
from issuer.organisations.school import School
from issuer.status import store as status
from issuer.status.pool import Instance
from tegata.formats import data_integrity
from tegata.identity.certificates import KeyUse
from tegata.service import failpoints
from tegata.service.audit import Entry, append

logger = logging.getLogger(__name__)

CHUNK = 25
LEASE = timedelta(minutes=2)
BEFORE_RECORD = failpoints.define("seal.before_record")
AFTER_RECORD = failpoints.define("seal.after_record")
AFTER_SIGN = failpoints.define("seal.after_sign")
AFTER_STORE = failpoints.define("seal.after_store")
BEFORE_CLOSE = failpoints.define("seal.before_close")


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a batch is."""

    done: int
    total: int


#: Told after each chunk.
OnProgress = Callable[[Progress], None]


class Sealer:
    """Seals batches of one installation; `owner` names this process in leases."""

    def __init__(self, workshop: Workshop) -> None:
        self._workshop = workshop
        self.owner = secrets.token_hex(16)

    def run_next(self, clock: Callable[[], datetime], on_progress: OnProgress | None = None) -> str | None:
        """Seal the oldest batch that is due; returns its id, or None if there is nothing to do."""
        now = clock()
        with self._workshop.database.writing() as connection:
            batch_id = store.claim_batch(connection, self.owner, now, now + LEASE)
        if batch_id is not None:
            self._seal(batch_id, clock, on_progress)
        return batch_id

    def release(self) -> None:
        """Give leases back when this process ends in order, so that another one takes over at once."""
        with self._workshop.database.writing() as connection:
            store.release_leases(connection, self.owner)

    def _seal(self, batch_id: str, clock: Callable[[], datetime], on_progress: OnProgress | None) -> None:
        with self._workshop.database.reading() as connection:
            tenant_id = store.tenant_of(connection, batch_id)
            batch = expect(store.batch(connection, tenant_id, batch_id), Approved)
            school = self._workshop.school(connection, batch.terms.school_id, batch.terms.issue_date)
            done = store.count_by_state(connection, batch_id).get(DocumentState.SEALED, 0)
        while chunk := self._record(batch, school, clock()):
            masters = [self._sign(school, document) for document in chunk]
            self._store(batch, chunk, masters, clock())
            done += len(chunk)
            if on_progress is not None:
                on_progress(Progress(done, batch.terms.size))
        failpoints.passing(BEFORE_CLOSE)
        self._close(batch, clock())

    def _record(self, batch: Approved, school: School, now: datetime) -> list[StoredDocument]:
        """Fix status entry, key and issue time of the next documents; returns them as recorded."""
        terms = batch.terms
        with self._workshop.database.writing(durable=True) as connection:
            store.renew_lease(connection, terms.id, self.owner, now + LEASE)
            chunk = store.documents_to_seal(connection, terms.id, CHUNK)
            fresh = [item for item in chunk if item.state == DocumentState.FROZEN]
            if not fresh:
                return chunk
            for _ in fresh:
                failpoints.passing(BEFORE_RECORD)
            instances = [Instance(item.id, item.id) for item in fresh]
            self._workshop.slots.allocate(connection, terms.tenant_id, terms.school_id, instances, now)
            signer, active_from = self._workshop.keys.signer(
                school.id, KeyUse.DOCUMENT, now, connection=connection
            )
            issued = issue_instant(now, key_active_from=active_from, approved_at=batch.approved_at)
            rows = [
                {
                    "b_id": item.id,
                    "b_state": DocumentState.RECORDED.value,
                    "b_key_id": signer.public_key.key_id,
                    "b_issued_at": issued,
                    "b_valid_until": valid_until(
                        self._workshop.catalogue.get(item.document_name), item.issue_date
                    ),
                }
                for item in fresh
            ]
            store.change_documents(connection, ("state", "key_id", "issued_at", "valid_until"), rows)
            entries = [
                Entry(terms.tenant_id, "sealer", "document.recorded", item.id, item.digest) for item in fresh
            ]
            append(connection, AUDIT, now, *entries)
            recorded = store.documents_to_seal(connection, terms.id, CHUNK)
        for _ in fresh:
            failpoints.passing(AFTER_RECORD)
        return recorded

    def _sign(self, school: School, item: StoredDocument) -> bytes:
        """Sign one recorded document as a master: a W3C credential bound to no holder."""
        assert item.issued_at is not None  # noqa: S101  a recorded document has it
        workshop = self._workshop
        with workshop.database.reading() as connection:
            slot = status.slot_of_instance(connection, item.id)
            signer, _ = workshop.keys.signer(
                school.id, KeyUse.DOCUMENT, item.issued_at, connection=connection
            )
        assert slot is not None  # noqa: S101  recorded together
        document = to_seal(
            workshop.catalogue.get(item.document_name),
            school,
            claims_of(workshop, item),
            valid_from=item.issued_at,
            until=item.valid_until,
            status=status_reference(school, *slot),
            identifier=f"urn:uuid:{_uuid(item.id)}",
        )
        prepared = data_integrity.prepare(
            document, None, secrets.token_bytes, item.issued_at, workshop.contexts
        )
        master = data_integrity.seal(prepared, signer)
        failpoints.passing(AFTER_SIGN)
        return workshop.vault.seal_bytes(master, master_place(item.id))

    def _store(
        self, batch: Approved, chunk: Sequence[StoredDocument], masters: Sequence[bytes], now: datetime
    ) -> None:
        terms = batch.terms
        with self._workshop.database.writing(durable=True) as connection:
            store.renew_lease(connection, terms.id, self.owner, now + LEASE)
            rows: list[dict[str, Any]] = [
                {
                    "b_id": item.id,
                    "b_state": DocumentState.SEALED.value,
                    "b_master": master,
                    "b_sealed_at": now,
                }
                for item, master in zip(chunk, masters, strict=True)
            ]
            store.change_documents(connection, ("state", "master", "sealed_at"), rows)
            entries = [
                Entry(terms.tenant_id, "sealer", "document.sealed", item.id, item.digest) for item in chunk
            ]
            append(connection, AUDIT, now, *entries)
        for _ in chunk:
            failpoints.passing(AFTER_STORE)

    def _close(self, batch: Approved, now: datetime) -> None:
        terms = batch.terms
        with self._workshop.database.writing(durable=True) as connection:
            self._check_complete(connection, batch)
            store.renew_lease(connection, terms.id, self.owner, now + LEASE)
            store.move_batch(
                connection,
                terms.id,
                BatchState.APPROVED,
                BatchState.SEALED,
                sealed_at=now,
                lease_owner="",
                lease_until=None,
            )
            append(
                connection,
                AUDIT,
                now,
                Entry(terms.tenant_id, "sealer", "batch.sealed", terms.id, batch.digest),
            )
        logger.info("batch %s: %d documents sealed", terms.reference, terms.size)

    @staticmethod
    def _check_complete(connection: Connection, batch: Approved) -> None:
        counts = store.count_by_state(connection, batch.terms.id)
        if counts != {DocumentState.SEALED.value: batch.terms.size}:
            raise RuntimeError(f"batch {batch.terms.id} closes with {counts}")  # never: the loop ended


def master_place(document_id: str) -> str:
    """Return the vault's place for a master."""
    return f"document.master/{document_id}"


def master_of(workshop: Workshop, item: StoredDocument) -> bytes:
    """Open a sealed master."""
    assert item.master is not None  # noqa: S101  the caller checked the state
    return workshop.vault.open_bytes(item.master, master_place(item.id))


def _uuid(document_id: str) -> str:
    """Write a row's id as a UUID (RFC 9562 §4); 128 random bits without a version."""
    return "-".join(
        (document_id[:8], document_id[8:12], document_id[12:16], document_id[16:20], document_id[20:])
    )
