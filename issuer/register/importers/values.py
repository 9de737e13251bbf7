"""Reading one value of one field: what is accepted, what it becomes, and how to put right what is not.

Kanji and Latin letters stay as they are: no normal form is applied to a name. Half-width kana become full-width and,
in kana fields, hiragana become katakana; the caller shows both.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date

from issuer.register.errors import CellRefused
from schemas.dictionary import Dictionary
from tegata.codec.dates import parse_date
from tegata.errors import MalformedInput, Text
from tegata.identity.organisation import SchoolCode

Value = str | int | bool | date | None
Parser = Callable[[str], Value]

_SPACES = " \t\r\n\u3000"
_HALF_KANA = re.compile("[\uff61-\uff9f]+")
_HIRAGANA = {code: code + 0x60 for code in [*range(0x3041, 0x3097), 0x309D, 0x309E]}
_TYPES = Dictionary().types
# What certificates accept is said once, in the dictionary: what an import takes can be signed.
_KANA, _LATIN, _TEXT = (re.compile(_TYPES[name]["schema"]["pattern"]) for name in ("kana", "latin", "text"))
#: What software writes for a character it could not convert, and characters that only one school's machines know.
_LOST = re.compile("[\ufffd\u25a0\u3013\ue000-\uf8ff\U000f0000-\U0010ffff]")
_GRADES = frozenset(
    [f"P{n}" for n in range(1, 7)] + [f"J{n}" for n in (1, 2, 3)] + [f"H{n}" for n in (1, 2, 3, 4)]
    + [f"U{n}" for n in range(1, 7)] + ["M", "D"]
)  # fmt: skip
_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s]{1,190}")
_DECIMAL = re.compile(r"([0-9]{1,3})(?:\.([0-9]{1,4}))?")
_JAPANESE = re.compile("[\u3000-\u30ff\u3400-\u9fff\uf900-\ufaff]")
_MAX_TEXT, _MAX_NUMBER, _MAX_TITLE, _MAX_PASSAGE = 100, 60, 200, 1_000


def strip(text: str) -> str:
    """Take outer spaces away, half-width and full-width; OneRoster's word NULL is no value."""
    stripped = text.strip(_SPACES)
    return "" if stripped == "NULL" else stripped


def widen_kana(text: str) -> str:
    """Make half-width kana full-width, and leave everything else alone."""
    return _HALF_KANA.sub(lambda found: unicodedata.normalize("NFKC", found[0]), text)


def plain(text: str) -> str:
    """Read a text of at most 100 characters."""
    return _bounded(widen_kana(text), _MAX_TEXT)


def passage(text: str) -> str:
    """Read a longer text on one line, of at most 1,000 characters."""
    return _bounded(widen_kana(text), _MAX_PASSAGE)


def name(text: str) -> str:
    """Read a part of a name as it is registered."""
    value = widen_kana(text)
    if lost := _LOST.search(value):
        place = lost.start() + 1
        raise CellRefused(
            "character_lost",
            Text(f"表示できない文字があります（{place}文字目）。", f"Character {place} cannot be shown."),
            Text(
                "元のファイルの文字を確認し、「CSV UTF-8」で保存し直します。",
                "Check the character in the original file and save it as CSV UTF-8.",
            ),
        )
    return _bounded(value, _MAX_TEXT)


def kana(text: str) -> str:
    """Read a reading, and write it in full-width katakana."""
    value = _bounded(widen_kana(text).translate(_HIRAGANA), _MAX_TEXT)
    if not _KANA.fullmatch(value):
        raise CellRefused(
            "not_kana",
            Text("カタカナではない文字があります。", "There are characters other than katakana."),
            Text("例: アオバ", "Example: アオバ"),
        )
    return value


def latin(text: str) -> str:
    """Read a Latin spelling as it stands in the passport."""
    value = _bounded(text, _MAX_TEXT)
    if not _LATIN.fullmatch(value):
        raise CellRefused(
            "not_latin",
            Text("半角のローマ字ではない文字があります。", "There are characters other than Latin letters."),
            Text("例: AOBA（旅券のつづり）", "Example: AOBA, spelt as in the passport"),
        )
    return value


def class_name(text: str) -> str:
    """Read the name of a class, with digits and letters in half width as people write it: 3年A組."""
    # Folded first: some characters fold into one that begins with a space.
    return _bounded(unicodedata.normalize("NFKC", _bounded(text, _MAX_TEXT)).strip(), _MAX_TEXT)


def rating(text: str) -> str:
    """Read a rating: 1 to 5, or a university's grade such as 秀 or A."""
    value = unicodedata.normalize("NFKC", text[: _MAX_NUMBER + 1])
    if not re.fullmatch(r"[1-5]|[^\s\d]{1,2}[^\s]{0,8}", value):
        raise CellRefused(
            "not_a_rating",
            Text("評定として読めません。", "This cannot be read as a rating."),
            Text(
                "1から5までの整数、または評語（例: 秀、A）",
                "A whole number from 1 to 5, or a grade such as A",
            ),
        )
    return value


def points(text: str) -> str:
    """Read grade points, and write them as certificates do: 3.50 is 3.5."""
    found = _DECIMAL.fullmatch(unicodedata.normalize("NFKC", text[: _MAX_NUMBER + 1]))
    if not found:
        raise CellRefused(
            "not_points",
            Text("GPとして読めません。", "This cannot be read as grade points."),
            Text("例: 3.5", "Example: 3.5"),
        )
    fraction = (found[2] or "").rstrip("0")
    return f"{int(found[1])}.{fraction}" if fraction else str(int(found[1]))


