"""Token Status Lists: the draft's vectors, our own lists, and each refusal."""

import json as stdlib_json
import zlib
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tegata.codec import base64url, json
from tegata.envelope import jws
from tegata.errors import LimitExceeded, MalformedInput, TegataError
from tegata.keys.signer import Algorithm
from tegata.keys.software import SoftwareSigner
from tegata.status import token_status_list as tsl
from tegata.status.entries import MIN_SIZE, Entries, Status
from tegata.status.errors import (
    StatusIndexOutOfRange,
    StatusListExpired,
    StatusMalformed,
    StatusNotVerified,
    StatusUnavailable,
)

_VECTORS = stdlib_json.loads(
    (Path(__file__).parents[2] / "vectors" / "token_status_list" / "vectors.json").read_text("utf-8")
)
NOW = datetime(2026, 3, 1, tzinfo=UTC)
URI = "https://issuer.example/status/1"
SIGNER = SoftwareSigner.generate(key_id="status-1")


def _sign(entries: Entries | None = None, signer: SoftwareSigner = SIGNER, **changes: Any) -> str:
    terms = {"uri": URI, "issued_at": NOW, "expires_at": NOW + timedelta(days=1), "ttl": timedelta(hours=1)}
    return tsl.sign(entries or Entries.unallocated(), **{**terms, **changes}, signer=signer)


def _forge(*, header: dict[str, Any] | None = None, **changes: Any) -> str:
    claims = tsl.claims(
        Entries.unallocated(),
        uri=URI,
        issued_at=NOW,
        expires_at=NOW + timedelta(days=1),
        ttl=timedelta(hours=1),
    )
    payload = {name: value for name, value in {**claims, **changes}.items() if value is not ...}
    return jws.sign({"typ": tsl.TYP, **(header or {})}, json.dumps(payload), SIGNER)


def _verify(compact: str, now: datetime = NOW, **options: Any) -> tsl.StatusList:
    return tsl.verify(tsl.parse(compact), SIGNER.public_key, now=now, expected_uri=URI, **options)


@pytest.mark.clause("Token Status List §4.1")
@pytest.mark.parametrize("vector", _VECTORS["short"], ids=lambda vector: f"{vector['bits']} bits")
def test_the_short_lists_of_the_draft(vector: dict[str, Any]) -> None:
    found = _verify(_forge(status_list={"bits": vector["bits"], "lst": vector["lst"]}))
    assert found.packed.hex() == vector["bytes"]
    assert [found.status_at(index) for index in range(len(found))] == vector["statuses"]


@pytest.mark.clause("Token Status List, Test vectors")
@pytest.mark.parametrize("vector", _VECTORS["long"], ids=lambda vector: f"{vector['bits']} bits")
def test_the_long_lists_of_the_draft(vector: dict[str, Any]) -> None:
    found = _verify(_forge(status_list={"bits": vector["bits"], "lst": vector["lst"]}))
    assert len(found) == vector["size"]
    stated = {int(index): value for index, value in vector["statuses"].items()}
    assert {index: found.status_at(index) for index in stated} == stated
    assert sum(byte.bit_count() for byte in found.packed) == sum(
        value.bit_count() for value in stated.values()
    )


@pytest.mark.clause("Token Status List §5.1")
def test_the_token_of_the_draft_is_read() -> None:
    parsed = tsl.parse(_VECTORS["token"])
    assert parsed.claims["sub"] == "https://example.com/statuslists/1"
    assert parsed.key_reference.key_id == "12"


def test_what_is_published_is_what_stands_in_the_array() -> None:
    entries = Entries.unallocated().changed(
        {0: Status.VALID, 1: Status.SUSPENDED, MIN_SIZE - 1: Status.VALID}
    )
    found = _verify(_sign(entries))
    assert [found.status_at(index) for index in (0, 1, 2, MIN_SIZE - 1)] == [0, 2, 1, 0]
    assert (len(found), found.bits, found.uri, found.ttl) == (MIN_SIZE, 2, URI, timedelta(hours=1))
    assert (found.issued_at, found.expires_at) == (NOW, NOW + timedelta(days=1))


@pytest.mark.clause("Token Status List §4.2")
def test_a_list_is_a_zlib_stream() -> None:
    entries = Entries.unallocated().changed({7: Status.VALID})
    assert zlib.decompress(base64url.decode(tsl.encode_list(entries.packed))) == entries.packed


@pytest.mark.clause("Token Status List §5.1")
def test_the_token_says_its_type_and_its_chain() -> None:
    parsed = tsl.parse(_sign(signer=SIGNER.with_certificates((b"leaf", b"ca"))))
    assert parsed.token.header["typ"] == "statuslist+jwt"
    assert parsed.key_reference.certificates == (b"leaf", b"ca")
    assert parsed.key_reference.key_id == "status-1"
    assert parsed.claims.keys() == {"sub", "iat", "exp", "ttl", "status_list"}


@pytest.mark.parametrize(
    "change",
    [
        {"expires_at": NOW},
        {"expires_at": NOW - timedelta(days=1)},
        {"ttl": timedelta()},
        {"ttl": timedelta(seconds=-5)},
    ],
)
def test_a_list_that_lives_for_no_time_is_not_signed(change: dict[str, Any]) -> None:
    with pytest.raises(MalformedInput):
        _sign(**change)


@pytest.mark.clause("Token Status List §8.3")
def test_the_signature_has_to_hold_under_an_allowed_algorithm() -> None:
    parsed = tsl.parse(_sign())
    with pytest.raises(StatusNotVerified):
        tsl.verify(parsed, SoftwareSigner.generate().public_key, now=NOW, expected_uri=URI)
    with pytest.raises(StatusNotVerified):
        tsl.verify(parsed, SIGNER.public_key, frozenset({Algorithm.EDDSA}), now=NOW, expected_uri=URI)


