"""Bad input: every file and value that an import refuses, and what it takes though it looks odd."""

import io
import zipfile
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from issuer import samples
from issuer.register.errors import (
    ArchiveRefused,
    BrokenTable,
    FileTooLarge,
    MissingColumn,
    MissingFile,
    UnreadableFile,
)
from issuer.register.importers import files, reading
from issuer.register.importers.encoding import SHIFT_JIS, UTF_8, detect
from issuer.register.importers.facts import Delivery
from issuer.register.importers.problems import Problem
from issuer.register.importers.table import letter
from tegata.errors import TegataError
from tegata.identity.individual_number import IndividualNumberRefused
from tests.issuer.register.school import SCHOOL

HEADER = "学籍番号,氏,名,氏（カナ）,名（カナ）,生年月日"
ROW = "A1,青葉,はるか,アオバ,ハルカ,2007-04-14"
#: 12 digits whose check digit is right, made up for these tests.
NUMBER = "123456789018"


def read(text: str, encoding: str = "utf-8") -> Delivery:
    return reading.read({"list.csv": text.encode(encoding)}, school_code=SCHOOL.code)


def read_files(uploads: dict[str, bytes]) -> Delivery:
    return reading.read(uploads, school_code=SCHOOL.code)


def only_problem(row: str) -> Problem:
    (problem,) = read(f"{HEADER}\r\n{row}\r\n").problems
    return problem


def learner(delivery: Delivery, reference: str = "id:A1") -> dict[str, object]:
    stated: dict[str, object] = {}
    for fact in delivery.learners[reference]:
        stated |= fact.as_dict()
    return stated


