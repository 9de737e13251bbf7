"""Canonical JSON, compared with the published examples and with another implementation."""

import math
import struct

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from tegata.codec import jcs, json
from tegata.errors import MalformedInput

_SAFE = 2**53 - 1
_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-_SAFE, _SAFE)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec="utf-8")),
    lambda inner: (
        st.lists(inner, max_size=5)
        | st.dictionaries(st.text(st.characters(codec="utf-8")), inner, max_size=5)
    ),
    max_leaves=20,
)


def _reads_back_as_a_large_integer(value: object) -> bool:
    """Whether a float in it is written like an integer beyond 2^53, which is then refused."""
    if isinstance(value, float):
        return value.is_integer() and abs(value) > _SAFE
    children = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return any(map(_reads_back_as_a_large_integer, children))


@pytest.mark.clause("RFC 8785 §3.2")
@given(_VALUES)
def test_it_agrees_with_the_other_implementation(value: object) -> None:
    assert jcs.canonicalize(value) == rfc8785.dumps(value)


@pytest.mark.clause("RFC 8785 §3.2")
@given(_VALUES.filter(lambda value: not _reads_back_as_a_large_integer(value)))
def test_canonical_json_is_canonical_already(value: object) -> None:
    once = jcs.canonicalize(value)
    assert jcs.canonicalize(json.loads(once, max_bytes=10**7)) == once


@pytest.mark.clause("RFC 8785 Appendix B")
@pytest.mark.parametrize(
    ("bits", "text"),
    [
        ("0000000000000000", "0"), ("8000000000000000", "0"), ("0000000000000001", "5e-324"),
        ("8000000000000001", "-5e-324"), ("7fefffffffffffff", "1.7976931348623157e+308"),
        ("ffefffffffffffff", "-1.7976931348623157e+308"), ("4340000000000000", "9007199254740992"),
        ("c340000000000000", "-9007199254740992"), ("4430000000000000", "295147905179352830000"),
        ("44b52d02c7e14af5", "9.999999999999997e+22"), ("44b52d02c7e14af6", "1e+23"),
        ("44b52d02c7e14af7", "1.0000000000000001e+23"), ("444b1ae4d6e2ef4e", "999999999999999700000"),
        ("444b1ae4d6e2ef4f", "999999999999999900000"), ("444b1ae4d6e2ef50", "1e+21"),
        ("3eb0c6f7a0b5ed8c", "9.999999999999997e-7"), ("3eb0c6f7a0b5ed8d", "0.000001"),
        ("41b3de4355555553", "333333333.3333332"), ("41b3de4355555554", "333333333.33333325"),
        ("41b3de4355555555", "333333333.3333333"), ("becbf647612f3696", "-0.0000033333333333333333"),
        ("43143ff3c1cb0959", "1424953923781206.2"),
    ],
)  # fmt: skip
def test_numbers_are_written_as_the_standard_lists_them(bits: str, text: str) -> None:
    (number,) = struct.unpack(">d", bytes.fromhex(bits))
    assert jcs.canonicalize(number).decode() == text


@pytest.mark.clause("RFC 8785 §3.2.3")
def test_names_are_sorted_by_utf_16_and_not_by_code_point() -> None:
    value = {"\u20ac": 1, "\r": 2, "\ufb33": 3, "1": 4, "\U0001f600": 5, "\u0080": 6, "\u00f6": 7}
    assert list(json.loads(jcs.canonicalize(value)).values()) == [2, 4, 6, 7, 1, 5, 3]


@pytest.mark.clause("RFC 8785 §3.2.2.2")
def test_strings_are_escaped_as_little_as_possible() -> None:
    assert jcs.canonicalize('€$\x0f\nA\'B"\\\\"/\x7f') == '"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/\x7f"'.encode()


@pytest.mark.parametrize(
    "value",
    [math.nan, math.inf, 2**53, -(2**53), "\ud800", {"\ud800": 1}, {1: 2}, [object()], {"a": {1}}],
)
def test_what_has_no_canonical_form_is_refused(value: object) -> None:
    with pytest.raises(MalformedInput):
        jcs.canonicalize(value)


def test_nesting_beyond_the_stack_is_refused() -> None:
    value: list[object] = []
    for _ in range(100_000):
        value = [value]
    with pytest.raises(MalformedInput):
        jcs.canonicalize(value)
