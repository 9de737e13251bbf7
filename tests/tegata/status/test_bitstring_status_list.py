"""Bitstring Status Lists: built from the entries, and read in the order of the standard."""

import gzip
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tegata.codec import base64url
from tegata.errors import CryptographyFailed, LimitExceeded, MalformedInput, TegataError
from tegata.status import bitstring_status_list as bsl
from tegata.status.bitstring_entry import ClaimedEntry
from tegata.status.entries import MIN_SIZE, Entries, Status
from tegata.status.errors import (
    StatusIndexOutOfRange,
    StatusListExpired,
    StatusListTooShort,
    StatusMalformed,
    StatusNotVerified,
    StatusUnavailable,
)

NOW = datetime(2026, 3, 1, tzinfo=UTC)
URL = "https://issuer.example/status/1/revocation"
ENTRIES = Entries.unallocated().changed({3: Status.VALID, 4: Status.SUSPENDED})


def _secure(document: dict[str, Any]) -> dict[str, Any]:
    """Stand in for a proof: the point here is who calls it, and what is believed afterwards."""
    return {**document, "proof": {"covers": "everything"}}


def _verify_proof(document: Mapping[str, Any]) -> Mapping[str, Any]:
    if "proof" not in document:
        raise CryptographyFailed("no proof")
    return {name: value for name, value in document.items() if name != "proof"}


def _publish(purpose: str = bsl.REVOCATION, **changes: Any) -> dict[str, Any]:
    terms = {
        "url": URL,
        "issuer": "did:web:issuer.example",
        "valid_from": NOW,
        "valid_until": NOW + timedelta(days=1),
        "ttl": timedelta(minutes=5),
    }
    return bsl.publish(ENTRIES, purpose, _secure, **{**terms, **changes})


def _check(
    index: int, document: Any, purpose: str = bsl.REVOCATION, now: datetime = NOW, **options: Any
) -> bsl.Reading:
    return bsl.check(ClaimedEntry(purpose, index, URL, **options), document, _verify_proof, now=now)


def _changed(**changes: Any) -> dict[str, Any]:
    document = _publish()
    subject = changes.pop("credentialSubject", None)
    if isinstance(subject, dict):
        changes["credentialSubject"] = {**document["credentialSubject"], **subject}
    elif subject is not None:
        changes["credentialSubject"] = subject
    return {name: value for name, value in {**document, **changes}.items() if value is not ...}


def _list(bits: bytes) -> dict[str, Any]:
    return _changed(credentialSubject={"encodedList": "u" + base64url.encode(gzip.compress(bits))})


@pytest.mark.clause("BSL §2.2")
def test_the_list_credential_has_the_members_of_the_standard() -> None:
    document = _publish()
    subject = document["credentialSubject"]
    assert document["type"] == ["VerifiableCredential", "BitstringStatusListCredential"]
    assert (document["id"], subject["id"]) == (URL, URL + "#list")
    assert (document["validFrom"], document["validUntil"]) == ("2026-03-01T00:00:00Z", "2026-03-02T00:00:00Z")
    assert (subject["type"], subject["statusPurpose"], subject["ttl"]) == (
        "BitstringStatusList",
        "revocation",
        300_000,
    )
    assert document["proof"]


