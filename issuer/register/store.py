"""Reading the register: whole records in few queries, lists and search. Every function runs in its caller's transaction.

Writing is `changes`: facts only change through an import or by a named decision. A list never shows a learner under
concealment unless the caller says that it may; a record asked for by its id says so itself (`is_concealed`).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, Table, exists, func, select

from issuer.register.record import (
    Achievement,
    AidMembership,
    AttendanceYear,
    CommuteSection,
    CourseResult,
    Decision,
    Enrolment,
    LearnerRecord,
    Placement,
)
from issuer.register.search import fold
from issuer.register.tables import (
    AchievementRow,
    AidRow,
    AttendanceRow,
    CommuteRow,
    CourseResultRow,
    EnrolmentRow,
    GraduationDecisionRow,
    LearnerRow,
    PlacementRow,
    RegisterStateRow,
)

_LEARNER: Table = LearnerRow.__table__  # type: ignore[attr-defined]  # SQLModel sets it on tables
_ENROLMENT: Table = EnrolmentRow.__table__  # type: ignore[attr-defined]  # same
_PLACEMENT: Table = PlacementRow.__table__  # type: ignore[attr-defined]  # same
_RESULT: Table = CourseResultRow.__table__  # type: ignore[attr-defined]  # same
_ATTENDANCE: Table = AttendanceRow.__table__  # type: ignore[attr-defined]  # same
_DECISION: Table = GraduationDecisionRow.__table__  # type: ignore[attr-defined]  # same
_COMMUTE: Table = CommuteRow.__table__  # type: ignore[attr-defined]  # same
_AID: Table = AidRow.__table__  # type: ignore[attr-defined]  # same
_ACHIEVEMENT: Table = AchievementRow.__table__  # type: ignore[attr-defined]  # same
_STATE: Table = RegisterStateRow.__table__  # type: ignore[attr-defined]  # same

#: Learners read at once: below SQLite's limit of variables, and a few megabytes with all results.
CHUNK = 500
MAX_PAGE = 500


@dataclass(frozen=True, slots=True)
class Filter:
    """What a list is narrowed to; an empty value does not narrow. `text` is looked for in names, kana and numbers."""

    school_year: int = 0
    grade: str = ""
    home_class: str = ""
    status: str = ""
    text: str = ""
    include_concealed: bool = False


@dataclass(frozen=True, slots=True)
class Summary:
    """One line of a list."""

    id: str
    student_number: str
    name: str
    kana: str
    grade: str
    home_class: str
    attendance_number: int
    status: str
    is_concealed: bool


@dataclass(frozen=True, slots=True)
class Page:
    """Some lines of a list and how many there are in all."""

    learners: tuple[Summary, ...]
    total: int


def records(
    connection: Connection, tenant_id: str, school_id: str, learner_ids: Sequence[str]
) -> list[LearnerRecord]:
    """Return learners with all facts, in the order asked for; who is not at this school is left out."""
    return list(each_record(connection, tenant_id, school_id, list(dict.fromkeys(learner_ids))))


def each_record(
    connection: Connection,
    tenant_id: str,
    school_id: str,
    learner_ids: Sequence[str] | None,
    *,
    include_concealed: bool = False,
) -> Iterator[LearnerRecord]:
    """Yield learners with all facts, reading some hundreds at a time: 20,000 never stand in memory together.

    None means everybody in the order of their kana, without those under concealment unless asked for.
    """
    if learner_ids is None:
        wanted = Filter(include_concealed=include_concealed)
        learner_ids = matching_ids(connection, tenant_id, school_id, wanted)
    for start in range(0, len(learner_ids), CHUNK):
        chunk = list(learner_ids[start : start + CHUNK])
        query = select(_LEARNER).where(*_at(tenant_id, school_id), _LEARNER.c.id.in_(chunk))
        found = {record.id: record for record in _whole(connection, tenant_id, query)}
        yield from (found[learner_id] for learner_id in chunk if learner_id in found)


def records_by_source(
    connection: Connection, tenant_id: str, school_id: str, source_ids: Sequence[str]
) -> dict[str, LearnerRecord]:
    """Return at most some hundred learners by the school system's identifier."""
    query = select(_LEARNER).where(*_at(tenant_id, school_id), _LEARNER.c.source_id.in_(source_ids))
    return {record.source_id: record for record in _whole(connection, tenant_id, query)}


