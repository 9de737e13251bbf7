"""`c_nonce` (OID4VCI 1.0 §7): ours, fresh, and one spelling for each."""

import secrets
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from issuer.oid4vci import nonce
from issuer.oid4vci.errors import InvalidNonce

SECRET = b"s" * 32
ISSUER = "https://issuer.example/s/abc"
NOW = datetime(2026, 4, 1, 3, 20, 5, tzinfo=UTC)
LIFETIME = timedelta(minutes=5)

pytestmark = pytest.mark.clause("OID4VCI 1.0 §7")


def _fresh() -> str:
    return nonce.make(SECRET, ISSUER, NOW, secrets.token_bytes)


def test_a_nonce_is_ours_and_says_when_it_ends() -> None:
    assert nonce.check(_fresh(), SECRET, ISSUER, NOW) == NOW + LIFETIME
    assert nonce.check(_fresh(), SECRET, ISSUER, NOW + LIFETIME) == NOW + LIFETIME


def test_two_nonces_of_one_instant_differ() -> None:
    assert len({_fresh() for _ in range(100)}) == 100


def test_an_old_nonce_is_refused() -> None:
    with pytest.raises(InvalidNonce):
        nonce.check(_fresh(), SECRET, ISSUER, NOW + LIFETIME + timedelta(seconds=1))


@pytest.mark.parametrize(
    ("secret", "issuer"),
    [(b"t" * 32, ISSUER), (SECRET, "https://issuer.example/s/abd"), (SECRET, ISSUER + "/")],
    ids=["another installation", "another school", "another spelling"],
)
def test_a_nonce_of_somebody_else_is_refused(secret: bytes, issuer: str) -> None:
    with pytest.raises(InvalidNonce):
        nonce.check(_fresh(), secret, issuer, NOW)


@given(place=st.integers(0, 74), replacement=st.sampled_from("ABZab_-019"))
def test_no_character_can_be_changed(place: int, replacement: str) -> None:
    made = nonce.make(SECRET, ISSUER, NOW, lambda count: b"r" * count)
    changed = made[:place] + replacement + made[place + 1 :]
    if changed == made:
        assert nonce.check(changed, SECRET, ISSUER, NOW) == NOW + LIFETIME
        return
    # Were a second spelling taken, its digest would be new, and the nonce good for a second request.
    with pytest.raises(InvalidNonce):
        nonce.check(changed, SECRET, ISSUER, NOW)


@given(st.text(max_size=200))
def test_whatever_else_is_sent_is_refused(text: str) -> None:
    with pytest.raises(InvalidNonce):
        nonce.check(text, SECRET, ISSUER, NOW)


def test_a_used_nonce_is_remembered_by_a_digest() -> None:
    first, second = _fresh(), _fresh()
    assert nonce.digest(first) == nonce.digest(first) != nonce.digest(second)
    assert first not in nonce.digest(first)
