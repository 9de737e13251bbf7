"""Reading and writing requests: states in, states out; two who answer at once have one winner."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from types import SimpleNamespace
from typing import Any

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from tegata.service.statements import Statement
from verifier.oid4vp.dcql import parse_query
from verifier.oid4vp.transaction import (
    Created,
    Decided,
    Declined,
    Expired,
    Flow,
    RequestFetched,
    ResponseMode,
    Submitted,
    Terms,
    Transaction,
)
from verifier.wallet_api.tables import PresentationRequestRow

_REQUESTS = PresentationRequestRow.__table__  # type: ignore[attr-defined]  # SQLModel sets it on tables

# What every answer asks is written once: SQLAlchemy takes longer to build a statement than SQLite to run it.
_BY_ID = Statement(
    select(_REQUESTS).where(
        _REQUESTS.c.id == bindparam("b_id"), _REQUESTS.c.tenant_id == bindparam("b_tenant")
    )
)
_BY_ADDRESS = Statement(
    select(_REQUESTS).where(
        (_REQUESTS.c.request_id == bindparam("b_address"))
        | (_REQUESTS.c.same_device_id == bindparam("b_address"))
    )
)
_NAMES = tuple(_REQUESTS.c.keys())


@cache
def _saving(names: tuple[str, ...]) -> Statement:
    """Return the statement that sets these columns: there are as many as there are steps of a request."""
    named = (_REQUESTS.c.id == bindparam("b_id"), _REQUESTS.c.version == bindparam("b_version"))
    return Statement(update(_REQUESTS).where(*named), names)


@dataclass(frozen=True, slots=True)
class Stored:
    """A request as stored. `version` is what a save has to name; the sealed parts are opened by the service."""

    transaction: Transaction
    version: int
    template: str
    purpose: str
    reference: str
    created_by: str
    encryption_key: bytes | None = field(default=None, repr=False)
    answer: bytes | None = field(default=None, repr=False)
    report: bytes | None = field(default=None, repr=False)

    @property
    def terms(self) -> Terms:
        """What was fixed when the request was made."""
        return self.transaction.terms


def add(connection: Connection, stored: Stored, kept_until: datetime) -> None:
    """Store a new request."""
    terms = stored.terms
    connection.execute(
        insert(_REQUESTS).values(
            id=terms.transaction_id,
            tenant_id=terms.tenant_id,
            version=0,
            state="created",
            request_id=terms.request_id,
            same_device_id=terms.same_device_id,
            client_id=terms.client_id,
            nonce=terms.nonce,
            wallet_state=terms.state,
            response_base=terms.response_base,
            response_mode=terms.response_mode.value,
            query=terms.query.to_json(),
            template=stored.template,
            purpose=stored.purpose,
            reference=stored.reference,
            created_by=stored.created_by,
            created_at=terms.created_at,
            expires_at=terms.expires_at,
            kept_until=kept_until,
            encryption_key=stored.encryption_key,
        )
    )


def by_id(connection: Connection, tenant_id: str, identifier: str) -> Stored | None:
    """Return a tenant's request; None if there is none, or it is another tenant's."""
    row = _BY_ID.first(connection, {"b_id": identifier, "b_tenant": tenant_id})
    return _stored(_named(row))


def by_address(connection: Connection, address: str) -> tuple[Stored, Flow] | None:
    """Return the request behind an address that wallets know, and which way that address stands for."""
    row = _BY_ADDRESS.first(connection, {"b_address": address})
    stored = _stored(_named(row))
    if stored is None:
        return None
    is_same_device = stored.terms.same_device_id == address
    return stored, Flow.SAME_DEVICE if is_same_device else Flow.CROSS_DEVICE


def by_response_code(connection: Connection, digest: str) -> Stored | None:
    """Return the request that waits for the browser with this response code."""
    return _stored(
        connection.execute(select(_REQUESTS).where(_REQUESTS.c.response_code_digest == digest)).first()
    )


def of_tenant(
    connection: Connection, tenant_id: str, *, limit: int = 100, before: datetime | None = None
) -> tuple[Stored, ...]:
    """Return a tenant's requests, newest first, those made before an instant."""
    query = select(_REQUESTS).where(_REQUESTS.c.tenant_id == tenant_id)
    if before is not None:
        query = query.where(_REQUESTS.c.created_at < before)
    query = query.order_by(_REQUESTS.c.created_at.desc(), _REQUESTS.c.id).limit(limit)
    return tuple(item for row in connection.execute(query) if (item := _stored(row)) is not None)


def waiting(connection: Connection, limit: int = 20) -> tuple[tuple[str, str], ...]:
    """Return tenant and id of answers that were taken and are not judged yet, oldest first."""
    query = (
        select(_REQUESTS.c.tenant_id, _REQUESTS.c.id)
        .where(_REQUESTS.c.state == "submitted", _REQUESTS.c.response_code_digest.is_(None))
        .order_by(_REQUESTS.c.received_at)
        .limit(limit)
    )
    return tuple((row[0], row[1]) for row in connection.execute(query))


