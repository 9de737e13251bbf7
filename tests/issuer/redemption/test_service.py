"""学割証 from a reported journey to its one use, on both databases; of many who redeem at once, exactly one succeeds."""

from collections import Counter as Tally
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from threading import Barrier

import pytest
from sqlalchemy import func, select, update

from issuer.base import AUDIT
from issuer.console.views import paper
from issuer.issuance.batches import candidates, draft, preview, submit
from issuer.issuance.errors import CannotBeIssued, FinalStatus
from issuer.issuance.states import DocumentState
from issuer.issuance.tables import Document, Request
from issuer.oid4vci.errors import RequestDenied
from issuer.redemption.errors import AlreadyRedeemed, NotRedeemable
from issuer.redemption.service import Redeemed, RedeemerUnusable
from issuer.redemption.tables import Redemption
from issuer.status import store as status_store
from issuer.status.service import Change, Reason, StatusService
from tegata.errors import NotFound
from tegata.status.entries import Entries, Status
from tests.issuer.neighbours import sister_school, strange_school
from tests.issuer.redemption.conftest import LATER, Counter, at
from tests.simulators.school import ISSUE_DATE, NOW

_document = Document.__table__  # type: ignore[attr-defined]  # SQLModel sets it on tables
_redemption = Redemption.__table__  # type: ignore[attr-defined]  # same


def obstacles(counter: Counter, number: str, day: date = ISSUE_DATE) -> list[str]:
    ready = counter.ready
    (found,) = candidates(ready.workshop, ready.desk, ["fare-discount"], [counter.learners[number]], day, NOW)
    return [item.code for item in found.obstacles]


def statuses(counter: Counter, document_id: str) -> set[Status]:
    """Return what the lists say about every signed instance of a document."""
    with counter.ready.workshop.database.reading() as connection:
        found = set()
        for list_id, slot in status_store.slots_of(connection, document_id):
            stored = status_store.list_by_id(connection, list_id)
            assert stored is not None
            found.add(Entries(stored.bits).status_at(slot))
        return found


def test_a_journey_is_reported_and_a_certificate_says_when_it_ends_and_never_why(counter: Counter) -> None:
    assert obstacles(counter, "T2601") == ["request_missing"]
    request_id = counter.report("T2601", "treatment")
    assert obstacles(counter, "T2601") == []
    (document_id,) = counter.sealed("T2601")
    claims = counter.claims(document_id)
    assert (claims["age"], claims["grade"], claims["student_card_number"]) == (15, "H1", "T2601")
    assert claims["designation_number"] == "TEST-0001"
    assert claims["date_of_expiry"] == "2026-07-01"
    assert "治療" not in str(claims)
    assert "treatment" not in str(claims)
    with counter.ready.workshop.database.reading() as connection:
        row = connection.execute(select(_document).where(_document.c.id == document_id)).one()
    assert row.request_id == request_id
    assert row.valid_until == datetime(2026, 7, 1, 14, 59, 59, tzinfo=NOW.tzinfo)
    assert obstacles(counter, "T2601") == ["request_missing"]


def test_one_request_is_answered_once(counter: Counter) -> None:
    request_id = counter.report("T2601", "visit")
    ready, pair = counter.ready, ("fare-discount", counter.learners["T2601"])
    drafts = [
        draft(ready.workshop, ready.desk, [pair], ISSUE_DATE, NOW, requests={pair: request_id})
        for _ in range(2)
    ]
    tenant, actor = ready.school.tenant_id, ready.clerk.account_id
    submit(ready.workshop, tenant, drafts[0], actor, NOW)
    with pytest.raises(CannotBeIssued) as caught:
        submit(ready.workshop, tenant, drafts[1], actor, NOW)
    assert caught.value.detail == "request_missing"


def test_a_final_years_certificate_ends_with_the_school_year(counter: Counter) -> None:
    counter.report("T2613")
    (document_id,) = counter.sealed("T2613", day=date(2027, 2, 1))
    assert counter.claims(document_id)["date_of_expiry"] == "2027-03-31"


def test_a_correspondence_course_says_when_its_schooling_is(counter: Counter) -> None:
    counter.report("T2611")
    assert obstacles(counter, "T2611") == ["schooling_missing"]
    with counter.ready.workshop.database.writing() as connection:
        connection.execute(update(Request.__table__).values(state="withdrawn"))  # type: ignore[attr-defined]
    counter.report("T2611", schooling_from="2026-04-10", schooling_to="2026-04-12")
    assert obstacles(counter, "T2611", date(2026, 4, 18)) == ["schooling_over"]
    (document_id,) = counter.sealed("T2611")
    claims = counter.claims(document_id)
    assert (claims["schooling_from"], claims["schooling_to"]) == ("2026-04-10", "2026-04-12")
    assert claims["date_of_expiry"] == "2026-04-17"


def test_without_a_year_of_study_none_is_issued(counter: Counter) -> None:
    counter.report("T2612")
    assert obstacles(counter, "T2612") == ["grade_missing"]


