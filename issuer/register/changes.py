"""Writing the register: facts that an import brings, each overwritten value kept, and the concealment flag.

Every function runs inside its caller's transaction, which holds the register's version.
"""

import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Table, bindparam, insert, select, update
from sqlalchemy.exc import IntegrityError

from issuer.register.diff import Change, LearnerDiff
from issuer.register.errors import RegisterChanged
from issuer.register.importers.values import Value
from issuer.register.record import KEYS, KINDS, Kind, LearnerRecord
from issuer.register.search import search_key, sort_key
from issuer.register.tables import (
    AchievementRow,
    AidRow,
    AttendanceRow,
    CommuteRow,
    CourseResultRow,
    EnrolmentRow,
    FactChangeRow,
    GraduationDecisionRow,
    LearnerRow,
    PlacementRow,
    RegisterStateRow,
)
from tegata.errors import NotFound

_MODELS: Mapping[Kind, Any] = {
    "learner": LearnerRow,
    "enrolment": EnrolmentRow,
    "placement": PlacementRow,
    "result": CourseResultRow,
    "attendance": AttendanceRow,
    "decision": GraduationDecisionRow,
    "commute": CommuteRow,
    "aid": AidRow,
    "achievement": AchievementRow,
}
_TABLES: Mapping[Kind, Table] = {kind: model.__table__ for kind, model in _MODELS.items()}
_CHANGES: Table = FactChangeRow.__table__  # type: ignore[attr-defined]  # SQLModel sets it on tables
_STATE: Table = RegisterStateRow.__table__  # type: ignore[attr-defined]  # same
_LEARNER = _TABLES["learner"]
_NAMES = ("family_name", "given_name", "middle_name")
_SEARCHED = (
    "student_number",
    *(
        f"{prefix}{name}{suffix}"
        for name in _NAMES
        for prefix, suffix in (("", ""), ("", "_kana"), ("", "_latin"))
    ),
    *(f"preferred_{name}" for name in _NAMES),
)


@dataclass(frozen=True, slots=True)
class Context:
    """Where and by whom a change is made; `import_id` may be empty."""

    tenant_id: str
    school_id: str
    actor: str
    import_id: str
    now: datetime


def claim_version(connection: Connection, context: Context, expected: int) -> None:
    """Make this transaction the next change of the register; raises `RegisterChanged` if there was another one."""
    if expected == 0:
        row = {"school_id": context.school_id, "tenant_id": context.tenant_id, "version": 1}
        try:
            connection.execute(insert(_STATE).values(row))
        except IntegrityError:
            raise RegisterChanged("somebody else was first") from None
        return
    done = connection.execute(
        update(_STATE)
        .where(
            _STATE.c.school_id == context.school_id,
            _STATE.c.tenant_id == context.tenant_id,
            _STATE.c.version == expected,
        )
        .values(version=expected + 1)
    )
    if done.rowcount != 1:
        raise RegisterChanged(f"version {expected} is not the newest")


def apply(connection: Connection, context: Context, diffs: Sequence[LearnerDiff]) -> list[str]:
    """Write the changes of some learners and return their ids."""
    inserts: dict[Kind, list[dict[str, Any]]] = {kind: [] for kind in KINDS}
    kept: list[dict[str, Any]] = []
    touched: list[str] = []
    for diff in diffs:
        learner_id = diff.record.id if diff.record else secrets.token_hex(16)
        touched.append(learner_id)
        for change in diff.changes:
            if change.before is None:
                inserts[change.kind].append(_new_row(context, diff, learner_id, change))
            else:
                kept.append(_kept(context, learner_id, change))
    for kind in KINDS:
        if inserts[kind]:
            connection.execute(insert(_TABLES[kind]), inserts[kind])
    _update_facts(connection, diffs)
    _update_learners(connection, context, [diff for diff in diffs if diff.record is not None])
    if kept:
        connection.execute(insert(_CHANGES), kept)
    return touched


def set_concealed(
    connection: Connection, tenant_id: str, school_id: str, learner_id: str, *, concealed: bool
) -> None:
    """Set or lift concealment; raises `NotFound`. It is not a fact that is certified: the version stays."""
    done = connection.execute(
        update(_LEARNER)
        .where(
            _LEARNER.c.id == learner_id, _LEARNER.c.tenant_id == tenant_id, _LEARNER.c.school_id == school_id
        )
        .values(is_concealed=concealed)
    )
    if done.rowcount != 1:
        raise NotFound("no such learner at this school")


def history(connection: Connection, tenant_id: str, learner_id: str) -> list[dict[str, Any]]:
    """Return the overwritten values of a learner, newest first."""
    query = (
        select(_CHANGES)
        .where(_CHANGES.c.tenant_id == tenant_id, _CHANGES.c.learner_id == learner_id)
        .order_by(_CHANGES.c.at.desc(), _CHANGES.c.id)
    )
    return [dict(row) for row in connection.execute(query).mappings()]


