"""What the school has issued: the list, one document with its history, and changes of its status."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection
from starlette.responses import Response

from issuer.console import european, store
from issuer.console.batch import Item, items_of
from issuer.console.office import Pages, Visit, see_other
from issuer.console.seat import CLERK, STAFF_OF_A_SCHOOL
from issuer.console.store import IssuedFilter
from issuer.console.views import paper
from issuer.issuance.batches import claims_of
from issuer.issuance.states import ApprovalMode, DocumentState
from issuer.status.service import REASON_TEXT, Change, NoteMissing, Reason, status_of
from schemas.education import elm
from tegata.errors import NotFound, Text
from tegata.service.console import Form, Pagination
from tegata.status.entries import Status

CLERKS = frozenset({CLERK})
TAG_OF = {
    Status.VALID: "valid",
    Status.INVALID: "revoked",
    Status.SUSPENDED: "suspended",
    Status.USED: "used",
}
NO_REASON = Text("理由を選んでください。", "Choose a reason.")
OTHER_NUMBER = Text(
    "証明書番号がちがいます。この画面の番号をそのまま入力してください。",
    "The certificate number is not right. Enter the number shown on this page.",
)
#: What can be done to a status, where it leads, and the reasons that fit.
ACTIONS: dict[str, tuple[Status, tuple[Reason, ...]]] = {
    "revoke": (
        Status.INVALID,
        (Reason.ERROR, Reason.CANCELLED, Reason.REQUESTED, Reason.SUPERSEDED, Reason.OTHER),
    ),
    "suspend": (Status.SUSPENDED, (Reason.INVESTIGATION, Reason.LEAVE, Reason.REQUESTED, Reason.OTHER)),
    "lift": (Status.VALID, (Reason.RESOLVED, Reason.REQUESTED, Reason.OTHER)),
}
_CHANGED = {
    Status.INVALID: Text("失効させました", "Revoked"),
    Status.SUSPENDED: Text("一時的に停止しました", "Suspended"),
    Status.VALID: Text("停止を解きました", "Suspension lifted"),
    Status.USED: Text("使用済みになりました", "Used up"),
}
_SELLER = Text("使用を受け付けた人", "Whoever redeemed it")
_LEARNER = Text("受け取った人", "Whoever received it")
_SYSTEM = Text("発行の処理", "Issuing")
_MODES = {
    ApprovalMode.INDIVIDUAL.value: Text("承認しました（個別）", "Approved (each batch)"),
    ApprovalMode.ACTING.value: Text("承認しました（代決）", "Approved, acting for the approver"),
    ApprovalMode.STANDING.value: Text(
        "承認済みの範囲で発行しました（包括）", "Issued under a standing authority"
    ),
}


def add(pages: Pages) -> None:
    """Add the pages of issued documents."""
    pages.get("/issued", issued_list, STAFF_OF_A_SCHOOL)
    pages.get("/issued/{document_id}", one, STAFF_OF_A_SCHOOL)
    european.add(pages)
    pages.get("/issued/{document_id}/{action}", ask, CLERKS)
    pages.post("/issued/{document_id}/{action}", change, CLERKS)


def issued_list(visit: Visit) -> Response:
    """Show every issued document, newest first."""
    query = visit.query
    year = query.get("school_year", "")
    wanted = IssuedFilter(
        document_name=query.get("document", "")[:40],
        status=query.get("status", "")[:20],
        school_year=int(year) if year.isascii() and year.isdigit() and len(year) == 4 else 0,  # noqa: PLR2004
        text=query.get("q", ""),
    )
    with visit.reading() as connection:
        _, total = store.issued(connection, visit.tenant_id, visit.school_id, wanted, 0, 1)
        paging = Pagination.read(query, total)
        rows, _ = store.issued(
            connection, visit.tenant_id, visit.school_id, wanted, paging.offset, paging.size
        )
        years = store.issued_years(connection, visit.tenant_id, visit.school_id)
    names = ("document", "status", "school_year", "q")
    return visit.page(
        "issued/list.html",
        rows=rows,
        paging=paging,
        years=years,
        form=Form.filled(**{name: query.get(name, "") for name in names}),
        is_filtered=any(query.get(name) for name in names),
        tag_of=TAG_OF,
        catalogue=visit.workshop.catalogue,
    )


@dataclass(frozen=True, slots=True)
class Event:
    """One line of a document's history."""

    moment: datetime
    what: Text
    who: Text
    reason: Text | None = None


