"""Strict CBOR (RFC 8949): bounded reading that believes no encoder, and one spelling when writing.

Read tags stay tags: no date, number or expression is made of what a stranger sent. What was read is never written again to be
verified; whoever needs the bytes under a signature keeps them (`embedded`).
"""

import re
from collections.abc import Mapping, Sequence
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
#: Lengths up to this one stand in the first byte (RFC 8949 §3).
_LARGEST_INLINE = 23
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


def spelling_of_embedded(data: bytes) -> bytes:
    """Return how the wrapped bytes are written, which is what digests of embedded items cover: tag, length, bytes."""
    size = len(data)
    if size <= _LARGEST_INLINE:
        return bytes((0xD8, EMBEDDED, 0x40 + size)) + data
    if size < 1 << 8:
        return bytes((0xD8, EMBEDDED, 0x58, size)) + data
    if size < 1 << 16:
        return bytes((0xD8, EMBEDDED, 0x59, size >> 8, size & 0xFF)) + data
    return cbor2.dumps(embedded(data))


def embedded_bytes(value: Any) -> bytes:
    """Return the bytes inside an embedded item, untouched; raises `MalformedInput` for anything else."""
    if not isinstance(value, CBORTag) or value.tag != EMBEDDED or not isinstance(value.value, bytes):
        raise MalformedInput("not an embedded CBOR item", clause="RFC 8949 §3.4.5.1")
    return value.value


#: What has one spelling and nothing inside.
_PLAIN = frozenset({str, bytes, int, bool, type(None)})


def _ordered(value: Any) -> Any:
    kind = type(value)
    if kind in _PLAIN:
        return value
    if kind is dict:
        return _ordered_map(value)
    if kind is CBORTag:
        inner = value.value
        return value if type(inner) in _PLAIN else CBORTag(value.tag, _ordered(inner))
    if isinstance(value, list | tuple):
        return [item if type(item) in _PLAIN else _ordered(item) for item in value]
    if isinstance(value, Mapping):
        return _ordered_map(value)
    if isinstance(value, bool | int | str | bytes):
        return value
    raise MalformedInput(f"not expressible in CBOR here: {kind.__name__}")


def _ordered_map(value: Mapping[Any, Any]) -> dict[Any, Any]:
    found = {}
    for key in _in_order(value):
        item = value[key]
        found[key] = item if type(item) in _PLAIN else _ordered(item)
    return found


def _in_order(value: Mapping[Any, Any]) -> Sequence[Any]:
    """Return a map's keys in the order of their bytes."""
    kinds = set(map(type, value))
    if kinds == _TEXT:
        return _texts_in_order(tuple(value))
    if kinds == _NUMBER and max(map(abs, value)) < _BIGNUM:
        # Negative numbers are written as how far they lie below -1, and after all others.
        return sorted(value, key=lambda number: (number < 0, number if number >= 0 else -1 - number))
    keys = {cbor2.dumps(_ordered(key)): key for key in value}
    return [keys[encoded] for encoded in sorted(keys)]


_TEXT, _NUMBER = {str}, {int}
#: From here on numbers are written as tags.
_BIGNUM = 1 << 64


@lru_cache(maxsize=512)
def _texts_in_order(keys: tuple[str, ...]) -> tuple[str, ...]:
    """Return texts in the order of their bytes, which begin with the length: the same few maps are written all day."""
    return tuple(sorted(keys, key=_spelling))


def _spelling(key: str) -> tuple[int, bytes]:
    encoded = key.encode("utf-8")
    return len(encoded), encoded


def _refuse_rare(value: Any) -> None:
    waiting = [value]
    while waiting:
        item = waiting.pop()
        kind = type(item)
        if kind in _PLAIN:
            continue
        if kind is list or kind is tuple:
            waiting += [inner for inner in item if type(inner) not in _PLAIN]
        elif kind is CBORTag:
            waiting.append(item.value)
        elif kind is dict or isinstance(item, Mapping):
            waiting += [inner for inner in item if type(inner) not in _PLAIN]
            waiting += [inner for inner in item.values() if type(inner) not in _PLAIN]
        elif item is undefined or isinstance(item, CBORSimpleValue):
            raise MalformedInput("undefined, or a simple value that nobody assigned", clause="RFC 8949 §3.3")
