"""The array under every published list."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tegata.errors import MalformedInput
from tegata.status.entries import MIN_SIZE, Entries, Status
from tegata.status.errors import StatusIndexOutOfRange

_CHANGES = st.dictionaries(st.integers(0, MIN_SIZE - 1), st.sampled_from(Status), max_size=40)


def test_a_slot_that_nobody_was_given_is_invalid() -> None:
    entries = Entries.unallocated()
    assert len(entries) == MIN_SIZE
    assert {entries.status_at(index) for index in (0, 1, 2, 3, 4, MIN_SIZE - 1)} == {Status.INVALID}


@given(_CHANGES)
def test_only_what_is_changed_changes(changes: dict[int, Status]) -> None:
    before = Entries.unallocated()
    after = before.changed(changes)
    assert {index: after.status_at(index) for index in changes} == changes
    untouched = set(range(0, MIN_SIZE, 997)) - changes.keys()
    assert {after.status_at(index) for index in untouched} == {Status.INVALID}
    assert before == Entries.unallocated()


@given(_CHANGES, st.sampled_from(Status))
def test_a_bitstring_has_a_bit_wherever_the_entry_has_the_status(
    changes: dict[int, Status], status: Status
) -> None:
    entries = Entries.unallocated().changed(changes)
    bits = entries.bitstring(status)
    assert len(bits) == MIN_SIZE // 8
    for index in changes.keys() | {0, 7, 8, MIN_SIZE - 1}:
        assert (bits[index // 8] >> (7 - index % 8) & 1) == (entries.status_at(index) is status)


@pytest.mark.clause("Bitstring Status List §2.2")
def test_the_first_entry_is_the_leftmost_bit_of_a_bitstring() -> None:
    entries = Entries.unallocated().changed({0: Status.SUSPENDED, 9: Status.SUSPENDED})
    assert entries.bitstring(Status.SUSPENDED)[:2] == bytes((0b1000_0000, 0b0100_0000))


@pytest.mark.clause("Token Status List §4.1")
def test_the_first_entry_is_the_rightmost_bits_of_the_packed_array() -> None:
    entries = Entries.unallocated().changed({0: Status.SUSPENDED, 1: Status.VALID})
    assert entries.packed[0] == 0b01_01_00_10


@pytest.mark.parametrize("index", [-1, MIN_SIZE, 10**9])
def test_an_index_outside_the_array_is_refused_and_nothing_is_changed(index: int) -> None:
    entries = Entries.unallocated()
    with pytest.raises(StatusIndexOutOfRange):
        entries.status_at(index)
    with pytest.raises(StatusIndexOutOfRange):
        entries.changed({0: Status.VALID, index: Status.VALID})
    assert entries.status_at(0) is Status.INVALID


@pytest.mark.parametrize("size", [0, -8, 8, MIN_SIZE - 8, MIN_SIZE + 1, MIN_SIZE + 4, 2**40])
def test_sizes_that_hide_nothing_or_end_inside_a_byte_are_refused(size: int) -> None:
    with pytest.raises(MalformedInput):
        Entries.unallocated(size)


@pytest.mark.parametrize("packed", [b"", bytes(100), bytes(MIN_SIZE // 4 - 1)])
def test_stored_bytes_are_checked_when_they_come_back(packed: bytes) -> None:
    with pytest.raises(MalformedInput):
        Entries(packed)


def test_the_stored_bytes_are_the_array() -> None:
    entries = Entries.unallocated(MIN_SIZE * 2).changed({77: Status.VALID})
    assert Entries(entries.packed) == entries
