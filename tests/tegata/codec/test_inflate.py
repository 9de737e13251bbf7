"""Decompression with a ceiling."""

import gzip
import zlib
from collections.abc import Callable

import pytest

from tegata.codec.inflate import inflate_gzip, inflate_zlib
from tegata.errors import LimitExceeded, MalformedInput

_WAYS = pytest.mark.parametrize(
    ("compress", "inflate"),
    [(zlib.compress, inflate_zlib), (gzip.compress, inflate_gzip)],
    ids=["zlib", "gzip"],
)
Compress = Callable[[bytes], bytes]
Inflate = Callable[[bytes, int], bytes]


@_WAYS
@pytest.mark.parametrize("data", [b"", b"a", bytes(16_384), bytes(range(256)) * 64])
def test_data_comes_back_up_to_the_very_limit(compress: Compress, inflate: Inflate, data: bytes) -> None:
    assert inflate(compress(data), len(data)) == data


@_WAYS
def test_one_byte_more_is_too_much(compress: Compress, inflate: Inflate) -> None:
    with pytest.raises(LimitExceeded):
        inflate(compress(bytes(101)), 100)


@_WAYS
def test_a_bomb_is_stopped_at_the_limit(compress: Compress, inflate: Inflate) -> None:
    bomb = compress(bytes(50_000_000))
    assert len(bomb) < 100_000
    with pytest.raises(LimitExceeded):
        inflate(bomb, 16_384)


@_WAYS
@pytest.mark.parametrize(
    "spoil", [lambda d: d[:-1], lambda d: d + b"x", lambda d: d + d, lambda _: b"", lambda _: b"no"]
)
def test_a_stream_that_is_cut_off_or_followed_by_more_is_refused(
    compress: Compress, inflate: Inflate, spoil: Callable[[bytes], bytes]
) -> None:
    with pytest.raises(MalformedInput) as refused:
        inflate(spoil(compress(b"statuses")), 1_000)
    assert not isinstance(refused.value, LimitExceeded)


@_WAYS
def test_a_changed_checksum_is_refused(compress: Compress, inflate: Inflate) -> None:
    data = bytearray(compress(b"statuses"))
    data[-5 if inflate is inflate_gzip else -1] ^= 1
    with pytest.raises(MalformedInput):
        inflate(bytes(data), 1_000)


def test_each_wrapper_is_refused_by_the_other() -> None:
    with pytest.raises(MalformedInput):
        inflate_zlib(gzip.compress(b"x"), 10)
    with pytest.raises(MalformedInput):
        inflate_gzip(zlib.compress(b"x"), 10)
