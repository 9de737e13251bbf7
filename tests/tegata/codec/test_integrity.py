"""The integrity of linked documents."""

import base64
import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tegata.codec.integrity import IntegrityFailed, check_integrity, integrity_of
from tegata.errors import MalformedInput

DATA = b'{"vct":"x"}'


def _sri(name: str, data: bytes = DATA) -> str:
    return f"{name}-{base64.b64encode(hashlib.new(name, data).digest()).decode()}"


@given(st.binary(max_size=50))
def test_a_document_matches_its_own_integrity(data: bytes) -> None:
    check_integrity(data, integrity_of(data))
    with pytest.raises(IntegrityFailed):
        check_integrity(data + b" ", integrity_of(data))


@pytest.mark.clause("SRI §3.1")
def test_the_published_example_is_spelt_alike() -> None:
    assert integrity_of(b"alert('Hello, world.');") == "sha256-qznLcsROx4GACP2dm0UCKCzCG+HiZ1guq6ZZDob/Tng="


@pytest.mark.clause("SD-JWT VC §7")
@pytest.mark.parametrize("name", ["sha256", "sha384", "sha512"])
def test_three_hashes_are_known(name: str) -> None:
    check_integrity(DATA, _sri(name))
    check_integrity(DATA, _sri(name) + "?ct=application/json")
    with pytest.raises(IntegrityFailed):
        check_integrity(b"x", _sri(name))


@pytest.mark.clause("SRI §3.3.4")
def test_the_strongest_hash_decides() -> None:
    check_integrity(DATA, f"{_sri('sha256', b'x')} {_sri('sha512')}")
    check_integrity(DATA, f"{_sri('sha512', b'x')} {_sri('sha512')} md5-AAAA")
    with pytest.raises(IntegrityFailed):
        check_integrity(DATA, f"{_sri('sha256')} {_sri('sha512', b'x')}")


@pytest.mark.parametrize(
    "text",
    ["", " ", "md5-AAAA", "sha1-AAAA", "SHA256-AAAA", "sha256", "sha256-*", "sha256-AA_-", "x" * 2_000],
)
def test_an_unknown_or_unreadable_hash_is_never_a_match(text: str) -> None:
    with pytest.raises((MalformedInput, IntegrityFailed)):
        check_integrity(DATA, text)