def _sealed(visit: Visit, connection: Connection) -> Item:
    document = visit.document(connection)
    if document.state != DocumentState.SEALED:
        raise NotFound("a document that is not issued yet")
    (item,) = items_of(visit, connection, [document])
    return item


def one(visit: Visit) -> Response:
    """Show one document: its state, copies, content and history."""
    with visit.reading() as connection:
        item = _sealed(visit, connection)
        status = status_of(connection, item.document.id)
        copies = store.copies(connection, item.document.id)
        entitlements = store.entitlements(connection, item.document.id)
    is_expired = item.document.valid_until is not None and item.document.valid_until < visit.now
    return visit.page(
        "issued/one.html",
        item=item,
        present=status,
        state="expired" if is_expired and status is Status.VALID else TAG_OF[status],
        copies=copies,
        entitlements=entitlements,
        is_open=any(row.state == "open" and row.claim_until >= visit.now for row in entitlements),
        paper=paper(item.definition, claims_of(visit.workshop, item.document)),
        events=_events(visit, item),
        changed=visit.query.get("changed", ""),
        has_european=item.definition.name in elm.DOCUMENTS,
    )


def _events(visit: Visit, item: Item) -> list[Event]:
    history = visit.office.status.history(visit.tenant_id, item.document.id)
    with visit.reading() as connection:
        decision = store.last_decision(connection, item.document.batch_id)
        copies = store.copies(connection, item.document.id)
        held = store.entitlements(connection, item.document.id)
        actors = [row[4] for row in history] + [row.created_by for row in held]
        names = store.staff_names(connection, [*actors, decision.approver if decision else ""])

    def who(actor: str) -> Text:
        name = names.get(actor, "")
        return Text(name, name) if name else _SYSTEM

    events = [Event(row.recorded_at, Text("受け取られました", "Received"), _LEARNER) for row in copies]
    for row in held:
        is_slip = row.kind == "slip"
        made = (
            Text("窓口用の用紙を作りました", "Desk slip made")
            if is_slip
            else Text("受取リンクを作りました", "Claim link made")
        )
        events.append(Event(row.created_at, made, who(row.created_by)))
    for moment, status, reason, note, actor in history:
        words = REASON_TEXT[reason]
        full = Text(f"{words.ja}　{note}".strip(), f"{words.en} {note}".strip())
        by = _SELLER if status is Status.USED else who(actor)
        events.append(Event(moment, _CHANGED[status], by, full))
    if decision is not None and decision.decision == "approved":
        why = Text(decision.reason, decision.reason) if decision.reason else None
        events.append(Event(decision.decided_at, _MODES[decision.mode], who(decision.approver), why))
    if item.document.sealed_at is not None:
        events.append(Event(item.document.sealed_at, Text("発行しました", "Issued"), _SYSTEM))
    return sorted(events, key=lambda event: event.moment, reverse=True)


def ask(visit: Visit) -> Response:
    """Ask for the reason, and say what will happen."""
    return _ask_page(visit, Form(), 200)


def _ask_page(visit: Visit, form: Form, status: int) -> Response:
    action = visit.path("action")
    if action not in ACTIONS:
        raise NotFound("no such change of a status")
    with visit.reading() as connection:
        item = _sealed(visit, connection)
    reasons = [(reason.value, REASON_TEXT[reason]) for reason in ACTIONS[action][1]]
    return visit.page("issued/change.html", status, form=form, item=item, action=action, reasons=reasons)


def change(visit: Visit) -> Response:
    """Revoke, suspend or lift: all formats of the document at once."""
    action, form = visit.path("action"), visit.form
    if action not in ACTIONS:
        raise NotFound("no such change of a status")
    with visit.reading() as connection:
        item = _sealed(visit, connection)
    status, reasons = ACTIONS[action]
    if form["reason"] not in {reason.value for reason in reasons}:
        form.errors.add("reason", NO_REASON)
    if action == "revoke" and form["number"].strip() != item.document.number:
        form.errors.add("number", OTHER_NUMBER)
    if form.errors:
        return _ask_page(visit, form, 422)
    wish = Change(status, Reason(form["reason"]), form["note"].strip())
    try:
        visit.office.status.change(visit.tenant_id, item.document.id, wish, visit.seat.actor, visit.now)
    except NoteMissing as error:
        form.errors.add("note", error.public)
        return _ask_page(visit, form, 422)
    return see_other(f"/issued/{item.document.id}?changed={action}")
