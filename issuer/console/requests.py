"""Requests at the desk: what somebody asked for is written down, and goes into a draft with others or alone."""

from collections.abc import Mapping

from starlette.responses import Response

from issuer.catalogue.service import offered
from issuer.console import store
from issuer.console.learners import find, read_filter
from issuer.console.office import Pages, Visit, see_other
from issuer.console.seat import CLERK
from issuer.issuance import requests
from issuer.issuance.batches import draft
from issuer.issuance.requests import StoredRequest
from issuer.register import store as register
from issuer.register import travel
from issuer.register.travel import FARE_DISCOUNT
from tegata.codec.dates import parse_date, today
from tegata.errors import MalformedInput, NotFound, TegataError, Text
from tegata.service.console import Form

CLERKS = frozenset({CLERK})
NO_LEARNER = Text("申し込んだ人を選んでください。", "Choose who asks.")
NO_DOCUMENT = Text("証明書を選んでください。", "Choose a certificate.")
NOTHING = Text("申込みを1つ以上選んでください。", "Choose at least one request.")
NO_JOURNEY = Text("旅行の目的を選んでください。", "Choose the purpose of the journey.")
BAD_DATE = Text("日付として読めません。例: 2026-08-01", "This is not a date. For example 2026-08-01")
_LONGEST_PURPOSE = 200


def add(pages: Pages) -> None:
    """Add the pages of requests."""
    pages.get("/requests", open_requests, CLERKS)
    pages.post("/requests", make_draft, CLERKS)
    pages.get("/requests/new", new_request, CLERKS)
    pages.post("/requests/new", take_request, CLERKS)
    pages.post("/requests/{request_id}/withdraw", withdraw, CLERKS)


def open_requests(visit: Visit) -> Response:
    """Show what was asked for and is not under way."""
    return _list_page(visit, Form(), 200)


def _list_page(visit: Visit, form: Form, status: int) -> Response:
    with visit.reading() as connection:
        found = requests.unanswered(connection, visit.tenant_id, visit.school_id)
        people = store.people(connection, visit.tenant_id, [item.learner_id for item in found])
    return visit.page(
        "request/list.html",
        status,
        form=form,
        requests=found,
        people=people,
        catalogue=visit.workshop.catalogue,
    )


def make_draft(visit: Visit) -> Response:
    """Put the chosen requests into one draft of today's date."""
    form = visit.form
    chosen = form.all("row")
    if not chosen:
        form.errors.add("", NOTHING)
        return _list_page(visit, form, 422)
    with visit.reading() as connection:
        found = requests.by_ids(connection, visit.tenant_id, visit.school_id, chosen)
    pairs = {(item.document_name, item.learner_id): item.id for item in found}
    try:
        batch_id = draft(visit.workshop, visit.desk, list(pairs), today(visit.now), visit.now, requests=pairs)
    except TegataError as error:
        form.errors.add("", error.public)
        return _list_page(visit, form, 422)
    return see_other(f"/batches/{batch_id}")


def new_request(visit: Visit) -> Response:
    """Write down who asks for what."""
    return _new_page(visit, Form.filled(learner=visit.query.get("learner", "")), 200)


def _new_page(visit: Visit, form: Form, status: int) -> Response:
    with visit.reading() as connection:
        granted = offered(connection, visit.workshop.catalogue, visit.seat.school, today(visit.now))
        text = visit.query.get("q", "").strip()
        found = find(visit, connection, read_filter(visit))[0][:20] if text else []
        chosen = form["learner"]
        person = store.people(connection, visit.tenant_id, [chosen]).get(chosen) if chosen else None
    return visit.page(
        "request/new.html",
        status,
        form=form,
        found=found,
        offered=granted,
        journeys=list(travel.purposes().items())
        if any(item.name == FARE_DISCOUNT for item in granted)
        else (),
        search=Form.filled(q=visit.query.get("q", "")),
        text=text,
        person=person,
    )


def take_request(visit: Visit) -> Response:
    """Record the request."""
    form = visit.form
    learner_id = form.require("learner", NO_LEARNER)
    with visit.reading() as connection:
        granted = offered(connection, visit.workshop.catalogue, visit.seat.school, today(visit.now))
        known = register.versions(connection, visit.tenant_id, visit.school_id, [learner_id])
    if form["document"] not in {item.name for item in granted}:
        form.errors.add("document", NO_DOCUMENT)
    details = _journey(form) if form["document"] == FARE_DISCOUNT else None
    if form.errors:
        return _new_page(visit, form, 422)
    if learner_id not in known:
        raise NotFound("a learner who is not in this school's register")
    made = StoredRequest(
        id=requests.new_id(),
        tenant_id=visit.tenant_id,
        school_id=visit.school_id,
        learner_id=learner_id,
        document_name=form["document"],
        origin=requests.AT_DESK,
        purpose=_purpose(form, details)[:_LONGEST_PURPOSE],
        state=requests.OPEN,
        created_by=visit.seat.actor,
        created_at=visit.now,
        details=details,
    )
    with visit.workshop.database.writing() as connection:
        requests.add(connection, made)
    return see_other("/requests")


def _journey(form: Form) -> dict[str, str]:
    """Return what a 学割証 asks of a journey: one of seven purposes, and the days of a correspondence course."""
    if form["journey"] not in travel.purposes():
        form.errors.add("journey", NO_JOURNEY)
    details = {"journey": form["journey"]}
    for name in ("schooling_from", "schooling_to"):
        if text := form[name].strip():
            try:
                details[name] = parse_date(text).isoformat()
            except MalformedInput:
                form.errors.add(name, BAD_DATE)
    return details


def _purpose(form: Form, details: Mapping[str, str] | None) -> str:
    own = form["purpose"].strip()
    return "　".join(filter(None, (travel.purposes()[details["journey"]].ja, own))) if details else own


def withdraw(visit: Visit) -> Response:
    """Close a request that is not wanted any more."""
    with visit.workshop.database.writing() as connection:
        requests.withdraw(
            connection,
            visit.tenant_id,
            visit.school_id,
            visit.path("request_id"),
            visit.seat.actor,
            visit.now,
        )
    return see_other("/requests")
