"""The audit trail: rows appended by the transaction they describe, chained per tenant by a sealer.

A row says who did what to which object, by ids and digests, never with personal data. No row is ever updated: the
chain lives in a table of its own, so that appending never waits for a chain and the order of the chain is fixed
after the fact by one writer.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from sqlalchemy import (
    Column,
    Connection,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    func,
    insert,
    select,
)
from sqlalchemy.exc import IntegrityError

from tegata.codec import jcs
from tegata.codec.dates import format_instant
from tegata.errors import CryptographyFailed
from tegata.service.columns import Instant
from tegata.service.database import Database
from tegata.service.statements import Statement

GENESIS = "0" * 64


@dataclass(frozen=True, slots=True)
class AuditTables:
    """The two tables of a service's audit trail."""

    row: Table
    link: Table


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened. `actor` is a staff id, `wallet`, `system` or a command's name; `digest` may be empty."""

    tenant_id: str
    actor: str
    action: str
    object_id: str
    digest: str = ""


def define_audit_tables(metadata: MetaData) -> AuditTables:
    """Add the audit tables to a service's metadata."""
    row = Table(
        "audit_row",
        metadata,
        Column("id", String(32), primary_key=True),
        Column("tenant_id", String(32), nullable=False),
        Column("at", Instant(), nullable=False),
        Column("actor", String(64), nullable=False),
        Column("action", String(64), nullable=False),
        Column("object_id", String(128), nullable=False),
        Column("digest", String(64), nullable=False),
        Index("ix_audit_row_tenant_id_at", "tenant_id", "at"),
    )
    link = Table(
        "audit_link",
        metadata,
        Column("tenant_id", String(32), primary_key=True),
        Column("position", Integer, primary_key=True),
        Column("row_id", String(32), nullable=False, unique=True),
        Column("hash", String(64), nullable=False),
    )
    return AuditTables(row, link)


def append(connection: Connection, tables: AuditTables, now: datetime, *entries: Entry) -> None:
    """Append rows inside the caller's transaction."""
    if not entries:
        return
    values = [
        {
            "id": secrets.token_hex(16),
            "tenant_id": entry.tenant_id,
            "at": now,
            "actor": entry.actor,
            "action": entry.action,
            "object_id": entry.object_id,
            "digest": entry.digest,
        }
        for entry in entries
    ]
    _insertion(tables.row).run_many(connection, values)


@cache
def _insertion(row: Table) -> Statement:
    return Statement(insert(row), tuple(row.c.keys()))


def seal(connection: Connection, tables: AuditTables, tenant_id: str) -> int:
    """Chain every row that is not chained yet, oldest first; returns how many. Run by one sealer at a time."""
    position, previous = _head(connection, tables, tenant_id)
    linked = select(tables.link.c.row_id).where(tables.link.c.tenant_id == tenant_id)
    rows = connection.execute(
        select(tables.row)
        .where(tables.row.c.tenant_id == tenant_id, tables.row.c.id.not_in(linked))
        .order_by(tables.row.c.at, tables.row.c.id)
    ).mappings()
    links = []
    for row in rows:
        position += 1
        previous = _link_hash(previous, dict(row))
        links.append({"tenant_id": tenant_id, "position": position, "row_id": row["id"], "hash": previous})
    if links:
        connection.execute(insert(tables.link), links)
    return len(links)


def seal_all(database: Database, tables: AuditTables) -> int:
    """Chain what is not chained yet, tenant by tenant, each in a transaction of its own; returns how many rows.

    Safe to run in several processes: where two chain the same tenant at once, one of them leaves it to the other.
    """
    linked = select(tables.link.c.row_id)
    with database.reading() as connection:
        waiting = connection.execute(
            select(tables.row.c.tenant_id).where(tables.row.c.id.not_in(linked)).distinct()
        ).scalars()
        tenants = sorted(waiting)
    sealed = 0
    for tenant_id in tenants:
        try:
            with database.writing() as connection:
                sealed += seal(connection, tables, tenant_id)
        except IntegrityError:
            continue  # the position was taken by another process
    return sealed


def verify(connection: Connection, tables: AuditTables, tenant_id: str) -> int:
    """Recompute the chain and return its length; raises `CryptographyFailed` where a row was changed or lost."""
    joined = tables.link.outerjoin(tables.row, tables.link.c.row_id == tables.row.c.id)
    rows = connection.execute(
        select(tables.row, tables.link.c.position, tables.link.c.hash)
        .select_from(joined)
        .where(tables.link.c.tenant_id == tenant_id)
        .order_by(tables.link.c.position)
    ).mappings()
    previous, position = GENESIS, 0
    for row in rows:
        position += 1
        fields = {name: row[name] for name in tables.row.c.keys()}  # noqa: SIM118  a column collection, not a dict
        if row["position"] != position or fields["id"] is None or _link_hash(previous, fields) != row["hash"]:
            raise CryptographyFailed(f"the audit chain of {tenant_id} breaks at position {position}")
        previous = row["hash"]
    return position


def _head(connection: Connection, tables: AuditTables, tenant_id: str) -> tuple[int, str]:
    last = connection.execute(
        select(func.max(tables.link.c.position)).where(tables.link.c.tenant_id == tenant_id)
    ).scalar()
    if last is None:
        return 0, GENESIS
    found = connection.execute(
        select(tables.link.c.hash).where(tables.link.c.tenant_id == tenant_id, tables.link.c.position == last)
    ).scalar_one()
    return int(last), str(found)


def _link_hash(previous: str, row: dict[str, object]) -> str:
    at = row["at"]
    assert isinstance(at, datetime)  # noqa: S101  the column's type
    # A row's names are a kind of str that only SQLAlchemy knows.
    named = {str(name): value for name, value in row.items()}
    content = {**named, "at": format_instant(at), "previous": previous}
    return hashlib.sha256(jcs.canonicalize(content)).hexdigest()
