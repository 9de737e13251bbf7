"""Reading and writing stored lists, on the connection of the caller's transaction."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, insert, literal_column, select, update

from tegata.service.statements import Statement
from verifier.trust.tables import TrustListRow, TrustRefreshRow

_LISTS = TrustListRow.__table__  # type: ignore[attr-defined]  # SQLModel sets it on tables
_REFRESH = TrustRefreshRow.__table__  # type: ignore[attr-defined]  # SQLModel sets it on tables
_THE_ROW = 1
_NEWEST_KEY = Statement(
    select(_LISTS.c.sequence, _LISTS.c.digest).order_by(_LISTS.c.sequence.desc()).limit(literal_column("1"))
)
KEPT = 10


@dataclass(frozen=True, slots=True)
class StoredList:
    """A list as stored."""

    sequence: int
    jws: bytes
    digest: str
    source: str
    loaded_at: datetime


def newest_sequence(connection: Connection) -> int:
    """Return the number of the newest list, 0 if there is none."""
    found = connection.execute(select(_LISTS.c.sequence).order_by(_LISTS.c.sequence.desc()).limit(1)).scalar()
    return int(found or 0)


def newest_key(connection: Connection) -> tuple[int, str] | None:
    """Return number and digest of the newest list, without its bytes."""
    row = _NEWEST_KEY.first(connection, {})
    return None if row is None else (row[0], row[1])


def load(connection: Connection, sequence: int) -> StoredList | None:
    """Return one list."""
    row = connection.execute(select(_LISTS).where(_LISTS.c.sequence == sequence)).mappings().first()
    return None if row is None else StoredList(**row)


def add(connection: Connection, stored: StoredList) -> None:
    """Store a list in place of one with the same number, and drop all but the newest few."""
    connection.execute(delete(_LISTS).where(_LISTS.c.sequence == stored.sequence))
    connection.execute(
        insert(_LISTS).values(
            sequence=stored.sequence,
            jws=stored.jws,
            digest=stored.digest,
            source=stored.source,
            loaded_at=stored.loaded_at,
        )
    )
    kept = select(_LISTS.c.sequence).order_by(_LISTS.c.sequence.desc()).limit(KEPT)
    oldest = min(row[0] for row in connection.execute(kept))
    connection.execute(delete(_LISTS).where(_LISTS.c.sequence < oldest))


def last_attempt(connection: Connection) -> tuple[datetime | None, str]:
    """Return when the list was last asked for, and how that ended (empty if well)."""
    row = connection.execute(
        select(_REFRESH.c.attempted_at, _REFRESH.c.problem).where(_REFRESH.c.id == _THE_ROW)
    ).first()
    return (None, "") if row is None else (row[0], row[1])


def claim_refresh(connection: Connection, now: datetime, interval: timedelta) -> bool:
    """Say that the list is asked for now; False if somebody did so within the interval."""
    row = connection.execute(select(_REFRESH.c.attempted_at).where(_REFRESH.c.id == _THE_ROW)).first()
    if row is None:
        connection.execute(insert(_REFRESH).values(id=_THE_ROW, attempted_at=now, problem=""))
        return True
    result = connection.execute(
        update(_REFRESH)
        .where(_REFRESH.c.id == _THE_ROW, _REFRESH.c.attempted_at <= now - interval)
        .values(attempted_at=now)
    )
    return result.rowcount == 1


def note_problem(connection: Connection, problem: str) -> None:
    """Write down how the last attempt ended; empty if well."""
    connection.execute(update(_REFRESH).where(_REFRESH.c.id == _THE_ROW).values(problem=problem[:200]))
