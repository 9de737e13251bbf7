"""Reading and writing webhook addresses and messages; a message is claimed by one process at a time."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from tegata.service.statements import Statement
from verifier.webhooks.tables import WebhookEndpointRow, WebhookJobRow

_ENDPOINTS = WebhookEndpointRow.__table__  # type: ignore[attr-defined]  # SQLModel sets it on tables
_JOBS = WebhookJobRow.__table__  # type: ignore[attr-defined]  # SQLModel sets it on tables


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An address that is told."""

    id: str
    tenant_id: str
    url: str
    secret: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Job:
    """A message that is to be delivered now; `attempts` counts this one."""

    id: str
    endpoint_id: str
    body: Mapping[str, Any]
    attempts: int


def add_endpoint(connection: Connection, endpoint: Endpoint, now: datetime) -> None:
    """Store an address."""
    connection.execute(
        insert(_ENDPOINTS).values(
            id=endpoint.id,
            tenant_id=endpoint.tenant_id,
            url=endpoint.url,
            secret=endpoint.secret,
            created_at=now,
        )
    )


def endpoint(connection: Connection, identifier: str) -> Endpoint | None:
    """Return one address."""
    row = connection.execute(select(_ENDPOINTS).where(_ENDPOINTS.c.id == identifier)).first()
    return None if row is None else Endpoint(row.id, row.tenant_id, row.url, bytes(row.secret))


#: Every request that is closed asks.
_TOLD = Statement(select(_ENDPOINTS.c.id).where(_ENDPOINTS.c.tenant_id == bindparam("b_tenant")))


def enqueue(connection: Connection, tenant_id: str, body: Mapping[str, Any], now: datetime) -> int:
    """Write a message for every address of the tenant, inside the transaction that it tells of; returns how many."""
    found = _TOLD.all(connection, {"b_tenant": tenant_id})
    values = [
        {
            "id": secrets.token_hex(16),
            "tenant_id": tenant_id,
            "endpoint_id": identifier,
            "body": body,
            "attempts": 0,
            "due_at": now,
            "created_at": now,
            "problem": "",
            "is_given_up": False,
        }
        for (identifier,) in found
    ]
    if values:
        connection.execute(insert(_JOBS), values)
    return len(values)


def claim(connection: Connection, now: datetime, until: datetime, limit: int) -> tuple[Job, ...]:
    """Take messages that are due; until `until` nobody else takes them, so that a killed process delays, not loses."""
    due = (
        select(_JOBS.c.id)
        .where(_JOBS.c.due_at <= now, _JOBS.c.is_given_up.is_(False))
        .order_by(_JOBS.c.due_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    rows = connection.execute(
        update(_JOBS)
        .where(_JOBS.c.id.in_(due))
        .values(due_at=until, attempts=_JOBS.c.attempts + 1)
        .returning(_JOBS.c.id, _JOBS.c.endpoint_id, _JOBS.c.body, _JOBS.c.attempts)
    )
    return tuple(Job(row.id, row.endpoint_id, row.body, row.attempts) for row in rows)


def done(connection: Connection, job: Job) -> None:
    """Drop a delivered message."""
    connection.execute(delete(_JOBS).where(_JOBS.c.id == job.id))


def put_off(connection: Connection, job: Job, due_at: datetime | None, problem: str) -> None:
    """Try a message again later, or not any more."""
    values: dict[str, Any] = {"problem": problem[:64], "is_given_up": due_at is None}
    if due_at is not None:
        values["due_at"] = due_at
    connection.execute(update(_JOBS).where(_JOBS.c.id == job.id).values(**values))
