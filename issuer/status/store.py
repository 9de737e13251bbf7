"""Reading and writing status lists, on the connection of the caller's transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Integer, bindparam, insert, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from issuer.status.tables import StatusChange, StatusEntry, StatusList, StatusPublication
from tegata.service.columns import Instant
from tegata.service.statements import Statement

_list = StatusList.__table__  # type: ignore[attr-defined]  # SQLModel sets it on tables
_entry = StatusEntry.__table__  # type: ignore[attr-defined]  # same
_change = StatusChange.__table__  # type: ignore[attr-defined]  # same
_publication = StatusPublication.__table__  # type: ignore[attr-defined]  # same


@dataclass(frozen=True, slots=True)
class StoredStatusList:
    """A list's row; `allocated` ≤ `usable` ≤ `opened` ≤ `size`."""

    id: str
    tenant_id: str
    school_id: str
    size: int
    allocated: int
    usable: int
    opened: int
    opened_at: datetime
    bits: bytes = field(repr=False)
    version: int
    changed_at: datetime


_COLUMNS = [_list.c[name] for name in StoredStatusList.__slots__]
# Written once: every claim takes a slot and looks at its document's status.
_NEWEST_LIST = Statement(
    select(*_COLUMNS)
    .where(_list.c.school_id == bindparam("b_school"))
    .order_by(_list.c.opened_at.desc(), _list.c.id)
    .limit(1)
    .with_for_update()
)
_LAST_CHANGE = Statement(
    select(_change.c.value, _change.c.changed_at)
    .where(_change.c.document_id == bindparam("b_document"))
    .order_by(_change.c.changed_at.desc(), _change.c.id)
    .limit(1)
)
_ADD_ENTRIES = Statement(insert(_entry), tuple(_entry.c.keys()))
_after = _list.c.allocated + bindparam("b_count", type_=Integer)
#: Takes slots of a list if nothing else of it changes: else, whoever comes looks at the whole list.
_TAKE = Statement(
    update(_list)
    .where(
        _list.c.id == bindparam("b_list"),
        _after <= _list.c.usable,
        or_(_list.c.usable == _list.c.opened, _list.c.opened_at > bindparam("b_ripe", type_=Instant())),
        or_(
            _list.c.usable < _list.c.opened,
            _list.c.opened == _list.c.size,
            _list.c.opened - _after >= bindparam("b_low", type_=Integer),
        ),
    )
    .values(allocated=_after)
    .returning(_list.c.allocated)
)
#: Sets the columns that the parameters name.
_CHANGE_LIST = update(_list).where(_list.c.id == bindparam("b_list"))


def newest_list(connection: Connection, school_id: str) -> StoredStatusList | None:
    """Return the list that a school's new entries go to, locked until the commit."""
    row = _NEWEST_LIST.first(connection, {"b_school": school_id})
    return None if row is None else StoredStatusList(*row)


def take(connection: Connection, list_id: str, count: int, low: int, ripe: datetime) -> int | None:
    """Take the next slots of a list; returns the counter before them.

    None, and nothing is taken, if there are too few, if the list is to be opened further (`low`), or if what was opened
    by `ripe` can be used now.
    """
    after = _TAKE.scalar(connection, {"b_list": list_id, "b_count": count, "b_low": low, "b_ripe": ripe})
    return None if after is None else int(after) - count


def list_by_id(connection: Connection, list_id: str, *, lock: bool = False) -> StoredStatusList | None:
    """Return a list."""
    query = select(*_COLUMNS).where(_list.c.id == list_id)
    row = connection.execute(query.with_for_update() if lock else query).first()
    return None if row is None else StoredStatusList(*row)


def add_list(connection: Connection, stored: StoredStatusList) -> None:
    """Record a new list."""
    values = {name: getattr(stored, name) for name in StoredStatusList.__slots__}
    connection.execute(insert(_list).values(**values))


