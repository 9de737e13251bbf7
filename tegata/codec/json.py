"""Strict JSON: one reading for every byte string.

Not for canonical JSON that is signed as such; that is `tegata.codec.jcs`.
"""

import json as stdlib_json
import math
import re
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import orjson

from tegata.errors import LimitExceeded, MalformedInput

JSON: TypeAlias = Mapping[str, Any] | Sequence[Any] | str | int | float | bool | None

MAX_BYTES = 1_048_576
MAX_DEPTH = 64

#: Ends every member name; inside a string value it may occur too, so a count of it is never too low.
_NAME_END = re.compile(rb'"[ \t\r\n]*:')
_HUGE = 2.0**63
_SMALLEST_INTEGER, _LARGEST_INTEGER, _INTEGER_DIGITS = -(2**63), 2**64 - 1, 20


def loads(data: bytes | str, *, max_bytes: int = MAX_BYTES, max_depth: int = MAX_DEPTH) -> Any:
    """Parse JSON (RFC 8259), refusing whatever two parsers could read differently.

    Refused: more than `max_bytes`, nesting deeper than `max_depth`, duplicate member names (RFC 8259 §4), NaN
    and infinities, integers beyond 64 bits, invalid UTF-8, lone surrogates. Raises `MalformedInput`, or
    `LimitExceeded` for the first two.
    """
    raw = data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data
    if len(raw) > max_bytes:
        raise LimitExceeded(f"JSON of {len(raw)} bytes; at most {max_bytes} are read")
    try:
        # orjson refuses NaN, invalid UTF-8 and lone surrogates, and is fast; it keeps the last of two members
        # with one name, and reads integers beyond 64 bits as floats.
        value = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise MalformedInput(f"not JSON: {error}") from None
    if raw.count(b"[") + raw.count(b"{") > max_depth:
        _check_depth(value, max_depth)
    if not is_written_like(value, raw):
        names, has_huge = _survey(value)
        if has_huge or names != len(_NAME_END.findall(raw)):
            _look_closely(raw)
    return value


def dumps(value: Any) -> bytes:
    """Serialise to compact UTF-8. Raises `MalformedInput` for what JSON cannot say, NaN and infinities included."""
    try:
        raw = orjson.dumps(value)
    except (orjson.JSONEncodeError, RecursionError) as error:
        raise MalformedInput(f"not expressible in JSON: {error}") from None
    # orjson writes NaN as null; only where a null stands is the value worth another walk.
    if b"null" in raw and _has_no_number(value):
        raise MalformedInput("NaN and infinities are not expressible in JSON", clause="RFC 8259 §6")
    return raw


def is_written_like(value: Any, raw: bytes) -> bool:
    """Whether the value is written as exactly these bytes: then nothing in them was lost, and no name stands twice."""
    try:
        return orjson.dumps(value) == raw
    except orjson.JSONEncodeError:  # nested more deeply than orjson writes
        return False


def _check_depth(value: Any, max_depth: int) -> None:
    """Raise `LimitExceeded` past `max_depth` containers inside each other; level by level, without recursion."""
    level, depth = [value] if value.__class__ is dict or value.__class__ is list else [], 0
    while level:
        depth += 1
        if depth > max_depth:
            raise LimitExceeded("JSON is nested too deeply")
        level = [
            item
            for container in level
            for item in (container.values() if container.__class__ is dict else container)
            if item.__class__ is dict or item.__class__ is list
        ]


def _survey(value: Any) -> tuple[int, bool]:
    """Count the member names in a value, and say whether a float in it may have been an integer beyond 64 bits."""
    names, has_huge = 0, False
    level = [value]
    while level := [item for item in level if item.__class__ is not str]:
        below: list[Any] = []
        for item in level:
            if item.__class__ is dict:
                names += len(item)
                below += item.values()
            elif item.__class__ is list:
                below += item
            elif item.__class__ is float and abs(item) >= _HUGE:
                has_huge = True
        level = below
    return names, has_huge


def _look_closely(raw: bytes) -> None:
    """Parse a second time, slowly; reached only if the cheap looks cannot rule a second reading out."""
    try:
        stdlib_json.loads(raw, object_pairs_hook=_distinct, parse_int=_exact_integer)
    except RecursionError:
        raise LimitExceeded("JSON is nested too deeply") from None


def _distinct(items: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(items)
    if len(result) != len(items):
        raise MalformedInput("a JSON object has two members with one name", clause="RFC 8259 §4")
    return result


def _exact_integer(digits: str) -> int:
    if len(digits) > _INTEGER_DIGITS or not _SMALLEST_INTEGER <= int(digits) <= _LARGEST_INTEGER:
        raise MalformedInput("an integer beyond 64 bits", clause="RFC 8259 §6")
    return int(digits)


def _has_no_number(value: Any) -> bool:
    level = [value]
    while level:
        below: list[Any] = []
        for item in level:
            if isinstance(item, dict):
                below += item.values()
            elif isinstance(item, list | tuple):
                below += item
            elif isinstance(item, float) and not math.isfinite(item):
                return True
        level = [item for item in below if item.__class__ is not str]
    return False
