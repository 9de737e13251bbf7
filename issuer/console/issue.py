"""Choosing what to issue to whom: ① certificate ② learners. What is chosen becomes a draft; `batch` takes over.

A selection lives in the draft, on the server: learners of another filter are added to it, and nothing is lost by
leaving the page. Who has an obstacle is shown with the reason and cannot be chosen.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from sqlalchemy import Connection
from starlette.responses import Response

from issuer.catalogue.service import offered
from issuer.console import store
from issuer.console.drafts import chosen_of, replace_draft
from issuer.console.learners import choices, find, read_filter
from issuer.console.office import Pages, Visit, see_other
from issuer.console.seat import CLERK
from issuer.issuance.batches import candidates, draft
from issuer.issuance.states import BatchState, Draft, expect
from issuer.register.eligibility import Obstacle
from issuer.register.store import Summary, matching_ids
from schemas.catalogue import DocumentDefinition
from tegata.codec.dates import parse_date, today
from tegata.errors import MalformedInput, NotFound, Text
from tegata.service.console import Form

CLERKS = frozenset({CLERK})
NOTHING_CHOSEN = Text("証明書を1つ以上選んでください。", "Choose at least one certificate.")
NOBODY_CHOSEN = Text("対象者を1人以上選んでください。", "Choose at least one learner.")
BAD_DATE = Text(
    "日付として読めません。例: 2027-03-01、令和9年3月1日",
    "This is not a date. For example 2027-03-01 or 令和9年3月1日",
)


def add(pages: Pages) -> None:
    """Add the pages of choosing."""
    pages.get("/issue", choose_documents, CLERKS)
    pages.post("/issue", take_documents, CLERKS)
    pages.get("/issue/learners", choose_learners, CLERKS)
    pages.post("/issue/learners", take_learners, CLERKS)


@dataclass(frozen=True, slots=True)
class Order:
    """What is being chosen, as the address carries it: certificates, date of issue, and the draft that it extends."""

    names: tuple[str, ...]
    issue_date: date
    batch_id: str = ""

    @property
    def query(self) -> str:
        """The same as a query."""
        pairs = [("document", name) for name in self.names] + [("issue_date", self.issue_date.isoformat())]
        return urlencode(pairs + ([("batch", self.batch_id)] if self.batch_id else []))


def choose_documents(visit: Visit) -> Response:
    """Ask which certificates (①), and show the drafts that wait to be finished."""
    return _documents_page(visit, Form.filled(issue_date=today(visit.now).isoformat()), 200)


def _documents_page(visit: Visit, form: Form, status: int) -> Response:
    with visit.reading() as connection:
        granted = offered(connection, visit.workshop.catalogue, visit.seat.school, today(visit.now))
        drafts = store.batch_lines(connection, visit.tenant_id, visit.school_id, [BatchState.DRAFT])
    kind = visit.seat.school.kind
    refused = [
        item
        for item in visit.workshop.catalogue.documents
        if item not in granted and kind in item.school_kinds
    ]
    return visit.page(
        "issue/documents.html",
        status,
        form=form,
        offered=granted,
        refused=refused,
        drafts=drafts,
        catalogue=visit.workshop.catalogue,
    )


def take_documents(visit: Visit) -> Response:
    """Go on to the learners."""
    form = visit.form
    names = tuple(dict.fromkeys(form.all("document")))
    if not names:
        form.errors.add("document", NOTHING_CHOSEN)
    issue_date = read_date(form, "issue_date")
    if form.errors or issue_date is None:
        return _documents_page(visit, form, 422)
    return see_other(f"/issue/learners?{Order(names, issue_date).query}")


def read_date(form: Form, name: str) -> date | None:
    """Read a date as people write it; adds the error if it is none."""
    try:
        return parse_date(form[name])
    except MalformedInput:
        form.errors.add(name, BAD_DATE)
        return None


def _order(visit: Visit, connection: Connection) -> Order:
    """Read the order from the address; raises `NotFound` for an address that names nothing we offer."""
    query = visit.query
    try:
        issue_date = parse_date(query.get("issue_date", ""))
    except MalformedInput:
        raise NotFound("an address without a date of issue") from None
    names = tuple(dict.fromkeys(query.getlist("document")))
    granted = offered(connection, visit.workshop.catalogue, visit.seat.school, today(visit.now))
    if not names or not set(names) <= {item.name for item in granted}:
        raise NotFound("an address without certificates that this school issues")
    batch_id = query.get("batch", "")
    if batch_id:
        expect(visit.batch(connection, batch_id), Draft)
    return Order(names, issue_date, batch_id)


@dataclass(frozen=True, slots=True)
class LearnerRow:
    """One learner in the list: what stands in the way, and what they hold already."""

    learner: Summary
    obstacles: tuple[tuple[DocumentDefinition, Obstacle], ...]
    held: tuple[tuple[DocumentDefinition, str, date], ...]

    @property
    def last_issued(self) -> date | None:
        """When one of the certificates was issued last."""
        return max((day for _, _, day in self.held), default=None)

    @property
    def can_be_chosen(self) -> bool:
        """Whether every chosen certificate can be issued."""
        return not self.obstacles


def choose_learners(visit: Visit) -> Response:
    """Ask who (②), and show everything that stands in the way."""
    return _learners_page(visit, Form(), 200)


def _learners_page(visit: Visit, form: Form, status: int) -> Response:
    wanted = read_filter(visit)
    with visit.reading() as connection:
        order = _order(visit, connection)
        found, paging = find(visit, connection, wanted)
        known = choices(connection, visit.tenant_id, visit.school_id)
        taken = chosen_of(connection, order.batch_id) if order.batch_id else []
    rows = _rows(visit, order, found)
    definitions = [visit.workshop.catalogue.get(name) for name in order.names]
    return visit.page(
        "issue/learners.html",
        status,
        form=form if form.values else filter_form(visit),
        errors=form.errors,
        rows=rows,
        paging=paging,
        order=order,
        definitions=definitions,
        choices=known,
        filtered=any(visit.query.get(name) for name in ("grade", "home_class", "status", "q")),
        taken=frozenset(learner for _, learner in taken),
    )


def filter_form(visit: Visit) -> Form:
    """Return the filter of the address as a form."""
    names = ("grade", "home_class", "status", "q", "school_year")
    return Form.filled(**{name: visit.query.get(name, "") for name in names})


def _rows(visit: Visit, order: Order, found: Sequence[Summary]) -> list[LearnerRow]:
    ids = [item.id for item in found]
    looked = (
        candidates(visit.workshop, visit.desk, order.names, ids, order.issue_date, visit.now) if ids else []
    )
    in_the_way: dict[str, list[tuple[DocumentDefinition, Obstacle]]] = {}
    for candidate in looked:
        listed = in_the_way.setdefault(candidate.record.id, [])
        listed += [(candidate.document, obstacle) for obstacle in candidate.obstacles]
    with visit.reading() as connection:
        held = store.valid_documents(connection, visit.tenant_id, ids, order.names)
    get = visit.workshop.catalogue.get
    return [
        LearnerRow(
            learner,
            tuple(in_the_way.get(learner.id, ())),
            tuple(
                (get(name), number, day)
                for name in order.names
                for _, number, day in held.get((name, learner.id), ())
            ),
        )
        for learner in found
    ]


def take_learners(visit: Visit) -> Response:
    """Put the chosen learners into a draft: a new one, or the one that the address names."""
    form = visit.form
    with visit.reading() as connection:
        order = _order(visit, connection)
        wanted = read_filter(visit)
        everyone = matching_ids(connection, visit.tenant_id, visit.school_id, wanted)
    learners = _without_obstacles(visit, order, everyone) if form["all"] == "yes" else list(form.all("row"))
    if not learners:
        form.errors.add("", NOBODY_CHOSEN)
        return _learners_page(visit, form, 422)
    pairs = [(name, learner) for name in order.names for learner in learners]
    if order.batch_id:
        batch_id = replace_draft(visit, order.batch_id, add=pairs, issue_date=order.issue_date)
    else:
        batch_id = draft(visit.workshop, visit.desk, pairs, order.issue_date, visit.now)
    return see_other(f"/batches/{batch_id}")


def _without_obstacles(visit: Visit, order: Order, learners: Sequence[str]) -> list[str]:
    looked = candidates(visit.workshop, visit.desk, order.names, learners, order.issue_date, visit.now)
    refused = {item.record.id for item in looked if item.obstacles}
    return [learner for learner in learners if learner not in refused]