@pytest.mark.clause("BSL §2.2")
def test_a_list_is_a_gzip_stream_behind_the_multibase_prefix() -> None:
    encoded = bsl.encode_list(bytes(MIN_SIZE // 8))
    assert encoded[0] == "u"
    assert gzip.decompress(base64url.decode(encoded[1:])) == bytes(16_384)


def test_one_state_of_a_list_has_one_spelling() -> None:
    assert bsl.encode_list(bytes(100)) == bsl.encode_list(bytes(100))


def test_both_lists_say_what_the_entries_say() -> None:
    revocation, suspension = _publish(), _publish(bsl.SUSPENSION)
    seen = {
        index: (_check(index, revocation).value, _check(index, suspension, bsl.SUSPENSION).value)
        for index in (2, 3, 4, 5)
    }
    assert seen == {2: (1, 0), 3: (0, 0), 4: (0, 1), 5: (1, 0)}
    assert _check(2, revocation).is_set
    assert not _check(3, revocation).is_set


def test_a_used_credential_is_set_in_the_list_of_revocations_alone() -> None:
    used = ENTRIES.changed({3: Status.USED})
    assert used.status_at(3) is Status.USED
    assert used.bitstring(Status.USED)[0] == 0b0001_0000
    assert bsl._bits(used, (Status.INVALID, Status.USED))[0] == 0b1111_0111


@pytest.mark.clause("BSL §3.2")
def test_the_reading_says_whose_list_it_was() -> None:
    assert _check(3, _publish()) == bsl.Reading("revocation", 0, "did:web:issuer.example")
    named = _publish(issuer={"id": "did:web:other.example", "name": "学校"})
    assert _check(3, named).issuer == "did:web:other.example"


def test_a_list_may_be_kept_for_several_purposes() -> None:
    assert _check(5, _changed(credentialSubject={"statusPurpose": ["suspension", "revocation"]})).value == 1


def test_other_purposes_and_periods_without_length_are_not_published() -> None:
    for change in ({"purpose": "message"}, {"valid_until": NOW}, {"ttl": timedelta(microseconds=1)}):
        with pytest.raises(MalformedInput):
            _publish(**change)


@pytest.mark.clause("BSL §3.2 step 4")
@pytest.mark.parametrize(
    "document", [None, [], "<html>", 404, {}, {"type": "VerifiablePresentation"}, {"type": None}]
)
def test_what_is_no_credential_counts_as_unavailable(document: object) -> None:
    with pytest.raises(StatusUnavailable):
        _check(3, document)


@pytest.mark.clause("BSL §3.2 step 5")
def test_a_proof_that_does_not_hold_is_refused() -> None:
    with pytest.raises(StatusNotVerified):
        _check(3, _changed(proof=...))


def test_only_what_the_proof_covers_is_believed() -> None:
    entry = ClaimedEntry(bsl.REVOCATION, 5, URL)
    forged = _list(bytes(MIN_SIZE // 8))
    reading = bsl.check(entry, forged, lambda _: _verify_proof(_publish()), now=NOW)
    assert reading.value == 1


@pytest.mark.clause("BSL §3.2 step 5")
@pytest.mark.parametrize(
    "change",
    [
        {"type": ["VerifiableCredential"]}, {"credentialSubject": {"type": "StatusList2021"}}, {"credentialSubject": []},
        {"credentialSubject": ...}, {"id": URL + "/other"}, {"id": None}, {"credentialSubject": {"statusPurpose": "suspension"}},
        {"credentialSubject": {"statusPurpose": ["refresh"]}},
    ],
)  # fmt: skip
def test_another_list_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(StatusNotVerified):
        _check(3, _changed(**change))


@pytest.mark.clause("BSL §3.2 step 5")
def test_a_list_of_another_time_makes_no_statement() -> None:
    assert _check(3, _publish(), now=NOW - timedelta(seconds=60))
    assert _check(3, _publish(), now=NOW + timedelta(days=1, seconds=60))
    for now in (NOW - timedelta(seconds=61), NOW + timedelta(days=1, seconds=61)):
        with pytest.raises(StatusListExpired):
            _check(3, _publish(), now=now)


@pytest.mark.parametrize(
    "change",
    [
        {"validFrom": "yesterday"}, {"validUntil": 5}, {"validFrom": None}, {"credentialSubject": {"statusPurpose": []}},
        {"credentialSubject": {"statusPurpose": [1]}}, {"credentialSubject": {"statusPurpose": None}},
        {"credentialSubject": {"encodedList": None}}, {"credentialSubject": {"encodedList": ""}},
        {"credentialSubject": {"encodedList": bsl.encode_list(bytes(16_384))[1:]}}, {"credentialSubject": {"encodedList": "u"}},
        {"credentialSubject": {"encodedList": "uAAAA"}}, {"credentialSubject": {"encodedList": "u=" }},
        {"credentialSubject": {"encodedList": bsl.encode_list(bytes(16_384))[:-4]}},
    ],
)  # fmt: skip
def test_a_faulty_list_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(StatusMalformed):
        _check(3, _changed(**change))


def test_a_list_that_decompresses_to_too_much_is_refused() -> None:
    with pytest.raises(LimitExceeded):
        _check(3, _list(bytes(20_000_000)))


@pytest.mark.clause("BSL §3.2 step 10")
def test_a_list_too_short_to_hide_the_question_is_refused() -> None:
    with pytest.raises(StatusListTooShort):
        _check(3, _list(bytes(MIN_SIZE // 8 - 1)))
    with pytest.raises(StatusListTooShort):
        _check(3, _publish(), size=2)


@pytest.mark.clause("BSL §3.2 step 11")
@pytest.mark.parametrize("index", [MIN_SIZE, MIN_SIZE + 1, 10**14])
def test_an_index_that_the_list_does_not_have_is_refused(index: int) -> None:
    with pytest.raises(StatusIndexOutOfRange):
        _check(index, _publish())
    assert _check(MIN_SIZE - 1, _publish()).value == 1


@pytest.mark.clause("BSL §3.2 step 12")
@pytest.mark.parametrize("size", [2, 3, 5, 8])
def test_entries_of_several_bits_are_read_across_bytes(size: int) -> None:
    value = (1 << size) - 2
    index = 11
    bits = (value << (MIN_SIZE * size - (index + 1) * size)).to_bytes(MIN_SIZE * size // 8, "big")
    document = _list(bits)
    assert _check(index, document, size=size).value == value
    assert _check(index - 1, document, size=size).value == _check(index + 1, document, size=size).value == 0


@pytest.mark.clause("BSL §3.2 step 13")
def test_a_message_is_read_only_where_the_purpose_is_message() -> None:
    messages = {0: "受理", 1: "審査中"}
    document = _changed(credentialSubject={"statusPurpose": ["message", "revocation"]})
    assert _check(5, document, "message", messages=messages).message == "審査中"
    assert _check(5, document, messages=messages).message == ""


def test_each_failure_has_the_name_of_the_standard() -> None:
    names = {
        StatusMalformed: "MALFORMED_VALUE_ERROR", StatusIndexOutOfRange: "RANGE_ERROR", StatusListTooShort: "STATUS_LIST_LENGTH_ERROR",
        StatusUnavailable: "STATUS_RETRIEVAL_ERROR", StatusNotVerified: "STATUS_VERIFICATION_ERROR",
        StatusListExpired: "STATUS_VERIFICATION_ERROR",
    }  # fmt: skip
    for kind, name in names.items():
        assert issubclass(kind, TegataError)
        assert kind.problem_type.endswith("#" + name)
