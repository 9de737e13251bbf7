"""The array that every published list is rendered from: two bits for each credential ever signed.

Not for allocation, history or reasons: those are rows of the issuer's database. A slot that nobody was given yet is
invalid, so a made-up index never passes as a valid credential.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Self

from tegata.errors import MalformedInput
from tegata.status.errors import StatusIndexOutOfRange

#: The smallest list that hides whose status is asked for (Bitstring Status List 1.0 §2.2); also ours.
MIN_SIZE = 131_072
#: 16 million entries are 4 MiB; a larger pool is a second list.
MAX_SIZE = 16_777_216
BITS = 2
_PER_BYTE = 8 // BITS
#: Entries of one byte of a one-bit list; sizes are multiples of it, so that both renderings end on a byte.
_PER_BITSTRING_BYTE = 8


class Status(IntEnum):
    """The state of one signed credential (Token Status List §7.1). Invalid and used are final, suspended is not.

    Used is the application's own value: a credential good for one use that has had it. What it is called for whom is
    data of its document type.
    """

    VALID = 0
    INVALID = 1
    SUSPENDED = 2
    USED = 3


@dataclass(frozen=True, slots=True)
class Entries:
    """The statuses of one list, packed four to a byte, the first in the least significant bits.

    Frozen: `changed` gives a new array, which for 131,072 entries copies 32 KiB.
    """

    packed: bytes

    def __post_init__(self) -> None:
        _check_size(len(self.packed) * _PER_BYTE)

    @classmethod
    def unallocated(cls, size: int = MIN_SIZE) -> Self:
        """Return an array of `size` entries that are all invalid.

        Raises `MalformedInput` unless the size is a multiple of 8 between `MIN_SIZE` and `MAX_SIZE`.
        """
        _check_size(size)
        return cls(bytes((0b01_01_01_01,)) * (size // _PER_BYTE))

    def __len__(self) -> int:
        return len(self.packed) * _PER_BYTE

    def status_at(self, index: int) -> Status:
        """Return one status; raises `StatusIndexOutOfRange`."""
        self._check_index(index)
        return Status(self.packed[index // _PER_BYTE] >> index % _PER_BYTE * BITS & 0b11)

    def changed(self, statuses: Mapping[int, Status]) -> Self:
        """Return an array with these indices set, all of them or none; raises `StatusIndexOutOfRange`."""
        packed = bytearray(self.packed)
        for index, status in statuses.items():
            self._check_index(index)
            shift = index % _PER_BYTE * BITS
            position = index // _PER_BYTE
            packed[position] = packed[position] & ~(0b11 << shift) | Status(status) << shift
        return type(self)(bytes(packed))

    def bitstring(self, status: Status) -> bytes:
        """Return one bit an entry, set where the entry has this status, the first in the most significant bit."""
        first, second = _HALVES[status]
        high = int.from_bytes(self.packed[0::2].translate(first), "big")
        low = int.from_bytes(self.packed[1::2].translate(second), "big")
        return (high | low).to_bytes(len(self) // _PER_BITSTRING_BYTE, "big")

    def _check_index(self, index: int) -> None:
        if not 0 <= index < len(self):
            raise StatusIndexOutOfRange(f"index {index} of a list of {len(self)} entries")


def _check_size(size: int) -> None:
    if not MIN_SIZE <= size <= MAX_SIZE or size % _PER_BITSTRING_BYTE:
        raise MalformedInput(f"a status list has {MIN_SIZE} to {MAX_SIZE} entries, in eights, not {size}")


def _fields(byte: int) -> tuple[int, ...]:
    return tuple(byte >> place * BITS & 0b11 for place in range(_PER_BYTE))


def _half(status: Status, shift: int) -> bytes:
    """Return the table from a packed byte to half a byte of the bitstring, its four bits in reading order."""
    return bytes(
        sum((field == status) << (_PER_BYTE - 1 - place) for place, field in enumerate(_fields(byte)))
        << shift
        for byte in range(256)
    )


#: Two packed bytes become one of a bitstring: tables instead of a loop over the entries.
_HALVES = {status: (_half(status, 4), _half(status, 0)) for status in Status}
