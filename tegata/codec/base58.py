"""base58btc, the multibase alphabet `z` of Multikey and proof values (Controlled Identifiers 1.0 §2.4)."""

from functools import lru_cache

from tegata.errors import MalformedInput

_ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_BASE = len(_ALPHABET)
_VALUES = {character: value for value, character in enumerate(_ALPHABET)}
#: Two digits at a time, and ten before the large number is touched again: a machine word holds them.
_PAIRS = tuple(first + second for first in _ALPHABET for second in _ALPHABET)
_PAIR, _PAIRS_AT_ONCE = _BASE**2, 5
_DIGITS_AT_ONCE = 2 * _PAIRS_AT_ONCE
_AT_ONCE = _BASE**_DIGITS_AT_ONCE
#: Decoding costs the square of the length; keys and signatures are far shorter.
MAX_CHARACTERS = 512


def encode(data: bytes) -> str:
    """Encode; leading zero bytes become leading `1`s."""
    number = int.from_bytes(data, "big")
    pairs = []
    while number:
        number, word = divmod(number, _AT_ONCE)
        for _ in range(_PAIRS_AT_ONCE):
            word, pair = divmod(word, _PAIR)
            pairs.append(_PAIRS[pair])
    zeros = len(data) - len(data.lstrip(b"\x00"))
    return "1" * zeros + "".join(reversed(pairs)).lstrip("1")


@lru_cache(maxsize=64)  # one proof value is read by each step that looks at it
def decode(text: str) -> bytes:
    """Decode; raises `MalformedInput` for other characters and for more than `MAX_CHARACTERS`."""
    if len(text) > MAX_CHARACTERS:
        raise MalformedInput("base58btc value is too long")
    number = 0
    try:
        for start in range(0, len(text), _DIGITS_AT_ONCE):
            digits, word = text[start : start + _DIGITS_AT_ONCE], 0
            for character in digits:
                word = word * _BASE + _VALUES[character]
            number = number * _BASE ** len(digits) + word
    except KeyError:
        raise MalformedInput("not base58btc") from None
    zeros = len(text) - len(text.lstrip("1"))
    return b"\x00" * zeros + number.to_bytes((number.bit_length() + 7) // 8, "big")
