"""The approver's pages: what exactly is approved, what differs, what is unusual; approve with a passkey, or send back."""

import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection
from starlette.responses import Response

from issuer.console import store
from issuer.console.batch import Item, items_of, line_of
from issuer.console.office import Pages, Visit, answer_json, see_other
from issuer.console.seat import APPROVER, STAFF_OF_A_SCHOOL
from issuer.console.store import BatchLine, Person
from issuer.console.views import Paper, paper
from issuer.issuance import store as issuance
from issuer.issuance.approvals import PURPOSE_BATCH, Decision, ReasonMissing, approve, send_back
from issuer.issuance.batches import changed_learners, claims_of
from issuer.issuance.digest import reference_of
from issuer.issuance.errors import ContentChanged
from issuer.issuance.states import ApprovalMode, BatchState, Submitted, expect
from tegata.codec.dates import school_year
from tegata.errors import MalformedInput, Text
from tegata.service.console import Form

APPROVERS = frozenset({APPROVER})
SAMPLE = 10


def add(pages: Pages) -> None:
    """Add the pages of deciding. Clerks may see what waits; the passkey's calls and sending back are the approver's."""
    pages.get("/approvals", waiting, STAFF_OF_A_SCHOOL)
    pages.get("/approvals/{batch_id}", look, STAFF_OF_A_SCHOOL)
    pages.get("/approvals/{batch_id}/documents", one_by_one, STAFF_OF_A_SCHOOL)
    pages.call("/approvals/{batch_id}/options", options, APPROVERS)
    pages.call("/approvals/{batch_id}/finish", finish, APPROVERS)
    pages.form_of_parent("/approvals/{batch_id}/return", give_back, APPROVERS)


def waiting(visit: Visit) -> Response:
    """Show what waits for a decision, oldest first, and the last decisions."""
    with visit.reading() as connection:
        lines = store.batch_lines(connection, visit.tenant_id, visit.school_id, [BatchState.SUBMITTED], 200)
        past = [BatchState.APPROVED, BatchState.SEALED, BatchState.RETURNED]
        decided = store.batch_lines(connection, visit.tenant_id, visit.school_id, past, 10)
        names = store.staff_names(connection, [line.submitted_by for line in [*lines, *decided]])
    return visit.page(
        "approval/list.html",
        lines=lines[::-1],
        decided=decided,
        names=names,
        catalogue=visit.workshop.catalogue,
    )


@dataclass(frozen=True, slots=True)
class Findings:
    """What an approver should know beyond the content."""

    changed: list[Person]
    held_already: list[tuple[Person, list[str]]]
    last_year: list[tuple[Text, int, int]]
    concealed: int

    @property
    def is_unusual(self) -> bool:
        """Whether there is anything to look at twice."""
        return bool(self.held_already or self.last_year or self.concealed)


def look(visit: Visit) -> Response:
    """Show what is approved, and how."""
    return _page(visit, Form.filled(mode=ApprovalMode.INDIVIDUAL.value), 200)


def _submitted(visit: Visit, connection: Connection) -> Submitted:
    found = visit.batch(connection)
    return expect(found, Submitted)


def _page(visit: Visit, form: Form, status: int) -> Response:
    with visit.reading() as connection:
        found = visit.batch(connection)
        if not isinstance(found, Submitted):
            return see_other(f"/batches/{found.terms.id}")
        line = line_of(visit, connection, found.terms.id)
        findings = _findings(visit, connection, found, line)
        names = store.staff_names(connection, [line.submitted_by, line.created_by])
    principal = visit.seat.principal
    own = principal.account_id in {line.submitted_by, line.created_by}
    return visit.page(
        "approval/look.html",
        status,
        form=form,
        line=line,
        names=names,
        digest=found.digest,
        reference=reference_of(found.digest),
        findings=findings,
        own=own,
        can_decide=visit.seat.is_approver and not own,
        has_passkey=principal.can_approve,
        modes=MODES,
        catalogue=visit.workshop.catalogue,
    )


MODES = (
    ("individual", Text("自分の権限で承認する（個別）", "With your own authority (each batch)")),
    ("acting", Text("承認者に代わって承認する（代決）", "Acting for the approver")),
)


def _findings(visit: Visit, connection: Connection, found: Submitted, line: BatchLine) -> Findings:
    changed = changed_learners(connection, visit.tenant_id, visit.school_id, found.terms.id)
    documents = [item for chunk in issuance.every_document(connection, found.terms.id) for item in chunk]
    learners = list(dict.fromkeys(item.learner_id for item in documents))
    people = store.people(connection, visit.tenant_id, learners)
    held = store.valid_documents(connection, visit.tenant_id, learners, list(line.documents))
    get = visit.workshop.catalogue.get
    year = school_year(found.terms.issue_date)
    last_year = []
    for name, count in line.documents.items():
        before = store.issued_people(connection, visit.tenant_id, visit.school_id, name, year - 1)
        # A tenth more or less is what a school's numbers do anyway.
        if before and abs(count - before) * 10 > before:
            last_year.append((get(name).title, count, before))
    holders: dict[str, list[str]] = {}
    for (_, learner), documents_held in held.items():
        holders.setdefault(learner, []).extend(number for _, number, _ in documents_held)
    return Findings(
        changed=[people[learner] for learner in changed],
        held_already=[(people[learner], numbers) for learner, numbers in holders.items()],
        last_year=last_year,
        concealed=sum(person.is_concealed for person in people.values()),
    )