def change_list(connection: Connection, list_id: str, **values: Any) -> None:
    """Change a list's counters or bits."""
    connection.execute(_CHANGE_LIST, {"b_list": list_id, **values})


def add_entries(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Record which slot belongs to which instance; two instances on one slot are refused by the database."""
    _ADD_ENTRIES.run_many(connection, rows)


def slots_of(connection: Connection, document_id: str) -> list[tuple[str, int]]:
    """Return list and slot of every signed instance of a document."""
    query = select(_entry.c.list_id, _entry.c.slot).where(_entry.c.document_id == document_id)
    return [(row[0], int(row[1])) for row in connection.execute(query)]


def slot_of_instance(connection: Connection, instance_id: str) -> tuple[str, int] | None:
    """Return list and slot of one instance."""
    query = select(_entry.c.list_id, _entry.c.slot).where(_entry.c.instance_id == instance_id)
    row = connection.execute(query).first()
    return None if row is None else (row[0], int(row[1]))


def slots_of_instances(connection: Connection, instance_ids: Sequence[str]) -> dict[str, tuple[str, int]]:
    """Return list and slot of several instances."""
    query = select(_entry.c.instance_id, _entry.c.list_id, _entry.c.slot).where(
        _entry.c.instance_id.in_(list(instance_ids))
    )
    return {row[0]: (row[1], int(row[2])) for row in connection.execute(query)}


def add_change(connection: Connection, values: Mapping[str, Any]) -> None:
    """Record a change of a document's status."""
    connection.execute(insert(_change).values(**values))


def last_change(connection: Connection, document_id: str) -> tuple[int, datetime] | None:
    """Return value and instant of the newest change of a document's status; None if it never changed."""
    row = _LAST_CHANGE.first(connection, {"b_document": document_id})
    return None if row is None else (int(row[0]), row[1])


def current_value(connection: Connection, document_id: str) -> int:
    """Return a document's present status value; 0 if it never changed."""
    last = last_change(connection, document_id)
    return 0 if last is None else last[0]


def current_values(connection: Connection, document_ids: Sequence[str]) -> dict[str, int]:
    """Return the present status values of documents that ever changed."""
    query = (
        select(_change.c.document_id, _change.c.value)
        .where(_change.c.document_id.in_(list(document_ids)))
        .order_by(_change.c.changed_at)
    )
    return {row[0]: int(row[1]) for row in connection.execute(query)}


def changes(connection: Connection, document_id: str) -> list[Any]:
    """Return every change of a document's status, newest first."""
    query = select(_change).where(_change.c.document_id == document_id).order_by(_change.c.changed_at.desc())
    return list(connection.execute(query))


def publication(connection: Connection, list_id: str, rendering: str) -> Any | None:
    """Return a signed rendering as it was last made."""
    query = select(_publication).where(
        _publication.c.list_id == list_id, _publication.c.rendering == rendering
    )
    return connection.execute(query).first()


def put_publication(connection: Connection, values: Mapping[str, Any]) -> None:
    """Store a signed rendering in place of the one before; of two that are stored at once, the later one stays."""
    insert_of = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    statement = insert_of(_publication).values(**values)
    changed = {name: statement.excluded[name] for name in ("version", "body", "issued_at", "expires_at")}
    connection.execute(statement.on_conflict_do_update(index_elements=["list_id", "rendering"], set_=changed))


def lists_of(connection: Connection, school_id: str) -> list[str]:
    """Return the ids of a school's lists."""
    query = select(_list.c.id).where(_list.c.school_id == school_id).order_by(_list.c.opened_at)
    return [row[0] for row in connection.execute(query)]


def every_list(connection: Connection) -> list[tuple[str, str]]:
    """Return school and id of every list, oldest first."""
    query = select(_list.c.school_id, _list.c.id).order_by(_list.c.opened_at, _list.c.id)
    return [(row[0], row[1]) for row in connection.execute(query)]
