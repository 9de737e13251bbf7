"""The keys of staff sign-in."""

import pytest

from tegata.errors import CryptographyFailed
from tegata.service.staff.keyring import Keyring, token_digest

KEY = bytes(range(32))
ACCOUNT, OTHER = "a" * 32, "b" * 32


def test_a_sealed_secret_opens_for_its_own_account() -> None:
    sealed = Keyring(KEY).seal(b"secret", ACCOUNT)
    assert b"secret" not in sealed
    assert Keyring(KEY).open(sealed, ACCOUNT) == b"secret"


def test_a_sealed_secret_opens_nowhere_else() -> None:
    sealed = Keyring(KEY).seal(b"secret", ACCOUNT)
    for keyring, value, account in (
        (Keyring(KEY), sealed, OTHER),
        (Keyring(bytes(32)), sealed, ACCOUNT),
        (Keyring(KEY), sealed[:-1], ACCOUNT),
        (Keyring(KEY), b"\x02" + sealed[1:], ACCOUNT),
        (Keyring(KEY), b"", ACCOUNT),
        (Keyring(KEY), b"\x01", ACCOUNT),
    ):
        with pytest.raises(CryptographyFailed):
            keyring.open(value, account)


def test_sealing_twice_does_not_look_alike() -> None:
    keyring = Keyring(KEY)
    assert keyring.seal(b"secret", ACCOUNT) != keyring.seal(b"secret", ACCOUNT)


def test_digests_depend_on_label_value_and_key() -> None:
    keyring = Keyring(KEY)
    assert keyring.digest("login", "x") == Keyring(KEY).digest("login", "x")
    different = {
        keyring.digest("login", "x"),
        keyring.digest("source", "x"),
        keyring.digest("login", "y"),
        Keyring(bytes(32)).digest("login", "x"),
    }
    assert len(different) == 4


def test_any_text_has_a_digest() -> None:
    assert token_digest("\ud800") != token_digest("")
