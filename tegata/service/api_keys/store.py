"""API keys, read and written. Every function runs inside its caller's transaction."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Table, insert, select, update


@dataclass(frozen=True, slots=True)
class StoredKey:
    """A key as stored."""

    id: str
    tenant_id: str
    name: str
    prefix: str
    digest: str = field(repr=False)
    scopes: frozenset[str]
    expires_at: datetime | None = None
    revoked_at: datetime | None = None
    created_at: datetime | None = None


def add(connection: Connection, table: Table, key: StoredKey, now: datetime) -> None:
    """Store a new key."""
    connection.execute(
        insert(table).values(
            id=key.id,
            tenant_id=key.tenant_id,
            name=key.name,
            prefix=key.prefix,
            digest=key.digest,
            scopes=" ".join(sorted(key.scopes)),
            created_at=now,
            expires_at=key.expires_at,
        )
    )


def by_prefix(connection: Connection, table: Table, prefix: str) -> StoredKey | None:
    """Return the key that begins so."""
    row = connection.execute(select(table).where(table.c.prefix == prefix)).first()
    return None if row is None else _stored(row)


def of_tenant(connection: Connection, table: Table, tenant_id: str) -> tuple[StoredKey, ...]:
    """Return a tenant's keys, the newest first."""
    query = (
        select(table).where(table.c.tenant_id == tenant_id).order_by(table.c.created_at.desc(), table.c.id)
    )
    return tuple(_stored(row) for row in connection.execute(query))


def revoke(connection: Connection, table: Table, tenant_id: str, prefix: str, now: datetime) -> bool:
    """End a tenant's key at once; False if there is none."""
    result = connection.execute(
        update(table)
        .where(table.c.tenant_id == tenant_id, table.c.prefix == prefix, table.c.revoked_at.is_(None))
        .values(revoked_at=now)
    )
    return result.rowcount == 1


def _stored(row: Row[Any]) -> StoredKey:
    return StoredKey(
        row.id,
        row.tenant_id,
        row.name,
        row.prefix,
        row.digest,
        frozenset(row.scopes.split()),
        row.expires_at,
        row.revoked_at,
        row.created_at,
    )
