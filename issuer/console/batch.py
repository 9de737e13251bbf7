"""A batch, from the draft to its result, at one address: what the page shows is the state that it is in."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection
from starlette.responses import Response

from issuer.console import store
from issuer.console.drafts import replace_draft
from issuer.console.issue import Order, read_date
from issuer.console.office import Pages, Visit, answer_json, see_other
from issuer.console.seat import CLERK, STAFF_OF_A_SCHOOL
from issuer.console.store import BatchLine, Person
from issuer.console.views import paper
from issuer.issuance import store as issuance
from issuer.issuance.approvals import approve_by_standing
from issuer.issuance.batches import discard, preview, submit
from issuer.issuance.digest import reference_of
from issuer.issuance.states import Approved, Batch, BatchState, DocumentState, Draft, Ended, Sealed, Submitted
from issuer.issuance.store import StoredDocument
from schemas.catalogue import DocumentDefinition
from tegata.codec.dates import start_of_day, today
from tegata.errors import NotFound, TegataError, Text
from tegata.service.console import Form, Pagination

CLERKS = frozenset({CLERK})
PAST = Text(
    "発行を始める日は、今日より後の日にします。", "The day on which issuing starts has to be after today."
)
_SAMPLE = 10


@dataclass(frozen=True, slots=True)
class Item:
    """One document of a batch as lists show it."""

    document: StoredDocument
    definition: DocumentDefinition
    person: Person


def add(pages: Pages) -> None:
    """Add the pages of batches."""
    pages.get("/batches", batches, STAFF_OF_A_SCHOOL)
    pages.get("/batches/{batch_id}", batch, STAFF_OF_A_SCHOOL)
    pages.get("/batches/{batch_id}/progress", progress, STAFF_OF_A_SCHOOL)
    pages.get("/batches/{batch_id}/progress/part", progress_part, STAFF_OF_A_SCHOOL)
    pages.form_of_parent("/batches/{batch_id}/terms", change_terms, CLERKS)
    pages.post("/batches/{batch_id}/remove", remove, CLERKS)
    pages.form_of_parent("/batches/{batch_id}/submit", ask_for_approval, CLERKS)
    pages.post("/batches/{batch_id}/discard", drop, CLERKS)


def batches(visit: Visit) -> Response:
    """Show every batch, newest first."""
    with visit.reading() as connection:
        lines = store.batch_lines(connection, visit.tenant_id, visit.school_id, list(BatchState), 200)
        names = store.staff_names(connection, [line.created_by for line in lines])
    return visit.page("batch/list.html", lines=lines, names=names, catalogue=visit.workshop.catalogue)


def line_of(visit: Visit, connection: Connection, batch_id: str) -> BatchLine:
    """Return one batch as lists show it; raises `NotFound`."""
    visit.batch(connection, batch_id)
    states = list(BatchState)
    lines = store.batch_lines(connection, visit.tenant_id, visit.school_id, states, batch_id=batch_id)
    if not lines:
        raise NotFound("no such batch")
    return lines[0]


def items_of(visit: Visit, connection: Connection, documents: Sequence[StoredDocument]) -> list[Item]:
    """Return documents with their types and learners."""
    people = store.people(connection, visit.tenant_id, [item.learner_id for item in documents])
    get = visit.workshop.catalogue.get
    return [Item(item, get(item.document_name), people[item.learner_id]) for item in documents]


def batch(visit: Visit) -> Response:
    """Show the batch in its state."""
    with visit.reading() as connection:
        found = visit.batch(connection)
    if isinstance(found, Draft):
        return _check_page(visit, found, Form(), 200)
    return _after_draft(visit, found)


def _check_page(visit: Visit, found: Draft, form: Form, status: int) -> Response:
    """Show the content, person by person (③)."""
    batch_id = found.terms.id
    with visit.reading() as connection:
        paging = Pagination.read(visit.query, found.terms.size)
        shown = issuance.documents(connection, batch_id, after=paging.offset - 1, limit=paging.size)
        line = line_of(visit, connection, batch_id)
        wanted = visit.query.get("document", "") or (shown[0].id if shown else "")
        items = items_of(visit, connection, shown)
    place = next((index for index, item in enumerate(items) if item.document.id == wanted), 0)
    if not form.values:
        starts = today(found.terms.seal_at).isoformat() if found.terms.seal_at else ""
        form = Form.filled(issue_date=found.terms.issue_date.isoformat(), start=starts)
    order = Order(tuple(line.documents), found.terms.issue_date, batch_id)
    return visit.page(
        "batch/check.html",
        status,
        form=form,
        line=line,
        items=items,
        place=place,
        paging=paging,
        order=order,
        terms=found.terms,
        catalogue=visit.workshop.catalogue,
        **_preview(visit, items[place].document.id),
    )


def _preview(visit: Visit, document_id: str) -> dict[str, Any]:
    """Return one document's content, or what stands against it since it was chosen."""
    try:
        item, claims = preview(visit.workshop, visit.tenant_id, document_id, visit.now)
    except TegataError as error:
        return {"paper": None, "refusal": error.public}
    return {"paper": paper(visit.workshop.catalogue.get(item.document_name), claims), "refusal": None}