def one_by_one(visit: Visit) -> Response:
    """Show each document in turn, or ten drawn by the batch's own digest, so that reloading draws the same."""
    is_sample = visit.query.get("sample") == "yes"
    with visit.reading() as connection:
        found = _submitted(visit, connection)
        total = min(SAMPLE, found.terms.size) if is_sample else found.terms.size
        place = _place(visit.query.get("n", "1"), total)
        position = _drawn(found, place) if is_sample else place - 1
        (document,) = issuance.documents(connection, found.terms.id, after=position - 1, limit=1)
        (item,) = items_of(visit, connection, [document])
        line = line_of(visit, connection, found.terms.id)
    return visit.page(
        "approval/document.html",
        line=line,
        item=item,
        paper=_paper(visit, item),
        place=place,
        total=total,
        is_sample=is_sample,
        reference=reference_of(found.digest),
    )


def _place(text: str, total: int) -> int:
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 7 else 1  # noqa: PLR2004
    return min(max(number, 1), total)


def _drawn(found: Submitted, place: int) -> int:
    """Return the position of the n-th of the sample; drawn, not secret: everybody who looks sees the same ten."""
    lot = random.Random(found.digest)  # noqa: S311
    return sorted(lot.sample(range(found.terms.size), min(SAMPLE, found.terms.size)))[place - 1]


def _paper(visit: Visit, item: Item) -> Paper:
    return paper(item.definition, claims_of(visit.workshop, item.document))


# --- the passkey's calls: {"fields": {"digest", "mode", "reason"}, "answer": …} ---


def _fields(body: Any) -> Mapping[str, str]:
    fields = body.get("fields") if isinstance(body, dict) else None
    if not isinstance(fields, dict) or not all(isinstance(value, str) for value in fields.values()):
        raise MalformedInput("not the call of this page", pointer="/fields")
    return fields


def _mode(fields: Mapping[str, str]) -> ApprovalMode:
    modes = {name: ApprovalMode(name) for name, _ in MODES}
    mode = modes.get(fields.get("mode", "individual"))
    if mode is None:
        raise MalformedInput("no such mode", pointer="/fields/mode")
    if mode is ApprovalMode.ACTING and not fields.get("reason", "").strip():
        raise ReasonMissing("acting without a reason", pointer="reason")
    return mode


def options(visit: Visit) -> Response:
    """Begin: the passkey is asked to sign the digest that the page has shown."""
    fields = _fields(visit.body)
    _mode(fields)
    with visit.workshop.database.writing() as connection:
        found = _submitted(visit, connection)
        found.check_decision(visit.seat.actor, fields.get("digest", ""))
        if changed := changed_learners(connection, visit.tenant_id, visit.school_id, found.terms.id):
            raise ContentChanged(len(changed))
        message = bytes.fromhex(found.digest)
        asked = visit.staff.begin_assertion(
            connection, visit.seat.principal, PURPOSE_BATCH, found.terms.id, message, visit.now
        )
    return answer_json(asked)


def finish(visit: Visit) -> Response:
    """Approve with the passkey's answer; issuing begins at once, or when the batch says."""
    fields = _fields(visit.body)
    mode = _mode(fields)
    principal, batch_id = visit.seat.principal, visit.path("batch_id")
    with visit.workshop.database.writing() as connection:
        found = _submitted(visit, connection)
        found.check_decision(visit.seat.actor, fields.get("digest", ""))
        evidence = visit.staff.finish_assertion(
            connection,
            principal,
            PURPOSE_BATCH,
            batch_id,
            bytes.fromhex(found.digest),
            visit.body.get("answer"),
            visit.now,
        )
    decision = Decision(found.digest, evidence, mode, fields.get("reason", ""))
    approve(visit.workshop, principal, visit.tenant_id, batch_id, decision, visit.now)
    visit.office.worker.wake()
    return answer_json({"to": f"/batches/{batch_id}"})


def give_back(visit: Visit) -> Response:
    """Send the batch back with a reason."""
    batch_id = visit.path("batch_id")
    with visit.reading() as connection:
        visit.batch(connection)
    try:
        send_back(
            visit.workshop,
            visit.seat.principal,
            visit.tenant_id,
            batch_id,
            visit.form["back_reason"],
            visit.now,
        )
    except ReasonMissing as error:
        visit.form.errors.add("back_reason", error.public)
        return _page(visit, visit.form, 422)
    return see_other(f"/batches/{batch_id}")
