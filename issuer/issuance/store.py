"""Reading and writing batches and documents, on the connection of the caller's transaction."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, bindparam, func, insert, select, update

from issuer.issuance.errors import WrongState
from issuer.issuance.states import (
    Approved,
    Batch,
    BatchState,
    BatchTerms,
    DocumentState,
    Draft,
    Ended,
    Sealed,
    Submitted,
)
from issuer.issuance.tables import Approval
from issuer.issuance.tables import Batch as BatchTable
from issuer.issuance.tables import Document as DocumentTable
from tegata.errors import NotFound
from tegata.service.statements import Statement

_batch = BatchTable.__table__  # type: ignore[attr-defined]  # SQLModel sets it on tables
_document = DocumentTable.__table__  # type: ignore[attr-defined]  # same
_approval = Approval.__table__  # type: ignore[attr-defined]  # same


@dataclass(frozen=True, slots=True)
class StoredDocument:
    """A document's row."""

    id: str
    tenant_id: str
    school_id: str
    batch_id: str
    position: int
    learner_id: str
    request_id: str | None
    document_name: str
    state: str
    number: str | None
    sequence: int | None
    issue_date: date
    register_version: int
    claims: bytes | None = field(repr=False)
    salt: str
    digest: str
    key_id: str
    issued_at: datetime | None
    valid_until: datetime | None
    master: bytes | None = field(repr=False)
    sealed_at: datetime | None


_COLUMNS = [_document.c[name] for name in StoredDocument.__slots__]
# Written once: every claim reads its document.
_FIND_DOCUMENT = select(*_COLUMNS).where(
    _document.c.id == bindparam("b_id"), _document.c.tenant_id == bindparam("b_tenant")
)
_DOCUMENT, _LOCKED_DOCUMENT = Statement(_FIND_DOCUMENT), Statement(_FIND_DOCUMENT.with_for_update())


def add_batch(connection: Connection, values: Mapping[str, Any]) -> None:
    """Record a draft."""
    connection.execute(insert(_batch).values(**values))


def batch(connection: Connection, tenant_id: str, batch_id: str, *, lock: bool = False) -> Batch:
    """Return a batch in its state; raises `NotFound`, also for another tenant's."""
    query = select(_batch).where(_batch.c.id == batch_id, _batch.c.tenant_id == tenant_id)
    row = connection.execute(query.with_for_update() if lock else query).first()
    if row is None:
        raise NotFound(f"no batch {batch_id[:40]}")
    return _typed(row)


def batches(
    connection: Connection, tenant_id: str, school_id: str, states: Sequence[BatchState], limit: int = 200
) -> list[Batch]:
    """Return a school's batches in these states, newest first."""
    query = (
        select(_batch)
        .where(
            _batch.c.tenant_id == tenant_id,
            _batch.c.school_id == school_id,
            _batch.c.state.in_([state.value for state in states]),
        )
        .order_by(_batch.c.created_at.desc())
        .limit(limit)
    )
    return [_typed(row) for row in connection.execute(query)]


def _typed(row: Row[Any]) -> Batch:
    terms = BatchTerms(
        id=row.id,
        tenant_id=row.tenant_id,
        school_id=row.school_id,
        reference=row.reference,
        issue_date=row.issue_date,
        size=row.size,
        created_by=row.created_by,
        created_at=row.created_at,
        seal_at=row.seal_at,
    )
    state = BatchState(row.state)
    if state is BatchState.DRAFT:
        return Draft(terms)
    if state is BatchState.SUBMITTED:
        return Submitted(terms, row.digest, row.submitted_by, row.submitted_at)
    if state is BatchState.APPROVED:
        return Approved(terms, row.digest, row.approved_at)
    if state is BatchState.SEALED:
        return Sealed(terms, row.digest, row.approved_at, row.sealed_at)
    return Ended(terms, state)


def move_batch(
    connection: Connection, batch_id: str, before: BatchState, after: BatchState, **values: Any
) -> None:
    """Move a batch from one state to the next; raises `WrongState` if somebody was faster."""
    done = connection.execute(
        update(_batch)
        .where(_batch.c.id == batch_id, _batch.c.state == before.value)
        .values(state=after.value, **values)
    )
    if done.rowcount != 1:
        raise WrongState(f"the batch is not {before.value} any more")


def resize_batch(connection: Connection, batch_id: str, size: int) -> None:
    """Write down how many documents a draft has."""
    connection.execute(update(_batch).where(_batch.c.id == batch_id).values(size=size))


