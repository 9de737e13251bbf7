"""Requests: a learner or graduate asks for a document, at the desk or by themselves. They enter the path of issuance at its start.

A request is answered by a document that names it. Nothing is written back into it: a draft that is dropped, or a batch
that is sent back, leaves it open again by itself.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, exists, insert, select, update

from issuer.base import AUDIT
from issuer.issuance.states import DocumentState
from issuer.issuance.tables import Document, Request
from tegata.errors import NotFound
from tegata.service.audit import Entry, append

_request = Request.__table__  # type: ignore[attr-defined]  # SQLModel sets it on tables
_document = Document.__table__  # type: ignore[attr-defined]  # same
OPEN, WITHDRAWN = "open", "withdrawn"
AT_DESK = "desk"


@dataclass(frozen=True, slots=True)
class StoredRequest:
    """A request's row."""

    id: str
    tenant_id: str
    school_id: str
    learner_id: str
    document_name: str
    origin: str
    purpose: str
    state: str
    created_by: str
    created_at: datetime
    details: Any = None


_COLUMNS = [_request.c[name] for name in StoredRequest.__slots__]


def add(connection: Connection, request: StoredRequest) -> None:
    """Record a request."""
    values = {name: getattr(request, name) for name in StoredRequest.__slots__}
    connection.execute(insert(_request).values(**values))
    entry = Entry(request.tenant_id, request.created_by, "request.received", request.id)
    append(connection, AUDIT, request.created_at, entry)


def new_id() -> str:
    """Return the id of a new request."""
    return secrets.token_hex(16)


def unanswered(connection: Connection, tenant_id: str, school_id: str) -> list[StoredRequest]:
    """Return the open requests that no document answers, or is about to, oldest first."""
    over = [DocumentState.RETURNED.value, DocumentState.DISCARDED.value]
    answered = exists().where(and_(_document.c.request_id == _request.c.id, _document.c.state.not_in(over)))
    query = (
        select(*_COLUMNS)
        .where(
            _request.c.tenant_id == tenant_id,
            _request.c.school_id == school_id,
            _request.c.state == OPEN,
            ~answered,
        )
        .order_by(_request.c.created_at, _request.c.id)
        .limit(500)
    )
    return [StoredRequest(*row) for row in connection.execute(query)]


def by_ids(
    connection: Connection, tenant_id: str, school_id: str, request_ids: Sequence[str]
) -> list[StoredRequest]:
    """Return those of the unanswered requests that are named; raises `NotFound` if one of them is not there."""
    found = {item.id: item for item in unanswered(connection, tenant_id, school_id)}
    if not set(request_ids) <= found.keys():
        raise NotFound("a request that is not open")
    return [found[request_id] for request_id in dict.fromkeys(request_ids)]


def withdraw(
    connection: Connection, tenant_id: str, school_id: str, request_id: str, actor: str, now: datetime
) -> None:
    """Close a request that is not wanted any more; raises `NotFound` if it is not open."""
    done: Any = connection.execute(
        update(_request)
        .where(
            _request.c.id == request_id,
            _request.c.tenant_id == tenant_id,
            _request.c.school_id == school_id,
            _request.c.state == OPEN,
        )
        .values(state=WITHDRAWN)
    )
    if done.rowcount != 1:
        raise NotFound("no such open request")
    append(connection, AUDIT, now, Entry(tenant_id, actor, "request.withdrawn", request_id))