def test_a_school_gives_no_more_a_year_than_it_says(counter: Counter) -> None:
    first, second = counter.issue("T2602"), counter.issue("T2602")
    counter.report("T2602")
    batch_id, _ = counter.submitted("T2602")
    counter.report("T2602")
    assert obstacles(counter, "T2602") == ["limit_reached"]
    with pytest.raises(CannotBeIssued) as caught:
        counter.submitted("T2602")
    assert "1年に3枚まで" in caught.value.public.ja
    assert obstacles(counter, "T2602", date(2027, 4, 1)) == ["grade_missing"]
    assert len({counter.code(first), counter.code(second)}) == 2
    assert batch_id


def test_of_two_drafts_for_the_last_certificate_of_the_year_one_is_submitted(counter: Counter) -> None:
    counter.issue("T2603")
    counter.issue("T2603")
    ready = counter.ready
    drafts = []
    for _ in range(2):
        counter.report("T2603")
        pair = [("fare-discount", counter.learners["T2603"])]
        drafts.append(draft(ready.workshop, ready.desk, pair, ISSUE_DATE, NOW))
    start = Barrier(2)

    def send(batch_id: str) -> str:
        start.wait()
        try:
            submit(ready.workshop, ready.school.tenant_id, batch_id, ready.clerk.account_id, NOW)
        except CannotBeIssued:
            return "refused"
        return "submitted"

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(send, drafts)) == ["refused", "submitted"]


def test_a_used_certificate_says_so_in_the_status_of_every_copy(counter: Counter) -> None:
    document_id = counter.issue("T2604")
    counter.claim(document_id)
    counter.claim(document_id, "fare-discount-ldp")
    assert statuses(counter, document_id) == {Status.VALID}
    done = counter.service.redeem(
        counter.ready.school, counter.code(document_id), LATER, redeemer="例示駅 1番窓口"
    )
    claims = counter.claims(document_id)
    assert done == Redeemed("fare-discount", str(claims["document_number"]), date(2026, 7, 1), LATER)
    assert statuses(counter, document_id) == {Status.USED}
    with pytest.raises(RequestDenied):
        counter.claim(document_id)
    history = StatusService(counter.ready.workshop.database, counter.ready.workshop.vault).history(
        counter.ready.school.tenant_id, document_id
    )
    assert [(row[1], row[2], row[3]) for row in history] == [(Status.USED, Reason.REDEEMED, "例示駅 1番窓口")]


def test_what_is_used_stays_used(counter: Counter) -> None:
    document_id = counter.issue("T2604")
    counter.service.redeem(counter.ready.school, counter.code(document_id), LATER)
    service = StatusService(counter.ready.workshop.database, counter.ready.workshop.vault)
    for wish in (Status.VALID, Status.INVALID, Status.SUSPENDED):
        change = Change(wish, Reason.ERROR)
        with pytest.raises(FinalStatus):
            service.change(counter.ready.school.tenant_id, document_id, change, "clerk", LATER)


def test_the_second_one_is_told_when_the_first_was(counter: Counter) -> None:
    document_id = counter.issue("T2605")
    code = counter.code(document_id)
    counter.service.redeem(counter.ready.school, code, LATER, reference="one")
    with pytest.raises(AlreadyRedeemed) as caught:
        counter.service.redeem(counter.ready.school, code, LATER + timedelta(days=1), reference="two")
    assert caught.value.redeemed_at == LATER
    assert "2026-04-01 13:20" in caught.value.public.ja
    with pytest.raises(AlreadyRedeemed):
        counter.service.redeem(counter.ready.school, code, LATER)


def test_a_redeemer_who_lost_the_answer_asks_again_and_gets_the_same(counter: Counter) -> None:
    document_id = counter.issue("T2605")
    code = counter.code(document_id)
    first = counter.service.redeem(counter.ready.school, code, LATER, reference="sale 1")
    again = counter.service.redeem(
        counter.ready.school, code, LATER + timedelta(minutes=1), reference="sale 1"
    )
    assert (again.redeemed_at, first.is_repeated, again.is_repeated) == (LATER, False, True)


def test_of_sixteen_who_redeem_at_once_exactly_one_succeeds(counter: Counter) -> None:
    document_id = counter.issue("T2606")
    code, people = counter.code(document_id), 16
    start = Barrier(people)

    def redeem(number: int) -> object:
        start.wait()
        try:
            return counter.service.redeem(
                counter.ready.school, code, LATER + timedelta(seconds=number), reference=str(number)
            )
        except AlreadyRedeemed as error:
            return error

    with ThreadPoolExecutor(people) as pool:
        answers = list(pool.map(redeem, range(people)))
    assert Tally(type(answer) for answer in answers) == {Redeemed: 1, AlreadyRedeemed: people - 1}
    (done,) = [answer for answer in answers if isinstance(answer, Redeemed)]
    assert {answer.redeemed_at for answer in answers} == {done.redeemed_at}  # type: ignore[attr-defined]
    assert statuses(counter, document_id) == {Status.USED}
    with counter.ready.workshop.database.reading() as connection:
        used = connection.execute(
            select(func.count())
            .select_from(AUDIT.row)
            .where(AUDIT.row.c.action == "document.used", AUDIT.row.c.object_id == document_id)
        ).scalar_one()
    assert used == 1


