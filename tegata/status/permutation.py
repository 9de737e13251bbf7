"""Which index the n-th credential of a list is given: a keyed shuffle, so that neighbours say nothing.

A counter in the database cannot give one number twice, and a permutation cannot map two numbers to one index; so
indices look random to everybody outside and are never used twice. Not for encryption of anything else.
"""

import hashlib
import hmac

from tegata.errors import MalformedInput, Misconfigured

SECRET_BYTES = 32
#: Ten rounds, as NIST SP 800-38G takes for small domains.
_ROUNDS = 10
_WORD_BYTES = 8


class IndexPermutation:
    """A permutation of the numbers 0 to size - 1, fixed by a secret and the list's identifier.

    An unbalanced Feistel network over just enough bits, each round's function an HMAC-SHA256; results beyond the
    size are permuted again until they fall inside (cycle walking), which keeps it one to one. Keep one for each list:
    the second thousand of indices costs a tenth of the first.
    """

    def __init__(self, secret: bytes, list_id: str, size: int) -> None:
        """Raise `Misconfigured` unless the secret has 32 bytes, `MalformedInput` for a size below 2."""
        if len(secret) != SECRET_BYTES:
            raise Misconfigured(f"the secret of a status list's order has {SECRET_BYTES} bytes")
        if size < 2:  # noqa: PLR2004  there is nothing to shuffle
            raise MalformedInput("a permutation needs at least two numbers")
        bits = (size - 1).bit_length()
        self._size = size
        self._low_bits = bits - bits // 2
        self._low_mask = (1 << self._low_bits) - 1
        self._high_mask = (1 << bits // 2) - 1
        context = b"tegata status index 1\x00" + size.to_bytes(_WORD_BYTES, "big") + list_id.encode("utf-8")
        self._key = hmac.digest(secret, context, hashlib.sha256)
        # Halves are small numbers, so a list's round functions soon become tables of a few thousand entries.
        self._rounds: tuple[dict[int, int], ...] = tuple({} for _ in range(_ROUNDS))

    def index_of(self, counter: int) -> int:
        """Return the index of the n-th credential, counted from 0; raises `MalformedInput` once the list is full."""
        if not 0 <= counter < self._size:
            raise MalformedInput(f"the list holds {self._size} credentials; there is no number {counter}")
        index = self._shuffled(counter)
        while index >= self._size:
            index = self._shuffled(index)
        return index

    def _shuffled(self, number: int) -> int:
        high, low = number >> self._low_bits, number & self._low_mask
        for round_number in range(0, _ROUNDS, 2):
            high ^= self._round(round_number, low) & self._high_mask
            low ^= self._round(round_number + 1, high) & self._low_mask
        return high << self._low_bits | low

    def _round(self, number: int, half: int) -> int:
        known = self._rounds[number]
        result = known.get(half)
        if result is None:
            message = bytes((number,)) + half.to_bytes(_WORD_BYTES, "big")
            result = int.from_bytes(hmac.digest(self._key, message, hashlib.sha256)[:_WORD_BYTES], "big")
            known[half] = result
        return result