def credit_count(text: str) -> int:
    """Read credits: whole numbers, which some systems write as 2.0."""
    value = whole(0, 99)(re.sub(r"[.．][0０]+$", "", text[: _MAX_NUMBER + 1]))
    assert isinstance(value, int)  # noqa: S101  `whole` returns nothing else
    return value


def english(text: str) -> str:
    """Read an English title: Latin letters, digits and marks, which full-width forms become."""
    value = _bounded(unicodedata.normalize("NFKC", _bounded(text, _MAX_TITLE)).strip(), _MAX_TITLE)
    if _JAPANESE.search(value):
        raise CellRefused(
            "not_english",
            Text(
                "英語の名称に、日本語の文字があります。", "There are Japanese characters in an English title."
            ),
            Text("例: Linear Algebra I", "Example: Linear Algebra I"),
        )
    return value


def code(text: str) -> str:
    """Read a number that is text: a student number, a diploma number."""
    return _bounded(text, _MAX_NUMBER)


def identifier(text: str) -> str:
    """Read another system's identifier."""
    return _bounded(text, 200)


def email(text: str) -> str:
    """Read a mail address; whether it works shows when it is used."""
    value = _bounded(text, 254)
    if not _EMAIL.fullmatch(value):
        raise CellRefused(
            "not_email",
            Text("メールアドレスとして読めません。", "This cannot be read as a mail address."),
            Text("例: name@example.jp", "Example: name@example.jp"),
        )
    return value


def day(text: str) -> date:
    """Read a date as people write it."""
    try:
        return parse_date(text)
    except MalformedInput:
        raise CellRefused(
            "not_a_date",
            Text("日付として読めません。", "This cannot be read as a date."),
            Text("例: 2008-04-14、平成20年4月14日", "Examples: 2008-04-14, 平成20年4月14日"),
        ) from None


def whole(lowest: int, highest: int) -> Parser:
    """Return a parser of whole numbers within limits; full-width digits are accepted."""

    def parse(text: str) -> int:
        folded = unicodedata.normalize("NFKC", text) if len(text) <= _MAX_NUMBER else ""
        if not re.fullmatch("[0-9]{1,6}", folded) or not lowest <= int(folded) <= highest:
            raise CellRefused(
                "not_in_range",
                Text(
                    f"{lowest}から{highest}までの整数ではありません。",
                    f"This is not a whole number from {lowest} to {highest}.",
                ),
                Text("数字だけを入れます。", "Enter digits only."),
            )
        return int(folded)

    return parse


def school_year(text: str) -> int:
    """Read a 年度 by the year it starts in: 2025, 2025年度."""
    found = re.fullmatch(r"([0-9]{4})(年度)?", unicodedata.normalize("NFKC", text[:_MAX_NUMBER]))
    year = int(found[1]) if found else 0
    if not 1900 <= year <= 2200:  # noqa: PLR2004  the limits of the claim `school_year`
        raise CellRefused(
            "not_a_year",
            Text("年度として読めません。", "This cannot be read as a school year."),
            Text(
                "4月に始まる年の西暦4桁。例: 2025",
                "The year in which the school year starts, four digits. Example: 2025",
            ),
        )
    return year


def grade(text: str) -> str:
    """Read a year of study by its code."""
    value = unicodedata.normalize("NFKC", text[:_MAX_NUMBER]).upper()
    if value not in _GRADES:
        raise CellRefused(
            "not_a_grade",
            Text("学年のコードではありません。", "This is not a code of a year of study."),
            Text("例: H3（高等学校3年）", "Example: H3 (upper secondary school, year 3)"),
        )
    return value


def school_code(text: str) -> str:
    """Read a 学校コード; test codes are a matter of the installation, not of a row."""
    try:
        return SchoolCode.parse(text, allow_test=True).value
    except MalformedInput:
        raise CellRefused(
            "not_a_school_code",
            Text(
                "学校コード（13桁）として読めません。",
                "This cannot be read as a school code of 13 characters.",
            ),
            Text("例: D113299901234", "Example: D113299901234"),
        ) from None


def choice(accepted: Mapping[str, Value]) -> Parser:
    """Return a parser of fixed words."""
    words = "、".join(dict.fromkeys(word for word in accepted if not word.isascii())) or "、".join(accepted)

    def parse(text: str) -> Value:
        key = text.casefold()
        if key not in accepted:
            raise CellRefused(
                "not_a_choice",
                Text("決められた言葉ではありません。", "This is not one of the accepted words."),
                Text(f"次のどれか: {words}", f"One of: {words}"),
            )
        return accepted[key]

    return parse


def _bounded(text: str, most: int) -> str:
    if len(text) > most:
        raise CellRefused(
            "too_long",
            Text(
                f"長すぎます（{len(text):,}文字、{most}文字まで）。",
                f"This is too long: {len(text):,} characters of at most {most}.",
            ),
            Text("列がずれていないか確かめます。", "Check that the columns of this row are not shifted."),
        )
    if not _TEXT.fullmatch(text):
        raise CellRefused(
            "control_character",
            Text(
                "改行や目に見えない文字、外字があります。",
                "There is a line break, an invisible character, or one that only some machines know.",
            ),
            Text("1行で、ふつうの文字だけで入れ直します。", "Write it on one line, in ordinary characters."),
        )
    return text
