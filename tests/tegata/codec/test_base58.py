"""base58btc, as Multikey values use it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tegata.codec import base58
from tegata.errors import MalformedInput


@given(st.binary(max_size=100))
def test_bytes_come_back(data: bytes) -> None:
    assert base58.decode(base58.encode(data)) == data


@given(st.text("123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz", max_size=60))
def test_every_text_has_one_meaning_and_one_spelling(text: str) -> None:
    assert base58.encode(base58.decode(text)) == text


@pytest.mark.clause("draft-msporny-base58 §5")
@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"Hello World!", "2NEpo7TZRRrLZSi2U"),
        (b"The quick brown fox jumps over the lazy dog.", "USm3fpXnKG5EUBx2ndxBDMPVciP5hGey2Jh4NDv6gmeo1LkMeiKrLJUUBk6Z"),
        (bytes.fromhex("0000287fb4cd"), "11233QC4"),
        (b"", ""),
        (b"\x00", "1"),
    ],
)  # fmt: skip
def test_the_published_examples(data: bytes, text: str) -> None:
    assert base58.encode(data) == text
    assert base58.decode(text) == data


@pytest.mark.parametrize("text", ["0", "O", "I", "l", "abc ", "ａ", "\n"])
def test_characters_outside_the_alphabet_are_refused(text: str) -> None:
    with pytest.raises(MalformedInput):
        base58.decode(text)


def test_long_input_costs_nothing() -> None:
    assert base58.decode("1" * 512) == bytes(512)
    with pytest.raises(MalformedInput):
        base58.decode("1" * 513)
