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
        {"statusListIndex": "１"}, {"statusListIndex": "1\n"}, {"statusListIndex": "9" * 101}, {"statusSize": 0},
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


@pytest.mark.clause("BSL §2.1")
def test_an_index_may_have_any_number_of_digits() -> None:
    assert parse_entry(_changed(statusListIndex="9" * 30)).index == 10**30 - 1


@pytest.mark.clause("BSL §2.1")
def test_one_bit_without_texts_is_set_or_unset_and_with_texts_it_is_what_they_say() -> None:
    plain = parse_entry(_changed(statusPurpose="message"))
    assert (plain.message_of(0), plain.message_of(1)) == ("unset", "set")
    told = parse_entry(_changed(statusMessage=_MESSAGES[:2]))
    assert (told.message_of(0), told.message_of(1)) == ("text 0", "text 1")


@pytest.mark.clause("BSL §2.1")
def test_texts_may_have_more_members_and_be_undefined_and_any_hexadecimal_spelling_is_read() -> None:
    messages = [{"status": f"0x0{value:X}", "message": "undefined", "more": 1} for value in range(16)]
    assert parse_entry(_changed(statusSize=4, statusMessage=messages)).messages[15] == "undefined"


@pytest.mark.clause("BSL §2.1")
@pytest.mark.parametrize(
    ("stated", "read"),
    [(..., ()), ("https://a.example/", ("https://a.example/",)), (["urn:a:1", "urn:a:2"], ("urn:a:1", "urn:a:2"))],
)  # fmt: skip
def test_one_reference_and_several_are_read(stated: object, read: tuple[str, ...]) -> None:
    assert parse_entry(_changed(statusReference=stated)).references == read


@pytest.mark.clause("BSL §2.1")
@pytest.mark.parametrize("stated", ["", "status", 5, [1], ["urn:a:1", None], {"id": "urn:a:1"}])
def test_a_reference_that_is_no_url_is_refused(stated: object) -> None:
    with pytest.raises(StatusMalformed):
        parse_entry(_changed(statusReference=stated))


@pytest.mark.parametrize(
    "entry",
    [
        ClaimedEntry("revocation", 0, "https://issuer.example/status/1"),
        ClaimedEntry("message", 7, "urn:list:1", messages={0: "受理", 1: "審査中"}, references=("urn:a:1",)),
        ClaimedEntry("message", 7, "urn:list:1", 3, dict(enumerate("abcdefgh")), ("urn:a:1", "urn:a:2")),
    ],
)
def test_what_is_stated_is_read_back(entry: ClaimedEntry) -> None:
    assert parse_entry(entry.stated("urn:entry:1")) == parse_entry(entry.stated()) == entry


@pytest.mark.parametrize(
    "entry",
    [
        ClaimedEntry("message", 7, "urn:list:1", 2),
        ClaimedEntry("message", 7, "urn:list:1", 2, {0: "a", 1: "b", 2: "c"}),
        ClaimedEntry("message", -1, "urn:list:1"),
        ClaimedEntry("", 1, "urn:list:1"),
    ],
)
def test_an_entry_that_nobody_could_read_is_not_stated(entry: ClaimedEntry) -> None:
    with pytest.raises(StatusMalformed):
        entry.stated()
