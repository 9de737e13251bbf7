"""Codes of authenticator apps."""

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from tegata.service.staff import totp

SECRET = b"12345678901234567890"


@pytest.mark.clause("RFC 6238 Appendix B")
@pytest.mark.parametrize(
    ("seconds", "eight_digits"),
    [
        (59, "94287082"),
        (1111111109, "07081804"),
        (1111111111, "14050471"),
        (1234567890, "89005924"),
        (2000000000, "69279037"),
        (20000000000, "65353130"),
    ],
)
def test_the_codes_are_those_of_the_standard(seconds: int, eight_digits: str) -> None:
    moment = datetime.fromtimestamp(seconds, UTC)
    assert totp.code_at(SECRET, totp.step_at(moment)) == eight_digits[2:]


@pytest.mark.clause("RFC 6238 §5.2")
@pytest.mark.parametrize(
    ("steps_away", "counts"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)]
)
def test_one_step_before_and_after_counts_and_no_more(steps_away: int, counts: bool) -> None:
    now = datetime(2026, 6, 1, 3, 0, 10, tzinfo=UTC)
    step = totp.step_at(now) + steps_away
    assert totp.matching_step(SECRET, totp.code_at(SECRET, step), now) == (step if counts else None)


@pytest.mark.parametrize("typed", ["287082", "２８７０８２", "287 082", "２８７　０８２", " 287-082 "])
def test_codes_may_be_typed_as_people_type(typed: str) -> None:
    assert totp.matching_step(SECRET, typed, datetime.fromtimestamp(59, UTC)) == 1


@pytest.mark.parametrize("typed", ["", "28708", "2870820", "abcdef", "٢٨٧٠٨٢", "\ud800", "1" * 10_000])
def test_what_is_no_code_is_refused(typed: str) -> None:
    assert totp.matching_step(SECRET, typed, datetime.fromtimestamp(59, UTC)) is None


def test_a_code_of_a_minute_ago_is_over() -> None:
    now = datetime(2026, 6, 1, tzinfo=UTC)
    code = totp.code_at(SECRET, totp.step_at(now))
    assert totp.matching_step(SECRET, code, now + timedelta(seconds=59)) is not None
    assert totp.matching_step(SECRET, code, now + timedelta(seconds=60)) is None


def test_the_address_for_the_app_names_issuer_login_and_secret() -> None:
    address = urlsplit(totp.provisioning_uri(SECRET, "手形", "a b@example.jp"))
    assert (address.scheme, address.netloc) == ("otpauth", "totp")
    assert address.path == "/%E6%89%8B%E5%BD%A2:a%20b%40example.jp"
    assert parse_qs(address.query) == {
        "secret": ["GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"],
        "issuer": ["手形"],
        "digits": ["6"],
        "period": ["30"],
    }