def zipped(entries: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return packed.getvalue()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932"])
@pytest.mark.parametrize("end", ["\r\n", "\n"])
def test_the_encodings_and_line_ends_that_schools_write_are_read_alike(encoding: str, end: str) -> None:
    delivery = read(f"{HEADER}{end}{ROW}{end}", encoding)
    assert delivery.problems == []
    assert learner(delivery, "number:A1")["family_name"] == "青葉"
    assert learner(delivery, "number:A1")["birthdate"] == date(2007, 4, 14)
    assert detect(f"{HEADER}{end}".encode(encoding)) == (SHIFT_JIS if encoding == "cp932" else UTF_8)


@pytest.mark.parametrize(
    "content",
    [
        HEADER.encode("utf-16"),
        HEADER.encode("euc-jp"),
        HEADER.encode("utf-8")[:-1] + b"\r\n",
        b"\xef\xbb\xbf" + HEADER.encode("cp932"),
        b"a,b\x00c\r\n",
        b"\x89PNG\r\n\x1a\n\x00\x00",
    ],
)
def test_a_file_in_another_encoding_is_refused_and_says_what_to_do(content: bytes) -> None:
    with pytest.raises(UnreadableFile) as refused:
        read_files({"list.csv": content})
    assert "CSV UTF-8" in refused.value.public.ja


def test_a_missing_column_is_named() -> None:
    with pytest.raises(MissingColumn) as refused:
        read("学籍番号,氏,名\r\nA1,青葉,はるか\r\n")
    assert "「生年月日」" in refused.value.public.ja
    assert "date of birth" in refused.value.public.en.lower()
    with pytest.raises(MissingColumn):
        read("氏,名,生年月日\r\n青葉,はるか,2007-04-14\r\n")


def test_a_duplicate_learner_names_both_rows() -> None:
    delivery = read(f"{HEADER}\r\n{ROW}\r\n{ROW}\r\n")
    (problem,) = delivery.problems
    assert (problem.code, problem.row) == ("duplicate", 3)
    assert "2行目" in problem.what.ja
    assert list(delivery.accepted()) == []


@pytest.mark.parametrize(
    "day", ["2008/13/04", "2007-02-29", "平成31年5月1日", "きのう", "0001-01-01", "4/14"]
)
def test_an_impossible_date_is_told_with_an_example(day: str) -> None:
    problem = only_problem(ROW.replace("2007-04-14", day))
    assert (problem.row, problem.column, problem.value, problem.code) == (2, "生年月日", day, "not_a_date")
    assert "平成20年4月14日" in problem.fix.ja


@pytest.mark.parametrize(
    "day", ["2007-04-14", "2007/4/14", "平成19年4月14日", "H19.4.14", "２００７／４／１４"]
)
def test_dates_are_read_as_people_write_them(day: str) -> None:
    delivery = read(f"{HEADER}\r\n{ROW.replace('2007-04-14', day)}\r\n")
    assert learner(delivery, "number:A1")["birthdate"] == date(2007, 4, 14)


def test_a_name_of_5000_characters_is_refused_and_not_repeated() -> None:
    problem = only_problem(ROW.replace("青葉", "青" * 5000))
    assert (problem.code, len(problem.value)) == ("too_long", 41)


@pytest.mark.parametrize("sign", ["■", "\ufffd", "〓", "\ue000"])
def test_a_character_that_was_lost_is_told_with_its_place(sign: str) -> None:
    problem = only_problem(ROW.replace("青葉", f"青{sign}"))
    assert (problem.code, problem.what.ja) == ("character_lost", "表示できない文字があります（2文字目）。")


def test_kanji_stay_and_half_width_kana_become_full_width_visibly() -> None:
    text = f"{HEADER}\r\nA1,辻\U000e0100\ufa11𠮷,は るか,ｱｵﾊﾞ,はるか,2007-04-14\r\n"
    delivery = read(text)
    stated = learner(delivery, "number:A1")
    assert stated["family_name"] == "辻\U000e0100\ufa11𠮷"
    assert (stated["given_name"], stated["family_name_kana"], stated["given_name_kana"]) == (
        "は るか",
        "アオバ",
        "ハルカ",
    )
    assert [(problem.is_notice, problem.column) for problem in delivery.problems] == [
        (True, "氏（カナ）"), (True, "名（カナ）"),
    ]  # fmt: skip


def test_rows_are_counted_as_a_spreadsheet_counts_them() -> None:
    text = f'{HEADER}\r\nA0,"a\r\nb",c,ア,イ,2007-04-14\r\n\r\nA2,青葉,はるか,アオバ,ハルカ,x\r\n'
    assert [(problem.row, problem.code) for problem in read(text).problems] == [
        (2, "control_character"), (4, "not_a_date"),
    ]  # fmt: skip


def test_a_row_that_is_shifted_is_an_error() -> None:
    assert only_problem("A1,青葉,はるか,アオバ,ハルカ,2007-04-14,x").code == "columns_shifted"
    assert only_problem("A1,青葉,はるか,アオバ,ハルカ").code == "columns_shifted"
    assert read(f"{HEADER}\r\n{ROW},,\r\n").problems == []


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\r\n\r\n",
        ",,,\r\n1,2,3\r\n",
        f'{HEADER}\r\n"A1,青葉',
        "氏,氏\r\na,b\r\n",
        f'{HEADER}\r\n"a"b,c\r\n',
    ],
)
def test_what_is_no_table_is_refused(text: str) -> None:
    with pytest.raises(BrokenTable):
        read(text)


@pytest.mark.clause("番号利用法 第20条")
@pytest.mark.parametrize(
    "text",
    [
        f"{HEADER},マイナンバー\r\n{ROW},\r\n",
        f"{HEADER},個人番号\r\n{ROW},1\r\n",
        f"{HEADER},my number\r\n{ROW},1\r\n",
        f"{HEADER},x\r\n{ROW},1234-5678-9018\r\n",
        f"{HEADER},x\r\n{ROW},１２３４ ５６７８ ９０１８\r\n",
        f"{HEADER},x\r\n{ROW},マイナンバーは{NUMBER}\r\n",
        f"{HEADER},備考\r\n{ROW},{NUMBER}\r\n",
        f"{NUMBER},x\r\n{ROW}\r\n",
    ],
)
def test_a_file_with_an_individual_number_is_refused_whole_and_the_value_is_nowhere(text: str) -> None:
    with pytest.raises(IndividualNumberRefused) as refused:
        read(text)
    said = f"{refused.value!r} {refused.value.detail} {refused.value.public} {refused.value.pointer}"
    assert NUMBER not in said
    assert "9018" not in said


def test_the_row_of_an_individual_number_is_told() -> None:
    with pytest.raises(IndividualNumberRefused) as refused:
        read(f"{HEADER},x\r\n{ROW},\r\n{ROW.replace('A1', 'A2')},1234-5678-9018\r\n")
    assert refused.value.public.ja.startswith("3行目に")
    assert refused.value.pointer == letter(6) == "G"


