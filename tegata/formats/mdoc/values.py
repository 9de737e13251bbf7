"""Values of claims and instants as CBOR has them, and back (ISO/IEC 18013-5 §7.2.1, RFC 8943)."""

import base64
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from tegata.codec import cbor, dates
from tegata.errors import MalformedInput
from tegata.formats.credential import FormatRefused

_TDATE, _FULL_DATE = 0, 1004
_SECONDS = len("2026-03-01T00:00:00Z")


def full_date(text: Any) -> cbor.Tag:
    """Return a calendar date; raises `FormatRefused` for what is none."""
    try:
        if not isinstance(text, str) or dates.parse_date(text).isoformat() != text:
            raise FormatRefused("a full-date that is no date", clause="RFC 8943 §1.1")
    except MalformedInput:
        raise FormatRefused("a full-date that is no date", clause="RFC 8943 §1.1") from None
    return cbor.Tag(_FULL_DATE, text)


def picture(text: Any) -> bytes:
    """Return the bytes of a picture in a data URL; raises `FormatRefused` for what is none."""
    head, _, encoded = text.partition(",") if isinstance(text, str) else ("", "", "")
    if not (head.startswith("data:image/") and head.endswith(";base64")):
        raise FormatRefused("a picture that is no data URL", clause="RFC 2397 §2")
    try:
        return base64.b64decode(encoded, validate=True)
    except ValueError:
        raise FormatRefused("a picture that is no data URL", clause="RFC 2397 §2") from None


def tdate(moment: datetime) -> cbor.Tag:
    """Return an instant in whole seconds of UTC, written with Z (§9.1.2.4)."""
    return cbor.Tag(_TDATE, moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"))


def read_tdate(value: Any) -> datetime:
    """Read an instant; raises `FormatRefused` for fractions, other offsets and what is no instant."""
    text = value.value if isinstance(value, cbor.Tag) and value.tag == _TDATE else None
    if not isinstance(text, str) or len(text) != _SECONDS or not text.endswith("Z"):
        raise FormatRefused("a tdate that is no instant", clause="ISO/IEC 18013-5 §9.1.2.4")
    try:
        return dates.instant(text)
    except MalformedInput:
        raise FormatRefused("a tdate that is no instant", clause="ISO/IEC 18013-5 §9.1.2.4") from None


#: What says in CBOR what it says without.
_SAME = frozenset({str, int, bool, bytes})


def plain(value: Any) -> Any:
    """Return what an element's value says without CBOR's own types: dates and instants become texts."""
    if type(value) in _SAME:
        return value
    if isinstance(value, cbor.Tag):
        if value.tag in {_TDATE, _FULL_DATE} and isinstance(value.value, str):
            return value.value
        raise FormatRefused(f"a value with the tag {value.tag}", clause="ISO/IEC 18013-5 §7.2.1")
    if isinstance(value, list | tuple):
        return [item if type(item) in _SAME else plain(item) for item in value]
    if not isinstance(value, Mapping):
        raise FormatRefused("a value that is nothing, or a float", clause="ISO/IEC 18013-5 §7.2.1")
    if not set(map(type, value)) <= _NAMES:
        raise FormatRefused("a value whose names are no texts", clause="ISO/IEC 18013-5 §7.2.1")
    return {name: item if type(item) in _SAME else plain(item) for name, item in value.items()}


_NAMES = {str}
