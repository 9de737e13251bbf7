"""Reading and writing the bridge's keys, on the connection of the caller's transaction."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, select

from wallet_bridge.keys.tables import BridgeKeyRow

_KEYS = BridgeKeyRow.__table__  # type: ignore[attr-defined]  # SQLModel sets it on tables


@dataclass(frozen=True, slots=True)
class StoredKey:
    """A key as stored."""

    use: str
    tenant_id: str
    key_id: str
    sealed: bytes
    created_at: datetime


def by_use(connection: Connection, use: str) -> StoredKey | None:
    """Return the key of a use."""
    row = connection.execute(select(_KEYS).where(_KEYS.c.use == use)).mappings().first()
    return None if row is None else StoredKey(**{**row, "sealed": bytes(row["sealed"])})


def add(connection: Connection, stored: StoredKey) -> None:
    """Store a key."""
    values = {name: getattr(stored, name) for name in StoredKey.__slots__}
    connection.execute(insert(_KEYS).values(**values))
