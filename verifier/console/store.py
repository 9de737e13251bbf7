"""What lists of requests read: counts, and pages of one organisation's requests without what was answered."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, get_args

from sqlalchemy import ColumnElement, Connection, and_, case, func, literal, or_, select

from verifier.base import STAFF
from verifier.wallet_api.tables import PresentationRequestRow

_REQUESTS = PresentationRequestRow.__table__  # type: ignore[attr-defined]  # SQLModel sets it on tables

#: What a list shows of a request, and filters by.
Standing = Literal["open", "answered", "valid", "invalid", "undecided", "declined", "expired"]
STANDINGS: tuple[Standing, ...] = get_args(Standing)


@dataclass(frozen=True, slots=True)
class Filter:
    """Which requests are wanted; an empty member wants all. `text` is a part of the organisation's own reference."""

    standing: str = ""
    template: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One request in a list."""

    id: str
    standing: Standing
    template: str
    purpose: str
    reference: str
    created_at: datetime
    expires_at: datetime
    closed_at: datetime | None


def count_undecided(connection: Connection, tenant_id: str) -> int:
    """Count the answers that could not be decided."""
    query = select(func.count()).where(
        _REQUESTS.c.tenant_id == tenant_id,
        _REQUESTS.c.state == "decided",
        _REQUESTS.c.verdict == "undecided",
    )
    return int(connection.execute(query).scalar_one())


def counts(connection: Connection, tenant_id: str, now: datetime) -> Mapping[Standing, int]:
    """Count an organisation's requests by how they stand."""
    standing = _standing(now).label("standing")
    query = select(standing, func.count()).where(_REQUESTS.c.tenant_id == tenant_id).group_by(standing)
    found = dict.fromkeys(STANDINGS, 0)
    found.update({row[0]: row[1] for row in connection.execute(query)})
    return found


def lines(
    connection: Connection, tenant_id: str, wanted: Filter, now: datetime, offset: int = 0, limit: int = 50
) -> tuple[tuple[Line, ...], int]:
    """Return one page of an organisation's requests, newest first, and how many there are."""
    standing = _standing(now)
    conditions: list[ColumnElement[bool]] = [_REQUESTS.c.tenant_id == tenant_id]
    if wanted.standing:
        conditions.append(standing == wanted.standing)
    if wanted.template:
        conditions.append(_REQUESTS.c.template == wanted.template)
    if wanted.text:
        conditions.append(_REQUESTS.c.reference.contains(wanted.text, autoescape=True))
    total = int(connection.execute(select(func.count()).where(*conditions)).scalar_one())
    columns = [_REQUESTS.c[name] for name in _COLUMNS]
    query = (
        select(standing.label("standing"), *columns)
        .where(*conditions)
        .order_by(_REQUESTS.c.created_at.desc(), _REQUESTS.c.id)
        .offset(offset)
        .limit(limit)
    )
    return tuple(Line(**row) for row in connection.execute(query).mappings()), total


_COLUMNS = ("id", "template", "purpose", "reference", "created_at", "expires_at", "closed_at")


def _standing(now: datetime) -> ColumnElement[Any]:
    """Return how a request stands now: what waits after its time is expired, as in `transaction.at_time`."""
    state = _REQUESTS.c.state
    waits = or_(
        state.in_(("created", "fetched")),
        and_(state == "submitted", _REQUESTS.c.response_code_digest.is_not(None)),
    )
    return case(
        (state == "decided", _REQUESTS.c.verdict),
        (state == "declined", literal("declined")),
        (and_(waits, _REQUESTS.c.expires_at <= now), literal("expired")),
        (state.in_(("created", "fetched")), literal("open")),
        (state == "submitted", literal("answered")),
        else_=literal("expired"),
    )


def staff_name(connection: Connection, tenant_id: str, account_id: str) -> str:
    """Return the name of somebody of the organisation; empty for a program or somebody else."""
    account = STAFF.account
    query = select(account.c.name).where(account.c.id == account_id, account.c.tenant_id == tenant_id)
    return str(connection.execute(query).scalar() or "")