def versions(
    connection: Connection, tenant_id: str, school_id: str, learner_ids: Sequence[str]
) -> dict[str, int]:
    """Return the version of each learner's facts."""
    found: dict[str, int] = {}
    for start in range(0, len(learner_ids), CHUNK):
        chunk = learner_ids[start : start + CHUNK]
        query = select(_LEARNER.c.id, _LEARNER.c.version).where(
            *_at(tenant_id, school_id), _LEARNER.c.id.in_(chunk)
        )
        found.update((row[0], row[1]) for row in connection.execute(query))
    return found


def search(
    connection: Connection,
    tenant_id: str,
    school_id: str,
    wanted: Filter,
    *,
    offset: int = 0,
    limit: int = 50,
) -> Page:
    """Return a page of learners in the order of their kana."""
    conditions = _conditions(tenant_id, school_id, wanted)
    total = connection.execute(select(func.count()).select_from(_LEARNER).where(*conditions)).scalar_one()
    ids = (
        select(_LEARNER.c.id)
        .where(*conditions)
        .order_by(_LEARNER.c.sort_key, _LEARNER.c.id)
        .offset(max(offset, 0))
        .limit(min(max(limit, 1), MAX_PAGE))
    )
    chosen = [row[0] for row in connection.execute(ids)]
    return Page(tuple(_summaries(connection, chosen, wanted.school_year)), int(total))


def matching_ids(connection: Connection, tenant_id: str, school_id: str, wanted: Filter) -> list[str]:
    """Return everybody whom a filter finds, in the order of their kana: for "choose all"."""
    query = (
        select(_LEARNER.c.id)
        .where(*_conditions(tenant_id, school_id, wanted))
        .order_by(_LEARNER.c.sort_key, _LEARNER.c.id)
    )
    return [row[0] for row in connection.execute(query)]


def identifiers(
    connection: Connection, tenant_id: str, school_id: str
) -> Iterator[tuple[str, str, str, str, bool]]:
    """Yield id, source id, student number, name and concealment of everybody still at the school or gone."""
    columns = ("id", "source_id", "student_number", "family_name", "given_name", "is_concealed")
    query = select(*(_LEARNER.c[name] for name in columns)).where(*_at(tenant_id, school_id))
    for row in connection.execute(query):
        yield row[0], row[1], row[2], f"{row[3]}　{row[4]}".strip(), row[5]


def enrolled_ids(connection: Connection, tenant_id: str, school_id: str) -> set[str]:
    """Return who has not left the school."""
    left = exists().where(
        _ENROLMENT.c.learner_id == _LEARNER.c.id,
        _ENROLMENT.c.status.in_(("graduated", "withdrawn", "transferred", "dismissed")),
    )
    query = select(_LEARNER.c.id).where(*_at(tenant_id, school_id), _LEARNER.c.enabled, ~left)
    return {row[0] for row in connection.execute(query)}


def register_version(connection: Connection, tenant_id: str, school_id: str) -> int:
    """Return how often the school's register has changed."""
    query = select(_STATE.c.version).where(_STATE.c.tenant_id == tenant_id, _STATE.c.school_id == school_id)
    return int(connection.execute(query).scalar() or 0)


def _at(tenant_id: str, school_id: str) -> tuple[ColumnElement[bool], ...]:
    return _LEARNER.c.tenant_id == tenant_id, _LEARNER.c.school_id == school_id


def _conditions(tenant_id: str, school_id: str, wanted: Filter) -> list[ColumnElement[bool]]:
    conditions = list(_at(tenant_id, school_id))
    if not wanted.include_concealed:
        conditions.append(~_LEARNER.c.is_concealed)
    placed = [
        _PLACEMENT.c[name] == value
        for name in ("school_year", "grade", "home_class")
        if (value := getattr(wanted, name))
    ]
    if placed:
        conditions.append(exists().where(_PLACEMENT.c.learner_id == _LEARNER.c.id, *placed))
    if wanted.status:
        conditions.append(
            exists().where(_ENROLMENT.c.learner_id == _LEARNER.c.id, _ENROLMENT.c.status == wanted.status)
        )
    conditions += [
        _LEARNER.c.search_key.contains(folded, autoescape=True)
        for part in wanted.text[:200].split()
        if (folded := fold(part))
    ]
    return conditions


