"""Everything that a stranger can hand in, damaged: each byte of it, a stretch of it, or all of it."""

import json
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tegata.errors import TegataError
from tests.fuzz.specimens import Specimen, all_specimens

_EACH = pytest.mark.parametrize("specimen", all_specimens(), ids=lambda specimen: specimen.name)
#: The library warns of odd certificates (a country of three letters, a negative number) before they are refused here.
_WARNED = pytest.mark.filterwarnings("ignore::UserWarning")
#: Languages are the same in either case (BCP 47 §2.1.1): as linked data, a document says nothing else.
_LANGUAGE = re.compile(rb'(?<="@language": ")[A-Za-z]+(?=")')
#: Another bit of a byte in each pass over a text: a letter's neighbour, its other case, no letter at all.
_BITS = (0x01, 0x20, 0x80)


def accepts(specimen: Specimen, data: bytes) -> bool:
    """Read to the end. Any `TegataError` is an answer; anything else escapes and fails the test."""
    try:
        specimen.read(data)
    except TegataError:
        return False
    return True


def _changed(good: bytes, place: int, bits: int) -> bytes:
    return good[:place] + bytes([good[place] ^ bits]) + good[place + 1 :]


@_EACH
def test_an_undamaged_one_is_accepted(specimen: Specimen) -> None:
    assert accepts(specimen, specimen.good)


@_EACH
@_WARNED
def test_whichever_byte_is_changed_it_is_refused(specimen: Specimen) -> None:
    good = specimen.good
    # One pass over every byte, the bit that is turned taking turns as well: all three bits meet every kind of byte.
    changed = [_changed(good, place, _BITS[place % 3]) for place in range(len(good))]
    assert [data for data in changed if accepts(specimen, data) and _meaning(data) != _meaning(good)] == []


@_EACH
@_WARNED
def test_wherever_it_is_cut_off_it_is_refused(specimen: Specimen) -> None:
    good = specimen.good
    steps = {len(good) * part // 64 for part in range(64)} | {len(good) - 1, len(good) - 2}
    assert [place for place in sorted(steps) if accepts(specimen, good[:place])] == []


@st.composite
def _edited(draw: st.DrawFn, good: bytes) -> bytes:
    """Draw a few edits: stretches replaced, doubled, moved, or taken out."""
    data = good
    for _ in range(draw(st.integers(1, 3))):
        start = draw(st.integers(0, len(data)))
        end = draw(st.integers(start, min(len(data), start + 40)))
        middle = data[start:end]
        other = draw(
            st.sampled_from([b"", middle * 2, middle[::-1], b'"', b"{", b"}", b".", b"\x9f", b"\xff", b"\xd8\x18"])
            | st.binary(max_size=8)
        )  # fmt: skip
        data = data[:start] + other + data[end:]
    return data


@_EACH
@_WARNED
@settings(deadline=None, max_examples=60)
@given(data=st.data())
def test_whatever_is_edited_it_is_refused_or_the_same(specimen: Specimen, data: st.DataObject) -> None:
    edited = data.draw(_edited(specimen.good))
    assert not accepts(specimen, edited) or _meaning(edited) == _meaning(specimen.good)


def _meaning(data: bytes) -> object:
    """Fold what two texts may differ in and say the same: blanks between JSON's tokens, the case of a language."""
    text = _LANGUAGE.sub(lambda found: found[0].lower(), data)
    try:
        return json.loads(text) if text.lstrip().startswith(b"{") else text
    except ValueError:
        return text


@_EACH
@settings(deadline=None, max_examples=60)
@given(noise=st.binary(max_size=300))
def test_noise_is_refused(specimen: Specimen, noise: bytes) -> None:
    assert not accepts(specimen, noise)
    assert not accepts(specimen, specimen.good[:4] + noise)
