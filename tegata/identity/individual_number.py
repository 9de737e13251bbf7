"""The guard against 個人番号 (My Number) and 住民票コード, wherever data comes in.

By law they may not be collected or kept here, and an encrypted or hashed one is still one (番号利用法 第2条第8項). So a
refused value is never logged, hashed, echoed or queued: an error names the field, the rule, the length, and no more.
A check digit alone is weak evidence (one in ten random numbers passes), so typed fields are left to their own grammar
and institution-supplied numbers need a word or a grouping beside them.
"""

import logging
import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any

from tegata.errors import Forbidden, Text

_INDIVIDUAL, _RESIDENT = "individual_number", "resident_record_code"
#: What people write between the groups of digits, after NFKC.
_SEPARATOR = r"[ \-‐−–ー.]"
#: 12 or 11 digits, plain or in the 4-4-4 (4-4-3) grouping that people write, with no digit beside them: not a part of a
#: longer number, not a decimal fraction, not three groups of a card's four.
_CANDIDATE = re.compile(
    rf"(?<!\d)(?<!\d\.)(?:\d{{11,12}}|(?<!\d{{4}}{_SEPARATOR})\d{{4}}{_SEPARATOR}\d{{4}}{_SEPARATOR}\d{{3,4}}"
    rf"(?!{_SEPARATOR}\d{{4}}))(?![\d.]?\d)"
)
_WORDS = re.compile(
    r"個人番号|マイナンバー|住民票コード|my[ _-]?number|individual[ _-]?number|kojin[ _-]?bang(?:o|ou)",
    re.IGNORECASE,
)
_WORD_REACH = 20
_REDACTED = "[個人番号の可能性]"


class IndividualNumberRefused(Forbidden):
    """Something looks like a 個人番号 or a 住民票コード; the value itself is nowhere in this error."""

    kind = "individual_number_refused"
    text = Text(
        "マイナンバーの可能性がある数字があります。法令により受け取れないため、保存せずに破棄しました。その部分を消して、もう一度お試しください。",
        "There are digits that may be a My Number. By law we cannot accept them; what you sent was discarded. "
        "Delete them and try again.",
    )

    def __init__(self, field: str, rule: str, length: int = 0, row: int | None = None) -> None:
        public = self.text
        if row is not None:
            public = Text(
                f"{row}行目にマイナンバーの可能性がある数字があります。法令により受け取れないため、ファイルは保存せずに破棄しました。その列を消して選び直してください。",
                f"Row {row} holds digits that may be a My Number. By law we cannot accept them; the file was discarded. "
                "Delete the column and choose the file again.",
            )
        super().__init__(
            f"field {field[:60]!r}, rule {rule}, length {length}", public=public, pointer=field[:60]
        )
        self.field, self.rule, self.length, self.row = field[:60], rule, length, row


def refuse_columns(headers: Iterable[str]) -> None:
    """Refuse a table that has a column for 個人番号, whatever is in it."""
    for header in headers:
        if _WORDS.search(unicodedata.normalize("NFKC", header[:200])):
            raise IndividualNumberRefused("列 (column)", "column_name")


def refuse_file_name(name: str) -> None:
    """Refuse a file whose name holds such a number or the word for it."""
    folded = unicodedata.normalize("NFKC", name[:500])
    if _WORDS.search(folded) or _finding(folded, free_text=True):
        raise IndividualNumberRefused("ファイル名 (file name)", "file_name", len(name))


def refuse_text(field: str, text: str, *, free_text: bool = True, row: int | None = None) -> None:
    """Refuse a text with such a number in it.

    In free text the check digit is enough; elsewhere (an institution's own numbers) the field's name or a word nearby
    has to say so, or the digits be grouped as on the card.
    """
    folded = unicodedata.normalize("NFKC", text)
    named = bool(_WORDS.search(unicodedata.normalize("NFKC", field[:200])))
    rule = _finding(folded, free_text=free_text or named)
    if rule:
        raise IndividualNumberRefused(field, rule, len(text), row)


def refuse_json(value: Any, *, typed: frozenset[str] = frozenset(), field: str = "") -> None:
    """Refuse a JSON value with such a number in any string, number or member name; `typed` members are skipped."""
    if isinstance(value, Mapping):
        for name, item in value.items():
            if _WORDS.search(unicodedata.normalize("NFKC", str(name)[:200])):
                raise IndividualNumberRefused("member", "member_name")
            if name not in typed:
                refuse_json(item, typed=typed, field=str(name))
    elif isinstance(value, list | tuple):
        for item in value:
            refuse_json(item, typed=typed, field=field)
    elif isinstance(value, str):
        refuse_text(field, value, free_text=False)
    elif isinstance(value, int) and not isinstance(value, bool):
        refuse_text(field, str(value), free_text=False)


def contains(text: str) -> bool:
    """Whether a text holds such a number, judged by the check digit alone."""
    return bool(_finding(unicodedata.normalize("NFKC", text), free_text=True))


class RedactingFilter(logging.Filter):
    """Takes such numbers out of log records and their traces: the last net, after all the gates."""

    def filter(self, record: logging.LogRecord) -> bool:
        redacted = _redact(record.getMessage())
        if redacted is not None:
            record.msg, record.args = redacted, None
        if record.exc_info and not record.exc_text:
            # A formatter takes the trace from here; it would format the values of the error otherwise.
            trace = logging.Formatter().formatException(record.exc_info)
            record.exc_text = _redact(trace) or trace
        return True


def _redact(text: str) -> str | None:
    """Return the text without such numbers; None if there are none."""
    folded = unicodedata.normalize("NFKC", text)
    return _CANDIDATE.sub(_REDACTED, folded) if _finding(folded, free_text=True) else None


def _finding(folded: str, *, free_text: bool) -> str:
    for match in _CANDIDATE.finditer(folded):
        digits = re.sub(r"\D", "", match[0])
        kind = _kind(digits)
        if not kind:
            continue
        around = folded[max(0, match.start() - _WORD_REACH) : match.end() + _WORD_REACH]
        grouped = len(digits) != len(match[0])
        if free_text or grouped or _WORDS.search(around):
            return kind
    return ""


def _kind(digits: str) -> str:
    if len(set(digits)) == 1:
        return ""
    if len(digits) == 12 and _check_digit(digits[:11]) == int(digits[11]):  # noqa: PLR2004  個人番号
        return _INDIVIDUAL
    # A mobile telephone number starts with 0; a 住民票コード is not told from one by its digits.
    if len(digits) == 11 and digits[0] != "0" and _check_digit(digits[:10]) == int(digits[10]):  # noqa: PLR2004
        return _RESIDENT
    return ""


def _check_digit(body: str) -> int:
    """Compute the check digit (総務省令第85号 第5条): weights 2…7 and 2…6 from the right, modulo 11."""
    weights = (n + 1 if n <= 6 else n - 5 for n in range(1, len(body) + 1))  # noqa: PLR2004
    remainder = sum(int(digit) * weight for digit, weight in zip(reversed(body), weights, strict=True)) % 11
    return 0 if remainder <= 1 else 11 - remainder
