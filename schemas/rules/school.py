"""Rules about the school: its code, its kind, the grades it has, and identifiers that only tests may use."""

from collections.abc import Iterator, Mapping

from schemas.rules.facts import Facts, Finding
from tegata.errors import Text

_STANDARD = "文部科学省 教育データ標準 学校コード"
_TEST_PREFECTURE = "00"
#: A local government's 法人番号 carries its 団体コード after these digits.
_GOVERNMENT = "000020"
#: Not assigned to anybody as far as known; the sample university's.
_TEST_CORPORATE_NUMBERS = frozenset({"1000000999998"})

_PRIMARY = frozenset({"P1", "P2", "P3", "P4", "P5", "P6"})
_LOWER = frozenset({"J1", "J2", "J3"})
_UPPER = frozenset({"H1", "H2", "H3", "H4"})
_EARLY = frozenset({"E1", "E2", "E3"})
_HIGHER = frozenset({"U1", "U2", "U3", "U4", "U5", "U6"})
_GRADUATE = frozenset({"M", "D"})
#: The years of study that each kind of school has. 各種学校 (H2) are free.
_GRADES: Mapping[str, frozenset[str]] = {
    "A1": _EARLY,
    "A2": _EARLY,
    "B1": _PRIMARY,
    "C1": _LOWER,
    "C2": _PRIMARY | _LOWER,
    "D1": _UPPER,
    "D2": _LOWER | _UPPER,
    "E1": _EARLY | _PRIMARY | _LOWER | _UPPER,
    "F1": _HIGHER | _GRADUATE,
    "F2": frozenset({"U1", "U2", "U3", "U4"}),
    "G1": _HIGHER,
    "H1": _UPPER | frozenset({"U1", "U2", "U3", "U4"}),
}


def is_test_school_code(code: str) -> bool:
    """Whether a 学校コード is of the impossible prefecture 00."""
    return code[2:4] == _TEST_PREFECTURE


def is_test_corporate_number(number: str) -> bool:
    """Whether a 法人番号 cannot belong to anybody."""
    return number in _TEST_CORPORATE_NUMBERS or number[1:9] == _GOVERNMENT + _TEST_PREFECTURE


def identifiers(facts: Facts) -> Iterator[Finding]:
    """What is issued from test identifiers says so (`test`, which hardly a form can hide)."""
    school = facts.claims.get("school")
    if school is None or facts.claims.get("test") is True or facts.may_be_withheld("test"):
        return
    if is_test_school_code(school["code"]) or is_test_corporate_number(school.get("corporate_number", "")):
        yield Finding(
            "/test",
            Text(
                "試験用の学校コードや法人番号を使う証明書には「テスト用」の表示が必要です。",
                "A document with a test school code or corporate number has to be marked as a test.",
            ),
        )


def kind_matches_code(facts: Facts) -> Iterator[Finding]:
    """The kind of school is the beginning of its code."""
    school = facts.claims.get("school")
    if school is not None and school["kind"] != school["code"][:2]:
        yield Finding(
            "/school/kind",
            Text("学校の種類が学校コードと合いません。", "The kind of school does not fit the school code."),
            _STANDARD,
        )


def kind_allowed(facts: Facts) -> Iterator[Finding]:
    """Only kinds of school that give this document issue it."""
    school = facts.claims.get("school")
    if school is not None and school["kind"] not in facts.document.school_kinds:
        yield Finding(
            "/school/kind",
            Text(
                "この種類の学校は、この証明書を発行しません。",
                "Schools of this kind do not issue this document.",
            ),
        )


def grade_matches_school(facts: Facts) -> Iterator[Finding]:
    """The year of study is one that this kind of school has."""
    school, grade = facts.claims.get("school"), facts.claims.get("grade")
    if school is None or grade is None:
        return
    grades = _GRADES.get(school["kind"])
    if grades is not None and grade not in grades:
        yield Finding(
            "/grade",
            Text(
                "学年が学校の種類と合いません。", "The year of study does not exist at this kind of school."
            ),
        )
