"""Schools by date: views, enrolment that may be repeated, appointments, closure, tenants."""

from datetime import date, timedelta

import pytest

from issuer.organisations import service, store
from issuer.organisations.enrolment import OfficerProfile, parse
from issuer.organisations.errors import EnrolledElsewhere, EnrolmentRefused, UnknownSchool
from issuer.organisations.service import Enrolled
from tegata.codec.dates import today
from tegata.errors import NotFound
from tests.issuer.installation import NOW, Installation, other_school, profile, university

DAY = today(NOW)


def enrol(issuer: Installation, content: dict[str, object] | None = None, days: int = 0) -> Enrolled:
    with issuer.database.writing() as connection:
        moment = NOW + timedelta(days=days)
        return service.enrol(connection, parse(content or profile(), allow_test=True), moment)


def test_an_enrolled_school_is_seen_whole(issuer: Installation) -> None:
    enrolled = enrol(issuer)
    with issuer.database.reading() as connection:
        school = service.school(connection, enrolled.school_id, DAY, issuer.settings)
    assert school.tenant_id == enrolled.tenant_id
    assert school.issuer == f"https://issuer.example/s/{school.public_id}"
    assert school.did == f"did:web:issuer.example:s:{school.public_id}"
    assert (school.code, school.kind, school.name) == ("D100299999903", "D1", "例示県立みらい台高等学校")
    assert (school.establisher, school.corporate_number) == ("例示県", "7000020009997")
    assert (school.board, school.board_code) == ("例示県教育委員会", "009990")
    assert school.is_test
    assert school.head is not None
    assert (school.head.title, school.head.name) == ("校長", "東雲 一樹")


def test_a_school_with_a_sensitive_name_is_marked(small: Installation) -> None:
    enrolled = enrol(small, profile(school__nameHidden=True))
    with small.database.reading() as connection:
        assert service.school(connection, enrolled.school_id, DAY, small.settings).is_name_hidden


def test_a_school_is_found_by_its_public_id(issuer: Installation) -> None:
    enrolled = enrol(issuer)
    with issuer.database.reading() as connection:
        school = service.school(connection, enrolled.school_id, DAY, issuer.settings)
        again = service.school_by_public_id(connection, school.public_id, DAY, issuer.settings)
        with pytest.raises(UnknownSchool):
            service.school_by_public_id(connection, "0" * 16, DAY, issuer.settings)
    assert again == school
    assert school.code not in school.public_id


def test_enrolling_twice_changes_nothing(issuer: Installation) -> None:
    first = enrol(issuer)
    second = enrol(issuer)
    assert first.is_new
    assert not second.is_new
    assert (first.tenant_id, first.school_id) == (second.tenant_id, second.school_id)
    with issuer.database.reading() as connection:
        assert len(store.profiles(connection, first.school_id)) == 1
        assert len(store.officers(connection, first.school_id)) == 1


def test_two_schools_stand_under_one_legal_person(small: Installation) -> None:
    first, second = enrol(small), enrol(small, other_school())
    assert first.tenant_id == second.tenant_id
    with small.database.reading() as connection:
        found = service.schools_of(connection, first.tenant_id, DAY, small.settings)
    assert [school.id for school in found] == [first.school_id, second.school_id]


def test_another_tenants_school_is_unknown(issuer: Installation) -> None:
    mine, other = enrol(issuer), enrol(issuer, university())
    assert mine.tenant_id != other.tenant_id
    with issuer.database.reading() as connection:
        with pytest.raises(UnknownSchool):
            service.school(connection, other.school_id, DAY, issuer.settings, tenant_id=mine.tenant_id)
        own = service.school(connection, other.school_id, DAY, issuer.settings, tenant_id=other.tenant_id)
        listed = service.schools_of(connection, mine.tenant_id, DAY, issuer.settings)
    assert own.name == "例示大学"
    assert own.head is None
    assert own.board == ""
    assert [school.id for school in listed] == [mine.school_id]


def test_codes_under_another_legal_person_are_refused(small: Installation) -> None:
    enrol(small)
    taken = university(school={"name": "例示", "schoolCode": "D100299999903"})
    with pytest.raises(EnrolledElsewhere):
        enrol(small, taken)
    board = university(authority={"name": "例示", "boardCode": "009990"})
    with pytest.raises(EnrolledElsewhere):
        enrol(small, board)


def test_a_new_name_holds_from_the_day_it_is_enrolled(issuer: Installation) -> None:
    enrolled = enrol(issuer)
    enrol(issuer, profile(school__name="例示県立新みらい高等学校"), days=30)
    with issuer.database.reading() as connection:
        views = [
            service.school(connection, enrolled.school_id, DAY + timedelta(days=n), issuer.settings).name
            for n in (0, 29, 30, 400)
        ]
    assert views == ["例示県立みらい台高等学校"] * 2 + ["例示県立新みらい高等学校"] * 2


