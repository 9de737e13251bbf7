"""People, roles and their own passkeys, on both databases."""

from datetime import date, timedelta

import pytest

from tegata.errors import MalformedInput, NotFound
from tegata.service.staff.accounts import NewAccount
from tegata.service.staff.errors import (
    GrantRefused,
    InvitationOver,
    LastWayIn,
    LoginTaken,
    PasskeyRefused,
    SignInAgain,
    SignInRefused,
)
from tegata.service.staff.principal import Role
from tests.tegata.service.staff.conftest import (
    NOW,
    OTHER_TENANT,
    SCHOOL,
    SOURCE,
    TENANT,
    Person,
    Staff,
)


def test_a_login_belongs_to_one_person_whatever_its_width_and_case(staff: Staff) -> None:
    staff.add("t-0412")
    with pytest.raises(LoginTaken):
        staff.add("Ｔ-０４１２")
    assert staff.count("account") == 1


@pytest.mark.parametrize(
    "new",
    [
        NewAccount(TENANT, "", "名", "NA"),
        NewAccount(TENANT, "a b", "名", "NA"),
        NewAccount(TENANT, "a" * 129, "名", "NA"),
        NewAccount(TENANT, "a\u202eb", "名", "NA"),
        NewAccount(TENANT, "a", "　", "NA"),
        NewAccount(TENANT, "a", "名" * 201, "NA"),
        NewAccount(TENANT, "a", "名", "N\nA"),
    ],
)
def test_impossible_people_are_refused(staff: Staff, new: NewAccount) -> None:
    with staff.database.writing() as connection, pytest.raises(MalformedInput):
        staff.service.accounts.create(connection, "system", new, NOW)


def test_what_is_done_to_people_is_recorded_without_their_names(staff: Staff) -> None:
    person = staff.person()
    staff.grant(person.account, Role.CLERK)
    actions = staff.actions()
    assert {"account.created", "account.invited", "passkey.added", "role.given.clerk"} <= set(actions)
    with staff.database.reading() as connection:
        rows = str(connection.exec_driver_sql("SELECT * FROM audit_row").all())
    assert "青葉" not in rows
    assert "t-0412" not in rows


@pytest.mark.parametrize(
    ("account_tenant", "role", "tenant", "school", "good"),
    [
        (TENANT, Role.CLERK, TENANT, SCHOOL, True),
        (TENANT, Role.CLERK, TENANT, None, True),
        (TENANT, Role.CLERK, OTHER_TENANT, SCHOOL, False),
        (TENANT, Role.CLERK, None, None, False),
        (TENANT, Role.OPERATOR, None, None, False),
        (TENANT, Role.REGISTRAR, TENANT, None, False),
        (None, Role.OPERATOR, None, None, True),
        (None, Role.REGISTRAR, None, None, True),
        (None, Role.REGISTRAR, None, SCHOOL, False),
        (None, Role.CLERK, OTHER_TENANT, SCHOOL, True),
        (None, Role.CLERK, None, None, False),
    ],
)
def test_roles_are_given_within_reach_only(
    staff: Staff, account_tenant: str | None, role: Role, tenant: str | None, school: str | None, good: bool
) -> None:
    account = staff.add(tenant_id=account_tenant)
    if good:
        assert staff.grant(account, role, tenant, school)
        return
    with pytest.raises(GrantRefused):
        staff.grant(account, role, tenant, school)
    assert staff.count("grant") == 0


def test_a_role_does_not_end_before_it_begins(staff: Staff) -> None:
    with pytest.raises(GrantRefused):
        staff.grant(staff.add(), Role.CLERK, valid_until=date(2026, 3, 31))


def test_a_role_ends_with_its_last_day(staff: Staff) -> None:
    person = staff.person()
    grant_id = staff.grant(person.account, Role.CLERK)
    with staff.database.writing() as connection:
        staff.service.accounts.end_grant(connection, "system", grant_id, date(2026, 6, 1), NOW)
    assert staff.signed_in(person).has(Role.CLERK)
    assert not staff.signed_in(person, NOW + timedelta(days=1)).has(Role.CLERK)


def test_what_there_is_not_cannot_be_changed(staff: Staff) -> None:
    accounts = staff.service.accounts
    with staff.database.writing() as connection:
        with pytest.raises(NotFound):
            accounts.end_grant(connection, "system", "0" * 32, date(2026, 6, 1), NOW)
        for change in (accounts.invite, accounts.close, accounts.unlock):
            with pytest.raises(NotFound):
                change(connection, "system", "0" * 32, NOW)


