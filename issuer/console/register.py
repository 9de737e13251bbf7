"""The register: the list of learners, one learner with what was recorded and issued, and the concealment flag."""

from starlette.responses import Response

from issuer.catalogue.service import offered
from issuer.console import store
from issuer.console.issue import filter_form
from issuer.console.issued import TAG_OF
from issuer.console.learners import choices, code_text, find, grade_text, read_filter
from issuer.console.office import Pages, Visit, see_other
from issuer.console.seat import CLERK, STAFF_OF_A_SCHOOL
from issuer.issuance.batches import candidates
from issuer.register import store as register
from issuer.register.record import LearnerRecord
from issuer.register.store import Filter
from tegata.codec.dates import today
from tegata.errors import NotFound, Text
from tegata.service.console import Form

CLERKS = frozenset({CLERK})
NOT_CONFIRMED = Text(
    "内容を読んで、確認の欄に印を付けてください。", "Read what will happen and tick the box."
)


def add(pages: Pages) -> None:
    """Add the pages of the register."""
    pages.get("/register", learners, STAFF_OF_A_SCHOOL)
    pages.get("/register/learners/{learner_id}", learner, STAFF_OF_A_SCHOOL)
    pages.get("/register/learners/{learner_id}/concealment", ask_concealment, CLERKS)
    pages.post("/register/learners/{learner_id}/concealment", conceal, CLERKS)


def learners(visit: Visit) -> Response:
    """Show the learners in the order of their kana."""
    wanted = read_filter(visit)
    with visit.reading() as connection:
        found, paging = find(visit, connection, wanted)
        known = choices(connection, visit.tenant_id, visit.school_id)
        is_empty = not register.search(connection, visit.tenant_id, visit.school_id, Filter(), limit=1).total
    return visit.page(
        "register/list.html",
        learners=found,
        paging=paging,
        choices=known,
        form=filter_form(visit),
        is_empty=is_empty,
        grade_text=grade_text,
        status_text=lambda code: code_text("enrolment-status", code),
    )


def _record(visit: Visit) -> LearnerRecord:
    with visit.reading() as connection:
        found = register.records(connection, visit.tenant_id, visit.school_id, [visit.path("learner_id")])
    if not found:
        raise NotFound("no such learner at this school")
    return found[0]


def learner(visit: Visit) -> Response:
    """Show one learner: facts, what was issued, and what could be."""
    record = _record(visit)
    day = today(visit.now)
    with visit.reading() as connection:
        documents = store.documents_of_learner(connection, visit.tenant_id, record.id)
        granted = offered(connection, visit.workshop.catalogue, visit.seat.school, day)
    possible = candidates(
        visit.workshop, visit.desk, [item.name for item in granted], [record.id], day, visit.now
    )
    return visit.page(
        "register/learner.html",
        record=record,
        today=day,
        documents=documents,
        possible=possible,
        tag_of=TAG_OF,
        catalogue=visit.workshop.catalogue,
        grade_text=grade_text,
        code_text=code_text,
    )


def ask_concealment(visit: Visit) -> Response:
    """Say what concealing a learner does, or ending it."""
    return visit.page("register/concealment.html", record=_record(visit), form=Form())


def conceal(visit: Visit) -> Response:
    """Hide a learner everywhere, or show them again."""
    record, form = _record(visit), visit.form
    if form["confirm"] != "yes":
        form.errors.add("confirm", NOT_CONFIRMED)
        return visit.page("register/concealment.html", 422, record=record, form=form)
    visit.office.register.set_concealed(
        visit.seat.school, record.id, concealed=not record.is_concealed, actor=visit.seat.actor, now=visit.now
    )
    return see_other(f"/register/learners/{record.id}")
