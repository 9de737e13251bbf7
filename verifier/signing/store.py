"""Reading and writing request-signing keys."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from verifier.signing.tables import RequestKeyRow

_KEYS = RequestKeyRow.__table__  # type: ignore[attr-defined]  # SQLModel sets it on tables


@dataclass(frozen=True, slots=True)
class StoredKey:
    """A key as stored."""

    id: str
    key_id: str
    sealed: bytes
    chain: tuple[str, ...]
    created_at: datetime
    not_after: datetime | None


def add(connection: Connection, stored: StoredKey) -> None:
    """Store a new key without a certificate."""
    connection.execute(
        insert(_KEYS).values(
            id=stored.id,
            key_id=stored.key_id,
            sealed=stored.sealed,
            chain=list(stored.chain),
            created_at=stored.created_at,
        )
    )


def newest_certified(connection: Connection) -> StoredKey | None:
    """Return the key whose certificate was installed last."""
    query = select(_KEYS).where(_KEYS.c.installed_at.is_not(None)).order_by(_KEYS.c.installed_at.desc())
    return _stored(connection.execute(query.limit(1)).first())


def newest_uncertified(connection: Connection) -> StoredKey | None:
    """Return the newest key that waits for its certificate."""
    query = select(_KEYS).where(_KEYS.c.installed_at.is_(None)).order_by(_KEYS.c.created_at.desc())
    return _stored(connection.execute(query.limit(1)).first())


def by_key_id(connection: Connection, key_id: str) -> StoredKey | None:
    """Return the key with that thumbprint."""
    return _stored(connection.execute(select(_KEYS).where(_KEYS.c.key_id == key_id)).first())


def install(
    connection: Connection, key_id: str, chain: tuple[str, ...], not_after: datetime, now: datetime
) -> None:
    """Give a key its certificates."""
    connection.execute(
        update(_KEYS)
        .where(_KEYS.c.key_id == key_id)
        .values(chain=list(chain), not_after=not_after, installed_at=now)
    )


def _stored(row: Row[Any] | None) -> StoredKey | None:
    if row is None:
        return None
    return StoredKey(row.id, row.key_id, bytes(row.sealed), tuple(row.chain), row.created_at, row.not_after)
