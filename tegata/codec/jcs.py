"""Canonical JSON (RFC 8785): fast where orjson is exact, `rfc8785` everywhere else."""

from typing import Any

import orjson
import rfc8785

from tegata.errors import MalformedInput

_SAFE_INTEGER = 2**53 - 1
_SMALLEST, _LARGEST = 1e-3, 1e15


def canonicalize(value: Any) -> bytes:
    """Return the canonical bytes; raises `MalformedInput` for NaN, integers beyond 2^53 and lone surrogates."""
    try:
        if _is_exact(value):
            return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
        return rfc8785.dumps(value)
    except (
        rfc8785.CanonicalizationError,
        orjson.JSONEncodeError,
        RecursionError,
        UnicodeEncodeError,
    ) as error:
        raise MalformedInput(f"no canonical JSON: {error}", clause="RFC 8785 §3.2") from None


def _is_exact(value: Any) -> bool:
    """Whether orjson's sorted output is the canonical one: ASCII keys, safe integers, floats it writes alike."""
    if isinstance(value, str) or value is None or isinstance(value, bool):
        return True
    if isinstance(value, int):
        return -_SAFE_INTEGER <= value <= _SAFE_INTEGER
    if isinstance(value, float):
        return not value.is_integer() and _SMALLEST <= abs(value) < _LARGEST
    if isinstance(value, dict):
        return all(isinstance(key, str) and key.isascii() and _is_exact(item) for key, item in value.items())
    if isinstance(value, list):
        return all(map(_is_exact, value))
    return False
