"""The use cases: one winner, one use of everything that is used once, and nothing after its time."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import select

from schemas import catalogue
from tegata.doubles.wallet.present import present
from tegata.errors import NotFound, TegataError
from tegata.formats.credential import HolderBindingRefused
from tegata.identity.certificates import KeyUse
from tegata.service.audit import seal, verify
from tegata.status.entries import Status
from tests.verifier.conftest import MakeWorld, World
from tests.verifier.wallet_api.answers import (
    QUERY_ID,
    fetch,
    form_of,
    good_form,
    make_request,
    presentation,
)
from verifier.base import AUDIT
from verifier.oid4vp.errors import AlreadyAnswered, NotFetched, RequestExpired, ResponseCodeRefused
from verifier.oid4vp.request import WalletPost
from verifier.wallet_api import store
from verifier.wallet_api.tables import PresentationRequestRow

MINUTE = timedelta(minutes=1)


def address_of(url: str) -> str:
    return url.rpartition("/")[2]


@pytest.mark.postgres
def test_of_many_answers_at_once_exactly_one_wins(world_on_each_database: World) -> None:
    world = world_on_each_database
    view = make_request(world)
    request = fetch(world, view)
    held = world.claim(world.wallet())
    forms = [good_form(world, request, held) for _ in range(6)]
    address = address_of(request.response_uri)

    def answer(form: dict[str, str]) -> str:
        try:
            world.verifier.presentations.respond(address, form, world.now())
        except AlreadyAnswered as error:
            return error.kind
        return "taken"

    with ThreadPoolExecutor(6) as pool:
        found = list(pool.map(answer, forms))
    assert sorted(found) == ["already_answered"] * 5 + ["taken"]
    decided = world.verifier.presentations.decide(world.tenant_id, view.id, world.now())
    assert decided.report is not None
    assert decided.report.verdict == "valid"


@pytest.mark.postgres
def test_judging_at_once_stores_one_report_and_one_audit_row(world_on_each_database: World) -> None:
    world = world_on_each_database
    view = make_request(world)
    request = fetch(world, view)
    world.verifier.presentations.respond(
        address_of(request.response_uri), good_form(world, request), world.now()
    )
    with ThreadPoolExecutor(4) as pool:
        views = list(
            pool.map(
                lambda _: world.verifier.presentations.decide(world.tenant_id, view.id, world.now()), range(4)
            )
        )
    assert {item.state for item in views} == {"decided"}
    with world.verifier.database.reading() as connection:
        actions = list(connection.execute(select(AUDIT.row.c.action)).scalars())
    assert actions.count("request.decided") == 1


@pytest.mark.postgres
def test_fetching_at_once_hands_the_request_to_everybody(world_on_each_database: World) -> None:
    world = world_on_each_database
    view = make_request(world)
    assert view.links is not None
    address = view.links.cross_device.rpartition("%2F")[2].partition("&")[0]
    with ThreadPoolExecutor(4) as pool:
        found = list(
            pool.map(
                lambda _: world.verifier.presentations.request_object(address, WalletPost(), world.now()),
                range(4),
            )
        )
    assert all(item.count(".") == 2 for item in found)
    assert world.verifier.presentations.find(world.tenant_id, view.id, world.now()).state == "fetched"


@pytest.mark.clause("OID4VP 1.0 §14.2")
def test_an_answer_sent_twice_is_refused_the_second_time(world: World) -> None:
    request = fetch(world, make_request(world))
    form = good_form(world, request)
    address = address_of(request.response_uri)
    world.verifier.presentations.respond(address, form, world.now())
    with pytest.raises(AlreadyAnswered):
        world.verifier.presentations.respond(address, form, world.now())


@pytest.mark.clause("OID4VP 1.0 §14.2.2")
@pytest.mark.parametrize("wrong", [{"nonce": "x" * 43}, {"audience": "x509_hash:other"}])
def test_a_proof_for_another_request_is_refused_and_the_request_stays_open(
    world: World, wrong: dict[str, str]
) -> None:
    view = make_request(world)
    request = fetch(world, view)
    held = world.claim(world.wallet())
    address = address_of(request.response_uri)
    bad = form_of(request, {"vp_token": {QUERY_ID: [presentation(world, held, request, **wrong)]}})
    with pytest.raises(HolderBindingRefused):
        world.verifier.presentations.respond(address, bad, world.now())
    assert world.verifier.presentations.find(world.tenant_id, view.id, world.now()).state == "fetched"
    world.verifier.presentations.respond(address, good_form(world, request, held), world.now())


def test_an_answer_to_one_request_cannot_be_replayed_to_another(world: World) -> None:
    held = world.claim(world.wallet())
    first, second = (fetch(world, make_request(world)) for _ in range(2))
    shown = presentation(world, held, first)
    with pytest.raises(HolderBindingRefused):
        world.verifier.presentations.respond(
            address_of(second.response_uri),
            form_of(second, {"vp_token": {QUERY_ID: [shown]}}),
            world.now(),
        )


def test_an_answer_before_anybody_fetched_is_refused(world: World) -> None:
    view = make_request(world)
    with world.verifier.database.reading() as connection:
        stored = store.by_id(connection, world.tenant_id, view.id)
    assert stored is not None
    with pytest.raises(NotFetched):
        world.verifier.presentations.respond(stored.terms.request_id, {"vp_token": "{}"}, world.now())


def test_after_its_time_a_request_is_neither_fetched_nor_answered(world: World) -> None:
    view = make_request(world, lifetime=MINUTE)
    request = fetch(world, view)
    late = world.now() + 2 * MINUTE
    with pytest.raises(RequestExpired):
        world.verifier.presentations.respond(
            address_of(request.response_uri), good_form(world, request), late
        )
    with pytest.raises(RequestExpired):
        world.verifier.presentations.request_object(address_of(request.response_uri), WalletPost(), late)
    assert world.verifier.presentations.find(world.tenant_id, view.id, late).state == "expired"


def test_an_answered_request_is_not_handed_out_again(world: World) -> None:
    request = fetch(world, make_request(world))
    address = address_of(request.response_uri)
    world.verifier.presentations.respond(address, good_form(world, request), world.now())
    with pytest.raises(AlreadyAnswered):
        world.verifier.presentations.request_object(address, WalletPost(), world.now())


def test_a_wallet_may_decline(world: World) -> None:
    view = make_request(world)
    request = fetch(world, view)
    form = {"error": "access_denied", "state": request.state}
    world.verifier.presentations.respond(address_of(request.response_uri), form, world.now())
    found = world.verifier.presentations.find(world.tenant_id, view.id, world.now())
    assert (found.state, found.wallet_error) == ("declined", "access_denied")
    with pytest.raises(AlreadyAnswered):
        world.verifier.presentations.respond(
            address_of(request.response_uri), good_form(world, request), world.now()
        )


def same_device(world: World, session: str = "browser-1") -> tuple[str, str, str]:
    """Start in a browser, answer with the wallet; returns request id, response code and start address."""
    view = make_request(world)
    assert view.links is not None
    start = address_of(view.links.same_device)
    link = world.verifier.presentations.start(start, session, world.now())
    wallet = world.wallet()
    world.claim(wallet)
    sent = present(link, wallet, world.http(), world.now, catalogue.contexts())
    return view.id, sent.redirect_uri.partition("response_code=")[2], start


@pytest.mark.clause("OID4VP 1.0 §13.3")
@pytest.mark.clause("HAIP 1.0 §5.1")
def test_on_the_same_device_nothing_is_judged_before_the_browser_comes_back(world: World) -> None:
    identifier, code, _ = same_device(world)
    presentations = world.verifier.presentations
    waiting = presentations.decide(world.tenant_id, identifier, world.now())
    assert (waiting.state, waiting.report) == ("submitted", None)
    assert presentations.waiting() == ()
    view = presentations.came_back(code, "browser-1", world.now())
    assert view.state == "decided"
    assert view.report is not None
    assert view.report.verdict == "valid"


@pytest.mark.clause("OID4VP 1.0 §13.3")
def test_another_browser_cannot_take_the_code_and_spoils_nothing(world: World) -> None:
    _, code, _ = same_device(world)
    presentations = world.verifier.presentations
    for session in ("browser-2", ""):
        with pytest.raises(ResponseCodeRefused):
            presentations.came_back(code, session, world.now())
    assert presentations.came_back(code, "browser-1", world.now()).state == "decided"


def test_a_response_code_works_once(world: World) -> None:
    _, code, _ = same_device(world)
    world.verifier.presentations.came_back(code, "browser-1", world.now())
    with pytest.raises(ResponseCodeRefused):
        world.verifier.presentations.came_back(code, "browser-1", world.now())


def test_an_unknown_response_code_is_refused(world: World) -> None:
    for code in ("", "x" * 43):
        with pytest.raises(ResponseCodeRefused):
            world.verifier.presentations.came_back(code, "browser-1", world.now())


@pytest.mark.postgres
def test_of_browsers_that_come_back_at_once_one_is_let_in(world_on_each_database: World) -> None:
    world = world_on_each_database
    _, code, _ = same_device(world)

    def back(_: int) -> str:
        try:
            return world.verifier.presentations.came_back(code, "browser-1", world.now()).state
        except ResponseCodeRefused as error:
            return error.kind

    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(back, range(4)))
    assert sorted(found) == ["decided", *["response_code_refused"] * 3]


def test_who_does_not_come_back_in_time_is_expired_and_the_answer_is_dropped(world: World) -> None:
    identifier, code, _ = same_device(world)
    presentations = world.verifier.presentations
    late = world.now() + timedelta(hours=1)
    with pytest.raises(RequestExpired):
        presentations.came_back(code, "browser-1", late)
    assert presentations.find(world.tenant_id, identifier, late).state == "expired"
    presentations.forget(late)
    with world.verifier.database.reading() as connection:
        stored = store.by_id(connection, world.tenant_id, identifier)
    assert stored is not None
    assert stored.answer is None


def test_an_answer_on_the_same_device_that_no_browser_started_is_refused(world: World) -> None:
    view = make_request(world)
    assert view.links is not None
    start = address_of(view.links.same_device)
    world.verifier.presentations.request_object(start, WalletPost(), world.now())
    request = fetch(world, view)
    with pytest.raises(NotFetched):
        world.verifier.presentations.respond(start, good_form(world, request), world.now())


def test_another_tenants_request_is_not_found(world: World) -> None:
    view = make_request(world)
    other = world.new_tenant()
    for use_case in (world.verifier.presentations.find, world.verifier.presentations.decide):
        with pytest.raises(NotFound):
            use_case(other, view.id, world.now())
    assert world.verifier.presentations.find_all(other, world.now()) == ()
    assert [item.id for item in world.verifier.presentations.find_all(world.tenant_id, world.now())] == [
        view.id
    ]


def test_what_could_not_be_decided_is_looked_at_again(world: World) -> None:
    pages = dict(world.server.pages)
    world.server.pages.clear()
    view = make_request(world)
    request = fetch(world, view)
    presentations = world.verifier.presentations
    presentations.respond(address_of(request.response_uri), good_form(world, request), world.now())
    undecided = presentations.decide(world.tenant_id, view.id, world.now())
    assert undecided.report is not None
    assert undecided.report.verdict == "undecided"
    assert undecided.next_check_at is not None
    world.server.pages.update(pages)
    later = undecided.next_check_at
    assert presentations.undecided(later) == ((world.tenant_id, view.id),)
    decided = presentations.decide(world.tenant_id, view.id, later)
    assert decided.report is not None
    assert decided.report.verdict == "valid"
    assert decided.next_check_at is None


@pytest.mark.clause("OID4VP 1.0 §B.2.6.1")
def test_a_mobile_document_that_could_not_be_decided_is_looked_at_again_without_the_requests_key(
    make_world: MakeWorld,
) -> None:
    """Its device signed for the key that the answer was encrypted to, which is gone by then."""
    world = make_world(use=KeyUse.MDOC_DS, encrypt_answers=True)
    pages = dict(world.server.pages)
    world.server.pages.clear()
    view, wallet = make_request(world), world.wallet()
    world.claim(wallet)
    assert view.links is not None
    present(view.links.cross_device, wallet, world.http(), world.now, catalogue.contexts())
    presentations = world.verifier.presentations
    undecided = presentations.decide(world.tenant_id, view.id, world.now())
    assert undecided.report is not None
    assert undecided.report.verdict == "undecided"
    assert undecided.next_check_at is not None
    world.server.pages.update(pages)
    decided = presentations.decide(world.tenant_id, view.id, undecided.next_check_at)
    assert decided.report is not None
    assert decided.report.verdict == "valid"


def test_a_decided_answer_is_not_judged_again(world: World) -> None:
    view = make_request(world)
    request = fetch(world, view)
    presentations = world.verifier.presentations
    presentations.respond(address_of(request.response_uri), good_form(world, request), world.now())
    first = presentations.decide(world.tenant_id, view.id, world.now())
    world.school.set_status(0, Status.INVALID)
    world.school.publish(world.server)
    again = presentations.decide(world.tenant_id, view.id, world.now() + timedelta(days=1))
    assert again.report == first.report


def test_answers_and_keys_are_stored_sealed_and_forgotten_in_time(world: World) -> None:
    view = make_request(world)
    request = fetch(world, view)
    presentations = world.verifier.presentations
    presentations.respond(address_of(request.response_uri), good_form(world, request), world.now())
    presentations.decide(world.tenant_id, view.id, world.now())
    table = PresentationRequestRow.__table__  # type: ignore[attr-defined]  # SQLModel sets it on tables
    with world.verifier.database.reading() as connection:
        row = connection.execute(select(table)).one()
    assert row.encryption_key is None
    for sealed in (row.answer, row.report):
        assert "青葉".encode() not in sealed
        assert b"family_name" not in sealed
    assert presentations.forget(world.now() + timedelta(days=29)) == 0
    assert presentations.forget(world.now() + timedelta(days=31)) == 1


def test_every_step_is_in_the_audit_trail(world: World) -> None:
    identifier, code, _ = same_device(world)
    world.verifier.presentations.came_back(code, "browser-1", world.now())
    with world.verifier.database.writing() as connection:
        query = select(AUDIT.row.c.action).where(AUDIT.row.c.object_id == identifier).order_by(AUDIT.row.c.at)
        actions = list(connection.execute(query).scalars())
        assert actions == ["request.created", "answer.taken", "return.accepted", "request.decided"]
        assert seal(connection, AUDIT, world.tenant_id) == verify(connection, AUDIT, world.tenant_id)


def test_a_request_of_an_unknown_tenant_is_refused(world: World) -> None:
    world.tenant_id = "0" * 32
    with pytest.raises(NotFound):
        make_request(world)


def test_a_request_made_under_an_old_certificate_is_expired(world: World) -> None:
    view = make_request(world)
    assert view.links is not None
    address = address_of(view.links.same_device)
    request = world.verifier.signing.certificate_request("例示大学", world.now())
    world.verifier.signing.install(world.scheme.request_certificate(request), world.now())
    with pytest.raises(RequestExpired):
        world.verifier.presentations.request_object(address, WalletPost(), world.now())


def test_without_a_certificate_no_request_is_made(world: World) -> None:
    with pytest.raises(TegataError) as refused:
        make_request(world, at=world.now() + timedelta(days=5000))
    assert refused.value.kind == "no_request_certificate"