def _defaults(kind: Kind) -> dict[str, Any]:
    return {
        name: field.default for name, field in _MODELS[kind].model_fields.items() if not field.is_required()
    }


_DEFAULTS: Mapping[Kind, Mapping[str, Any]] = {kind: _defaults(kind) for kind in KINDS}


def _new_row(context: Context, diff: LearnerDiff, learner_id: str, change: Change) -> dict[str, Any]:
    row: dict[str, Any] = {**_DEFAULTS[change.kind], **change.after, "tenant_id": context.tenant_id}
    if change.kind != "learner":
        row["learner_id"] = learner_id
        if change.kind == "decision":
            row |= {"recorded_by": context.actor, "recorded_at": context.now}
        return row
    reference = diff.reference.split(":", 1)[1]
    row |= {
        "id": learner_id,
        "school_id": context.school_id,
        "source_id": reference,
        "created_at": context.now,
        "updated_at": context.now,
    }
    if diff.reference.startswith("number:"):
        row["student_number"] = reference
    return row | _keys(row)


def _keys(row: Mapping[str, Any]) -> dict[str, str]:
    """Return the folded columns of a learner."""
    return {
        "search_key": search_key(*(row[name] for name in _SEARCHED)),
        "sort_key": sort_key(
            row["family_name_kana"], row["given_name_kana"], row["family_name"], row["given_name"]
        ),
    }


def _kept(context: Context, learner_id: str, change: Change) -> dict[str, Any]:
    assert change.before is not None  # noqa: S101  new facts have nothing to keep
    return {
        "id": secrets.token_hex(16),
        "tenant_id": context.tenant_id,
        "learner_id": learner_id,
        "import_id": context.import_id,
        "fact": change.kind,
        "change": {
            "key": [plain(value) for value in change.key],
            "before": {name: plain(value) for name, value in change.before.items()},
            "after": {name: plain(value) for name, value in change.after.items()},
        },
        "at": context.now,
        "actor": context.actor,
    }


def plain(value: Value) -> str | int | bool | None:
    """Return a value as JSON has it."""
    return value.isoformat() if isinstance(value, date) else value


def _update_facts(connection: Connection, diffs: Sequence[LearnerDiff]) -> None:
    """Run one statement for each shape of change, with many rows."""
    shapes: dict[tuple[Kind, tuple[str, ...]], list[dict[str, Any]]] = {}
    for diff, change in _changed(diffs):
        assert diff.record is not None  # noqa: S101  only known learners have facts that change
        names = tuple(change.after)
        row = {f"b_{name}": value for name, value in change.after.items()}
        row |= {f"k_{name}": value for name, value in zip(KEYS[change.kind], change.key, strict=True)}
        row["k_learner"] = diff.record.id
        shapes.setdefault((change.kind, names), []).append(row)
    for (kind, names), rows in shapes.items():
        table = _TABLES[kind]
        own = table.c.learner_id == bindparam("k_learner")
        conditions = [own, *(table.c[name] == bindparam(f"k_{name}") for name in KEYS[kind])]
        values = {name: bindparam(f"b_{name}", type_=table.c[name].type) for name in names}
        connection.execute(update(table).where(*conditions).values(values), rows)


def _changed(diffs: Sequence[LearnerDiff]) -> Iterator[tuple[LearnerDiff, Change]]:
    for diff in diffs:
        for change in diff.changes:
            if change.before is not None and change.kind != "learner":
                yield diff, change


def _update_learners(connection: Connection, context: Context, diffs: Sequence[LearnerDiff]) -> None:
    """Raise the version of every touched learner, and write what changed about the person."""
    shapes: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for diff in diffs:
        record = diff.record
        assert record is not None  # noqa: S101  the caller passes known learners only
        values: dict[str, Any] = {"version": record.version + 1, "updated_at": context.now}
        own = next((change.after for change in diff.changes if change.kind == "learner"), None)
        if own is not None:
            values |= own | _keys(_person(record) | own)
        row = {f"b_{name}": value for name, value in values.items()} | {"k_id": record.id}
        shapes.setdefault(tuple(values), []).append(row)
    for names, rows in shapes.items():
        values = {name: bindparam(f"b_{name}", type_=_LEARNER.c[name].type) for name in names}
        connection.execute(update(_LEARNER).where(_LEARNER.c.id == bindparam("k_id")).values(values), rows)


def _person(record: LearnerRecord) -> dict[str, Value]:
    return {name: getattr(record, name) for name in _SEARCHED}