def test_a_name_corrected_on_the_same_day_leaves_one_row(issuer: Installation) -> None:
    enrolled = enrol(issuer)
    enrol(issuer, profile(school__name="例示県立新みらい高等学校"), days=30)
    enrol(issuer, profile(school__name="例示県立新未来高等学校"), days=30)
    with issuer.database.reading() as connection:
        names = [item.name for item in store.profiles(connection, enrolled.school_id)]
    assert names == ["例示県立みらい台高等学校", "例示県立新未来高等学校"]


def test_renamed_establisher_and_board_are_updated(small: Installation) -> None:
    enrolled = enrol(small)
    enrol(small, profile(legalPerson__name="新例示県", authority__name="新例示県教育委員会"))
    with small.database.reading() as connection:
        school = service.school(connection, enrolled.school_id, DAY, small.settings)
    assert (school.establisher, school.board) == ("新例示県", "新例示県教育委員会")


def test_the_head_changes_with_the_day(issuer: Installation) -> None:
    former = {"name": "東雲 一樹", "title": "校長", "from": "2024-04-01", "until": "2026-03-31"}
    latter = {"name": "暁 花子", "title": "校長", "from": "2026-04-01"}
    enrolled = enrol(issuer)
    enrol(issuer, profile(school__principals=[former, latter]))
    with issuer.database.reading() as connection:
        heads = [
            service.school(connection, enrolled.school_id, day, issuer.settings).head
            for day in (date(2024, 3, 31), date(2024, 4, 1), date(2026, 3, 31), date(2026, 4, 1))
        ]
    assert [head.name if head else None for head in heads] == [None, "東雲 一樹", "東雲 一樹", "暁 花子"]


def test_an_officer_is_appointed_linked_and_dismissed(issuer: Installation) -> None:
    enrolled = enrol(issuer)
    approver = OfficerProfile("教頭", "黒田 進", "", "", date(2026, 4, 1), None)
    with issuer.database.writing() as connection:
        officer = service.appoint(connection, enrolled.school_id, "approver", approver, account_id="a" * 32)
    with issuer.database.writing() as connection:
        found = store.officers(connection, enrolled.school_id, DAY, "approver")
        assert [(item.id, item.staff_account_id) for item in found] == [(officer, "a" * 32)]
        assert store.link_account(connection, enrolled.tenant_id, officer, None)
        service.end_appointment(connection, enrolled.tenant_id, officer, DAY)
        assert store.officers(connection, enrolled.school_id, DAY + timedelta(days=1), "approver") == ()
        with pytest.raises(NotFound):
            service.end_appointment(connection, "f" * 32, officer, DAY)
        assert not store.link_account(connection, "f" * 32, officer, None)


def test_an_unknown_role_and_an_unknown_school_are_refused(small: Installation) -> None:
    enrolled = enrol(small)
    person = OfficerProfile("王", "某", "", "", None, None)
    with small.database.writing() as connection:
        with pytest.raises(EnrolmentRefused):
            service.appoint(connection, enrolled.school_id, "king", person)
        with pytest.raises(UnknownSchool):
            service.appoint(connection, "f" * 32, "clerk", person)


def test_a_school_is_unknown_before_it_begins(issuer: Installation) -> None:
    enrolled = enrol(issuer, profile(school__from="2026-04-01"))
    with issuer.database.reading() as connection:
        assert service.school(connection, enrolled.school_id, date(2026, 4, 1), issuer.settings).name
        with pytest.raises(UnknownSchool):
            service.school(connection, enrolled.school_id, date(2026, 3, 31), issuer.settings)
        assert service.schools_of(connection, enrolled.tenant_id, date(2026, 3, 31), issuer.settings) == ()


def test_a_closed_school_is_seen_as_on_its_last_day(issuer: Installation) -> None:
    closing, heir = enrol(issuer), enrol(issuer, other_school())
    with issuer.database.writing() as connection:
        service.close_school(connection, closing.school_id, date(2026, 3, 31), heir.school_id)
        stored = store.school(connection, closing.school_id)
        assert stored is not None
        assert (stored.closed_on, stored.successor_id) == (date(2026, 3, 31), heir.school_id)
        seen = service.school(connection, closing.school_id, date(2030, 1, 1), issuer.settings)
        assert seen.name == "例示県立みらい台高等学校"
        with pytest.raises(UnknownSchool):
            service.close_school(connection, closing.school_id, DAY, "f" * 32)
        with pytest.raises(EnrolmentRefused):
            service.close_school(connection, closing.school_id, DAY, closing.school_id)
