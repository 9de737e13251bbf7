"""Import jobs in the database. Content and report are sealed bytes here: what they hold is the service's matter."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Table, insert, select, update

from issuer.register.errors import ImportEnded
from issuer.register.tables import ImportJobRow
from tegata.errors import NotFound

_JOB: Table = ImportJobRow.__table__  # type: ignore[attr-defined]  # SQLModel sets it on tables
DRAFT, CHECKED, CONFIRMED, CANCELLED = "draft", "checked", "confirmed", "cancelled"
OPEN = (DRAFT, CHECKED)


@dataclass(frozen=True, slots=True)
class Job:
    """An import as stored."""

    id: str
    tenant_id: str
    school_id: str
    state: str
    format: str
    digest: str
    content: bytes | None
    mapping: Any
    report: bytes | None
    register_version: int
    counts: Any
    created_by: str
    created_at: datetime
    expires_at: datetime


def add(connection: Connection, job: Job) -> None:
    """Store a new job."""
    connection.execute(insert(_JOB).values({name: getattr(job, name) for name in Job.__slots__}))


def load(connection: Connection, tenant_id: str, school_id: str, job_id: str) -> Job:
    """Return a job of this school; raises `NotFound`."""
    query = select(*(_JOB.c[name] for name in Job.__slots__)).where(
        _JOB.c.id == job_id, _JOB.c.tenant_id == tenant_id, _JOB.c.school_id == school_id
    )
    row = connection.execute(query).mappings().first()
    if row is None:
        raise NotFound("no such import at this school")
    return Job(**row)


def note_check(
    connection: Connection, job: Job, *, report: bytes, version: int, counts: Any, mapping: Any
) -> None:
    """Store the outcome of a dry run; raises `ImportEnded` if the job is over."""
    _move(
        connection,
        job,
        {
            "state": CHECKED,
            "report": report,
            "register_version": version,
            "counts": counts,
            "mapping": mapping,
        },
    )


def end(connection: Connection, job: Job, *, state: str, actor: str, now: datetime) -> None:
    """Close a job and drop what it held; exactly one caller does it, the others get `ImportEnded`."""
    _move(
        connection, job, {"state": state, "content": None, "report": None, "ended_by": actor, "ended_at": now}
    )


def purge(connection: Connection, now: datetime) -> int:
    """Cancel the jobs whose time is over and drop what they held; returns how many."""
    done = connection.execute(
        update(_JOB)
        .where(_JOB.c.state.in_(OPEN), _JOB.c.expires_at <= now)
        .values(state=CANCELLED, content=None, report=None, ended_by="system", ended_at=now)
    )
    return int(done.rowcount)


def _move(connection: Connection, job: Job, values: dict[str, Any]) -> None:
    done = connection.execute(update(_JOB).where(_JOB.c.id == job.id, _JOB.c.state.in_(OPEN)).values(values))
    if done.rowcount != 1:
        raise ImportEnded(f"import {job.id} is over")
