"""Changing a draft: a changed draft is a new one in the place of the old, so that it is checked as a whole again."""

from collections.abc import Collection, Sequence
from datetime import date, datetime

from sqlalchemy import Connection

from issuer.console.office import Visit
from issuer.issuance import store
from issuer.issuance.batches import discard, draft
from issuer.issuance.states import Draft, expect

Pair = tuple[str, str]


def chosen_of(connection: Connection, batch_id: str) -> list[Pair]:
    """Return the (document name, learner) pairs of a batch, in their order."""
    return [
        (item.document_name, item.learner_id)
        for chunk in store.every_document(connection, batch_id)
        for item in chunk
    ]


def requests_of(connection: Connection, batch_id: str) -> dict[Pair, str]:
    """Return the requests that documents of a batch answer."""
    return {
        (item.document_name, item.learner_id): item.request_id
        for chunk in store.every_document(connection, batch_id)
        for item in chunk
        if item.request_id
    }


def replace_draft(
    visit: Visit,
    batch_id: str,
    *,
    add: Sequence[Pair] = (),
    remove: Collection[Pair] = (),
    issue_date: date | None = None,
    seal_at: datetime | None = None,
    keeps_time: bool = True,
) -> str:
    """Put a new draft in the place of one; returns its id. Raises `CannotBeIssued`, `NothingChosen`, `WrongState`."""
    with visit.reading() as connection:
        terms = expect(visit.batch(connection, batch_id), Draft).terms
        held = chosen_of(connection, batch_id)
        requests = requests_of(connection, batch_id)
    made = draft(
        visit.workshop,
        visit.desk,
        [pair for pair in dict.fromkeys([*held, *add]) if pair not in remove],
        issue_date or terms.issue_date,
        visit.now,
        seal_at=terms.seal_at if keeps_time else seal_at,
        requests=requests,
    )
    discard(visit.workshop, visit.tenant_id, batch_id, visit.seat.actor, visit.now)
    return made