def test_a_revocation_and_a_redemption_at_once_leave_one_of_both(counter: Counter) -> None:
    document_id = counter.issue("T2607")
    ready, code, start = counter.ready, counter.code(document_id), Barrier(2)
    service = StatusService(ready.workshop.database, ready.workshop.vault)

    def revoke() -> str:
        start.wait()
        try:
            wish = Change(Status.INVALID, Reason.ERROR)
            service.change(ready.school.tenant_id, document_id, wish, "clerk", LATER)
        except FinalStatus:
            return ""
        return "INVALID"

    def redeem() -> str:
        start.wait()
        try:
            counter.service.redeem(ready.school, code, LATER)
        except NotRedeemable:
            return ""
        return "USED"

    with ThreadPoolExecutor(2) as pool:
        done = [pool.submit(revoke), pool.submit(redeem)]
        (outcome,) = [future.result() for future in done if future.result()]
    assert statuses(counter, document_id) == {Status[outcome]}


@pytest.mark.parametrize("wish", [Status.INVALID, Status.SUSPENDED])
def test_a_revoked_or_suspended_certificate_is_not_redeemed(counter: Counter, wish: Status) -> None:
    document_id = counter.issue("T2608" if wish is Status.INVALID else "T2609")
    service = StatusService(counter.ready.workshop.database, counter.ready.workshop.vault)
    service.change(counter.ready.school.tenant_id, document_id, Change(wish, Reason.ERROR), "clerk", LATER)
    with pytest.raises(NotRedeemable):
        counter.service.redeem(counter.ready.school, counter.code(document_id), LATER)


def test_the_last_day_is_a_whole_day_in_japan(counter: Counter) -> None:
    document_id = counter.issue("T2608")
    code = counter.code(document_id)
    with pytest.raises(NotRedeemable):
        counter.service.redeem(counter.ready.school, code, at(date(2026, 7, 2)))
    assert counter.service.redeem(counter.ready.school, code, at(date(2026, 7, 1)))


def test_a_code_is_read_as_people_type_it(counter: Counter) -> None:
    document_id = counter.issue("T2609")
    typed = counter.code(document_id).lower().replace("-", " ").replace("0", "o").replace("1", "l")
    assert counter.service.redeem(counter.ready.school, typed, LATER)


@pytest.mark.parametrize(
    "code", ["", "ABCD", "AAAA-AAAA-AAAA-AAAA", "ABCD-EFGH-JKMN-PQR!", "あ" * 16, "A" * 4000]
)
def test_what_is_no_code_of_this_school_is_not_found(counter: Counter, code: str) -> None:
    with pytest.raises(NotFound):
        counter.service.redeem(counter.ready.school, code, LATER)


def test_another_schools_code_is_not_found(counter: Counter) -> None:
    document_id = counter.issue("T2610")
    for school in (sister_school(counter.ready, NOW), strange_school(counter.ready, NOW)):
        with pytest.raises(NotFound):
            counter.service.redeem(school, counter.code(document_id), LATER)
    assert statuses(counter, document_id) == {Status.VALID}


def test_a_code_works_only_once_the_certificate_is_sealed(counter: Counter) -> None:
    counter.report("T2610")
    batch_id, _ = counter.submitted("T2610")
    with counter.ready.workshop.database.reading() as connection:
        document_id = connection.execute(
            select(_document.c.id).where(_document.c.batch_id == batch_id)
        ).scalar_one()
    item, claims = preview(counter.ready.workshop, counter.ready.school.tenant_id, document_id, NOW)
    assert item.state == DocumentState.FROZEN
    with pytest.raises(NotFound):
        counter.service.redeem(counter.ready.school, str(claims["redemption_code"]), LATER)


@pytest.mark.parametrize(("redeemer", "reference"), [("駅" * 101, ""), ("", "x" * 201), ("a\nb", "")])
def test_a_redeemer_is_short_and_printable(counter: Counter, redeemer: str, reference: str) -> None:
    with pytest.raises(RedeemerUnusable):
        counter.service.redeem(
            counter.ready.school, "AAAA-AAAA-AAAA-AAAA", LATER, redeemer=redeemer, reference=reference
        )


def test_the_office_does_not_see_the_code(counter: Counter) -> None:
    document_id = counter.issue("T2613")
    definition = counter.ready.workshop.catalogue.get("fare-discount")
    sheet = paper(definition, counter.claims(document_id))
    (line,) = [line for line in sheet.lines if "使用番号" in line.label.ja]
    assert line.value.ja == "（本人のウォレットだけに入ります）"


def test_the_database_knows_no_code(counter: Counter) -> None:
    with counter.ready.workshop.database.reading() as connection:
        rows = connection.execute(select(_redemption)).all()
        assert all(len(row.code_digest) == 64 for row in rows)
        assert len({row.code_digest for row in rows}) == len(rows)
