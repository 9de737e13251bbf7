"""base64url without padding (RFC 4648 §5, RFC 7515 §2): one spelling for every byte string."""

import base64
import re

import pybase64

from tegata.errors import MalformedInput

_ALPHABET = re.compile(r"\A[A-Za-z0-9_-]*\Z")


def encode(data: bytes) -> str:
    """Encode without padding."""
    return pybase64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def decode(text: str) -> bytes:
    """Decode; raises `MalformedInput` for padding, other alphabets, bad lengths and stray trailing bits."""
    if not _ALPHABET.match(text) or len(text) % 4 == 1:
        raise MalformedInput("not base64url without padding", clause="RFC 7515 §2")
    data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if encode(data) != text:
        raise MalformedInput("base64url with non-zero trailing bits", clause="RFC 4648 §3.5")
    return data
