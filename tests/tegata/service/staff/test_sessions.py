"""Sessions, on both databases."""

from datetime import date, timedelta

import pytest

from tegata.service.staff.errors import ForgedForm, SessionEnded, SignInAgain
from tegata.service.staff.principal import Role
from tegata.service.staff.sessions import check_csrf, check_fresh
from tests.tegata.service.staff.conftest import NOW, SCHOOL, TABLES, Staff

MINUTE = timedelta(minutes=1)


def test_an_unknown_cookie_is_nobody(staff: Staff) -> None:
    assert staff.service.principal("unknown", NOW) is None
    assert staff.service.principal("", NOW) is None


def test_the_token_is_not_stored(staff: Staff) -> None:
    session = staff.sign_in(staff.person())
    with staff.database.reading() as connection:
        rows = str(connection.execute(TABLES.session.select()).all())
    assert session.token not in rows
    assert session.id in rows


def test_a_session_ends_after_half_an_hour_without_activity(staff: Staff) -> None:
    session = staff.sign_in(staff.person())
    assert staff.principal(session, NOW + 29 * MINUTE).session_id == session.id
    assert staff.principal(session, NOW + 58 * MINUTE).session_id == session.id
    with pytest.raises(SessionEnded):
        staff.service.principal(session.token, NOW + 88 * MINUTE)


def test_a_session_ends_after_twelve_hours_however_active(staff: Staff) -> None:
    session = staff.sign_in(staff.person())
    for minutes in range(20, 720, 20):
        staff.principal(session, NOW + minutes * MINUTE)
    with pytest.raises(SessionEnded):
        staff.service.principal(session.token, NOW + 720 * MINUTE)


def test_activity_is_written_once_a_minute_at_most(staff: Staff) -> None:
    session = staff.sign_in(staff.person())

    def seen() -> object:
        with staff.database.reading() as connection:
            query = TABLES.session.select().where(TABLES.session.c.id == session.id)
            return connection.execute(query).one().last_seen_at

    staff.principal(session, NOW + timedelta(seconds=59))
    assert seen() == NOW
    staff.principal(session, NOW + MINUTE)
    assert seen() == NOW + MINUTE


def test_signing_out_ends_the_session_and_is_recorded(staff: Staff) -> None:
    session = staff.sign_in(staff.person())
    staff.service.sign_out(session.token, NOW)
    staff.service.sign_out(session.token, NOW)
    assert staff.service.principal(session.token, NOW) is None
    assert staff.actions().count("signed_out") == 1


def test_sessions_that_are_over_are_cleared_away(staff: Staff) -> None:
    person = staff.person()
    staff.sign_in(person)
    staff.sign_in(person, NOW + timedelta(hours=13))
    assert staff.count("session") == 1


def test_closing_an_account_ends_its_sessions(staff: Staff) -> None:
    person, other = staff.person(), staff.person("other")
    session, others = staff.sign_in(person), staff.sign_in(other)
    with staff.database.writing() as connection:
        staff.service.accounts.close(connection, "system", person.account.id, NOW)
    assert staff.service.principal(session.token, NOW) is None
    assert staff.principal(others).account_id == other.account.id


def test_roles_count_on_the_day_in_tokyo(staff: Staff) -> None:
    person = staff.person()
    last_day = date(2026, 6, 1)
    staff.grant(person.account, Role.CLERK, school_id=SCHOOL, valid_until=last_day)
    session = staff.sign_in(person, NOW + 700 * MINUTE)
    # 15:00 in UTC is midnight in Tokyo.
    before, after = NOW + timedelta(hours=11, minutes=59), NOW + timedelta(hours=12)
    assert staff.principal(session, before).has(Role.CLERK)
    assert not staff.principal(session, after).has(Role.CLERK)


def test_a_role_that_has_not_begun_does_not_count(staff: Staff) -> None:
    person = staff.person()
    staff.grant(person.account, Role.APPROVER, valid_from=date(2026, 6, 2))
    assert not staff.signed_in(person).has(Role.APPROVER)
    assert staff.signed_in(person, NOW + timedelta(days=1)).has(Role.APPROVER)


def test_a_role_in_another_tenant_never_counts_even_if_it_stands_in_the_table(staff: Staff) -> None:
    person = staff.person()
    grant_id = staff.grant(person.account, Role.CLERK)
    with staff.database.writing() as connection:
        connection.execute(
            TABLES.grant.update().where(TABLES.grant.c.id == grant_id).values(tenant_id="f" * 32)
        )
    assert staff.signed_in(person).grants == ()


def test_forms_carry_the_token_of_their_own_session(staff: Staff) -> None:
    person = staff.person()
    first, second = staff.signed_in(person), staff.signed_in(person)
    check_csrf(first, first.csrf_token)
    for wrong in (second.csrf_token, "", first.csrf_token[:-1], "手形"):
        with pytest.raises(ForgedForm):
            check_csrf(first, wrong)


def test_a_change_of_ones_ways_in_needs_a_passkey_just_now(staff: Staff) -> None:
    principal = staff.signed_in(staff.person())
    check_fresh(principal, NOW + 15 * MINUTE)
    with pytest.raises(SignInAgain):
        check_fresh(principal, NOW + 15 * MINUTE + timedelta(seconds=1))
    with_password = staff.principal(staff.sign_in_with_password(staff.person_with_password()))
    with pytest.raises(SignInAgain):
        check_fresh(with_password, NOW)
