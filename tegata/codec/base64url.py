"""base64url without padding (RFC 4648 §5, RFC 7515 §2): one spelling for every byte string."""

import pybase64

from tegata.errors import MalformedInput

_ALPHABET = b"-_"
#: What may stand last where it carries four, or two, bits that belong to no byte: those of zero bits alone.
_LAST_OF_TWO = frozenset("AQgw")
_LAST_OF_THREE = frozenset("AEIMQUYcgkosw048")


def encode(data: bytes) -> str:
    """Encode without padding."""
    return pybase64.b64encode_as_string(data, _ALPHABET).rstrip("=")


def decode(text: str) -> bytes:
    """Decode; raises `MalformedInput` for padding, other alphabets, bad lengths and stray trailing bits."""
    stray = len(text) % 4
    # The decoder would take the two characters of the other alphabet as well.
    if stray == 1 or "=" in text or "+" in text or "/" in text:
        raise MalformedInput("not base64url without padding", clause="RFC 7515 §2")
    if stray and text[-1] not in (_LAST_OF_TWO if stray == 2 else _LAST_OF_THREE):  # noqa: PLR2004
        raise MalformedInput("base64url with non-zero trailing bits", clause="RFC 4648 §3.5")
    try:
        return pybase64.b64decode(text + "=" * (-stray % 4), _ALPHABET, validate=True)
    except ValueError:
        raise MalformedInput("not base64url without padding", clause="RFC 7515 §2") from None
