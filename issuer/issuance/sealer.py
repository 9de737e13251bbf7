"""Sealing an approved batch: prepare, record, sign (DESIGN §3.3), in chunks, resumable after any crash.

For each chunk of documents:

1. record    status entries, signing key and issue time are fixed and committed, and only then
2. sign      the masters are signed in memory, and
3. store     kept sealed, with an audit row each, and committed.

A process that dies between 1 and 3 leaves records without a credential; the next run signs them with the entry and
time that they have. A batch is leased by one process at a time, and every commit checks that the lease still stands;
the lease of a process that was killed counts no more (`issuer.issuance.lease`).
"""

import logging
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from issuer.base import AUDIT
from issuer.issuance import lease, store
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
from tegata.keys.signer import Signer
from tegata.service import failpoints
from tegata.service.audit import Entry, append

logger = logging.getLogger(__name__)

CHUNK = 25
ACTOR = "sealer"
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


@dataclass(frozen=True, slots=True)
class Chunk:
    """Recorded documents, with all that signing them needs, so that nothing is read for a single one."""

    documents: Sequence[StoredDocument]
    slots: Mapping[str, tuple[str, int]]
    signer: Signer = field(repr=False)


class Sealer:
    """Seals batches of one installation; `owner` names this process in leases."""

    def __init__(self, workshop: Workshop) -> None:
        self._workshop = workshop
        self.owner = lease.new_owner()

    def run_next(self, clock: Callable[[], datetime], on_progress: OnProgress | None = None) -> str | None:
        """Seal the oldest batch that is due; returns its id, or None if there is nothing to do."""
        now = clock()
        # Most looks find nothing: they only read, so that nobody who writes waits for them.
        with self._workshop.database.reading() as connection:
            leases = store.leases(connection, now)
        held = {owner for owner, until in leases if until is not None and until >= now}
        dead = lease.dead(held)
        if all(owner in held and owner not in dead for owner, _ in leases):
            return None
        with self._workshop.database.writing() as connection:
            batch_id = store.claim_batch(connection, self.owner, now, now + LEASE, dead=dead)
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
            masters = [self._sign(school, chunk, document) for document in chunk.documents]
            self._store(batch, chunk.documents, masters, clock())
            done += len(chunk.documents)
            if on_progress is not None:
                on_progress(Progress(done, batch.terms.size))
        failpoints.passing(BEFORE_CLOSE)
        self._close(batch, clock())

    def _record(self, batch: Approved, school: School, now: datetime) -> Chunk | None:
        """Fix status entry, key and issue time of the next documents; returns them as recorded, None at the end.

        Documents that an earlier run recorded keep all three, unless their key signs no more: nothing was signed with
        it that anybody has seen, so key and time are fixed anew.
        """
        terms = batch.terms
        with self._workshop.database.writing(durable=True) as connection:
            store.renew_lease(connection, terms.id, self.owner, now + LEASE)
            chunk = store.documents_to_seal(connection, terms.id, CHUNK)
            if not chunk:
                return None
            signer, active_from = self._workshop.keys.signer(
                school.id, KeyUse.DOCUMENT, now, connection=connection
            )
            fresh = [item for item in chunk if item.state == DocumentState.FROZEN]
            for _ in fresh:
                failpoints.passing(BEFORE_RECORD)
            if fresh:
                instances = [Instance(item.id, item.id) for item in fresh]
                self._workshop.slots.allocate(connection, terms.tenant_id, terms.school_id, instances, now)
            key_id = signer.public_key.key_id
            unfixed = [item for item in chunk if item.key_id != key_id]
            issued = issue_instant(now, key_active_from=active_from, approved_at=batch.approved_at)
            self._fix(connection, unfixed, key_id, issued)
            entries = [
                Entry(terms.tenant_id, ACTOR, "document.recorded", item.id, item.digest) for item in unfixed
            ]
            append(connection, AUDIT, now, *entries)
            recorded = store.documents_to_seal(connection, terms.id, CHUNK) if unfixed else chunk
            slots = status.slots_of_instances(connection, [item.id for item in recorded])
        for _ in fresh:
            failpoints.passing(AFTER_RECORD)
        return Chunk(recorded, slots, signer)

    def _fix(
        self, connection: Connection, documents: Sequence[StoredDocument], key_id: str, issued: datetime
    ) -> None:
        catalogue = self._workshop.catalogue
        rows = [
            {
                "b_id": item.id,
                "b_state": DocumentState.RECORDED.value,
                "b_key_id": key_id,
                "b_issued_at": issued,
                "b_valid_until": item.valid_until
                or valid_until(catalogue.get(item.document_name), item.issue_date),
            }
            for item in documents
        ]
        store.change_documents(connection, ("state", "key_id", "issued_at", "valid_until"), rows)

    def _sign(self, school: School, chunk: Chunk, item: StoredDocument) -> bytes:
        """Sign one recorded document as a master: a W3C credential bound to no holder."""
        assert item.issued_at is not None  # noqa: S101  a recorded document has it
        workshop = self._workshop
        document = to_seal(
            workshop.catalogue.get(item.document_name),
            school,
            claims_of(workshop, item),
            valid_from=item.issued_at,
            until=item.valid_until,
            status=status_reference(school, *chunk.slots[item.id]),
            identifier=f"urn:uuid:{_uuid(item.id)}",
        )
        prepared = data_integrity.prepare(
            document, None, secrets.token_bytes, item.issued_at, workshop.contexts
        )
        master = data_integrity.seal(prepared, chunk.signer)
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
                Entry(terms.tenant_id, ACTOR, "document.sealed", item.id, item.digest) for item in chunk
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
                Entry(terms.tenant_id, ACTOR, "batch.sealed", terms.id, batch.digest),
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
