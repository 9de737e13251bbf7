"""Lists of one value an entry, of 1 to 8 bits: what a Bitstring Status List of any size is made of and read from.

The first entry's most significant bit comes first (Bitstring Status List 1.0 §2.2, §3.3). What a value means is the
business of the entry that points at it; a school's own revocations and suspensions are `entries.Entries`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

from tegata.errors import MalformedInput
from tegata.status.bitstring_entry import MAX_SIZE as MAX_BITS
from tegata.status.entries import MAX_SIZE, MIN_SIZE
from tegata.status.errors import StatusIndexOutOfRange

_BYTE = 8


@dataclass(frozen=True, slots=True)
class Values:
    """The values of one list, `size` bits each. Frozen: `changed` gives a new list."""

    packed: bytes = field(repr=False)
    size: int = 1

    def __post_init__(self) -> None:
        if not 1 <= self.size <= MAX_BITS:
            raise MalformedInput(f"an entry has 1 to {MAX_BITS} bits, not {self.size}", clause="BSL §2.1")
        entries, rest = divmod(len(self.packed) * _BYTE, self.size)
        if not MIN_SIZE <= entries <= MAX_SIZE or rest:
            raise MalformedInput(f"a list has {MIN_SIZE} to {MAX_SIZE} whole entries", clause="BSL §3.2")

    @classmethod
    def zero(cls, size: int, entries: int = MIN_SIZE) -> Self:
        """Return a list of zeros; raises `MalformedInput` unless its size is right and ends on a byte."""
        if entries * size % _BYTE:
            raise MalformedInput("a list ends on a byte")
        return cls(bytes(max(entries * size // _BYTE, 0)), size)

    def __len__(self) -> int:
        return len(self.packed) * _BYTE // self.size

    def value_at(self, index: int) -> int:
        """Return one value; raises `StatusIndexOutOfRange`."""
        return value_in(self.packed, index, self.size)

    def changed(self, values: Mapping[int, int]) -> Self:
        """Return a list with these values, all of them or none.

        Raises `StatusIndexOutOfRange`, and `MalformedInput` for a value that does not fit.
        """
        packed = bytearray(self.packed)
        mask = (1 << self.size) - 1
        for index, value in values.items():
            if not 0 <= value <= mask:
                raise MalformedInput(f"{value} has more than {self.size} bits", clause="BSL §2.1")
            start, end, shift = _window(len(packed), index, self.size)
            window = int.from_bytes(packed[start:end], "big") & ~(mask << shift) | value << shift
            packed[start:end] = window.to_bytes(end - start, "big")
        return type(self)(bytes(packed), self.size)


def value_in(bits: bytes, index: int, size: int) -> int:
    """Return the value of `size` bits at an index of any bitstring; raises `StatusIndexOutOfRange`."""
    start, end, shift = _window(len(bits), index, size)
    return int.from_bytes(bits[start:end], "big") >> shift & ((1 << size) - 1)


def _window(length: int, index: int, size: int) -> tuple[int, int, int]:
    """Return the bytes from and to where a value stands, and how many bits of them come after it."""
    first = index * size
    if index < 0 or first + size > length * _BYTE:
        raise StatusIndexOutOfRange(f"index {index} of {length * _BYTE // size}", clause="BSL §3.2")
    start, end = first // _BYTE, (first + size + _BYTE - 1) // _BYTE
    return start, end, end * _BYTE - first - size
