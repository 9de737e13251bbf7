"""The guard against 個人番号: what it refuses, what it lets pass, and what it never says. All numbers are made up."""

import logging
import unicodedata

import pytest

from tegata.identity import individual_number as guard
from tegata.identity.individual_number import IndividualNumberRefused, RedactingFilter

#: Of the shape of a 個人番号 and with a right check digit, from the base 12345678901.
NUMBER = "123456789018"
GROUPED = "1234-5678-9018"
#: Of the shape of a 住民票コード, from the base 1234567890.
RESIDENT = "12345678900"


def resident_code(base: str) -> str:
    """The code with this base of ten digits."""
    return next(base + digit for digit in "0123456789" if guard.contains(base + digit))


@pytest.mark.clause("総務省令第85号 第5条")
def test_exactly_one_check_digit_makes_a_base_a_number() -> None:
    for base in ("12345678901", "98765432109", "31415926535", "20260401123"):
        assert sum(guard.contains(f"{base}{digit}") for digit in range(10)) == 1
    assert guard.contains(NUMBER)


@pytest.mark.parametrize(
    "text",
    [
        NUMBER,
        f"番号は{NUMBER}です",
        f"番号は {NUMBER}。",
        GROUPED,
        "1234 5678 9018",
        "1234‐5678‐9018",
        "1234ー5678ー9018",
        "1234.5678.9018",
        "１２３４５６７８９０１８",
        "１２３４－５６７８－９０１８",
        f"a{NUMBER}b",
        f"({NUMBER})",
        f"0, {NUMBER}, 1",
        f"No.{NUMBER}",
        f"1 {NUMBER}",
        f"at{NUMBER}",
        "1 1234 5678 9018",
        "1234\u22125678\u22129018",
        "1234\u20135678\u20139018",
        "".join(chr(0x0660 + int(digit)) for digit in NUMBER),
    ],
)
def test_free_text_with_a_number_is_refused(text: str) -> None:
    with pytest.raises(IndividualNumberRefused):
        guard.refuse_text("備考", text)
    assert guard.contains(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "123456789019",
        "090-1234-5678",
        "09012345678",
        "080 1234 5678",
        "03-1234-5678",
        "0120-123-456",
        "978-4-00-310101-8",
        "9784003101018",
        "4003101018",
        "T7000012050002",
        "7000012050002",
        f"1{NUMBER}",
        f"{NUMBER}1",
        f"0.{NUMBER}",
        f"{NUMBER}.5",
        "111111111111",
        "000000000000",
        "2026-04-01T12:34:56+09:00",
        "202604011234",
        "1234-5678-9018-1234",
        "1234-1234-5678-9018",
        "1234 5678 9018 1234",
        "1234-56789018",
        "12345678-9018",
        "D100299999903",
        "urn:uuid:123e4567-e89b-42d3-a456-426614174000",
        "1-1-1 みらい台",
        "〒100-0001",
    ],
)
def test_other_numbers_pass_even_in_free_text(text: str) -> None:
    guard.refuse_text("備考", text)
    assert not guard.contains(text)


@pytest.mark.parametrize("number", ["123456789018", "202604011235"])
def test_an_institutions_own_number_passes_without_a_word_beside_it(number: str) -> None:
    guard.refuse_text("学籍番号", number, free_text=False)
    guard.refuse_text("studentNumber", f"S-{number}", free_text=False)


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("学籍番号", f"個人番号 {NUMBER}"),
        ("備考", f"マイナンバー：{NUMBER}"),
        ("備考", f"{NUMBER}（マイナンバー）"),
        ("note", f"my number {NUMBER}"),
        ("note", f"My-Number={NUMBER}"),
        ("note", f"MYNUMBER {NUMBER}"),
        ("note", f"individual_number: {NUMBER}"),
        ("note", f"kojin-bango {NUMBER}"),
        ("note", f"ﾏｲﾅﾝﾊﾞｰ {NUMBER}"),
        ("kojinBangou".lower(), NUMBER),
        ("マイナンバー", NUMBER),
        ("学籍番号", GROUPED),
    ],
)
def test_a_word_or_the_cards_grouping_makes_it_one(field: str, text: str) -> None:
    with pytest.raises(IndividualNumberRefused):
        guard.refuse_text(field, text, free_text=False)


def test_a_word_far_away_does_not_count() -> None:
    guard.refuse_text("備考", f"マイナンバーは書かないでください。{'。' * 20}受付 {NUMBER}", free_text=False)


def test_a_resident_record_code_is_refused_and_a_mobile_number_is_not() -> None:
    code = resident_code("1234567890")
    with pytest.raises(IndividualNumberRefused) as refused:
        guard.refuse_text("備考", code)
    assert refused.value.rule == "resident_record_code"
    assert not any(guard.contains(f"0901234567{digit}") for digit in range(10))
    assert guard.contains(f"{code[:4]}-{code[4:8]}-{code[8:]}")


