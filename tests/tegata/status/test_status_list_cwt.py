"""Token Status Lists as CWTs: our own lists, and each refusal."""

import zlib
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tegata.codec import cbor
from tegata.envelope import cose
from tegata.errors import LimitExceeded, MalformedInput, TegataError
from tegata.keys.signer import Algorithm
from tegata.keys.software import SoftwareSigner
from tegata.status import status_list_cwt as cwt
from tegata.status import token_status_list as tsl
from tegata.status.entries import Entries, Status
from tegata.status.errors import StatusListExpired, StatusMalformed, StatusNotVerified, StatusUnavailable

NOW = datetime(2026, 3, 1, tzinfo=UTC)
URI = "https://issuer.example/status/1"
SIGNER = SoftwareSigner.generate(key_id="status-1")
GOOD: dict[int, Any] = {
    2: URI,
    6: int(NOW.timestamp()),
    4: int(NOW.timestamp()) + 86_400,
    65534: 3600,
    65533: {"bits": 2, "lst": zlib.compress(bytes(32_768))},
}


def _sign(entries: Entries | None = None, signer: SoftwareSigner = SIGNER, **changes: Any) -> bytes:
    terms = {"uri": URI, "issued_at": NOW, "expires_at": NOW + timedelta(days=1), "ttl": timedelta(hours=1)}
    return cwt.sign(entries or Entries.unallocated(), **{**terms, **changes}, signer=signer)


def _forge(claims: Any, protected: dict[int, Any] | None = None) -> bytes:
    header = {16: cwt.MEDIA_TYPE} if protected is None else protected
    return cbor.dumps(cbor.Tag(18, cose.sign1(cbor.dumps(claims), SIGNER, protected=header)))


def _verify(data: bytes, now: datetime = NOW, **options: Any) -> tsl.StatusList:
    return cwt.verify(cwt.parse(data), SIGNER.public_key, now=now, expected_uri=URI, **options)


@pytest.mark.clause("Token Status List §5.2")
def test_it_is_a_tagged_message_with_its_type_and_claims_by_number() -> None:
    raw = _sign()
    assert raw[0] == 0xD2
    parsed = cwt.parse(raw)
    assert parsed.message.protected == {1: -7, 4: b"status-1", 16: "application/statuslist+cwt"}
    assert parsed.claims.keys() == {2, 4, 6, 65533, 65534}
    assert parsed.key_reference.key_id == "status-1"


@pytest.mark.clause("Token Status List §4.3")
def test_it_says_the_same_as_the_jwt() -> None:
    entries = Entries.unallocated().changed({0: Status.VALID, 7: Status.SUSPENDED, 8: Status.VALID})
    found = _verify(_sign(entries))
    terms = {"uri": URI, "issued_at": NOW, "expires_at": NOW + timedelta(days=1), "ttl": timedelta(hours=1)}
    jwt = tsl.sign(entries, **terms, signer=SIGNER)  # type: ignore[arg-type]  # the terms are as named
    assert found == tsl.verify(tsl.parse(jwt), SIGNER.public_key, now=NOW, expected_uri=URI)
    assert [found.status_at(index) for index in (0, 1, 7, 8)] == [0, 1, 2, 0]


def test_its_chain_is_the_signers() -> None:
    parsed = cwt.parse(_sign(signer=SIGNER.with_certificates((b"leaf", b"ca"))))
    assert parsed.key_reference.certificates == (b"leaf", b"ca")


@pytest.mark.parametrize(
    "change", [{"expires_at": NOW}, {"ttl": timedelta(0)}, {"ttl": timedelta(milliseconds=999)}], ids=str
)
def test_a_list_that_lives_for_no_time_is_not_signed(change: dict[str, Any]) -> None:
    with pytest.raises(MalformedInput):
        _sign(**change)


@pytest.mark.clause("Token Status List §8.3")
@pytest.mark.parametrize(
    ("claims", "refusal"),
    [
        ({2: URI + "x"}, StatusNotVerified),
        ({2: None}, StatusNotVerified),
        ({6: None}, StatusMalformed),
        ({6: "now"}, StatusMalformed),
        ({4: True}, StatusMalformed),
        ({4: 2**70}, StatusMalformed),
        ({65534: 0}, StatusMalformed),
        ({65534: -1}, StatusMalformed),
        ({65534: True}, StatusMalformed),
        ({65534: 2**60}, StatusMalformed),
        ({65533: None}, StatusMalformed),
        ({65533: {"bits": 3, "lst": b""}}, StatusMalformed),
        ({65533: {"bits": True, "lst": zlib.compress(b"")}}, StatusMalformed),
        ({65533: {"bits": 2, "lst": "eNrbuRgAAhcBXQ"}}, StatusMalformed),
        ({65533: {"bits": 2, "lst": b"x"}}, StatusMalformed),
        ({6: int(NOW.timestamp()) + 3600}, StatusListExpired),
        ({4: int(NOW.timestamp()) - 61}, StatusListExpired),
    ],
    ids=str,
)
def test_a_list_that_says_something_else_is_refused(
    claims: dict[int, Any], refusal: type[TegataError]
) -> None:
    with pytest.raises(refusal):
        _verify(_forge({**GOOD, **claims}))
    assert _verify(_forge(GOOD)).status_at(5) == 0


def test_a_list_that_grows_too_large_is_not_unpacked() -> None:
    bomb = {**GOOD, 65533: {"bits": 2, "lst": zlib.compress(bytes(9_000_000))}}
    with pytest.raises(LimitExceeded):
        _verify(_forge(bomb))


@pytest.mark.parametrize(
    "protected", [{}, {16: "application/cwt"}, {16: b"application/statuslist+cwt"}], ids=str
)
def test_another_type_is_no_status_list(protected: dict[int, Any]) -> None:
    with pytest.raises(StatusUnavailable):
        cwt.parse(_forge(GOOD, protected))


@given(st.binary(max_size=48))
def test_arbitrary_bytes_are_no_status_list(data: bytes) -> None:
    with pytest.raises(StatusUnavailable):
        cwt.parse(data)


def test_another_key_and_an_algorithm_that_is_not_allowed_are_refused() -> None:
    parsed = cwt.parse(_sign())
    with pytest.raises(StatusNotVerified):
        cwt.verify(parsed, SoftwareSigner.generate().public_key, now=NOW, expected_uri=URI)
    with pytest.raises(StatusNotVerified):
        cwt.verify(parsed, SIGNER.public_key, frozenset({Algorithm.EDDSA}), now=NOW, expected_uri=URI)
