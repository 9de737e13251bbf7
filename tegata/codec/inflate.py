"""Decompression with a ceiling: a small input never becomes a large one."""

import zlib

from tegata.errors import LimitExceeded, MalformedInput

_ZLIB = zlib.MAX_WBITS
_GZIP = zlib.MAX_WBITS | 16


def inflate_zlib(data: bytes, max_bytes: int) -> bytes:
    """Decompress one zlib stream (RFC 1950); raises `LimitExceeded` past `max_bytes`, `MalformedInput` otherwise."""
    return _inflate(data, _ZLIB, max_bytes)


def inflate_gzip(data: bytes, max_bytes: int) -> bytes:
    """Decompress one gzip member (RFC 1952), with the same errors."""
    return _inflate(data, _GZIP, max_bytes)


def _inflate(data: bytes, window: int, max_bytes: int) -> bytes:
    engine = zlib.decompressobj(window)
    try:
        result = engine.decompress(data, max_bytes + 1)
    except zlib.error:
        raise MalformedInput("not a compressed stream") from None
    if len(result) > max_bytes:
        raise LimitExceeded(f"decompresses to more than {max_bytes} bytes")
    if not engine.eof or engine.unused_data:
        raise MalformedInput("a compressed stream that is cut off, or followed by something else")
    return result
