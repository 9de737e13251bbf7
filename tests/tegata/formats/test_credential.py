"""What every format shares: limits, dates, and the kinds of refusal that a report tells apart."""

from datetime import UTC, datetime, timedelta

import pytest

from tegata.errors import CryptographyFailed, Forbidden, LimitExceeded, MalformedInput, TegataError
from tegata.formats.credential import (
    Document,
    FormatRefused,
    HolderBindingRefused,
    Limits,
    NotValidNow,
    SignatureRefused,
    TypeNames,
    Verified,
)

NOW = datetime(2026, 3, 1, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def _verified(valid_from: datetime | None, valid_until: datetime | None) -> Verified:
    return Verified(
        "dc+sd-jwt", "https://issuer.example", ("x",), {}, "ES256", "k", None, valid_from, valid_until, None
    )


def test_a_credential_is_read_up_to_its_limit() -> None:
    Limits(max_bytes=10).check_size(bytes(10))
    with pytest.raises(LimitExceeded):
        Limits(max_bytes=10).check_size(bytes(11))


def test_the_period_includes_both_its_ends() -> None:
    found = _verified(NOW, NOW + SECOND)
    for now in (NOW, NOW + SECOND):
        found.check_validity(now, timedelta(0))
    for now in (NOW - SECOND, NOW + 2 * SECOND):
        with pytest.raises(NotValidNow):
            found.check_validity(now, timedelta(0))


def test_the_skew_stretches_both_ends() -> None:
    found = _verified(NOW, NOW)
    for seconds in (-60, 60):
        found.check_validity(NOW + timedelta(seconds=seconds))
    for seconds in (-61, 61):
        with pytest.raises(NotValidNow):
            found.check_validity(NOW + timedelta(seconds=seconds))


def test_an_end_that_is_not_stated_is_no_end() -> None:
    _verified(None, None).check_validity(NOW + timedelta(days=30_000))
    with pytest.raises(NotValidNow):
        _verified(NOW, None).check_validity(NOW - timedelta(days=1))


@pytest.mark.parametrize(
    ("kind", "parent"),
    [
        (FormatRefused, MalformedInput), (SignatureRefused, CryptographyFailed), (HolderBindingRefused, CryptographyFailed),
        (NotValidNow, Forbidden),
    ],
)  # fmt: skip
def test_a_report_can_tell_the_refusals_apart(kind: type[TegataError], parent: type[TegataError]) -> None:
    assert issubclass(kind, parent)
    assert kind.kind != parent.kind


def test_claims_are_not_printed() -> None:
    claims = {"family_name": "山田"}
    found = Verified("f", "i", ("x",), claims, "ES256", "k", None, None, None, None, raw=claims)
    names = TypeNames("vct", "", (), (), ())
    document = Document("https://issuer.example", "did:web:issuer.example", {}, names, claims, NOW)
    assert "山田" not in repr(found) + repr(document)
