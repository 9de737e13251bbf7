"""Strict JSON: one reading for every byte string.

Not for canonical JSON that is signed as such; that is `tegata.codec.jcs`.
"""

import json as stdlib_json
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


def loads(data: bytes | str, *, max_bytes: int = MAX_BYTES, max_depth: int = MAX_DEPTH) -> Any:
    """Parse JSON (RFC 8259), refusing whatever two parsers could read differently.

    Refused: more than `max_bytes`, nesting deeper than `max_depth`, duplicate member names (RFC 8259 §4), NaN
    and infinities, invalid UTF-8, lone surrogates. Raises `MalformedInput`, or `LimitExceeded` for the first two.
    """
    raw = data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data
    if len(raw) > max_bytes:
        raise LimitExceeded(f"JSON of {len(raw)} bytes; at most {max_bytes} are read")
    try:
        # orjson refuses NaN, invalid UTF-8 and lone surrogates, and is fast; it keeps the last of two members
        # with one name, so names are counted below.
        value = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise MalformedInput(f"not JSON: {error}") from None
    if _count_names(value, max_depth) != len(_NAME_END.findall(raw)) and _has_duplicate(raw):
        raise MalformedInput("a JSON object has two members with one name", clause="RFC 8259 §4")
    return value


def dumps(value: Any) -> bytes:
    """Serialise to compact UTF-8. Raises `MalformedInput` for what JSON cannot say."""
    try:
        return orjson.dumps(value)
    except (orjson.JSONEncodeError, RecursionError) as error:
        raise MalformedInput(f"not expressible in JSON: {error}") from None


def _count_names(value: Any, depth: int) -> int:
    if depth < 0:
        raise LimitExceeded("JSON is nested too deeply")
    if isinstance(value, dict):
        return len(value) + sum(_count_names(item, depth - 1) for item in value.values())
    if isinstance(value, list):
        return sum(_count_names(item, depth - 1) for item in value)
    return 0


def _has_duplicate(raw: bytes) -> bool:
    """Parse a second time, slowly; reached only if the cheap count cannot rule a duplicate out."""

    def pairs(items: list[tuple[str, Any]]) -> dict[str, Any]:
        result = dict(items)
        if len(result) != len(items):
            raise _DuplicateError
        return result

    try:
        stdlib_json.loads(raw, object_pairs_hook=pairs)
    except _DuplicateError:
        return True
    return False


class _DuplicateError(Exception):
    """Two members with one name; private to this module."""
