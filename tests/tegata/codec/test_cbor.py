"""Strict CBOR: one spelling out, and nothing in that two readers could take differently."""

from typing import Any

import cbor2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tegata.codec import cbor
from tegata.errors import LimitExceeded, MalformedInput

_VALUES: Any = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**64), 2**64 - 1)
    | st.text(max_size=8)
    | st.binary(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(max_size=4) | st.integers(-99, 999), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(_VALUES)
def test_what_is_written_is_read_and_written_the_same(value: Any) -> None:
    raw = cbor.dumps(value)
    assert cbor.loads(raw) == value
    assert cbor.dumps(cbor.loads(raw)) == raw


@pytest.mark.clause("RFC 8949 §4.2.1")
def test_map_keys_stand_in_the_order_of_their_bytes() -> None:
    # The example of the clause.
    keys: list[Any] = ["aa", 10, "z", -1, 100, False]
    written = cbor.dumps(dict.fromkeys(keys, 0))
    assert written == bytes.fromhex("a6 0a00 186400 2000 617a00 62616100 f400".replace(" ", ""))


@pytest.mark.parametrize(
    "raw",
    ["9f01ff", "bf6161 01ff", "5f4101ff", "7f6161ff", "a2010201 03", "a2616101616102", "0102", "", "62ffff", "f7", "f820",
     "82f7", "81f8ff", "9affffffff", "5b7fffffffffffffff", "1c", "a1", "c0", "e0", "a1e000"],
    ids=["array", "map", "bytes", "text", "twice", "twice-text", "trailing", "nothing", "utf8", "undefined", "simple",
         "inside", "simple-inside", "short", "huge", "reserved", "cut", "tag-alone", "simple-short", "simple-key"],
)  # fmt: skip
def test_what_two_readers_could_take_differently_is_malformed(raw: str) -> None:
    with pytest.raises(MalformedInput):
        cbor.loads(bytes.fromhex(raw.replace(" ", "")))


@given(st.binary(max_size=64))
def test_arbitrary_bytes_raise_only_our_errors(data: bytes) -> None:
    try:
        value = cbor.loads(data)
    except MalformedInput:
        return
    assert value is None or isinstance(value, bool | int | float | str | bytes | list | dict | cbor.Tag)


def test_depth_and_size_are_bounded() -> None:
    with pytest.raises(MalformedInput):
        cbor.loads(b"\x81" * 40 + b"\x01")
    with pytest.raises(MalformedInput):
        cbor.loads(b"\x81" * 100_000 + b"\x01")
    with pytest.raises(LimitExceeded):
        cbor.loads(b"\x00" * 10, max_bytes=9)


@pytest.mark.parametrize(
    "number", [0, 1, 2, 3, 4, 24, 25, 28, 29, 35, 36, 37, 100, 258, 1004, 43000, 55799, 7]
)
def test_a_tag_stays_a_tag(number: int) -> None:
    raw = cbor.dumps(cbor.Tag(number, "2026-03-10"))
    assert cbor.loads(raw) == cbor.Tag(number, "2026-03-10")


def test_an_expression_and_a_shared_reference_are_not_made() -> None:
    assert cbor.loads(bytes.fromhex("d823622828")) == cbor.Tag(35, "((")
    assert cbor.loads(bytes.fromhex("d81c81d81d00")) == cbor.Tag(28, [cbor.Tag(29, 0)])


@pytest.mark.clause("RFC 8949 §3.4.5.1")
def test_embedded_bytes_travel_as_they_are() -> None:
    inside = bytes.fromhex("a1186401")  # a key that is not written in its shortest form
    read = cbor.loads(cbor.dumps({"x": cbor.embedded(inside)}))
    assert cbor.embedded_bytes(read["x"]) == inside
    for wrong in (b"x", cbor.Tag(24, "x"), cbor.Tag(25, b"x"), None):
        with pytest.raises(MalformedInput):
            cbor.embedded_bytes(wrong)


@pytest.mark.parametrize(
    "value", [1.5, float("nan"), pytest.param(object(), id="object"), {1.5: 1}, [set()], 2**70 * 1.0], ids=str
)
def test_what_has_no_one_spelling_is_not_written(value: Any) -> None:
    with pytest.raises(MalformedInput):
        cbor.dumps(value)


_KEYS = st.text(max_size=30) | st.integers(-(2**70), 2**70) | st.binary(max_size=30)


@pytest.mark.clause("RFC 8949 §4.2.1")
@given(
    st.dictionaries(st.text(max_size=300), st.integers(), max_size=8)
    | st.dictionaries(st.integers(-(2**70), 2**70), st.text(), max_size=8)
    | st.dictionaries(_KEYS, st.none(), max_size=8)
)
def test_keys_of_every_kind_stand_in_the_order_of_their_bytes(value: dict[Any, Any]) -> None:
    written = [cbor2.dumps(key) for key in cbor2.loads(cbor.dumps(value))]
    assert written == sorted(written)
    assert cbor2.loads(cbor.dumps({"inside": [value]})) == {"inside": [value]}


@pytest.mark.parametrize("size", [0, 1, 23, 24, 255, 256, 65_535, 65_536])
def test_the_spelling_of_wrapped_bytes_is_that_of_the_writer(size: int) -> None:
    assert cbor.spelling_of_embedded(b"x" * size) == cbor.dumps(cbor.embedded(b"x" * size))
