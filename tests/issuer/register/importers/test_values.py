"""One value of one field: what is taken can be signed, and kanji are never touched."""

from collections.abc import Callable
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from issuer.register.errors import CellRefused
from issuer.register.importers import values
from schemas.dictionary import Dictionary

_TYPES = Dictionary().types
_PARSERS: list[tuple[Callable[[str], Any], str]] = [
    (values.name, "name"), (values.plain, "text"), (values.kana, "kana"), (values.latin, "latin"),
    (values.code, "number"), (values.class_name, "text"), (values.school_code, "school_code"),
]  # fmt: skip


@pytest.mark.parametrize(("parse", "kind"), _PARSERS)
@given(text=st.text(max_size=120) | st.from_regex(r"[A-Zァ-ヶ一-龠ｱ-ﾝ '・-]{1,20}", fullmatch=True))
def test_what_a_field_takes_a_certificate_accepts(parse: Callable[[str], Any], kind: str, text: str) -> None:
    stripped = values.strip(text)
    if not stripped:
        return
    try:
        value = parse(stripped)
    except CellRefused as refused:
        assert all((refused.public.ja, refused.fix.en))  # noqa: PT017  a value may also be fine
    else:
        assert jsonschema_rs.is_valid(dict(_TYPES[kind]["schema"]), value)


@given(st.text(alphabet=st.characters(min_codepoint=0x3400, max_codepoint=0x9FFF), min_size=1, max_size=20))
def test_kanji_stay_as_they_are(text: str) -> None:
    assert values.name(text) == text


@pytest.mark.parametrize(
    "text", ["\ufa11", "\u9ad9", "辻\U000e0100", "\U00020bb7", "々", "グエン・ティ", "数学Ⅰ", "Ａ"]
)
def test_no_normal_form_is_applied_to_names_and_titles(text: str) -> None:
    assert values.name(text) == text
    assert values.plain(text) == text


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("ｶﾞｷﾞ", "ガギ"),
        ("ﾊﾟｰﾄ", "パート"),
        ("あおば", "アオバ"),
        ("アオバ ハナ", "アオバ ハナ"),
        ("ヴｧ", "ヴァ"),
    ],
)
def test_readings_become_full_width_katakana(text: str, read: str) -> None:
    assert values.kana(text) == read


@pytest.mark.parametrize("text", ["青葉", "AOBA", "アオバ1", "ｱﾞ"])
def test_what_is_no_reading_is_refused(text: str) -> None:
    with pytest.raises(CellRefused):
        values.kana(text)


@pytest.mark.parametrize("text", ["ＡＯＢＡ", "青葉", "AOBA1", "A_B"])
def test_what_is_no_latin_spelling_is_refused(text: str) -> None:
    with pytest.raises(CellRefused):
        values.latin(text)


@pytest.mark.parametrize("text", ["O'BRIEN", "NGUYỄN THỊ HÀ", "LUCA-MARIA", "IIMORI"])
def test_latin_spellings_of_passports_are_taken(text: str) -> None:
    assert values.latin(text) == text


@pytest.mark.parametrize(("text", "read"), [("5", "5"), ("１", "1"), ("秀", "秀"), ("A+", "A+")])
def test_ratings_are_taken(text: str, read: str) -> None:
    assert values.rating(text) == read


@pytest.mark.parametrize("text", ["0", "6", "10", "3.5", "12345", "秀 優", "x" * 11])
def test_other_ratings_are_refused(text: str) -> None:
    with pytest.raises(CellRefused):
        values.rating(text)


@pytest.mark.parametrize(("text", "read"), [("2025", 2025), ("2025年度", 2025), ("２０２５", 2025)])
def test_school_years_are_read(text: str, read: int) -> None:
    assert values.school_year(text) == read


@pytest.mark.parametrize("text", ["25", "令和7年度", "1899", "2201", "2025-26"])
def test_other_years_are_refused(text: str) -> None:
    with pytest.raises(CellRefused):
        values.school_year(text)


def test_the_word_null_and_outer_spaces_are_no_value() -> None:
    read = [values.strip(text) for text in ("NULL", " \u3000\r\n", "\u3000青葉 ")]
    assert read == ["", "", "青葉"]
