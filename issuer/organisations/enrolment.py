"""The profile that an organisation is enrolled with: JSON in, a checked value out. Nothing is stored here.

Its shape is that of the sample `school-profile.json`: `legalPerson`, `authority` (boards only), `school` with its
`principals`. Members for other parts of the issuer (`courses`, `numbering`, `practice`) are not read.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from issuer.organisations.errors import EnrolmentRefused
from tegata.errors import MalformedInput, Text
from tegata.identity import individual_number
from tegata.identity.organisation import BoardCode, CorporateNumber, LocalGovernmentCode, SchoolCode

#: Kinds of legal persons that establish schools (学校教育法 第2条 and its special cases).
LEGAL_PERSON_KINDS = frozenset(
    {
        "prefecture",
        "municipality",
        "school_corporation",
        "national_university_corporation",
        "public_university_corporation",
        "incorporated_administrative_agency",
        "company",
        "other",
    }
)
_TYPED = frozenset({"corporateNumber", "localGovernmentCode", "boardCode", "schoolCode"})
_MAX_NAME = 200
_MAX_ADDRESS = 400
_MAX_TITLE = 100
_MAX_PRINCIPALS = 100
_PUBLIC = "2"


@dataclass(frozen=True, slots=True)
class LegalPersonProfile:
    """A 設置者 as it is to be enrolled."""

    corporate_number: str
    kind: str
    name: str
    name_latin: str
    local_government_code: str
    is_test: bool


@dataclass(frozen=True, slots=True)
class BoardProfile:
    """A 教育委員会 as it is to be enrolled."""

    board_code: str
    name: str
    name_latin: str


@dataclass(frozen=True, slots=True)
class OfficerProfile:
    """Who heads the school, between two days."""

    title: str
    name: str
    title_latin: str
    name_latin: str
    valid_from: date | None
    valid_until: date | None


@dataclass(frozen=True, slots=True)
class SchoolProfileInput:
    """A school as it is to be enrolled. `is_code_doubtful`: the check digit of its 学校コード does not fit."""

    code: str
    kind: str
    name: str
    name_latin: str
    address: str
    address_latin: str
    is_name_hidden: bool
    valid_from: date | None
    is_code_doubtful: bool
    heads: tuple[OfficerProfile, ...]


@dataclass(frozen=True, slots=True)
class EnrolmentProfile:
    """A whole profile, checked."""

    legal_person: LegalPersonProfile
    board: BoardProfile | None
    school: SchoolProfileInput


def parse(content: Any, *, allow_test: bool) -> EnrolmentProfile:
    """Read a profile.

    1. It has the parts, with names of sensible length and days that exist; no 個人番号 is in it.
    2. The codes follow their grammar and check digits; a 学校コード with a wrong one is only marked.
    3. The codes fit each other: 団体コード and 法人番号, establishment and kind.
    4. Test codes stand together with `"test": true`, and only where they are allowed.

    Raises `EnrolmentRefused` (1, 3, 4), `CodeRefused` (2, 4), `IndividualNumberRefused` (1).
    """
    root = _object(content, "profile")
    individual_number.refuse_json(root, typed=_TYPED)
    legal_person = _legal_person(_object(root.get("legalPerson"), "legalPerson"), allow_test)
    board = None
    if root.get("authority") is not None:
        board = _board(_object(root["authority"], "authority"), allow_test)
    school_part = _object(root.get("school"), "school")
    school = _school(school_part, allow_test)
    _check_fit(legal_person, SchoolCode.parse(school.code, allow_test=allow_test), school_part)
    _check_test(root.get("test", False), legal_person, board, school)
    return EnrolmentProfile(legal_person, board, school)


def _legal_person(part: Mapping[str, Any], allow_test: bool) -> LegalPersonProfile:
    number = CorporateNumber.parse(_text(part, "corporateNumber", 20), allow_test=allow_test)
    kind = _text(part, "kind", 40)
    if kind not in LEGAL_PERSON_KINDS:
        raise _refused("kind", "設置者の種類が正しくありません。", "Unknown kind of legal person.")
    written = _text(part, "localGovernmentCode", 10, optional=True)
    code = LocalGovernmentCode.parse(written, allow_test=allow_test).value if written else ""
    by_number = number.local_government_code or ""
    if code and by_number and code != by_number:
        raise _refused(
            "localGovernmentCode",
            "団体コードと法人番号が合いません。",
            "The 団体コード does not fit the 法人番号.",
        )
    return LegalPersonProfile(
        corporate_number=number.value,
        kind=kind,
        name=_text(part, "name", _MAX_NAME),
        name_latin=_text(part, "nameLatin", _MAX_NAME, optional=True),
        local_government_code=code or by_number,
        is_test=number.is_test,
    )


def _board(part: Mapping[str, Any], allow_test: bool) -> BoardProfile:
    code = BoardCode.parse(_text(part, "boardCode", 10), allow_test=allow_test)
    return BoardProfile(
        code.value, _text(part, "name", _MAX_NAME), _text(part, "nameLatin", _MAX_NAME, optional=True)
    )


def _school(part: Mapping[str, Any], allow_test: bool) -> SchoolProfileInput:
    code = SchoolCode.parse(_text(part, "schoolCode", 20), allow_test=allow_test)
    principals = part.get("principals", [])
    if not isinstance(principals, list) or len(principals) > _MAX_PRINCIPALS:
        raise _refused(
            "principals", "校長の一覧が正しくありません。", "The list of principals is not correct."
        )
    return SchoolProfileInput(
        code=code.value,
        kind=code.kind,
        name=_text(part, "name", _MAX_NAME),
        name_latin=_text(part, "nameLatin", _MAX_NAME, optional=True),
        address=_text(part, "address", _MAX_ADDRESS, optional=True),
        address_latin=_text(part, "addressLatin", _MAX_ADDRESS, optional=True),
        is_name_hidden=part.get("nameHidden", False) is True,
        valid_from=_day(part, "from"),
        is_code_doubtful=not code.check_digit_ok,
        heads=tuple(_officer(_object(item, "principals")) for item in principals),
    )


def _officer(part: Mapping[str, Any]) -> OfficerProfile:
    begin, end = _day(part, "from"), _day(part, "until")
    if begin is not None and end is not None and end < begin:
        raise _refused("until", "在任期間が逆です。", "The term ends before it begins.")
    return OfficerProfile(
        title=_text(part, "title", _MAX_TITLE),
        name=_text(part, "name", _MAX_NAME),
        title_latin=_text(part, "titleLatin", _MAX_TITLE, optional=True),
        name_latin=_text(part, "nameLatin", _MAX_NAME, optional=True),
        valid_from=begin,
        valid_until=end,
    )


def _check_fit(legal_person: LegalPersonProfile, code: SchoolCode, part: Mapping[str, Any]) -> None:
    if part.get("kind", code.kind) != code.kind:
        raise _refused("kind", "学校種と学校コードが合いません。", "The kind does not fit the 学校コード.")
    if part.get("establishment", code.establishment) != code.establishment:
        raise _refused(
            "establishment",
            "設置区分と学校コードが合いません。",
            "The establishment does not fit the 学校コード.",
        )
    is_local_government = legal_person.kind in {"prefecture", "municipality"}
    if is_local_government and code.establishment != _PUBLIC:
        raise _refused(
            "establishment",
            "地方公共団体が設置する学校の学校コードではありません。",
            "This is not the 学校コード of a school that a local government runs.",
        )


def _check_test(
    declared: object, legal_person: LegalPersonProfile, board: BoardProfile | None, school: SchoolProfileInput
) -> None:
    codes = {
        legal_person.is_test,
        SchoolCode.parse(school.code, allow_test=True).is_test,
        *(() if board is None else (BoardCode.parse(board.board_code, allow_test=True).is_test,)),
    }
    if codes != {declared is True}:
        raise _refused(
            "test",
            '試験用のコードと実在のコードが混ざっているか、"test" の指定がありません。',
            'Test codes and real ones are mixed, or "test" is not set.',
        )


def _object(value: Any, pointer: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise _refused(pointer, f"{pointer} がありません。", f"{pointer} is missing.")
    return value


def _text(part: Mapping[str, Any], name: str, longest: int, *, optional: bool = False) -> str:
    value = part.get(name)
    if value is None and optional:
        return ""
    if not isinstance(value, str) or not value.strip() or len(value) > longest or not value.isprintable():
        raise _refused(
            name, f"{name} は{longest}文字以内で入力してください。", f"{name} has 1 to {longest} characters."
        )
    return value.strip()


def _day(part: Mapping[str, Any], name: str) -> date | None:
    value = part.get(name)
    if value is None:
        return None
    try:
        if not isinstance(value, str) or len(value) != len("2026-04-01"):
            raise MalformedInput("not a day")
        return date.fromisoformat(value)
    except (ValueError, MalformedInput):
        raise _refused(
            name, f"{name} は 2026-04-01 の形で入力してください。", f"{name} is a day such as 2026-04-01."
        ) from None


def _refused(pointer: str, ja: str, en: str) -> EnrolmentRefused:
    return EnrolmentRefused(f"profile: {pointer}", public=Text(ja, en), pointer=pointer)
