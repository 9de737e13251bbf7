"""Reading and writing API keys."""

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from verifier.api.tables import ApiKeyRow

_KEYS = ApiKeyRow.__table__  # type: ignore[attr-defined]  # SQLModel sets it on tables


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


def add(connection: Connection, key: StoredKey, now: datetime) -> None:
    """Store a new key."""
    connection.execute(
        insert(_KEYS).values(
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


def by_prefix(connection: Connection, prefix: str) -> StoredKey | None:
    """Return the key that begins so."""
    row = connection.execute(select(_KEYS).where(_KEYS.c.prefix == prefix)).first()
    if row is None:
        return None
    return StoredKey(
        row.id,
        row.tenant_id,
        row.name,
        row.prefix,
        row.digest,
        frozenset(row.scopes.split()),
        row.expires_at,
        row.revoked_at,
    )


def revoke(connection: Connection, tenant_id: str, prefix: str, now: datetime) -> bool:
    """End a tenant's key at once; False if there is none."""
    result = connection.execute(
        update(_KEYS)
        .where(_KEYS.c.tenant_id == tenant_id, _KEYS.c.prefix == prefix, _KEYS.c.revoked_at.is_(None))
        .values(revoked_at=now)
    )
    return result.rowcount == 1
