"""Accepting invitations, on both databases."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from tegata.doubles.authenticator import Authenticator
from tegata.service.settings import Mode
from tegata.service.staff.errors import CodeRefused, InvitationOver, PasskeyRefused, PasswordRefused
from tegata.service.staff.principal import How
from tests.tegata.service.conftest import ORIGIN
from tests.tegata.service.staff.conftest import NOW, PASSWORD, TABLES, Staff, app_code


def test_looking_at_an_invitation_uses_nothing_up(staff: Staff) -> None:
    account = staff.add()
    token = staff.invite(account)
    first, second = (staff.service.invitations.look(token, NOW) for _ in range(2))
    assert first == second
    assert first.account.id == account.id
    assert first.totp_secret in first.totp_uri


def test_an_invitation_with_a_passkey_signs_in_at_once(staff: Staff) -> None:
    token = staff.invite(staff.add())
    authenticator = Authenticator(Mode.TEST, ORIGIN)
    answer = authenticator.create(staff.service.invitations.passkey_options(token, NOW))
    session = staff.service.invitations.accept_with_passkey(token, answer, "鍵", NOW)
    assert staff.principal(session).how is How.PASSKEY


def test_an_invitation_counts_only_once(staff: Staff) -> None:
    token = staff.invite(staff.add())
    authenticator = Authenticator(Mode.TEST, ORIGIN)
    answer = authenticator.create(staff.service.invitations.passkey_options(token, NOW))
    late = staff.service.invitations.passkey_options(token, NOW)
    staff.service.invitations.accept_with_passkey(token, answer, "鍵", NOW)
    again = Authenticator(Mode.TEST, ORIGIN).create(late)
    with pytest.raises(InvitationOver):
        staff.service.invitations.accept_with_passkey(token, again, "鍵", NOW)
    with pytest.raises(InvitationOver):
        staff.service.invitations.look(token, NOW)


def test_of_two_who_use_one_invitation_at_once_one_gets_in(staff: Staff) -> None:
    token = staff.invite(staff.add())
    answers = [
        Authenticator(Mode.TEST, ORIGIN).create(staff.service.invitations.passkey_options(token, NOW))
        for _ in range(4)
    ]

    def accept(answer: dict[str, object]) -> bool:
        try:
            staff.service.invitations.accept_with_passkey(token, answer, "鍵", NOW)
        except InvitationOver:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(accept, answers)) == 1
    assert staff.count("passkey") == 1


def test_an_invitation_ends_after_a_week(staff: Staff) -> None:
    token = staff.invite(staff.add())
    assert staff.service.invitations.look(token, NOW + timedelta(days=7, seconds=-1))
    with pytest.raises(InvitationOver):
        staff.service.invitations.look(token, NOW + timedelta(days=7))


def test_a_new_invitation_ends_the_one_before(staff: Staff) -> None:
    account = staff.add()
    first, second = staff.invite(account), staff.invite(account)
    with pytest.raises(InvitationOver):
        staff.service.invitations.look(first, NOW)
    assert staff.service.invitations.look(second, NOW).account.id == account.id


def test_neither_the_token_nor_the_secret_is_stored_readably(staff: Staff) -> None:
    token = staff.invite(staff.add())
    secret = staff.service.invitations.look(token, NOW).totp_secret
    with staff.database.reading() as connection:
        row = connection.execute(TABLES.invitation.select()).one()
    assert token not in str(row)
    assert secret not in str(row)


def test_a_passkey_made_for_one_invitation_does_not_serve_another(staff: Staff) -> None:
    first, second = staff.invite(staff.add("first")), staff.invite(staff.add("second"))
    answer = Authenticator(Mode.TEST, ORIGIN).create(staff.service.invitations.passkey_options(first, NOW))
    with pytest.raises(PasskeyRefused):
        staff.service.invitations.accept_with_passkey(second, answer, "鍵", NOW)


def test_a_passkey_without_user_verification_is_not_taken_and_the_invitation_stays(staff: Staff) -> None:
    token = staff.invite(staff.add())
    weak = Authenticator(Mode.TEST, ORIGIN, verifies_user=False)
    answer = weak.create(staff.service.invitations.passkey_options(token, NOW))
    with pytest.raises(PasskeyRefused):
        staff.service.invitations.accept_with_passkey(token, answer, "鍵", NOW)
    assert staff.service.invitations.look(token, NOW)


def test_a_password_is_set_with_the_code_of_the_app_and_that_code_is_used_up(staff: Staff) -> None:
    account = staff.add()
    token = staff.invite(account)
    secret = staff.service.invitations.look(token, NOW).totp_secret
    session = staff.service.invitations.accept_with_password(token, PASSWORD, app_code(secret, NOW), NOW)
    assert staff.principal(session).how is How.PASSWORD_TOTP
    with staff.database.reading() as connection:
        row = connection.execute(TABLES.secret.select()).one()
    assert PASSWORD not in str(row)
    assert row.totp_last_step == int(NOW.timestamp()) // 30


def test_a_wrong_code_or_a_weak_password_leaves_the_invitation_open(staff: Staff) -> None:
    token = staff.invite(staff.add())
    secret = staff.service.invitations.look(token, NOW).totp_secret
    with pytest.raises(CodeRefused):
        staff.service.invitations.accept_with_password(token, PASSWORD, "000000", NOW)
    with pytest.raises(PasswordRefused):
        staff.service.invitations.accept_with_password(token, "short", app_code(secret, NOW), NOW)
    assert staff.count("secret") == 0
    assert staff.service.invitations.look(token, NOW)


def test_somebody_who_lost_the_passkey_is_invited_again(staff: Staff) -> None:
    person = staff.person()
    token = staff.invite(person.account)
    fresh = Authenticator(Mode.TEST, ORIGIN)
    answer = fresh.create(staff.service.invitations.passkey_options(token, NOW))
    session = staff.service.invitations.accept_with_passkey(token, answer, "新しい鍵", NOW)
    assert session.account_id == person.account.id
    assert staff.count("passkey") == 2
