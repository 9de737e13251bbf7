"""A university's 教務 CSV: what is read from it whatever its columns are called, and every row that is refused."""

import pytest

from issuer import samples
from issuer.register.errors import MissingColumn
from issuer.register.grading import Grading, parse
from issuer.register.importers import reading
from issuer.register.importers.facts import Delivery
from issuer.register.importers.problems import Problem
from tegata.identity.individual_number import IndividualNumberRefused
from tests.issuer.register.school import SCHOOL

HEADER = "学籍番号,修得年度,学期,科目コード,科目名,英文科目名,単位数,評価,GP,評価方式"
ROW = "T1,2024,前期,TEST101,線形代数学,Linear Algebra,2,A,3,S・A・B・C・D"
GRADING = parse(["s-a-b-c-d"])


def read(
    *rows: str, header: str = HEADER, encoding: str = "utf-8", end: str = "\r\n", grading: Grading = GRADING
) -> Delivery:
    content = (end.join((header, *rows)) + end).encode(encoding)
    return reading.read({"results.csv": content}, school_code=SCHOOL.code, grading=grading)


def result(delivery: Delivery, reference: str = "number:T1") -> dict[str, object]:
    (fact,) = delivery.learners[reference]
    assert fact.kind == "result"
    return fact.as_dict()


def only_problem(row: str, **more: object) -> Problem:
    delivery = read(row, **more)  # type: ignore[arg-type]  # the options of `read`
    (problem,) = delivery.problems
    assert not delivery.learners
    return problem


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932"])
@pytest.mark.parametrize("end", ["\r\n", "\n"])
def test_every_encoding_and_line_end_is_read_alike(encoding: str, end: str) -> None:
    delivery = read(ROW, encoding=encoding, end=end)
    assert delivery.format == "academic"
    assert delivery.problems == []
    assert result(delivery) == {
        "school_year": 2024,
        "term": "前期",
        "course_code": "TEST101",
        "course": "線形代数学",
        "course_en": "Linear Algebra",
        "credits": 2,
        "credits_earned": 2,
        "rating": "A",
        "scheme": "s-a-b-c-d",
        "result": "earned",
    }


@pytest.mark.parametrize(
    "header",
    [
        "学生番号,年度,開講学期,授業科目コード,授業科目名,科目名（英文）,単位,成績評価,グレードポイント,成績評価方式",
        "学籍No,履修年度,開講期,科目ナンバリング,科目名称,科目英名,履修単位数,評語,科目GP,評価基準",
        "Student ID,Academic year,Semester,Course code,Course,Course title,Credits,Grade,Grade points,Grading scheme",
    ],
)
def test_columns_are_known_by_the_names_that_systems_write(header: str) -> None:
    assert result(read(ROW, header=header)) == result(read(ROW))


def test_of_two_columns_for_one_thing_the_more_telling_is_read() -> None:
    delivery = read(f"{ROW},2023", header=HEADER.replace("修得年度", "年度") + ",修得年度")
    assert result(delivery)["school_year"] == 2023


def test_a_list_of_people_is_not_taken_for_results() -> None:
    listed = {"list.csv": f"{HEADER},生年月日\r\n".encode()}
    assert reading.kind_of(listed) == "spreadsheet"
    assert reading.kind_of({"results.csv": f"{HEADER}\r\n".encode()}) == "academic"


def test_what_the_clerk_says_wins_over_what_the_columns_look_like() -> None:
    header = "学籍番号,年度,科目名,単位数,評価"
    content = {"results.csv": f"{header}\r\nT1,2024,線形代数学,2,A\r\n".encode()}
    assert reading.kind_of(content) == "spreadsheet"
    found = reading.read(content, school_code=SCHOOL.code, kind="academic", grading=GRADING)
    assert result(found)["scheme"] == "s-a-b-c-d"


@pytest.mark.parametrize("gone", ["学籍番号", "修得年度", "科目名", "単位数", "評価"])
def test_a_missing_column_is_named(gone: str) -> None:
    header = HEADER.replace(f"{gone},", "不明な列,", 1)
    content = {"results.csv": f"{header}\r\n{ROW}\r\n".encode()}
    with pytest.raises(MissingColumn) as caught:
        reading.read(content, school_code=SCHOOL.code, kind="academic", grading=GRADING)
    assert gone in caught.value.public.ja or "年度" in caught.value.public.ja