def _summaries(connection: Connection, ids: Sequence[str], school_year: int) -> Iterator[Summary]:
    learners = {
        row["id"]: row
        for row in connection.execute(select(_LEARNER).where(_LEARNER.c.id.in_(ids))).mappings()
    }
    query = select(_ENROLMENT.c.learner_id, _ENROLMENT.c.status).where(_ENROLMENT.c.learner_id.in_(ids))
    status = {row[0]: row[1] for row in connection.execute(query)}
    seats: dict[str, Any] = {}
    placements = select(_PLACEMENT).where(_PLACEMENT.c.learner_id.in_(ids)).order_by(_PLACEMENT.c.school_year)
    for row in connection.execute(placements).mappings():
        if school_year in {0, row["school_year"]}:
            seats[row["learner_id"]] = row
    for learner_id in ids:
        row, seat = learners[learner_id], seats.get(learner_id)
        yield Summary(
            id=learner_id,
            student_number=row["student_number"],
            name="　".join(filter(None, (row["family_name"], row["middle_name"], row["given_name"]))),
            kana="　".join(filter(None, (row["family_name_kana"], row["given_name_kana"]))),
            grade=seat["grade"] if seat else "",
            home_class=seat["home_class"] if seat else "",
            attendance_number=seat["attendance_number"] if seat else 0,
            status=status.get(learner_id, ""),
            is_concealed=row["is_concealed"],
        )


_RECORD_COLUMNS = tuple(name for name in LearnerRecord.__slots__ if name in _LEARNER.c)


def _whole(connection: Connection, tenant_id: str, query: Select[Any]) -> Iterator[LearnerRecord]:
    """Read learners and, with one query a table, all their facts."""
    learners = connection.execute(query).mappings().all()
    ids = [row["id"] for row in learners]
    if not ids:
        return
    enrolments = _facts(connection, tenant_id, ids, _ENROLMENT, Enrolment)
    placements = _facts(connection, tenant_id, ids, _PLACEMENT, Placement)
    results = _facts(connection, tenant_id, ids, _RESULT, CourseResult)
    attendance = _facts(connection, tenant_id, ids, _ATTENDANCE, AttendanceYear)
    decisions = _facts(connection, tenant_id, ids, _DECISION, Decision)
    commutes = _facts(connection, tenant_id, ids, _COMMUTE, CommuteSection)
    aids = _facts(connection, tenant_id, ids, _AID, AidMembership)
    achievements = _facts(connection, tenant_id, ids, _ACHIEVEMENT, Achievement)
    for row in learners:
        learner_id = row["id"]
        yield LearnerRecord(
            **{name: row[name] for name in _RECORD_COLUMNS},
            enrolment=next(iter(enrolments.get(learner_id, ())), None),
            placements=tuple(placements.get(learner_id, ())),
            results=tuple(results.get(learner_id, ())),
            attendance=tuple(attendance.get(learner_id, ())),
            decisions=tuple(decisions.get(learner_id, ())),
            commutes=tuple(commutes.get(learner_id, ())),
            aids=tuple(aids.get(learner_id, ())),
            achievements=tuple(achievements.get(learner_id, ())),
        )


def _facts(
    connection: Connection, tenant_id: str, ids: Sequence[str], table: Table, kind: type[Any]
) -> Mapping[str, list[Any]]:
    names = tuple(kind.__slots__)
    found: dict[str, list[Any]] = {}
    query = (
        select(table.c.learner_id, *(table.c[name] for name in names))
        .where(table.c.tenant_id == tenant_id, table.c.learner_id.in_(ids))
        .order_by(*table.primary_key.columns)
    )
    for row in connection.execute(query):
        found.setdefault(row[0], []).append(kind(*row[1:]))
    return found
