"""Codes of organisations, against published values."""

import pytest

from tegata.identity.organisation import (
    BoardCode,
    CodeRefused,
    CorporateNumber,
    LocalGovernmentCode,
    SchoolCode,
)

#: 国税庁, 東京大学, 東京都, 北海道, 札幌市: as published on 法人番号公表サイト.
CORPORATE_NUMBERS = ("7000012050002", "5010005007398", "8000020130001", "7000020010006", "9000020011002")
#: As published by 文部科学省: universities, a high school, a lower secondary school, a vocational and a primary school.
SCHOOL_CODES = (
    "F113110102700",
    "F113310103581",
    "F126110107407",
    "D114210010197",
    "C114320100017",
    "H113310400202",
    "B113110000034",
)
#: 東京都, 千代田区, 札幌市, 大阪市.
LOCAL_GOVERNMENT_CODES = ("130001", "131016", "011002", "271004")


@pytest.mark.clause("法人番号の指定等に関する省令 第2条")
@pytest.mark.parametrize("number", CORPORATE_NUMBERS)
def test_published_corporate_numbers_are_read(number: str) -> None:
    found = CorporateNumber.parse(number)
    assert found.value == number
    assert not found.is_test


@pytest.mark.parametrize("number", CORPORATE_NUMBERS)
def test_any_other_check_digit_of_a_corporate_number_is_refused(number: str) -> None:
    for digit in "0123456789":
        if digit != number[0]:
            with pytest.raises(CodeRefused):
                CorporateNumber.parse(digit + number[1:])


@pytest.mark.parametrize(
    "text", ["", "700001205000", "70000120500020", "T7000012050002", "7000-01205000", "x" * 13]
)
def test_other_spellings_of_a_corporate_number_are_refused(text: str) -> None:
    with pytest.raises(CodeRefused) as refused:
        CorporateNumber.parse(text)
    assert "13" in refused.value.public.ja


def test_digits_of_other_scripts_are_never_read() -> None:
    arabic = "".join(chr(0x0660 + int(digit)) for digit in "7000012050002")
    for parse in (CorporateNumber.parse, LocalGovernmentCode.parse, BoardCode.parse, SchoolCode.parse):
        with pytest.raises(CodeRefused):
            parse(arabic[:13])
        with pytest.raises(CodeRefused):
            parse(arabic[:6])
    with pytest.raises(CodeRefused):
        SchoolCode.parse("F1" + "".join(chr(0x0660 + int(digit)) for digit in "13110102700"))


def test_full_width_characters_and_space_around_are_folded() -> None:
    assert CorporateNumber.parse(" ７００００１２０５０００２ ").value == "7000012050002"
    assert SchoolCode.parse("ｆ１１３１１０１０２７００").value == "F113110102700"
    assert LocalGovernmentCode.parse("１３０００１\u3000").value == "130001"


@pytest.mark.parametrize(
    ("number", "code"),
    [
        ("8000020130001", "130001"),
        ("7000020010006", "010006"),
        ("9000020011002", "011002"),
        ("5010005007398", None),
    ],
)
def test_the_code_of_a_local_government_is_in_its_corporate_number(number: str, code: str | None) -> None:
    assert CorporateNumber.parse(number).local_government_code == code


@pytest.mark.parametrize("code", SCHOOL_CODES)
def test_published_school_codes_are_read_with_their_check_digit(code: str) -> None:
    found = SchoolCode.parse(code)
    assert found.check_digit_ok
    assert (found.kind, found.prefecture, found.establishment) == (code[:2], code[2:4], code[4])


@pytest.mark.parametrize("code", SCHOOL_CODES)
def test_a_wrong_check_digit_of_a_school_code_is_told_but_not_refused(code: str) -> None:
    wrong = code[:-1] + str((int(code[-1]) + 1) % 10)
    assert not SchoolCode.parse(wrong).check_digit_ok


@pytest.mark.parametrize(
    "text",
    [
        "",
        "F11311010270",
        "F1131101027000",
        "I113110102700",
        "F313110102700",
        "D148210010197",
        "D114410010197",
        "D114010010197",
        "F1 3110102700",
        "113110102700F",
    ],
)
def test_what_is_no_school_code_is_refused(text: str) -> None:
    with pytest.raises(CodeRefused):
        SchoolCode.parse(text)


@pytest.mark.clause("JIS X 0402")
@pytest.mark.parametrize("code", LOCAL_GOVERNMENT_CODES)
def test_published_local_government_codes_are_read_and_other_check_digits_refused(code: str) -> None:
    assert LocalGovernmentCode.parse(code).value == code
    for digit in "0123456789":
        if digit != code[5]:
            with pytest.raises(CodeRefused):
                LocalGovernmentCode.parse(code[:5] + digit)


@pytest.mark.parametrize("text", ["", "13000", "1300011", "13-001", "13000x"])
def test_what_is_no_local_government_code_is_refused(text: str) -> None:
    with pytest.raises(CodeRefused):
        LocalGovernmentCode.parse(text)


def test_a_board_code_has_six_digits_and_no_check_digit() -> None:
    assert BoardCode.parse("130001").value == "130001"
    assert BoardCode.parse("130002").value == "130002"
    for text in ("13000", "480001", "1300011", "13000x"):
        with pytest.raises(CodeRefused):
            BoardCode.parse(text)


@pytest.mark.parametrize(
    ("parse", "code"),
    [
        (CorporateNumber.parse, "7000020009997"),
        (CorporateNumber.parse, "1000000999998"),
        (SchoolCode.parse, "D100299999903"),
        (SchoolCode.parse, "F100399999906"),
        (LocalGovernmentCode.parse, "009997"),
        (BoardCode.parse, "009990"),
    ],
)
def test_test_codes_exist_only_where_they_are_switched_on(parse, code: str) -> None:
    found = parse(code, allow_test=True)
    assert found.is_test
    with pytest.raises(CodeRefused) as refused:
        parse(code)
    assert "試験" in refused.value.public.ja


def test_no_refusal_carries_the_text_that_was_given() -> None:
    with pytest.raises(CodeRefused) as refused:
        CorporateNumber.parse("secret value")
    assert "secret" not in refused.value.detail + refused.value.public.ja + refused.value.public.en
