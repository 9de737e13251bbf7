"""The status entries of a W3C credential, read before anything is fetched."""

from typing import Any

import pytest

from tegata.status.bitstring_entry import TYPE, ClaimedEntry, entries_of, parse_entry
from tegata.status.errors import StatusMalformed

_ENTRY = {
    "type": TYPE,
    "statusPurpose": "revocation",
    "statusListIndex": "94567",
    "statusListCredential": "https://issuer.example/status/1",
}


def _changed(**changes: Any) -> dict[str, Any]:
    return {name: value for name, value in {**_ENTRY, **changes}.items() if value is not ...}


@pytest.mark.clause("BSL §2.1")
def test_an_entry_is_read() -> None:
    assert parse_entry(_ENTRY) == ClaimedEntry("revocation", 94_567, "https://issuer.example/status/1")
    assert parse_entry(_changed(id="https://issuer.example/status/1#94567", statusListIndex="0")).index == 0


def test_one_entry_and_several_are_read_and_other_types_are_left_out() -> None:
    both = [
        _ENTRY,
        _changed(statusPurpose="suspension"),
        {"type": "OtherStatus"},
        {**_ENTRY, "type": [TYPE, "Further"]},
    ]
    assert [entry.purpose for entry in entries_of(both)] == ["revocation", "suspension", "revocation"]
    assert entries_of(tuple(both)) == entries_of(both)
    assert entries_of(_ENTRY) == (parse_entry(_ENTRY),)
    assert entries_of(None) == ()


@pytest.mark.parametrize("status", ["x", 5, [_ENTRY, "x"], [None], True])
def test_what_is_no_entry_is_refused(status: object) -> None:
    with pytest.raises(StatusMalformed):
        entries_of(status)


@pytest.mark.clause("BSL §2.1")
@pytest.mark.parametrize(
    "change",
    [
        {"statusPurpose": ...}, {"statusPurpose": ""}, {"statusPurpose": ["revocation"]}, {"statusListCredential": ...},
        {"statusListCredential": "status/1"}, {"statusListCredential": 1}, {"id": _ENTRY["statusListCredential"]}, {"id": 5},
        {"statusListIndex": ...}, {"statusListIndex": 94567}, {"statusListIndex": True}, {"statusListIndex": "-1"},
        {"statusListIndex": "+1"}, {"statusListIndex": "01"}, {"statusListIndex": "1.0"}, {"statusListIndex": ""},
        {"statusListIndex": "１"}, {"statusListIndex": "1\n"}, {"statusListIndex": "9" * 16}, {"statusSize": 0},
        {"statusSize": True}, {"statusSize": "1"}, {"statusSize": 9}, {"statusSize": 1.0},
    ],
)  # fmt: skip
def test_a_faulty_entry_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(StatusMalformed):
        parse_entry(_changed(**change))


_MESSAGES = [{"status": f"0x{value}", "message": f"text {value}"} for value in range(4)]


@pytest.mark.clause("BSL §2.1")
def test_each_value_of_several_bits_has_its_message() -> None:
    entry = parse_entry(_changed(statusSize=2, statusMessage=_MESSAGES))
    assert (entry.size, entry.messages) == (2, {value: f"text {value}" for value in range(4)})


@pytest.mark.clause("BSL §2.1")
@pytest.mark.parametrize(
    "messages",
    [..., None, [], _MESSAGES[:3], [*_MESSAGES[:3], _MESSAGES[0]], [*_MESSAGES[:3], {"status": "3", "message": "x"}],
     [*_MESSAGES[:3], {"status": "0x3"}], [*_MESSAGES[:3], "0x3"], {"0x0": "x"}],
)  # fmt: skip
def test_missing_and_doubled_messages_are_refused(messages: object) -> None:
    with pytest.raises(StatusMalformed):
        parse_entry(_changed(statusSize=2, statusMessage=messages))