@pytest.mark.parametrize(
    "header",
    [
        "個人番号",
        "個人番号（12桁）",
        "マイナンバー",
        "ﾏｲﾅﾝﾊﾞｰ",
        "住民票コード",
        "MyNumber",
        "my_number",
        "My Number",
        "my-number",
        "individual_number",
        "kojin_bango",
        "KOJINBANGOU",
    ],
)
def test_a_table_with_such_a_column_is_refused_whatever_is_in_it(header: str) -> None:
    with pytest.raises(IndividualNumberRefused) as refused:
        guard.refuse_columns(["氏名", header])
    assert refused.value.rule == "column_name"
    with pytest.raises(IndividualNumberRefused):
        guard.refuse_json({header: ""})


@pytest.mark.parametrize(
    "header", ["氏名", "学籍番号", "出席番号", "個人", "番号", "number", "sourcedId", "法人番号"]
)
def test_other_columns_pass(header: str) -> None:
    guard.refuse_columns([header])
    guard.refuse_json({header: "x"})


@pytest.mark.parametrize(
    "name", [f"{NUMBER}.csv", "個人番号一覧.csv", f"名簿_{GROUPED}.xlsx", "mynumber.csv"]
)
def test_a_file_with_such_a_name_is_refused(name: str) -> None:
    with pytest.raises(IndividualNumberRefused) as refused:
        guard.refuse_file_name(name)
    assert name not in str(refused.value)


@pytest.mark.parametrize(
    "name", ["名簿.csv", "RO_20260401_D100299999903.zip", "users.csv", "202604011234.csv"]
)
def test_other_file_names_pass(name: str) -> None:
    guard.refuse_file_name(name)


def test_json_is_searched_in_every_place() -> None:
    word = f"個人番号 {NUMBER}"
    for value in (
        word,
        [word],
        {"a": word},
        {"a": [{"b": [word]}]},
        {"マイナンバー": 1},
        {"a": {"my_number": None}},
        ((word,),),
        {"a": GROUPED},
    ):
        with pytest.raises(IndividualNumberRefused):
            guard.refuse_json(value)


def test_json_numbers_and_typed_members_follow_their_own_grammar() -> None:
    guard.refuse_json({"studentNumber": NUMBER, "count": 123456789018, "ok": True, "none": None, "x": 1.5})
    guard.refuse_json({"schoolCode": f"個人番号 {NUMBER}"}, typed=frozenset({"schoolCode"}))
    with pytest.raises(IndividualNumberRefused):
        guard.refuse_json({"schoolCode": f"個人番号 {NUMBER}"})


@pytest.mark.clause("番号利用法 第20条")
def test_a_refusal_never_says_the_number() -> None:
    with pytest.raises(IndividualNumberRefused) as refused:
        guard.refuse_text("備考", f"個人番号 {NUMBER}", row=7)
    error = refused.value
    said = (
        f"{error} {error!r} {error.detail} {error.pointer} {error.public.ja} {error.public.en} {vars(error)}"
    )
    assert NUMBER not in said
    assert NUMBER[:4] not in said
    assert (error.field, error.rule, error.row) == ("備考", "individual_number", 7)
    assert "7行目" in error.public.ja
    assert "Row 7" in error.public.en


def test_a_number_in_a_fields_name_is_cut_from_the_error() -> None:
    with pytest.raises(IndividualNumberRefused) as refused:
        guard.refuse_text("x" * 500 + "個人番号", f"個人番号 {NUMBER}")
    assert len(refused.value.field) == 60


@pytest.mark.parametrize("text", [NUMBER, GROUPED, "１２３４５６７８９０１８", f"user={NUMBER} failed"])
def test_log_records_are_redacted(text: str) -> None:
    record = logging.LogRecord("x", logging.INFO, __file__, 1, "said %s", (text,), None)
    assert RedactingFilter().filter(record)
    said = unicodedata.normalize("NFKC", record.getMessage())
    assert NUMBER not in said.replace("-", "")
    assert "個人番号の可能性" in said


def test_the_trace_of_a_logged_error_is_redacted() -> None:
    try:
        raise ValueError(f"cannot read {NUMBER}")
    except ValueError as error:
        trace = (type(error), error, error.__traceback__)
    record = logging.LogRecord("x", logging.ERROR, __file__, 1, "failed", (), trace)
    assert RedactingFilter().filter(record)
    said = logging.Formatter("%(message)s").format(record)
    assert NUMBER not in said
    assert "ValueError: cannot read [個人番号の可能性]" in said
    assert record.msg == "failed"


def test_other_log_records_are_left_alone() -> None:
    record = logging.LogRecord("x", logging.INFO, __file__, 1, "batch %s of %d ｶﾅ", ("2026-04", 76), None)
    assert RedactingFilter().filter(record)
    assert record.getMessage() == "batch 2026-04 of 76 ｶﾅ"
    assert record.args == ("2026-04", 76)


def test_a_long_text_is_searched_in_reasonable_time() -> None:
    assert not guard.contains("1234-" * 40_000)
    assert guard.contains("。" * 200_000 + NUMBER)
