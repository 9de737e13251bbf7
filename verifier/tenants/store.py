"""Reading and writing tenants."""

import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, select

from tegata.errors import Text
from verifier.tenants.tables import TenantRow

_TENANTS = TenantRow.__table__  # type: ignore[attr-defined]  # SQLModel sets it on tables


@dataclass(frozen=True, slots=True)
class Tenant:
    """An asking organisation."""

    id: str
    names: Text
    corporate_number: str = ""


def add(connection: Connection, names: Text, corporate_number: str, now: datetime) -> Tenant:
    """Store a new tenant."""
    tenant = Tenant(secrets.token_hex(16), names, corporate_number)
    connection.execute(
        insert(_TENANTS).values(
            id=tenant.id,
            name=names.ja,
            name_en=names.en,
            corporate_number=corporate_number,
            created_at=now,
        )
    )
    return tenant


def by_id(connection: Connection, tenant_id: str) -> Tenant | None:
    """Return one tenant."""
    row = connection.execute(select(_TENANTS).where(_TENANTS.c.id == tenant_id)).first()
    if row is None:
        return None
    return Tenant(row.id, Text(row.name, row.name_en or row.name), row.corporate_number)


def every(connection: Connection) -> tuple[Tenant, ...]:
    """Return all tenants, oldest first."""
    rows = connection.execute(select(_TENANTS).order_by(_TENANTS.c.created_at, _TENANTS.c.id)).all()
    return tuple(
        Tenant(row.id, Text(row.name, row.name_en or row.name), row.corporate_number) for row in rows
    )