def _draft(visit: Visit) -> Draft:
    with visit.reading() as connection:
        found = visit.batch(connection)
    if not isinstance(found, Draft):
        raise NotFound("the batch is no draft any more")
    return found


def change_terms(visit: Visit) -> Response:
    """Change the date of issue, or when issuing starts."""
    found, form = _draft(visit), visit.form
    issue_date = read_date(form, "issue_date")
    starts = read_date(form, "start") if form["start"].strip() else None
    seal_at = start_of_day(starts) if starts else None
    if seal_at is not None and seal_at <= visit.now:
        form.errors.add("start", PAST)
    if form.errors:
        return _check_page(visit, found, form, 422)
    try:
        made = replace_draft(visit, found.terms.id, issue_date=issue_date, seal_at=seal_at, keeps_time=False)
    except TegataError as error:
        form.errors.add("issue_date", error.public)
        return _check_page(visit, found, form, 422)
    return see_other(f"/batches/{made}")


def remove(visit: Visit) -> Response:
    """Take one document out of a draft; the last one takes the draft with it."""
    found = _draft(visit)
    with visit.reading() as connection:
        item = issuance.document(connection, visit.tenant_id, visit.form["document"])
    if item.batch_id != found.terms.id:
        raise NotFound("a document of another batch")
    if found.terms.size == 1:
        return drop(visit)
    made = replace_draft(visit, found.terms.id, remove={(item.document_name, item.learner_id)})
    return see_other(f"/batches/{made}")


def ask_for_approval(visit: Visit) -> Response:
    """④ Freeze the content and ask; where a standing authority covers it, issuing begins at once."""
    found = _draft(visit)
    try:
        submit(visit.workshop, visit.tenant_id, found.terms.id, visit.seat.actor, visit.now)
    except TegataError as error:
        form = Form()
        form.errors.add("", error.public)
        return _check_page(visit, found, form, 422)
    if approve_by_standing(visit.workshop, visit.tenant_id, found.terms.id, visit.now):
        visit.office.worker.wake()
    return see_other(f"/batches/{found.terms.id}")


def drop(visit: Visit) -> Response:
    """Drop a draft."""
    found = _draft(visit)
    discard(visit.workshop, visit.tenant_id, found.terms.id, visit.seat.actor, visit.now)
    return see_other("/issue")


def _after_draft(visit: Visit, found: Batch) -> Response:
    with visit.reading() as connection:
        line = line_of(visit, connection, found.terms.id)
        decision = store.last_decision(connection, found.terms.id)
        actors = [line.created_by, line.submitted_by, decision.approver if decision else ""]
        names = store.staff_names(connection, actors)
    context = {
        "line": line,
        "names": names,
        "decision": decision,
        "terms": found.terms,
        "catalogue": visit.workshop.catalogue,
    }
    if isinstance(found, Submitted):
        return visit.page("batch/submitted.html", reference=reference_of(found.digest), **context)
    if isinstance(found, Approved):
        return visit.page("batch/issuing.html", **context, **_progress(visit, found))
    if isinstance(found, Sealed):
        return visit.page("batch/result.html", **context)
    return visit.page("batch/ended.html", is_returned=_is_returned(found), **context)


def _is_returned(found: Batch) -> bool:
    return isinstance(found, Ended) and found.state is BatchState.RETURNED


def _progress(visit: Visit, found: Batch) -> dict[str, Any]:
    with visit.reading() as connection:
        counts = issuance.count_by_state(connection, found.terms.id)
    done, size = counts.get(DocumentState.SEALED, 0), found.terms.size
    is_ended = isinstance(found, Sealed | Ended)
    waits_until = found.terms.seal_at if isinstance(found, Approved) and not found.is_due(visit.now) else None
    return {
        "done": done,
        "total": size,
        "recorded": counts.get(DocumentState.RECORDED, 0),
        "is_ended": is_ended,
        "waits_until": waits_until,
        "remaining": None if is_ended or waits_until else _remaining(found, done, size, visit.now),
    }


def _remaining(found: Batch, done: int, size: int, now: datetime) -> timedelta | None:
    """Return how long it may take, once there is something to tell it from."""
    if not isinstance(found, Approved) or not 0 < done < size:
        return None
    began = max(found.approved_at, found.terms.seal_at or found.approved_at)
    return (now - began) * (size - done) / done


def progress(visit: Visit) -> Response:
    """Say how far the batch is, for programs."""
    with visit.reading() as connection:
        found = visit.batch(connection)
        line = line_of(visit, connection, found.terms.id)
    state = _progress(visit, found)
    body = {
        "id": line.id,
        "reference": line.reference,
        "state": line.state.value,
        "total": state["total"],
        "done": state["done"],
        "ended": state["is_ended"],
    }
    return answer_json(body)


def progress_part(visit: Visit) -> Response:
    """Show the part of the page that is asked for again and again; at the end, send on to the page itself."""
    with visit.reading() as connection:
        found = visit.batch(connection)
    state = _progress(visit, found)
    answer = visit.page("batch/progress_part.html", line_id=found.terms.id, **state)
    if state["is_ended"]:
        answer.headers["HX-Redirect"] = f"/batches/{found.terms.id}"
    return answer