def undecided(
    connection: Connection, decided_before: datetime, limit: int = 20
) -> tuple[tuple[str, str], ...]:
    """Return tenant and id of answers that could not be decided and were not looked at since, oldest first."""
    query = (
        select(_REQUESTS.c.tenant_id, _REQUESTS.c.id)
        .where(
            _REQUESTS.c.state == "decided",
            _REQUESTS.c.verdict == "undecided",
            _REQUESTS.c.closed_at <= decided_before,
        )
        .order_by(_REQUESTS.c.closed_at)
        .limit(limit)
    )
    return tuple((row[0], row[1]) for row in connection.execute(query))


def never_returned(connection: Connection, now: datetime, limit: int = 100) -> tuple[Stored, ...]:
    """Return requests whose answer waits for a browser that did not come back in time."""
    query = (
        select(_REQUESTS)
        .where(
            _REQUESTS.c.state == "submitted",
            _REQUESTS.c.response_code_digest.is_not(None),
            _REQUESTS.c.expires_at <= now,
        )
        .limit(limit)
    )
    return tuple(item for row in connection.execute(query) if (item := _stored(row)) is not None)


def save(
    connection: Connection,
    stored: Stored,
    transaction: Transaction,
    *,
    answer: bytes | None = None,
    report: bytes | None = None,
) -> bool:
    """Store the next state if nobody stored another since `stored` was read; False if somebody was faster.

    With the answer, the key that it was encrypted to is dropped.
    """
    values: dict[str, Any] = {"version": stored.version + 1, **_columns(transaction)}
    if answer is not None:
        values |= {"answer": answer, "encryption_key": None}
    if report is not None:
        values["report"] = report
    named = {"b_id": stored.terms.transaction_id, "b_version": stored.version}
    return _saving(tuple(values)).run(connection, {**named, **values}) == 1


def extend(
    connection: Connection, tenant_id: str, identifier: str, until: datetime, kept_until: datetime
) -> None:
    """Give an open request more time. Its version stays: an answer that is on its way is not disturbed."""
    connection.execute(
        update(_REQUESTS)
        .where(
            _REQUESTS.c.id == identifier,
            _REQUESTS.c.tenant_id == tenant_id,
            _REQUESTS.c.state.in_(("created", "fetched")),
        )
        .values(expires_at=until, kept_until=kept_until)
    )


def forget(connection: Connection, now: datetime) -> int:
    """Delete what need not be kept any longer, answers and reports with it; returns how many rows."""
    return connection.execute(delete(_REQUESTS).where(_REQUESTS.c.kept_until < now)).rowcount


def _columns(transaction: Transaction) -> Mapping[str, Any]:
    if isinstance(transaction, Created):
        return {"state": "created", "session_digest": transaction.session_digest}
    if isinstance(transaction, RequestFetched):
        return {
            "state": "fetched",
            "fetched_at": transaction.fetched_at,
            "session_digest": transaction.session_digest,
        }
    if isinstance(transaction, Submitted):
        return {
            "state": "submitted",
            "received_at": transaction.received_at,
            "session_digest": transaction.session_digest,
            "response_code_digest": transaction.response_code_digest or None,
        }
    if isinstance(transaction, Decided):
        return {"state": "decided", "closed_at": transaction.decided_at, "verdict": transaction.verdict}
    if isinstance(transaction, Declined):
        return {
            "state": "declined",
            "closed_at": transaction.declined_at,
            "wallet_error": transaction.error,
            "encryption_key": None,
        }
    # Whoever did not come back in time gets nothing decided, and what was sent is not kept.
    return {"state": "expired", "encryption_key": None, "answer": None, "response_code_digest": None}


def _named(row: tuple[Any, ...] | None) -> SimpleNamespace | None:
    return None if row is None else SimpleNamespace(**dict(zip(_NAMES, row, strict=True)))


def _stored(row: Any) -> Stored | None:
    if row is None:
        return None
    terms = Terms(
        transaction_id=row.id,
        request_id=row.request_id,
        same_device_id=row.same_device_id,
        tenant_id=row.tenant_id,
        client_id=row.client_id,
        nonce=row.nonce,
        state=row.wallet_state,
        response_base=row.response_base,
        response_mode=ResponseMode(row.response_mode),
        query=parse_query(row.query),
        created_at=row.created_at,
        expires_at=row.expires_at,
    )
    return Stored(
        transaction=_transaction(row, terms),
        version=row.version,
        template=row.template,
        purpose=row.purpose,
        reference=row.reference,
        created_by=row.created_by,
        encryption_key=row.encryption_key,
        answer=row.answer,
        report=row.report,
    )


def _transaction(row: Any, terms: Terms) -> Transaction:
    match row.state:
        case "created":
            return Created(terms, row.session_digest)
        case "fetched":
            return RequestFetched(terms, row.fetched_at, row.session_digest)
        case "submitted":
            return Submitted(terms, row.received_at, row.session_digest, row.response_code_digest or "")
        case "decided":
            return Decided(terms, row.received_at, row.closed_at, row.verdict)
        case "declined":
            return Declined(terms, row.closed_at, row.wallet_error)
        case _:
            return Expired(terms)