def test_a_closed_account_cannot_sign_in_nor_be_invited(staff: Staff) -> None:
    person = staff.person()
    token = staff.invite(person.account)
    with staff.database.writing() as connection:
        staff.service.accounts.close(connection, "system", person.account.id, NOW)
    with pytest.raises(PasskeyRefused):
        staff.sign_in(person)
    with pytest.raises(InvitationOver):
        staff.service.invitations.look(token, NOW)
    with pytest.raises(NotFound):
        staff.invite(person.account)


def test_a_closed_account_cannot_use_its_password(staff: Staff) -> None:
    person = staff.person_with_password()
    with staff.database.writing() as connection:
        staff.service.accounts.close(connection, "system", person.account.id, NOW)
    with pytest.raises(SignInRefused):
        staff.sign_in_with_password(person)


def test_an_administrator_ends_the_rest_of_a_login(staff: Staff) -> None:
    person = staff.person_with_password()
    for _ in range(5):
        with pytest.raises(SignInRefused):
            staff.service.sign_in.check_password(person.account.login, "wrong", SOURCE, NOW)
    with staff.database.writing() as connection:
        staff.service.accounts.unlock(connection, "system", person.account.id, NOW)
    assert staff.sign_in_with_password(person).account_id == person.account.id


def add_passkey(staff: Staff, person: Person) -> str:
    principal = staff.signed_in(person)
    with staff.database.writing() as connection:
        options = staff.service.begin_adding_passkey(connection, principal, NOW)
    # A second device: the same double, told that the first passkey is elsewhere.
    answer = person.authenticator.create(options | {"excludeCredentials": []})
    with staff.database.writing() as connection:
        return staff.service.finish_adding_passkey(
            connection, principal, answer, "予備の鍵", NOW + timedelta(seconds=30)
        )


def test_a_second_passkey_is_added_and_the_first_removed(staff: Staff) -> None:
    person = staff.person()
    second = add_passkey(staff, person)
    principal = staff.signed_in(person)
    with staff.database.writing() as connection:
        first = staff.service.accounts.passkeys(connection, principal)[0]
        staff.service.accounts.remove_passkey(connection, principal, first.id, NOW)
        left = staff.service.accounts.passkeys(connection, principal)
    assert [item.id for item in left] == [second]
    assert left[0].label == "予備の鍵"


def test_the_last_passkey_cannot_be_removed(staff: Staff) -> None:
    principal = staff.signed_in(staff.person())
    with staff.database.writing() as connection:
        only = staff.service.accounts.passkeys(connection, principal)[0]
        with pytest.raises(LastWayIn):
            staff.service.accounts.remove_passkey(connection, principal, only.id, NOW)


def test_another_persons_passkey_cannot_be_removed(staff: Staff) -> None:
    person, other = staff.person(), staff.person("other")
    add_passkey(staff, person)
    mine, theirs = staff.signed_in(person), staff.signed_in(other)
    with staff.database.writing() as connection:
        target = staff.service.accounts.passkeys(connection, theirs)[0]
        with pytest.raises(NotFound):
            staff.service.accounts.remove_passkey(connection, mine, target.id, NOW)


def test_a_passkey_is_registered_once_only(staff: Staff) -> None:
    person = staff.person()
    principal = staff.signed_in(person)
    with staff.database.writing() as connection:
        options = staff.service.begin_adding_passkey(connection, principal, NOW)
    answer = person.authenticator.create(options | {"excludeCredentials": []})
    with staff.database.writing() as connection:
        staff.service.finish_adding_passkey(connection, principal, answer, "鍵", NOW)
        with pytest.raises(PasskeyRefused, match="used before"):
            staff.service.finish_adding_passkey(connection, principal, answer, "鍵", NOW)


def test_a_password_is_no_way_to_a_passkey(staff: Staff) -> None:
    person = staff.person_with_password()
    principal = staff.principal(staff.sign_in_with_password(person))
    with staff.database.writing() as connection:
        with pytest.raises(SignInAgain):
            staff.service.begin_adding_passkey(connection, principal, NOW)
        with pytest.raises(SignInAgain):
            staff.service.finish_adding_passkey(connection, principal, {}, "鍵", NOW)