def test_student_numbers_telephones_and_uuids_are_no_individual_numbers() -> None:
    uuid = "00000000-1234-4678-9018-000000000000"
    text = f"{HEADER},識別子,電話\r\n{ROW.replace('A1', NUMBER)},{uuid},090-1234-5678\r\n"
    assert read(text).problems == []


@pytest.mark.parametrize("name", ["マイナンバー.csv", f"{NUMBER}.csv"])
def test_a_file_name_with_an_individual_number_is_refused(name: str) -> None:
    for uploads in ({name: ROW.encode()}, {"x.zip": zipped({name: ROW.encode()})}):
        with pytest.raises(IndividualNumberRefused):
            read_files(uploads)


def test_a_zip_is_read_as_its_files_are() -> None:
    loose = read_files(samples.register())
    packed = read_files({"RO_20260301_D100299999903.zip": zipped(samples.register())})
    assert packed.learners == loose.learners
    assert len(packed.learners) == 40


@pytest.mark.parametrize(
    "entries",
    [
        {"../users.csv": b"a"}, {"/users.csv": b"a"}, {"folder/users.csv": b"a"}, {"a\\users.csv": b"a"},
        {"inner.zip": b"PK"}, {"run.exe": b"a"}, {}, {f"{n}.csv": b"a" for n in range(61)},
        {"Users.csv": b"a", "users.CSV": b"b"},
    ],
)  # fmt: skip
def test_an_archive_that_is_not_flat_or_holds_other_things_is_refused(entries: dict[str, bytes]) -> None:
    with pytest.raises(ArchiveRefused):
        read_files({"x.zip": zipped(entries)})


def test_a_broken_archive_is_refused() -> None:
    whole = zipped(samples.roster())
    for content in (whole[:100], b"PK\x03\x04" + b"\x00" * 50, whole[:40] + b"\xff" * 40 + whole[80:]):
        with pytest.raises(ArchiveRefused):
            read_files({"x.zip": content})


def test_an_archive_that_unpacks_to_too_much_is_refused() -> None:
    bomb = zipped({f"{n}.csv": b"0" * 41 * 1_048_576 for n in range(3)})
    assert len(bomb) < 1_048_576
    with pytest.raises(FileTooLarge):
        read_files({"x.zip": bomb})


def test_an_upload_of_more_than_20_megabytes_is_refused() -> None:
    with pytest.raises(FileTooLarge):
        read_files({"list.csv": b"a" * (files.MAX_UPLOAD + 1)})


@pytest.mark.parametrize(
    "name", ["users.csv", "roles.csv", "orgs.csv", "classes.csv", "enrollments.csv", "academicSessions.csv"]
)
def test_a_roster_without_one_of_its_tables_is_refused(name: str) -> None:
    uploads = samples.roster()
    del uploads[name]
    with pytest.raises(MissingFile) as refused:
        read_files(uploads)
    assert refused.value.pointer == name.lower()


def test_a_roster_without_one_of_its_columns_is_refused() -> None:
    uploads = samples.roster()
    uploads["users.csv"] = uploads["users.csv"].replace(b'"familyName"', b'"surname"')
    with pytest.raises(MissingColumn) as refused:
        read_files(uploads)
    assert refused.value.pointer == "familyName"


def test_older_rosters_write_columns_with_a_capital() -> None:
    uploads = samples.roster()
    uploads["enrollments.csv"] = uploads["enrollments.csv"].replace(b"shussekiNo", b"ShussekiNo")
    assert read_files(uploads).learners == read_files(samples.roster()).learners


def test_staff_are_not_learners_and_special_needs_are_never_read() -> None:
    uploads = samples.roster()
    uploads["classes.csv"] = uploads["classes.csv"].replace(b'"false"', b'"SECRET"')
    delivery = read_files(uploads)
    assert len(delivery.learners) == 40
    assert "SECRET" not in repr(delivery)


def test_a_delta_says_nothing_about_who_is_missing() -> None:
    uploads = samples.roster()
    assert read_files(uploads).lists_learners
    uploads["manifest.csv"] = uploads["manifest.csv"].replace(b'"file.users","bulk"', b'"file.users","delta"')
    assert not read_files(uploads).lists_learners


def test_notes_of_side_files_are_not_read() -> None:
    assert "通称" not in repr(read_files(samples.side_files()))


