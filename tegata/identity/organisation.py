"""Codes of organisations as value types: 法人番号, 学校コード, 全国地方公共団体コード, 教育委員会コード.

A value checks its grammar when it is made. Test identifiers, of the impossible prefecture 00, exist only where
`allow_test` is on; what is issued from them says so.
"""

import re
import unicodedata
from dataclasses import dataclass
from typing import Protocol, Self, TypeVar

from tegata.errors import MalformedInput, Text

_TEST_PREFECTURE = "00"
#: Not assigned to anybody as far as known; the sample university's.
_TEST_CORPORATE_NUMBERS = frozenset({"1000000999998"})
# Digits are ASCII: full-width ones are folded before, and no registry knows others.
_SCHOOL_CODE = re.compile(r"(A[12]|B1|C[12]|D[12]|E1|F[12]|G1|H[12])(\d\d)([123])\d{8}", re.ASCII)
_THIRTEEN_DIGITS = re.compile(r"\d{13}", re.ASCII)
_SIX_DIGITS = re.compile(r"\d{6}", re.ASCII)


class CodeRefused(MalformedInput):
    """A code breaks its grammar or its check digit, or is a test code where none are allowed."""

    kind = "code_refused"


def fold(text: str) -> str:
    """Fold full-width letters and digits, and drop surrounding space."""
    return unicodedata.normalize("NFKC", text[:64]).strip()


@dataclass(frozen=True, slots=True)
class CorporateNumber:
    """法人番号: 13 digits, the first a check digit; proves a legal person, never a single public school."""

    value: str

    @classmethod
    def parse(cls, text: str, *, allow_test: bool = False) -> Self:
        """Read a 法人番号; raises `CodeRefused` for a wrong length or check digit, or a test number not allowed."""
        value = fold(text)
        if not _THIRTEEN_DIGITS.fullmatch(value):
            raise CodeRefused(
                "not 13 digits",
                public=Text("法人番号は数字13桁です。", "A corporate number (法人番号) has 13 digits."),
            )
        total = sum(int(digit) * (1 if n % 2 else 2) for n, digit in enumerate(reversed(value[1:]), 1))
        if 9 - total % 9 != int(value[0]):
            raise CodeRefused(
                "check digit",
                public=Text(
                    "法人番号の検査用数字が合いません。", "The check digit of the 法人番号 is wrong."
                ),
            )
        return _allowed(cls(value), allow_test)

    @property
    def local_government_code(self) -> str | None:
        """The 団体コード that a local government's number is built from; None for everybody else."""
        return self.value[7:] if self.value[1:7] == "000020" else None

    @property
    def is_test(self) -> bool:
        """Whether the number belongs to test data."""
        code = self.local_government_code
        return self.value in _TEST_CORPORATE_NUMBERS or (
            code is not None and code.startswith(_TEST_PREFECTURE)
        )


@dataclass(frozen=True, slots=True)
class SchoolCode:
    """学校コード: kind, prefecture, establishment, number, check digit; given once, never reused (MEXT)."""

    value: str

    @classmethod
    def parse(cls, text: str, *, allow_test: bool = False) -> Self:
        """Read a 学校コード; raises `CodeRefused`. A wrong check digit is only told by `check_digit_ok`."""
        value = fold(text).upper()
        found = _SCHOOL_CODE.fullmatch(value)
        if not found or int(found[2]) > 47:  # noqa: PLR2004  JIS X 0401
            raise CodeRefused(
                "not a school code",
                public=Text(
                    "学校コードは英字1つと数字12桁です（例 D1002…）。",
                    "A school code (学校コード) is one letter and 12 digits.",
                ),
            )
        return _allowed(cls(value), allow_test)

    @property
    def kind(self) -> str:
        """The kind of school: B1 小学校, C1 中学校, D1 高等学校, F1 大学 and others."""
        return self.value[:2]

    @property
    def prefecture(self) -> str:
        """The prefecture (JIS X 0401); 00 in test codes."""
        return self.value[2:4]

    @property
    def establishment(self) -> str:
        """設置区分: 1 national, 2 public, 3 private."""
        return self.value[4]

    @property
    def check_digit_ok(self) -> bool:
        """Whether the check digit fits; a warning only, as the registry row is the authority."""
        digits = [ord(self.value[0]) - 64] + [int(digit) for digit in self.value[1:12]]
        total = sum(sum(divmod(digit * weight, 10)) for digit, weight in zip(digits, (2, 1) * 6, strict=True))
        return (10 - total % 10) % 10 == int(self.value[12])

    @property
    def is_test(self) -> bool:
        """Whether the code belongs to test data."""
        return self.prefecture == _TEST_PREFECTURE


@dataclass(frozen=True, slots=True)
class LocalGovernmentCode:
    """全国地方公共団体コード: prefecture, municipality, check digit (JIS X 0402)."""

    value: str

    @classmethod
    def parse(cls, text: str, *, allow_test: bool = False) -> Self:
        """Read a 団体コード; raises `CodeRefused` for a wrong length or check digit, or a test code not allowed."""
        value = fold(text)
        if not _SIX_DIGITS.fullmatch(value):
            raise CodeRefused(
                "not 6 digits", public=Text("団体コードは数字6桁です。", "A 団体コード has 6 digits.")
            )
        total = sum(int(digit) * weight for digit, weight in zip(value, (6, 5, 4, 3, 2), strict=False))
        if (11 - total % 11) % 10 != int(value[5]):
            raise CodeRefused(
                "check digit",
                public=Text(
                    "団体コードの検査数字が合いません。", "The check digit of the 団体コード is wrong."
                ),
            )
        return _allowed(cls(value), allow_test)

    @property
    def is_test(self) -> bool:
        """Whether the code belongs to test data."""
        return self.value.startswith(_TEST_PREFECTURE)


@dataclass(frozen=True, slots=True)
class BoardCode:
    """教育委員会コード: prefecture and number, six digits without a check digit."""

    value: str

    @classmethod
    def parse(cls, text: str, *, allow_test: bool = False) -> Self:
        """Read a 教育委員会コード; raises `CodeRefused`."""
        value = fold(text)
        if not _SIX_DIGITS.fullmatch(value) or int(value[:2]) > 47:  # noqa: PLR2004  JIS X 0401
            raise CodeRefused(
                "not a board code",
                public=Text(
                    "教育委員会コードは数字6桁です。", "A board code (教育委員会コード) has 6 digits."
                ),
            )
        return _allowed(cls(value), allow_test)

    @property
    def is_test(self) -> bool:
        """Whether the code belongs to test data."""
        return self.value.startswith(_TEST_PREFECTURE)


class _Code(Protocol):
    @property
    def is_test(self) -> bool: ...


_C = TypeVar("_C", bound=_Code)


def _allowed(code: _C, allow_test: bool) -> _C:
    if code.is_test and not allow_test:
        raise CodeRefused(
            "a test identifier",
            public=Text(
                "試験用のコードです。この環境では使えません。",
                "This is a test code; it is not accepted here.",
            ),
        )
    return code
