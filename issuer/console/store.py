"""What pages read across rooms: people and staff by name, batches with their counts, issued documents, requests.

Every query carries the tenant. Writing is the rooms' own business, but for requests, which begin here.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, func, or_, select

from issuer.base import STAFF
from issuer.issuance.states import BatchState, DocumentState
from issuer.issuance.tables import Approval, Batch, Document, Entitlement, StandingAuthority
from issuer.register.search import fold
from issuer.register.tables import LearnerRow
from issuer.status.tables import StatusChange
from issuer.wallet_api.tables import Authorization, Instance
from tegata.codec.dates import school_year
from tegata.status.entries import Status

_batch = Batch.__table__  # type: ignore[attr-defined]  # SQLModel sets it on tables
_document = Document.__table__  # type: ignore[attr-defined]  # same
_entitlement = Entitlement.__table__  # type: ignore[attr-defined]  # same
_learner = LearnerRow.__table__  # type: ignore[attr-defined]  # same
_change = StatusChange.__table__  # type: ignore[attr-defined]  # same
_instance = Instance.__table__  # type: ignore[attr-defined]  # same
_authorization = Authorization.__table__  # type: ignore[attr-defined]  # same
_standing = StandingAuthority.__table__  # type: ignore[attr-defined]  # same
_approval = Approval.__table__  # type: ignore[attr-defined]  # same
_CHUNK = 500


@dataclass(frozen=True, slots=True)
class Person:
    """A learner as lists name them."""

    id: str
    name: str
    kana: str
    number: str
    is_concealed: bool


@dataclass(frozen=True, slots=True)
class IssuedRow:
    """One issued document in the list."""

    id: str
    batch_id: str
    document_name: str
    number: str
    issue_date: date
    valid_until: datetime | None
    status: Status
    person: Person
    invited_at: datetime | None
    claimed_at: datetime | None


@dataclass(frozen=True, slots=True)
class IssuedFilter:
    """What the list of issued documents is narrowed to; empty does not narrow."""

    document_name: str = ""
    status: str = ""
    school_year: int = 0
    text: str = ""


def people(connection: Connection, tenant_id: str, learner_ids: Iterable[str]) -> dict[str, Person]:
    """Return learners by id."""
    wanted = list(dict.fromkeys(learner_ids))
    found: dict[str, Person] = {}
    for start in range(0, len(wanted), _CHUNK):
        query = select(_learner).where(
            _learner.c.tenant_id == tenant_id, _learner.c.id.in_(wanted[start : start + _CHUNK])
        )
        found |= {row["id"]: _person(row) for row in connection.execute(query).mappings()}
    return found


def _person(row: Any) -> Person:
    def joined(*names: str) -> str:
        return "　".join(filter(None, (row[name] for name in names)))

    return Person(
        row["id"],
        joined("family_name", "middle_name", "given_name"),
        joined("family_name_kana", "middle_name_kana", "given_name_kana"),
        row["student_number"],
        row["is_concealed"],
    )


def staff_names(connection: Connection, account_ids: Iterable[str]) -> dict[str, str]:
    """Return the names of staff accounts; other actors, such as the sealer, are not among them."""
    query = select(STAFF.account.c.id, STAFF.account.c.name).where(
        STAFF.account.c.id.in_(list(dict.fromkeys(account_ids)))
    )
    return {row[0]: row[1] for row in connection.execute(query)}


def count_waiting(connection: Connection, tenant_id: str, school_id: str) -> int:
    """Return how many batches wait for a decision."""
    query = (
        select(func.count())
        .select_from(_batch)
        .where(
            _batch.c.tenant_id == tenant_id,
            _batch.c.school_id == school_id,
            _batch.c.state == BatchState.SUBMITTED.value,
        )
    )
    return int(connection.execute(query).scalar_one())


def document_counts(connection: Connection, batch_ids: Sequence[str]) -> dict[str, dict[str, int]]:
    """Return, for each batch, how many documents it has of each type."""
    query = (
        select(_document.c.batch_id, _document.c.document_name, func.count())
        .where(_document.c.batch_id.in_(list(batch_ids)))
        .group_by(_document.c.batch_id, _document.c.document_name)
        .order_by(_document.c.document_name)
    )
    found: dict[str, dict[str, int]] = {}
    for batch_id, name, count in connection.execute(query):
        found.setdefault(batch_id, {})[name] = int(count)
    return found


def sealed_counts(connection: Connection, batch_ids: Sequence[str]) -> dict[str, int]:
    """Return, for each batch, how many documents are signed."""
    query = (
        select(_document.c.batch_id, func.count())
        .where(_document.c.batch_id.in_(list(batch_ids)), _document.c.state == DocumentState.SEALED.value)
        .group_by(_document.c.batch_id)
    )
    return {batch_id: int(count) for batch_id, count in connection.execute(query)}


def received_counts(connection: Connection, batch_ids: Sequence[str]) -> dict[str, tuple[int, int]]:
    """Return, for each batch, how many documents have a link or slip, and how many a wallet has taken."""
    query = (
        select(
            _document.c.batch_id,
            func.count(_entitlement.c.document_id.distinct()),
            func.count(_instance.c.document_id.distinct()),
        )
        .select_from(
            _document.join(_entitlement, _entitlement.c.document_id == _document.c.id).outerjoin(
                _instance, _instance.c.document_id == _document.c.id
            )
        )
        .where(_document.c.batch_id.in_(list(batch_ids)))
        .group_by(_document.c.batch_id)
    )
    return {row[0]: (int(row[1]), int(row[2])) for row in connection.execute(query)}


def valid_documents(
    connection: Connection, tenant_id: str, learner_ids: Sequence[str], names: Sequence[str]
) -> dict[tuple[str, str], list[tuple[str, str, date]]]:
    """Return the issued documents of learners that are neither revoked nor used up: (name, learner) → id, number and date of each."""
    found: dict[tuple[str, str], list[tuple[str, str, date]]] = {}
    for start in range(0, len(learner_ids), _CHUNK):
        query = select(_document, _present_status().label("status")).where(
            _document.c.tenant_id == tenant_id,
            _document.c.state == DocumentState.SEALED.value,
            _document.c.learner_id.in_(list(learner_ids[start : start + _CHUNK])),
            _document.c.document_name.in_(list(names)),
        )
        for row in connection.execute(query):
            if row.status not in {Status.INVALID, Status.USED}:
                held = found.setdefault((row.document_name, row.learner_id), [])
                held.append((row.id, row.number, row.issue_date))
    return found


def documents_of_learner(connection: Connection, tenant_id: str, learner_id: str) -> list[IssuedRow]:
    """Return what was issued to one learner, newest first."""
    query = _issued().where(_document.c.tenant_id == tenant_id, _document.c.learner_id == learner_id)
    return [_issued_row(row) for row in connection.execute(_newest_first(query)).mappings()]


def issued(
    connection: Connection, tenant_id: str, school_id: str, wanted: IssuedFilter, offset: int, limit: int
) -> tuple[list[IssuedRow], int]:
    """Return a page of a school's issued documents and how many there are.

    Who is under concealment appears only where the text is exactly their document's or student number.
    """
    conditions = _issued_conditions(tenant_id, school_id, wanted)
    source = _document.join(_learner, _learner.c.id == _document.c.learner_id)
    total = connection.execute(select(func.count()).select_from(source).where(*conditions)).scalar_one()
    query = _newest_first(_issued().where(*conditions)).offset(offset).limit(limit)
    return [_issued_row(row) for row in connection.execute(query).mappings()], int(total)


def _issued_conditions(tenant_id: str, school_id: str, wanted: IssuedFilter) -> list[ColumnElement[bool]]:
    text = wanted.text.strip()[:200]
    exactly = or_(_document.c.number == text, _learner.c.student_number == text)
    conditions: list[ColumnElement[bool]] = [
        _document.c.tenant_id == tenant_id,
        _document.c.school_id == school_id,
        _document.c.state == DocumentState.SEALED.value,
        or_(~_learner.c.is_concealed, exactly) if text else ~_learner.c.is_concealed,
    ]
    if wanted.document_name:
        conditions.append(_document.c.document_name == wanted.document_name)
    if wanted.status in {item.name.lower() for item in Status}:
        conditions.append(_present_status() == int(Status[wanted.status.upper()]))
    if wanted.school_year:
        first = date(wanted.school_year, 4, 1)
        conditions.append(_document.c.issue_date.between(first, date(wanted.school_year + 1, 3, 31)))
    if text:
        parts = [folded for part in text.split() if (folded := fold(part))]
        named = and_(*(_learner.c.search_key.contains(part, autoescape=True) for part in parts))
        conditions.append(or_(_document.c.number.contains(text, autoescape=True), named))
    return conditions


def _present_status() -> Any:
    latest = (
        select(_change.c.value)
        .where(_change.c.document_id == _document.c.id)
        .order_by(_change.c.changed_at.desc(), _change.c.id.desc())
        .limit(1)
        .correlate(_document)
        .scalar_subquery()
    )
    return func.coalesce(latest, int(Status.VALID))


def _issued() -> Select[Any]:
    invited = (
        select(func.max(_entitlement.c.created_at))
        .where(_entitlement.c.document_id == _document.c.id)
        .correlate(_document)
        .scalar_subquery()
    )
    claimed = (
        select(func.max(_instance.c.recorded_at))
        .where(_instance.c.document_id == _document.c.id)
        .correlate(_document)
        .scalar_subquery()
    )
    columns = [
        _document.c[name].label(f"d_{name}")
        for name in ("id", "batch_id", "document_name", "number", "issue_date", "valid_until")
    ]
    return (
        select(
            *columns,
            _learner,
            _present_status().label("status"),
            invited.label("invited_at"),
            claimed.label("claimed_at"),
        )
        .select_from(_document.join(_learner, _learner.c.id == _document.c.learner_id))
        .where(_document.c.state == DocumentState.SEALED.value)
    )


def _newest_first(query: Select[Any]) -> Select[Any]:
    return query.order_by(_document.c.issue_date.desc(), _document.c.sealed_at.desc(), _document.c.position)


def _issued_row(row: Any) -> IssuedRow:
    return IssuedRow(
        id=row["d_id"],
        batch_id=row["d_batch_id"],
        document_name=row["d_document_name"],
        number=row["d_number"],
        issue_date=row["d_issue_date"],
        valid_until=row["d_valid_until"],
        status=Status(row["status"]),
        person=_person(row),
        invited_at=row["invited_at"],
        claimed_at=row["claimed_at"],
    )


def issued_years(connection: Connection, tenant_id: str, school_id: str) -> list[int]:
    """Return the 年度 in which a school has issued something, newest first."""
    query = (
        select(_document.c.issue_date)
        .where(
            _document.c.tenant_id == tenant_id,
            _document.c.school_id == school_id,
            _document.c.state == DocumentState.SEALED.value,
        )
        .distinct()
    )
    return sorted({school_year(row[0]) for row in connection.execute(query)}, reverse=True)


def issued_people(connection: Connection, tenant_id: str, school_id: str, name: str, year: int) -> int:
    """Return how many documents of a type a school issued in a 年度."""
    query = (
        select(func.count())
        .select_from(_document)
        .where(
            _document.c.tenant_id == tenant_id,
            _document.c.school_id == school_id,
            _document.c.document_name == name,
            _document.c.state == DocumentState.SEALED.value,
            _document.c.issue_date.between(date(year, 4, 1), date(year + 1, 3, 31)),
        )
    )
    return int(connection.execute(query).scalar_one())


def copies(connection: Connection, document_id: str) -> list[Any]:
    """Return the copies that wallets hold of a document, newest first: no key, no wallet name, no person."""
    query = (
        select(
            _instance.c.id,
            _instance.c.format,
            _instance.c.recorded_at,
            _instance.c.event,
            _instance.c.event_at,
        )
        .where(_instance.c.document_id == document_id)
        .order_by(_instance.c.recorded_at.desc(), _instance.c.id)
    )
    return list(connection.execute(query))


def entitlements(connection: Connection, document_id: str) -> list[Any]:
    """Return every link and slip of a document, newest first."""
    query = (
        select(_entitlement)
        .where(_entitlement.c.document_id == document_id)
        .order_by(_entitlement.c.created_at.desc(), _entitlement.c.id)
    )
    return list(connection.execute(query))


def standing_authorities(connection: Connection, tenant_id: str, school_id: str) -> list[Any]:
    """Return every standing authority of a school, newest first."""
    query = (
        select(_standing)
        .where(_standing.c.tenant_id == tenant_id, _standing.c.school_id == school_id)
        .order_by(_standing.c.granted_at.desc())
    )
    return list(connection.execute(query))


def submitted_by(connection: Connection, batch_id: str) -> tuple[str, datetime | None]:
    """Return who asked for approval of a batch, and when."""
    query = select(_batch.c.submitted_by, _batch.c.submitted_at).where(_batch.c.id == batch_id)
    row = connection.execute(query).one()
    return row[0], row[1]


def last_decision(connection: Connection, batch_id: str) -> Any:
    """Return the newest decision on a batch, or None."""
    query = (
        select(_approval)
        .where(_approval.c.batch_id == batch_id)
        .order_by(_approval.c.decided_at.desc())
        .limit(1)
    )
    return connection.execute(query).first()


@dataclass(frozen=True, slots=True)
class BatchLine:
    """A batch as lists show it."""

    id: str
    reference: str
    state: BatchState
    issue_date: date
    size: int
    created_by: str
    created_at: datetime
    submitted_by: str
    submitted_at: datetime | None
    sealed_at: datetime | None
    seal_at: datetime | None
    documents: dict[str, int]
    sealed: int
    invited: int
    received: int


def batch_lines(
    connection: Connection,
    tenant_id: str,
    school_id: str,
    states: Sequence[BatchState],
    limit: int = 50,
    *,
    batch_id: str = "",
) -> list[BatchLine]:
    """Return a school's batches in these states, newest first; or the one named."""
    query = (
        select(_batch)
        .where(
            _batch.c.tenant_id == tenant_id,
            _batch.c.school_id == school_id,
            _batch.c.state.in_([state.value for state in states]),
            *([_batch.c.id == batch_id] if batch_id else []),
        )
        .order_by(_batch.c.created_at.desc(), _batch.c.id)
        .limit(limit)
    )
    rows = connection.execute(query).all()
    ids = [row.id for row in rows]
    documents = document_counts(connection, ids)
    sealed = sealed_counts(connection, ids)
    received = received_counts(connection, ids)
    return [
        BatchLine(
            id=row.id,
            reference=row.reference,
            state=BatchState(row.state),
            issue_date=row.issue_date,
            size=row.size,
            created_by=row.created_by,
            created_at=row.created_at,
            submitted_by=row.submitted_by,
            submitted_at=row.submitted_at,
            sealed_at=row.sealed_at,
            seal_at=row.seal_at,
            documents=documents.get(row.id, {}),
            sealed=sealed.get(row.id, 0),
            invited=received.get(row.id, (0, 0))[0],
            received=received.get(row.id, (0, 0))[1],
        )
        for row in rows
    ]