@pytest.mark.parametrize(
    ("before", "after", "code"),
    [
        ('"2","2","5","A","A","A"', '"2","3","5","A","A","A"', "contradiction"),
        ('"2","2","5","A","A","A"', '"2","2","6","A","A","A"', "not_a_rating"),
        ('"2","2","5","A","A","A"', '"2","2","5","A","","A"', "value_missing"),
        ('"2","2","5","A","A","A"', '"-1","2","5","A","A","A"', "not_in_range"),
        ('"D100299999903","国語","現代の国語"', '"D1002","国語","現代の国語"', "not_a_school_code"),
        ('"現代の国語"', '""', "value_missing"),
        ('"H1"', '"高1"', "not_a_grade"),
        ('"2023","H1"', '"令和","H1"', "not_a_year"),
        ('"修得"', '"まだ"', "not_a_choice"),
    ],
)
def test_a_wrong_result_is_told_once(before: str, after: str, code: str) -> None:
    text = samples.side_files()["grades.csv"].decode("utf-8").replace(before, after, 1)
    delivery = read_files({"grades.csv": text.encode("utf-8")})
    assert [problem.code for problem in delivery.problems] == [code]
    assert delivery.problems[0].row == 2


@pytest.mark.parametrize(
    ("before", "after", "code"),
    [
        ('"196","0","196","2","194"', '"196","0","195","2","194"', "contradiction"),
        ('"196","0","196","2","194"', '"196","0","196","2","190"', "contradiction"),
        ('"196","0","196","2","194"', '"196","","196","2","194"', "value_missing"),
        ('"2026-03-01","第1234号', '"","第1234号', "value_missing"),
        ('"2026-02-20"', '""', "value_missing"),
        ('"2026-03-01","第1234号', '"2020-03-01","第1234号', "contradiction"),
        ('"全日制の課程"', '"昼間"', "not_a_choice"),
    ],
)
def test_a_wrong_fact_is_told(before: str, after: str, code: str) -> None:
    text = samples.side_files()["school-facts.csv"].decode("utf-8").replace(before, after, 1)
    delivery = read_files({"school-facts.csv": text.encode("utf-8")})
    assert [problem.code for problem in delivery.problems] == [code]


def test_a_sensitive_value_is_not_shown() -> None:
    uploads = samples.roster()
    uploads["demographics.csv"] = uploads["demographics.csv"].replace(b'"female"', b'"whatever"', 1)
    (problem,) = [problem for problem in read_files(uploads).problems if not problem.is_notice]
    assert (problem.column, problem.value) == ("sex", "")


def test_an_unknown_file_beside_a_roster_is_refused() -> None:
    with pytest.raises(BrokenTable):
        read_files(samples.roster() | {"secrets.csv": b"a,b\r\n1,2\r\n"})
    with pytest.raises(BrokenTable):
        read_files({"a.csv": ROW.encode(), "b.csv": ROW.encode()})


@pytest.mark.parametrize(
    "mapping",
    [
        {"x": "learner.family_name"},
        {"氏": "learner.nothing"},
        {"氏": "learner.family_name", "名": "learner.family_name"},
    ],
)
def test_a_mapping_of_what_is_not_there_is_refused(mapping: dict[str, str]) -> None:
    with pytest.raises(BrokenTable):
        reading.read({"list.csv": f"{HEADER}\r\n{ROW}".encode()}, school_code=SCHOOL.code, mapping=mapping)


@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused_with_a_typed_error(content: bytes) -> None:
    try:
        delivery = read_files({"list.csv": content})
    except TegataError as error:
        assert error.public.ja  # noqa: PT017  a file may also be fine
    else:
        assert isinstance(delivery.learners, dict)


@given(st.lists(st.lists(st.text(max_size=20), min_size=6, max_size=7), max_size=8))
def test_any_table_is_read_row_by_row_or_refused_with_a_typed_error(rows: list[list[str]]) -> None:
    lines = [",".join('"' + cell.replace('"', '""') + '"' for cell in row) for row in rows]
    text = "\r\n".join([HEADER, *lines])
    try:
        delivery = read_files({"list.csv": text.encode("utf-8", "replace")})
    except TegataError as error:
        assert error.public.en  # noqa: PT017  a file may also be fine
    else:
        taken = sum(1 for _ in delivery.accepted())
        assert taken + len(delivery.in_error) + delivery.unattributed <= len(rows) + len(delivery.problems)
        assert all(2 <= problem.row <= len(rows) + 1 for problem in delivery.problems)
