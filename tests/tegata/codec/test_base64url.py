"""base64url: one spelling for every byte string."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tegata.codec import base64url
from tegata.errors import MalformedInput


@given(st.binary(max_size=200))
def test_bytes_come_back(data: bytes) -> None:
    text = base64url.encode(data)
    assert base64url.decode(text) == data
    assert text == base64.urlsafe_b64encode(data).decode().rstrip("=")


@pytest.mark.clause("RFC 4648 §10")
@pytest.mark.parametrize(
    ("data", "text"),
    [(b"", ""), (b"f", "Zg"), (b"fo", "Zm8"), (b"foo", "Zm9v"), (b"foob", "Zm9vYg"), (b"\xfb\xff", "-_8")],
)
def test_the_examples_of_the_standard(data: bytes, text: str) -> None:
    assert base64url.encode(data) == text
    assert base64url.decode(text) == data


@pytest.mark.clause("RFC 7515 §2")
@pytest.mark.parametrize(
    "text", ["Zg==", "Zm9v\n", "Zm 9v", "+_8", "-/8", "Zm9vY", "Ｚg", "Zg=", "\x00", "Zm9v~"]
)
def test_other_alphabets_padding_and_lengths_are_refused(text: str) -> None:
    with pytest.raises(MalformedInput):
        base64url.decode(text)


@pytest.mark.clause("RFC 4648 §3.5")
@pytest.mark.parametrize("text", ["Zh", "Zv", "Zm9"])
def test_a_second_spelling_of_the_same_bytes_is_refused(text: str) -> None:
    with pytest.raises(MalformedInput):
        base64url.decode(text)
