"""Passwords."""

import pytest

from tegata.service.staff import passwords
from tegata.service.staff.errors import PasswordRefused

GOOD = "みらい台の丘に立つ12本の桜"


def test_a_password_fits_its_hash_and_another_does_not() -> None:
    hashed = passwords.hash_password(GOOD)
    assert hashed.startswith("$argon2id$")
    assert GOOD not in hashed
    assert passwords.is_right(GOOD, hashed)
    assert not passwords.is_right(GOOD + "x", hashed)


def test_full_width_and_half_width_spellings_are_one_password() -> None:
    hashed = passwords.hash_password("correct horse 12 battery")
    assert passwords.is_right("ｃｏｒｒｅｃｔ　ｈｏｒｓｅ　１２　ｂａｔｔｅｒｙ", hashed)


def test_without_an_account_no_password_is_right() -> None:
    assert not passwords.is_right(GOOD, None)


def test_a_broken_hash_is_fitted_by_nothing() -> None:
    assert not passwords.is_right(GOOD, "$argon2id$broken")


@pytest.mark.parametrize(
    "password",
    [
        "",
        "short",
        "十一文字はみじかいのです"[:11],
        "a" * 20,
        "ababababababab",
        "t-0412t-0412t-0412",
        "AOBAaoba1234",
    ],
)
def test_easy_passwords_are_refused(password: str) -> None:
    with pytest.raises(PasswordRefused):
        passwords.check_new(password, "t-0412", "AOBA")


def test_a_password_as_long_as_a_book_is_refused_and_a_long_sentence_is_not() -> None:
    passwords.check_new("abcde" * 51, "t-0412")
    with pytest.raises(PasswordRefused):
        passwords.check_new("abcde" * 52, "t-0412")


def test_a_person_without_a_latin_name_may_have_a_password() -> None:
    passwords.check_new(GOOD, "t-0412", "")
    assert passwords.SHORTEST == 12
