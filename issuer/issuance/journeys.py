"""What is on record about learners' 学割証: journeys that they reported, and the certificates they have had."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, exists, select

from issuer.issuance.states import DocumentState
from issuer.issuance.tables import Document, Request
from issuer.register.travel import FARE_DISCOUNT, FareDiscounts, Journey

_request = Request.__table__  # type: ignore[attr-defined]  # SQLModel sets it on tables
_document = Document.__table__  # type: ignore[attr-defined]  # same
_CHUNK = 500
_COUNTED = (DocumentState.FROZEN.value, DocumentState.RECORDED.value, DocumentState.SEALED.value)
_UNDER_WAY = (DocumentState.DRAFT.value, *_COUNTED)


def known_of(
    connection: Connection,
    tenant_id: str,
    school_id: str,
    learner_ids: Sequence[str],
    chosen: Mapping[str, str | None] | None = None,
) -> dict[str, FareDiscounts]:
    """Return what is known by learner; `chosen` are the requests that documents at hand answer already.

    Without one, it is the oldest open request that no other document answers, or is about to. Of two documents that
    answer one request, the second finds it answered once the first is frozen. Certificates count from the moment
    approval is asked for, also those that are revoked later.
    """
    named = {learner: request for learner, request in (chosen or {}).items() if request}
    journeys: dict[str, Journey] = {}
    issued: dict[str, list[date]] = {}
    for ids in _chunks(learner_ids):
        mine = _request.c.learner_id.in_(ids)
        for learner, journey in _journeys(
            connection, tenant_id, school_id, and_(mine, ~_answered(_UNDER_WAY))
        ):
            journeys.setdefault(learner, journey)
        query = select(_document.c.learner_id, _document.c.issue_date).where(
            _document.c.tenant_id == tenant_id,
            _document.c.school_id == school_id,
            _document.c.learner_id.in_(ids),
            _document.c.document_name == FARE_DISCOUNT,
            _document.c.state.in_(_COUNTED),
        )
        for row in connection.execute(query):
            issued.setdefault(row.learner_id, []).append(row.issue_date)
    for ids in _chunks(list(named.values())):
        found = _journeys(
            connection, tenant_id, school_id, and_(_request.c.id.in_(ids), ~_answered(_COUNTED))
        )
        journeys |= {
            learner: journey for learner, journey in found if named.get(learner) == journey.request_id
        }
    return {
        learner: FareDiscounts(journeys.get(learner), tuple(issued.get(learner, ())))
        for learner in learner_ids
    }


def _answered(states: Sequence[str]) -> ColumnElement[bool]:
    return exists().where(and_(_document.c.request_id == _request.c.id, _document.c.state.in_(states)))


def _chunks(ids: Sequence[str]) -> Iterator[list[str]]:
    for start in range(0, len(ids), _CHUNK):
        yield list(ids[start : start + _CHUNK])


def _journeys(
    connection: Connection, tenant_id: str, school_id: str, condition: ColumnElement[bool]
) -> Iterator[tuple[str, Journey]]:
    query = (
        select(_request.c.id, _request.c.learner_id, _request.c.details)
        .where(
            _request.c.tenant_id == tenant_id,
            _request.c.school_id == school_id,
            _request.c.document_name == FARE_DISCOUNT,
            _request.c.state == "open",
            condition,
        )
        .order_by(_request.c.created_at, _request.c.id)
    )
    for row in connection.execute(query):
        details = row.details or {}
        yield (
            row.learner_id,
            Journey(
                row.id,
                details.get("journey", ""),
                _day(details, "schooling_from"),
                _day(details, "schooling_to"),
            ),
        )


def _day(details: Mapping[str, Any], name: str) -> date | None:
    return date.fromisoformat(details[name]) if details.get(name) else None
