"""Signing in, on both databases."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from tegata.doubles.authenticator import Authenticator
from tegata.errors import NotFound
from tegata.service.settings import Mode
from tegata.service.staff.errors import (
    PasskeyCloned,
    PasskeyRefused,
    SignInRefused,
    TooManyAttempts,
)
from tegata.service.staff.principal import How
from tegata.service.staff.sign_in import network_of
from tests.tegata.service.conftest import ORIGIN
from tests.tegata.service.staff.conftest import NOW, PASSWORD, SOURCE, Staff, app_code

MINUTE = timedelta(minutes=1)


def test_a_passkey_signs_in_without_a_login(staff: Staff) -> None:
    person = staff.person()
    principal = staff.signed_in(person)
    assert (principal.account_id, principal.how) == (person.account.id, How.PASSKEY)
    assert principal.can_approve
    assert "signed_in.passkey" in staff.actions()


def test_a_passkey_signs_in_by_login_in_any_width(staff: Staff) -> None:
    person = staff.person()
    options = staff.service.sign_in.passkey_options(" Ｔ-０４１２ ", NOW)
    assert len(options["allowCredentials"]) == 1
    session = staff.service.sign_in.finish_passkey(person.authenticator.get(options), NOW)
    assert session.account_id == person.account.id


@pytest.mark.clause("WebAuthn §14.6.2")
def test_passkey_options_do_not_tell_whether_a_login_exists(staff: Staff) -> None:
    person = staff.person()
    known = staff.service.sign_in.passkey_options(person.account.login, NOW)
    unknown = staff.service.sign_in.passkey_options("nobody", NOW)
    again = staff.service.sign_in.passkey_options("nobody", NOW)
    assert unknown["allowCredentials"] == again["allowCredentials"]
    assert len(unknown["allowCredentials"][0]["id"]) == len(known["allowCredentials"][0]["id"])
    with pytest.raises(NotFound):
        person.authenticator.get(unknown)


def test_an_answer_signs_in_only_once(staff: Staff) -> None:
    person = staff.person()
    answer = person.authenticator.get(staff.service.sign_in.passkey_options("", NOW))
    staff.service.sign_in.finish_passkey(answer, NOW)
    with pytest.raises(PasskeyRefused, match="used before"):
        staff.service.sign_in.finish_passkey(answer, NOW)


def test_of_many_at_once_with_one_answer_one_is_let_in(staff: Staff) -> None:
    person = staff.person()
    answer = person.authenticator.get(staff.service.sign_in.passkey_options("", NOW))

    def try_it(_: int) -> bool:
        try:
            staff.service.sign_in.finish_passkey(answer, NOW)
        except PasskeyRefused:
            return False
        return True

    with ThreadPoolExecutor(6) as pool:
        assert sum(pool.map(try_it, range(6))) == 1


def test_a_challenge_is_over_after_five_minutes(staff: Staff) -> None:
    person = staff.person()
    answer = person.authenticator.get(staff.service.sign_in.passkey_options("", NOW))
    with pytest.raises(PasskeyRefused):
        staff.service.sign_in.finish_passkey(answer, NOW + 5 * MINUTE)


def test_a_challenge_for_one_login_is_not_answered_by_another_person(staff: Staff) -> None:
    first, second = staff.person("first"), staff.person("second")
    options = staff.service.sign_in.passkey_options("first", NOW) | {"allowCredentials": []}
    with pytest.raises(PasskeyRefused, match="somebody else"):
        staff.service.sign_in.finish_passkey(second.authenticator.get(options), NOW)
    assert (
        staff.service.sign_in.finish_passkey(first.authenticator.get(options), NOW).account_id
        == first.account.id
    )


def test_a_challenge_of_another_installation_is_unknown(staff: Staff) -> None:
    person = staff.person()
    options = staff.service.sign_in.passkey_options("", NOW) | {"challenge": "A" * 43}
    with pytest.raises(PasskeyRefused, match="unknown"):
        staff.service.sign_in.finish_passkey(person.authenticator.get(options), NOW)


def test_a_passkey_that_was_never_registered_is_refused(staff: Staff) -> None:
    stranger = Authenticator(Mode.TEST, ORIGIN)
    options = staff.service.invitations.passkey_options(staff.invite(staff.add()), NOW)
    stranger.create(options)
    with pytest.raises(PasskeyRefused, match="no such credential"):
        staff.service.sign_in.finish_passkey(
            stranger.get(staff.service.sign_in.passkey_options("", NOW)), NOW
        )


def test_a_handle_of_another_person_is_refused(staff: Staff) -> None:
    person, other = staff.person(), staff.person("other")
    person.authenticator.credentials[0].user_handle = other.account.id.encode("ascii")
    with pytest.raises(PasskeyRefused, match="handle"):
        staff.sign_in(person)


@pytest.mark.clause("WebAuthn §6.1.1")
def test_a_cloned_authenticator_is_refused(staff: Staff) -> None:
    person = staff.person()
    staff.sign_in(person)
    staff.sign_in(person)
    person.authenticator.credentials[0].counter = 1
    with pytest.raises(PasskeyCloned):
        staff.sign_in(person)


def test_an_authenticator_that_keeps_no_counter_may_stay_at_zero(staff: Staff) -> None:
    person = staff.person()
    for _ in range(2):
        person.authenticator.credentials[0].counter = -1
        assert staff.sign_in(person).account_id == person.account.id


def test_the_session_before_ends_when_a_new_one_begins(staff: Staff) -> None:
    person = staff.person()
    first = staff.sign_in(person)
    second = staff.sign_in(person, replaces=first.token)
    assert staff.service.principal(first.token, NOW) is None
    assert staff.principal(second).session_id != first.id


def test_a_password_and_then_a_code_sign_in_and_cannot_approve(staff: Staff) -> None:
    person = staff.person_with_password()
    principal = staff.principal(staff.sign_in_with_password(person))
    assert principal.how is How.PASSWORD_TOTP
    assert not principal.can_approve


def test_a_code_in_full_width_digits_is_taken(staff: Staff) -> None:
    person = staff.person_with_password()
    pending = staff.service.sign_in.check_password(person.account.login, PASSWORD, SOURCE, NOW)
    typed = app_code(person.totp_secret, NOW).translate(str.maketrans("0123456789", "０１２３４５６７８９"))
    assert staff.service.sign_in.check_code(pending, typed, SOURCE, NOW).account_id == person.account.id


@pytest.mark.clause("RFC 6238 §5.2")
def test_a_code_counts_only_once(staff: Staff) -> None:
    person = staff.person_with_password()
    staff.sign_in_with_password(person)
    pending = staff.service.sign_in.check_password(person.account.login, PASSWORD, SOURCE, NOW)
    with pytest.raises(SignInRefused):
        staff.service.sign_in.check_code(pending, app_code(person.totp_secret, NOW), SOURCE, NOW)
    earlier = app_code(person.totp_secret, NOW - timedelta(seconds=30))
    with pytest.raises(SignInRefused):
        staff.service.sign_in.check_code(pending, earlier, SOURCE, NOW)
    later = NOW + timedelta(seconds=30)
    code = app_code(person.totp_secret, later)
    assert staff.service.sign_in.check_code(pending, code, SOURCE, later).account_id == person.account.id


def test_the_step_after_the_password_is_used_once_and_ends_after_five_minutes(staff: Staff) -> None:
    person = staff.person_with_password()
    sign_in = staff.service.sign_in
    used = sign_in.check_password(person.account.login, PASSWORD, SOURCE, NOW)
    late = sign_in.check_password(person.account.login, PASSWORD, SOURCE, NOW)
    sign_in.check_code(used, app_code(person.totp_secret, NOW), SOURCE, NOW)
    for token, moment in ((used, NOW + MINUTE), (late, NOW + 5 * MINUTE), ("unknown", NOW)):
        with pytest.raises(SignInRefused):
            sign_in.check_code(token, app_code(person.totp_secret, moment), SOURCE, moment)


def test_unknown_logins_and_wrong_secrets_get_the_same_answer(staff: Staff) -> None:
    staff.person("passkey-only")
    known = staff.person_with_password()
    answers = set()
    for login in (known.account.login, "nobody", "passkey-only", ""):
        with pytest.raises(SignInRefused) as refused:
            staff.service.sign_in.check_password(login, "wrong", SOURCE, NOW)
        answers.add((refused.value.kind, refused.value.public, refused.value.detail))
    assert len(answers) == 1


@pytest.mark.parametrize("login", ["t-0500", "nobody"])
def test_five_wrong_passwords_make_a_login_rest_whether_it_exists_or_not(staff: Staff, login: str) -> None:
    staff.person_with_password()
    for _ in range(5):
        with pytest.raises(SignInRefused):
            staff.service.sign_in.check_password(login, "wrong", SOURCE, NOW)
    with pytest.raises(TooManyAttempts) as refused:
        staff.service.sign_in.check_password(login, PASSWORD, "198.51.100.1", NOW)
    assert refused.value.minutes == 15


def test_after_the_rest_the_right_password_is_taken_again(staff: Staff) -> None:
    person = staff.person_with_password()
    for _ in range(5):
        with pytest.raises(SignInRefused):
            staff.service.sign_in.check_password(person.account.login, "wrong", SOURCE, NOW)
    later = NOW + 15 * MINUTE
    assert staff.sign_in_with_password(person, later).account_id == person.account.id


def test_five_wrong_codes_make_the_login_rest(staff: Staff) -> None:
    person = staff.person_with_password()
    pending = staff.service.sign_in.check_password(person.account.login, PASSWORD, SOURCE, NOW)
    for _ in range(5):
        with pytest.raises(SignInRefused):
            staff.service.sign_in.check_code(pending, "000000", SOURCE, NOW)
    with pytest.raises(TooManyAttempts):
        staff.service.sign_in.check_code(pending, app_code(person.totp_secret, NOW), SOURCE, NOW)


def test_a_right_password_between_wrong_codes_does_not_start_the_count_anew(staff: Staff) -> None:
    person = staff.person_with_password()
    sign_in = staff.service.sign_in
    for _ in range(5):
        pending = sign_in.check_password(person.account.login, PASSWORD, SOURCE, NOW)
        with pytest.raises(SignInRefused):
            sign_in.check_code(pending, "000000", SOURCE, NOW)
    with pytest.raises(TooManyAttempts):
        sign_in.check_password(person.account.login, PASSWORD, SOURCE, NOW)


def test_a_whole_sign_in_forgets_the_wrong_tries(staff: Staff) -> None:
    person = staff.person_with_password()
    for moment in (NOW, NOW + MINUTE):
        for _ in range(4):
            with pytest.raises(SignInRefused):
                staff.service.sign_in.check_password(person.account.login, "wrong", SOURCE, moment)
        assert staff.sign_in_with_password(person, moment).account_id == person.account.id


def test_a_source_rests_after_fifty_wrong_tries_at_many_logins(staff: Staff) -> None:
    attempts = staff.service.sign_in._attempts
    for number in range(50):
        with staff.database.writing() as connection:
            attempts.take(connection, f"login-{number}", SOURCE, NOW)
            attempts.failed(connection, f"login-{number}", SOURCE, NOW)
    with pytest.raises(TooManyAttempts):
        staff.service.sign_in.check_password("fresh", "wrong", SOURCE, NOW)
    with pytest.raises(SignInRefused):
        staff.service.sign_in.check_password("fresh", "wrong", "198.51.100.1", NOW)


def test_a_resting_login_can_still_use_its_passkey(staff: Staff) -> None:
    person = staff.person()
    for _ in range(5):
        with pytest.raises(SignInRefused):
            staff.service.sign_in.check_password(person.account.login, "wrong", SOURCE, NOW)
    assert staff.sign_in(person).account_id == person.account.id


def test_no_more_than_five_of_many_tries_at_once_are_looked_at(staff: Staff) -> None:
    def try_it(_: int) -> str:
        try:
            staff.service.sign_in.check_password("nobody", "wrong", SOURCE, NOW)
        except (SignInRefused, TooManyAttempts) as refused:
            return refused.kind
        return ""

    with ThreadPoolExecutor(8) as pool:
        kinds = list(pool.map(try_it, range(8)))
    assert sorted(kinds) == ["sign_in_refused"] * 5 + ["too_many_attempts"] * 3


def test_neither_logins_nor_addresses_stand_in_the_counts(staff: Staff) -> None:
    with pytest.raises(SignInRefused):
        staff.service.sign_in.check_password("t-0412", "wrong", SOURCE, NOW)
    with staff.database.reading() as connection:
        rows = str(connection.exec_driver_sql("SELECT * FROM staff_attempt").all())
    assert "t-0412" not in rows
    assert SOURCE not in rows


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("192.0.2.7", "192.0.2.8", False),
        ("2001:db8::1", "2001:db8::ffff:1", True),
        ("2001:db8:0:1::1", "2001:db8:0:2::1", False),
        ("::ffff:192.0.2.7", "192.0.2.7", True),
        ("fe80::1%eth0", "fe80::2%eth1", True),
        ("testclient", "testclient", True),
    ],
)
def test_a_source_is_an_address_or_the_network_of_one_customer(one: str, other: str, same: bool) -> None:
    assert (network_of(one) == network_of(other)) is same
