"""Strict JSON: what two parsers could read differently is refused."""

import json as stdlib_json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tegata.codec import json
from tegata.errors import LimitExceeded, MalformedInput

_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec="utf-8")),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(st.characters(codec="utf-8")), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(_VALUES)
def test_what_is_written_reads_back(value: object) -> None:
    assert json.loads(json.dumps(value)) == value


@given(_VALUES)
def test_it_reads_what_the_standard_library_writes(value: object) -> None:
    assert json.loads(stdlib_json.dumps(value)) == value


@pytest.mark.clause("RFC 8259 §4")
@pytest.mark.parametrize(
    "text",
    [
        '{"a":1,"a":1}',
        '{"a":1,"a":2}',
        '{"a":1,"\\u0061":2}',
        '[{"b":{"c":1,"c":2}}]',
        '{"a" :1,"a"\n:2}',
        '{"氏名":1,"氏名":2}',
        '{"":1,"":2}',
        '{"x":"a\\":","a":1,"a":2}',
    ],
)
def test_two_members_with_one_name_are_refused(text: str) -> None:
    with pytest.raises(MalformedInput):
        json.loads(text)


@pytest.mark.parametrize("text", ['{"a":"x\\":y"}', '{"a":"\\":\\":"}', '["\\": "]', '{"a\\":":1}'])
def test_a_string_that_looks_like_a_name_is_only_a_string(text: str) -> None:
    assert json.loads(text) == stdlib_json.loads(text)


@pytest.mark.parametrize(
    "data",
    [
        b"", b"nul", b"NaN", b"[Infinity]", b"[-Infinity]", b"{'a':1}", b"[1,]", b"[1] x", b"\xff", b'"\xed\xa0\x80"',
        b'"\\ud800"', b"\xef\xbb\xbf[]", b"[01]", b"[1.]", b'"\x01"', b"[+1]", "[１]".encode(),
    ],
)  # fmt: skip
def test_what_is_not_json_is_refused(data: bytes) -> None:
    with pytest.raises(MalformedInput) as refused:
        json.loads(data)
    assert not isinstance(refused.value, LimitExceeded)


def test_a_lone_surrogate_in_a_python_string_is_refused() -> None:
    with pytest.raises(MalformedInput):
        json.loads('"\ud800"')


@pytest.mark.parametrize("number", [2**64 - 1, -(2**63), 0, 2**53 + 1])
def test_integers_of_64_bits_are_exact(number: int) -> None:
    assert json.loads(str(number)) == number


@pytest.mark.parametrize("text", [str(2**64), str(-(2**63) - 1), "1" + "0" * 400, "-" + "9" * 5000])
def test_larger_integers_are_refused_instead_of_rounded(text: str) -> None:
    with pytest.raises(MalformedInput):
        json.loads(f'{{"n":{text}}}')


def test_large_floats_are_floats() -> None:
    assert json.loads("[1e300, 18446744073709551616.0]") == [1e300, 2.0**64]


def test_more_bytes_than_the_limit_are_not_looked_at() -> None:
    with pytest.raises(LimitExceeded):
        json.loads(b"[" + b" " * 100 + b"]", max_bytes=100)
    assert json.loads(b"[" + b" " * 98 + b"]", max_bytes=100) == []


@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"a":', "}")])
def test_nesting_is_counted(opening: str, closing: str) -> None:
    middle = "1" if opening != "[" else ""
    assert json.loads(opening * 64 + middle + closing * 64) is not None
    with pytest.raises(LimitExceeded):
        json.loads(opening * 65 + middle + closing * 65)


def test_nesting_that_would_exhaust_a_parser_is_refused() -> None:
    with pytest.raises(MalformedInput):
        json.loads("[" * 100_000 + "]" * 100_000)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, [None, {"a": math.nan}], {"a": [math.inf]}])
def test_numbers_without_a_spelling_are_not_written(value: object) -> None:
    with pytest.raises(MalformedInput):
        json.dumps(value)


@pytest.mark.parametrize("value", [{1: 2}, object(), "\ud800", {"a": {1, 2}}, 2**64])
def test_what_json_cannot_say_is_not_written(value: object) -> None:
    with pytest.raises(MalformedInput):
        json.dumps(value)


def test_a_null_is_written_and_nothing_is_padded() -> None:
    assert json.dumps({"氏名": None, "a": [1, 2.5]}) == '{"氏名":null,"a":[1,2.5]}'.encode()
