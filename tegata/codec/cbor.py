"""Strict CBOR (RFC 8949): bounded reading that believes no encoder, and one spelling when writing.

Read tags stay tags: no date, number or expression is made of what a stranger sent. What was read is never written again to be
verified; whoever needs the bytes under a signature keeps them (`embedded`).
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from io import BytesIO
from typing import Any

import cbor2
from cbor2 import CBORSimpleValue, CBORTag, undefined

from tegata.errors import LimitExceeded, MalformedInput

Tag = CBORTag
MAX_BYTES = 1_048_576
MAX_DEPTH = 32
#: Encoded CBOR data item in a byte string (RFC 8949 §3.4.5.1).
EMBEDDED = 24
_CLAUSE = "RFC 8949 §5"
#: Tags that the library would turn into something else.
_KNOWN_TAGS = (
    0,
    1,
    2,
    3,
    4,
    5,
    25,
    28,
    29,
    30,
    35,
    36,
    37,
    52,
    54,
    100,
    256,
    258,
    260,
    261,
    1004,
    43000,
    55799,
)
#: `undefined` and the heads of simple values stand in these bytes; others have them too.
_RARE = re.compile(rb"[\xe0-\xf3\xf7\xf8]")


#: What is written and read as it is. A float is neither ordered nor written.
_SCALARS = frozenset({str, int, bytes, bool, type(None)})


def _kept(number: int) -> Any:
    def keep(value: Any, _immutable: bool) -> CBORTag:
        return CBORTag(number, value)

    return keep


_TAGS = {number: _kept(number) for number in _KNOWN_TAGS}


def loads(data: bytes, *, max_bytes: int = MAX_BYTES, max_depth: int = MAX_DEPTH) -> Any:
    """Read one data item.

    Raises `LimitExceeded` past `max_bytes`, and `MalformedInput` for indefinite lengths, a key that stands twice, bytes after
    the item, invalid UTF-8, nesting deeper than `max_depth`, `undefined` and simple values that nobody assigned.
    """
    if len(data) > max_bytes:
        raise LimitExceeded(f"CBOR of {len(data)} bytes; at most {max_bytes} are read")
    stream = BytesIO(data)
    decoder = cbor2.CBORDecoder(
        stream,
        semantic_decoders=_TAGS,
        max_depth=max_depth,
        allow_indefinite=False,
        allow_duplicate_keys=False,
    )
    try:
        value = decoder.decode()
    except (cbor2.CBORError, ValueError, OverflowError, MemoryError, RecursionError, TypeError) as error:
        raise MalformedInput(f"not CBOR: {type(error).__name__}", clause=_CLAUSE) from None
    if stream.tell() != len(data):
        raise MalformedInput("bytes after the CBOR item", clause=_CLAUSE)
    if _RARE.search(data):
        _refuse_rare(value)
    return value


def dumps(value: Any) -> bytes:
    """Write deterministically (RFC 8949 §4.2.1): shortest forms, map keys in the order of their bytes.

    Raises `MalformedInput` for what is not null, a truth value, an integer, text, bytes, a list, a map or a tag: floats are
    spelt in many ways and are not written.
    """
    try:
        return cbor2.dumps(_ordered(value))
    except (cbor2.CBORError, ValueError, OverflowError, RecursionError) as error:
        raise MalformedInput(f"not expressible in CBOR: {type(error).__name__}") from None


def embedded(data: bytes) -> CBORTag:
    """Wrap encoded CBOR so that its bytes travel as they are."""
    return CBORTag(EMBEDDED, data)


def embedded_bytes(value: Any) -> bytes:
    """Return the bytes inside an embedded item, untouched; raises `MalformedInput` for anything else."""
    if not isinstance(value, CBORTag) or value.tag != EMBEDDED or not isinstance(value.value, bytes):
        raise MalformedInput("not an embedded CBOR item", clause="RFC 8949 §3.4.5.1")
    return value.value


def _ordered(value: Any) -> Any:
    kind = value.__class__
    if kind in _SCALARS:
        return value
    if kind is dict and all(name.__class__ is str for name in value):
        items = ((name, value[name]) for name in _in_order(tuple(value)))
        return {name: item if item.__class__ in _SCALARS else _ordered(item) for name, item in items}
    if isinstance(value, Mapping):
        keys = {cbor2.dumps(_ordered(key)): key for key in value}
        return {keys[encoded]: _ordered(value[keys[encoded]]) for encoded in sorted(keys)}
    if isinstance(value, list | tuple):
        return [item if item.__class__ in _SCALARS else _ordered(item) for item in value]
    if isinstance(value, CBORTag):
        return CBORTag(value.tag, _ordered(value.value))
    raise MalformedInput(f"not expressible in CBOR here: {kind.__name__}")


@lru_cache(maxsize=1_024)
def _in_order(names: tuple[str, ...]) -> tuple[str, ...]:
    """Order texts as their encodings are ordered: a text's head grows with its length. Rows of a table share their names."""
    return tuple(sorted(names, key=lambda name: (len(encoded := name.encode("utf-8")), encoded)))


def _refuse_rare(value: Any) -> None:
    waiting = [value]
    while waiting:
        item = waiting.pop()
        kind = item.__class__
        if item is undefined or kind is CBORSimpleValue:
            raise MalformedInput("undefined, or a simple value that nobody assigned", clause="RFC 8949 §3.3")
        if isinstance(item, Mapping):
            waiting += [key for key in item if key.__class__ not in _SCALARS]
            waiting += [held for held in item.values() if held.__class__ not in _SCALARS]
        elif kind is list or kind is tuple:
            waiting += [held for held in item if held.__class__ not in _SCALARS]
        elif kind is CBORTag:
            waiting.append(item.value)
