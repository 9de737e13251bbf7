"""What a role allows, and where."""

from datetime import UTC, date, datetime

import pytest

from tegata.service.staff.principal import Grant, How, Principal, Role

TENANT, OTHER, SCHOOL, NEIGHBOUR = "tenant", "other", "school", "neighbour"


def principal(*grants: Grant, how: How = How.PASSKEY) -> Principal:
    return Principal(
        "id", TENANT, "名", "NA", how, "session", datetime(2026, 6, 1, tzinfo=UTC), grants, "a-secret"
    )


def grant(role: Role, tenant_id: str | None = TENANT, school_id: str | None = None) -> Grant:
    return Grant(role, tenant_id, school_id, date(2026, 4, 1), None)


@pytest.mark.parametrize(
    ("asked", "allowed"),
    [
        ((Role.CLERK, TENANT, SCHOOL), True),
        ((Role.CLERK, TENANT, NEIGHBOUR), False),
        ((Role.CLERK, TENANT, None), False),
        ((Role.CLERK, OTHER, SCHOOL), False),
        ((Role.CLERK, None, None), False),
        ((Role.APPROVER, TENANT, SCHOOL), False),
    ],
)
def test_a_role_at_one_school_is_a_role_there_only(
    asked: tuple[Role, str | None, str | None], allowed: bool
) -> None:
    assert principal(grant(Role.CLERK, TENANT, SCHOOL)).may(*asked) is allowed


def test_a_role_without_a_school_is_one_at_every_school_of_the_tenant() -> None:
    person = principal(grant(Role.CLERK))
    assert person.may(Role.CLERK, TENANT, SCHOOL)
    assert person.may(Role.CLERK, TENANT)
    assert not person.may(Role.CLERK, OTHER, SCHOOL)
    assert person.schools(TENANT, Role.CLERK) is None


def test_a_role_over_the_installation_holds_for_every_tenant_and_is_no_other_role() -> None:
    person = principal(grant(Role.OPERATOR, None))
    assert person.may(Role.OPERATOR)
    assert person.may(Role.OPERATOR, OTHER, SCHOOL)
    assert not person.may(Role.CLERK, TENANT)


def test_a_role_in_a_tenant_is_none_over_the_installation() -> None:
    assert not principal(grant(Role.BOARD_ADMINISTRATOR)).may(Role.BOARD_ADMINISTRATOR)


def test_tenants_and_schools_of_a_person_are_listed_by_role() -> None:
    person = principal(
        grant(Role.CLERK, TENANT, SCHOOL), grant(Role.APPROVER, TENANT, NEIGHBOUR), grant(Role.CLERK, OTHER)
    )
    assert person.tenants(Role.CLERK) == {TENANT, OTHER}
    assert person.tenants(Role.APPROVER, Role.REGISTRAR) == {TENANT}
    assert person.schools(TENANT, Role.CLERK) == {SCHOOL}
    assert person.schools(TENANT, Role.CLERK, Role.APPROVER) == {SCHOOL, NEIGHBOUR}
    assert person.has(Role.APPROVER)
    assert not person.has(Role.REGISTRAR)


@pytest.mark.parametrize(("how", "can"), [(How.PASSKEY, True), (How.PASSWORD_TOTP, False)])
def test_only_a_passkey_is_strong_enough_to_approve(how: How, can: bool) -> None:
    assert principal(how=how).can_approve is can


@pytest.mark.parametrize(
    ("day", "holds"),
    [
        (date(2026, 3, 31), False),
        (date(2026, 4, 1), True),
        (date(2027, 3, 31), True),
        (date(2027, 4, 1), False),
    ],
)
def test_a_role_counts_from_its_first_to_its_last_day(day: date, holds: bool) -> None:
    given = Grant(Role.CLERK, TENANT, None, date(2026, 4, 1), date(2027, 3, 31))
    assert given.holds_on(day) is holds


def test_the_token_of_the_session_is_not_printed() -> None:
    assert "a-secret" not in repr(principal())