def add_documents(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Record documents of a draft."""
    for start in range(0, len(rows), _CHUNK):
        connection.execute(insert(_document), list(rows[start : start + _CHUNK]))


_CHUNK = 500


def documents(
    connection: Connection, batch_id: str, *, after: int = -1, limit: int = _CHUNK
) -> list[StoredDocument]:
    """Return documents of a batch by position, after one position."""
    query = (
        select(*_COLUMNS)
        .where(_document.c.batch_id == batch_id, _document.c.position > after)
        .order_by(_document.c.position)
        .limit(limit)
    )
    return [StoredDocument(*row) for row in connection.execute(query)]


def every_document(connection: Connection, batch_id: str) -> Iterator[list[StoredDocument]]:
    """Yield all documents of a batch in chunks, by position."""
    after = -1
    while found := documents(connection, batch_id, after=after):
        yield found
        after = found[-1].position


def document(
    connection: Connection, tenant_id: str, document_id: str, *, lock: bool = False
) -> StoredDocument:
    """Return a document; raises `NotFound`, also for another tenant's."""
    query = _LOCKED_DOCUMENT if lock else _DOCUMENT
    row = query.first(connection, {"b_id": document_id, "b_tenant": tenant_id})
    if row is None:
        raise NotFound(f"no document {document_id[:40]}")
    return StoredDocument(*row)


def document_ids(batch_id: str) -> Select[tuple[str]]:
    """Return the query for the ids of a batch's documents, to stand inside another."""
    return select(_document.c.id).where(_document.c.batch_id == batch_id)


def documents_to_seal(connection: Connection, batch_id: str, limit: int) -> list[StoredDocument]:
    """Return the next documents without a master, those recorded by an earlier run first."""
    for state in (DocumentState.RECORDED, DocumentState.FROZEN):
        query = (
            select(*_COLUMNS)
            .where(_document.c.batch_id == batch_id, _document.c.state == state.value)
            .order_by(_document.c.position)
            .limit(limit)
        )
        found = [StoredDocument(*row) for row in connection.execute(query)]
        if found:
            return found
    return []


def change_documents(connection: Connection, names: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> None:
    """Update documents one by one in one statement; each row has `b_id` and, for each name, `b_<name>`."""
    statement = (
        update(_document)
        .where(_document.c.id == bindparam("b_id"))
        .values({name: bindparam(f"b_{name}") for name in names})
    )
    if rows:
        connection.execute(statement, list(rows))


def move_documents(connection: Connection, batch_id: str, after: DocumentState) -> None:
    """Move every document of a batch to one state."""
    connection.execute(update(_document).where(_document.c.batch_id == batch_id).values(state=after.value))


def count_by_state(connection: Connection, batch_id: str) -> dict[str, int]:
    """Return how many documents of a batch are in each state."""
    query = (
        select(_document.c.state, func.count())
        .where(_document.c.batch_id == batch_id)
        .group_by(_document.c.state)
    )
    return {state: int(count) for state, count in connection.execute(query)}


def versions(connection: Connection, batch_id: str) -> dict[str, int]:
    """Return, for each learner of a batch, the register's version that claims were taken from."""
    query = (
        select(_document.c.learner_id, _document.c.register_version)
        .where(_document.c.batch_id == batch_id)
        .distinct()
    )
    return {row[0]: int(row[1]) for row in connection.execute(query)}


def add_approval(connection: Connection, values: Mapping[str, Any]) -> None:
    """Record a decision."""
    connection.execute(insert(_approval).values(**values))


def approvals(connection: Connection, batch_id: str) -> list[Row[Any]]:
    """Return the decisions on a batch, oldest first."""
    query = select(_approval).where(_approval.c.batch_id == batch_id).order_by(_approval.c.decided_at)
    return list(connection.execute(query))


def claim_batch(
    connection: Connection, owner: str, now: datetime, until: datetime, *, dead: Sequence[str] = ()
) -> str | None:
    """Lease the oldest approved batch that is due and that nobody is sealing; None if there is none.

    `dead` are owners whose leases count no more, although they have not ended.
    """
    due = (
        select(_batch.c.id)
        .where(
            _batch.c.state == BatchState.APPROVED.value,
            (_batch.c.seal_at.is_(None)) | (_batch.c.seal_at <= now),
            (_batch.c.lease_until.is_(None))
            | (_batch.c.lease_until < now)
            | (_batch.c.lease_owner.in_(list(dead))),
        )
        .order_by(_batch.c.approved_at)
        .limit(1)
        .with_for_update(skip_locked=True)
        .scalar_subquery()
    )
    found: str | None = connection.execute(
        update(_batch)
        .where(_batch.c.id == due)
        .values(lease_owner=owner, lease_until=until)
        .returning(_batch.c.id)
    ).scalar()
    return found


def leases(connection: Connection, now: datetime) -> list[tuple[str, datetime | None]]:
    """Return owner and end of the lease of every batch that is due, whether it holds or not."""
    query = select(_batch.c.lease_owner, _batch.c.lease_until).where(
        _batch.c.state == BatchState.APPROVED.value,
        (_batch.c.seal_at.is_(None)) | (_batch.c.seal_at <= now),
    )
    return [(str(row[0]), row[1]) for row in connection.execute(query)]


def renew_lease(connection: Connection, batch_id: str, owner: str, until: datetime) -> None:
    """Keep a batch for its sealer; raises `WrongState` if the lease ran out and somebody else took it."""
    done = connection.execute(
        update(_batch)
        .where(
            _batch.c.id == batch_id,
            _batch.c.lease_owner == owner,
            _batch.c.state == BatchState.APPROVED.value,
        )
        .values(lease_until=until)
    )
    if done.rowcount != 1:
        raise WrongState("another process seals this batch")


def tenant_of(connection: Connection, batch_id: str) -> str:
    """Return whose batch it is."""
    return str(connection.execute(select(_batch.c.tenant_id).where(_batch.c.id == batch_id)).scalar_one())


def release_leases(connection: Connection, owner: str) -> None:
    """Give back what this process leased, when it ends in order."""
    connection.execute(
        update(_batch).where(_batch.c.lease_owner == owner).values(lease_owner="", lease_until=None)
    )
