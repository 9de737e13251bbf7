"""base58btc, the multibase alphabet `z` of Multikey and proof values (Controlled Identifiers 1.0 §2.4)."""

from tegata.errors import MalformedInput

_ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_VALUES = {character: value for value, character in enumerate(_ALPHABET)}
#: Decoding costs the square of the length; keys and signatures are far shorter.
MAX_CHARACTERS = 512


def encode(data: bytes) -> str:
    """Encode; leading zero bytes become leading `1`s."""
    number = int.from_bytes(data, "big")
    digits = []
    while number:
        number, remainder = divmod(number, 58)
        digits.append(_ALPHABET[remainder])
    zeros = len(data) - len(data.lstrip(b"\x00"))
    return "1" * zeros + "".join(reversed(digits))


def decode(text: str) -> bytes:
    """Decode; raises `MalformedInput` for other characters and for more than `MAX_CHARACTERS`."""
    if len(text) > MAX_CHARACTERS:
        raise MalformedInput("base58btc value is too long")
    number = 0
    for character in text:
        if character not in _VALUES:
            raise MalformedInput("not base58btc")
        number = number * 58 + _VALUES[character]
    zeros = len(text) - len(text.lstrip("1"))
    return b"\x00" * zeros + number.to_bytes((number.bit_length() + 7) // 8, "big")
