"""Reading and writing status lists, and the right to ask for one."""

import hashlib
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from tegata.service.statements import Statement
from verifier.status_lists.tables import StatusListRow

_LISTS = StatusListRow.__table__  # type: ignore[attr-defined]  # SQLModel sets it on tables


@dataclass(frozen=True, slots=True)
class StoredList:
    """A list as stored; `fetched_at` is None while it never came."""

    uri: str
    body: bytes = field(repr=False)
    etag: str
    fetched_at: datetime | None
    due_at: datetime
    problem: str


#: Every credential that is checked asks.
_BY_DIGEST = Statement(
    select(*(_LISTS.c[name] for name in StoredList.__slots__)).where(_LISTS.c.digest == bindparam("b_digest"))
)


def by_uri(connection: Connection, uri: str) -> StoredList | None:
    """Return one list."""
    row = _BY_DIGEST.first(connection, {"b_digest": _digest(uri)})
    if row is None:
        return None
    found = StoredList(*row)
    return replace(found, body=bytes(found.body))


def claim(connection: Connection, uri: str, now: datetime, until: datetime) -> bool:
    """Take the right to ask for a list that is due; False if it is not due, or somebody else is asking."""
    digest = _digest(uri)
    taken = connection.execute(
        update(_LISTS)
        .where(_LISTS.c.digest == digest, _LISTS.c.due_at <= now, _LISTS.c.claimed_until <= now)
        .values(claimed_until=until, used_at=now)
    )
    if taken.rowcount == 1:
        return True
    if connection.execute(select(_LISTS.c.digest).where(_LISTS.c.digest == digest)).first() is not None:
        return False
    row = {"digest": digest, "uri": uri, "due_at": now, "claimed_until": until, "used_at": now}
    try:
        with connection.begin_nested():
            connection.execute(insert(_LISTS).values(body=b"", etag="", problem="", **row))
    except IntegrityError:
        return False
    return True


def keep(
    connection: Connection, uri: str, *, body: bytes | None, etag: str, now: datetime, due_at: datetime
) -> None:
    """Store what came, and give the right back; without a body, the stored one is still the newest."""
    values = {"etag": etag[:300], "fetched_at": now, "due_at": due_at, "claimed_until": now, "problem": ""}
    if body is not None:
        values["body"] = body
    connection.execute(update(_LISTS).where(_LISTS.c.digest == _digest(uri)).values(**values))


def note_problem(connection: Connection, uri: str, problem: str, now: datetime, due_at: datetime) -> None:
    """Write down why nothing came, and when it is asked for again."""
    values = {"problem": problem[:200], "due_at": due_at, "claimed_until": now}
    connection.execute(update(_LISTS).where(_LISTS.c.digest == _digest(uri)).values(**values))


def make_due(connection: Connection, uri: str, due_at: datetime) -> None:
    """Ask for a list again from an instant on, because what came could not be used."""
    connection.execute(
        update(_LISTS)
        .where(_LISTS.c.digest == _digest(uri), _LISTS.c.due_at > due_at)
        .values(due_at=due_at, etag="")
    )


def forget(connection: Connection, unused_since: datetime) -> int:
    """Delete lists that nobody asked about for long."""
    return connection.execute(delete(_LISTS).where(_LISTS.c.used_at < unused_since)).rowcount


def _digest(uri: str) -> str:
    return hashlib.sha256(uri.encode("utf-8")).hexdigest()