@pytest.mark.clause("Token Status List §8.3")
@pytest.mark.parametrize("subject", [URI + "/", URI.upper(), "", None, 1, ...])
def test_a_list_for_another_uri_is_refused(subject: object) -> None:
    with pytest.raises(StatusNotVerified):
        _verify(_forge(sub=subject))


@pytest.mark.clause("Token Status List §8.3")
def test_a_list_of_another_time_makes_no_statement() -> None:
    end = NOW + timedelta(days=1)
    assert _verify(_sign(), now=end + timedelta(seconds=59))
    assert _verify(_sign(), now=NOW - timedelta(seconds=60))
    for now in (end + timedelta(seconds=60), NOW - timedelta(seconds=61), end + timedelta(days=900)):
        with pytest.raises(StatusListExpired) as refused:
            _verify(_sign(), now=now)
        assert isinstance(refused.value, StatusUnavailable)


def test_a_list_without_an_end_does_not_expire() -> None:
    found = _verify(_forge(exp=..., ttl=...), now=NOW + timedelta(days=9_000))
    assert found.expires_at is found.ttl is found.usable_until(NOW) is None


@pytest.mark.clause("Token Status List §13.7")
def test_a_copy_is_kept_until_its_ttl_or_its_end() -> None:
    found = _verify(_sign())
    assert found.usable_until(NOW) == NOW + timedelta(hours=1)
    assert found.usable_until(NOW + timedelta(hours=23, minutes=30)) == found.expires_at


@pytest.mark.parametrize(
    "change",
    [
        {"iat": ...}, {"iat": "now"}, {"iat": True}, {"exp": None}, {"exp": "later"}, {"ttl": 0}, {"ttl": -1}, {"ttl": True},
        {"ttl": "3600"}, {"ttl": 1e300}, {"status_list": ...}, {"status_list": []}, {"status_list": {"bits": 2}},
        {"status_list": {"lst": "eNrbuRgAAhcBXQ"}}, {"status_list": {"bits": 3, "lst": "eNrbuRgAAhcBXQ"}},
        {"status_list": {"bits": True, "lst": "eNrbuRgAAhcBXQ"}}, {"status_list": {"bits": [1], "lst": "eNrbuRgAAhcBXQ"}},
        {"status_list": {"bits": 2, "lst": "eNrbuRgAAhcBXQ=="}}, {"status_list": {"bits": 2, "lst": "eNrbuRgA"}},
        {"status_list": {"bits": 2, "lst": "AAAA"}}, {"status_list": {"bits": 2, "lst": 5}},
    ],
)  # fmt: skip
def test_a_faulty_list_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(StatusMalformed):
        _verify(_forge(**change))


def test_a_list_that_decompresses_to_too_much_is_refused() -> None:
    bomb = base64url.encode(zlib.compress(bytes(20_000_000), 9))
    with pytest.raises(LimitExceeded):
        _verify(_forge(status_list={"bits": 2, "lst": bomb}))
    with pytest.raises(LimitExceeded):
        _verify(_sign(), max_list_bytes=MIN_SIZE // 4 - 1)


def test_a_token_of_too_many_bytes_is_not_looked_at() -> None:
    with pytest.raises(LimitExceeded):
        tsl.parse(_sign(), max_bytes=100)


@pytest.mark.clause("Token Status List §8.3")
@pytest.mark.parametrize("index", [-1, MIN_SIZE, 10**12])
def test_an_index_that_the_list_does_not_have_is_refused(index: int) -> None:
    with pytest.raises(StatusIndexOutOfRange):
        _verify(_sign()).status_at(index)


@pytest.mark.parametrize(
    "compact",
    [
        "", "<html>404</html>", "a.b.c", _forge(header={"typ": "jwt"}), _forge(header={"typ": "application/statuslist+jwt"}),
        _forge(header={"typ": None}), _forge(header={"kid": 5}), _forge(header={"x5c": ["%"]}), _forge(iss=5),
        jws.sign({"typ": tsl.TYP}, b"[]", SIGNER), jws.sign({"typ": tsl.TYP}, b'{"sub":1,"sub":2}', SIGNER),
    ],
)  # fmt: skip
def test_what_is_no_status_list_token_counts_as_unavailable(compact: str) -> None:
    with pytest.raises(StatusUnavailable):
        tsl.parse(compact)


@pytest.mark.clause("Token Status List §6.2")
def test_a_credentials_reference_is_read() -> None:
    assert tsl.reference_in({"status_list": {"idx": 0, "uri": URI, "further": 1}}) == (0, URI)
    assert tsl.reference_in({"other": {}}) is tsl.reference_in(None) is tsl.reference_in([]) is None


@pytest.mark.clause("Token Status List §6.2")
@pytest.mark.parametrize(
    "reference",
    [
        None, [], "x", {}, {"idx": 1}, {"uri": URI}, {"idx": -1, "uri": URI}, {"idx": True, "uri": URI}, {"idx": "1", "uri": URI},
        {"idx": 1.0, "uri": URI}, {"idx": 1, "uri": ""}, {"idx": 1, "uri": 5},
    ],
)  # fmt: skip
def test_a_faulty_reference_is_refused(reference: object) -> None:
    with pytest.raises(StatusMalformed):
        tsl.reference_in({"status_list": reference})


def test_no_failure_reads_as_revoked() -> None:
    for refused in (
        StatusMalformed,
        StatusUnavailable,
        StatusListExpired,
        StatusNotVerified,
        StatusIndexOutOfRange,
    ):
        assert issubclass(refused, TegataError)
        assert "revoked" not in refused.text.en