@pytest.mark.parametrize(
    ("rating", "points", "scheme", "outcome"),
    [
        ("S", "4.0", "", "earned"),
        ("D", "0", "", "not_earned"),
        ("P", "", "合否", "earned"),
        ("不合格", "", "合否", "not_earned"),
        ("N", "", "認定", "recognised"),
        ("秀", "4", "秀優良可不可", "earned"),
        ("不可", "", "秀・優・良・可・不可", "not_earned"),
        ("可", "", "優良可不可", "earned"),
    ],
)
def test_a_grade_is_looked_up_in_its_scheme(rating: str, points: str, scheme: str, outcome: str) -> None:
    found = result(read(f"T1,2024,前期,C1,論理学,Logic,2,{rating},{points},{scheme}"))
    assert found["result"] == outcome
    assert found["credits_earned"] == (0 if outcome == "not_earned" else 2)
    assert "points" not in found


def test_points_of_the_course_are_kept_where_the_scheme_has_none() -> None:
    grading = parse(["s-a-b-c-d-with-gp"])
    assert result(read("T1,2024,,C1,論理学,Logic,2,A,3.50,", grading=grading))["points"] == "3.5"
    assert result(read("T1,2024,,C1,論理学,Logic,2,P,,", grading=grading))["points"] == ""


@pytest.mark.parametrize(
    ("row", "code", "column"),
    [
        (ROW.replace("T1,", ","), "nobody", "学籍番号"),
        (ROW.replace(",2024,", ",令和,"), "not_a_year", "修得年度"),
        (ROW.replace(",2024,", ",,"), "value_missing", "修得年度"),
        (ROW.replace("線形代数学", ""), "value_missing", "科目名"),
        (ROW.replace(",2,A", ",,A"), "value_missing", "単位数"),
        (ROW.replace(",2,A", ",2.5,A"), "not_in_range", "単位数"),
        (ROW.replace(",A,3", ",E,3"), "grade_unknown", "評価"),
        (ROW.replace(",A,3", ",A,4"), "points_differ", "GP"),
        (ROW.replace(",A,3", ",A,three"), "not_points", "GP"),
        (ROW.replace("S・A・B・C・D", "甲乙丙丁"), "scheme_unknown", "評価方式"),
        (ROW.replace("Linear Algebra", "線形代数"), "not_english", "英文科目名"),
        (f"{ROW},余り", "columns_shifted", ""),
    ],
)
def test_a_row_in_error_says_where_it_is_and_what_to_do(row: str, code: str, column: str) -> None:
    problem = only_problem(row)
    assert (problem.file, problem.row, problem.column, problem.code) == ("results.csv", 2, column, code)
    assert problem.what.ja
    assert problem.what.en
    assert problem.fix.ja
    assert problem.fix.en


def test_credits_that_contradict_the_grade_are_refused() -> None:
    header = f"{HEADER},修得単位数"
    assert only_problem(f"{ROW},4", header=header).code == "contradiction"
    assert only_problem(f"{ROW.replace(',A,3', ',D,0')},2", header=header).code == "contradiction"
    assert result(read(f"{ROW},2", header=header))["credits_earned"] == 2


def test_without_any_scheme_the_row_says_how_to_get_one() -> None:
    problem = only_problem(ROW.replace("S・A・B・C・D", ""), grading=Grading())
    assert problem.code == "scheme_missing"
    assert "学校の設定" in problem.fix.ja


@pytest.mark.parametrize(("points", "code"), [("", "value_missing"), ("4.3", "not_in_range")])
def test_points_of_the_course_are_needed_and_within_the_highest(points: str, code: str) -> None:
    grading = parse(["s-a-b-c-d-with-gp"])
    assert only_problem(f"T1,2024,,C1,論理学,Logic,2,A,{points},", grading=grading).code == code


def test_a_course_without_a_grade_yet_is_left_out_with_a_notice() -> None:
    delivery = read(ROW, ROW.replace("線形代数学", "論理学").replace(",A,3,", ",,,"))
    (notice,) = delivery.problems
    assert (notice.code, notice.is_notice, notice.row) == ("no_grade_yet", True, 3)
    assert len(delivery.learners["number:T1"]) == 1


def test_the_same_course_twice_in_a_term_is_refused_and_a_retake_is_not() -> None:
    assert [item.code for item in read(ROW, ROW).problems] == ["duplicate"]
    assert read(ROW, ROW.replace("2024", "2025")).problems == []


def test_a_file_with_an_individual_number_is_refused_whole() -> None:
    with pytest.raises(IndividualNumberRefused):
        read(ROW, ROW.replace("T1,", "1234-5678-9018,"))
    with pytest.raises(IndividualNumberRefused):
        read(header=f"{HEADER},マイナンバー")


def test_the_sample_universitys_results_are_read_without_a_problem() -> None:
    _, results = samples.university_files()
    delivery = reading.read(results, school_code="F100399999906", grading=GRADING)
    assert delivery.problems == []
    assert len(delivery.learners) == 6
    assert sum(map(len, delivery.learners.values())) == 246
