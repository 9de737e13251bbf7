"""Route to school, mutual aid and achievements: from a spreadsheet to the claims of their certificates."""

from datetime import date
from typing import Any

import pytest

from issuer.issuance.judging import Judge
from issuer.register import practice
from issuer.register.eligibility import obstacles
from issuer.register.importers import reading
from issuer.register.practice import parse
from issuer.register.record import LearnerRecord
from issuer.register.service import RegisterService
from schemas import catalogue
from schemas.validation import validate
from tests.issuer.register.conftest import Register
from tests.issuer.register.school import NOW, SCHOOL

DAY = date(2026, 2, 2)
PRACTICE = parse({"fareDiscount": {"designationNumber": "TEST-0001"}})
ROUTE = "学籍番号,通学区間の届出日,区間の順番,事業者,路線,発駅,着駅,距離"
AID = "学籍番号,災害共済の年度,災害共済への加入,補償の開始日"
ACHIEVEMENT = (
    "学籍番号,達成した日,達成したこと,達成したこと（英語）,達成の種類,達成の内容,認める基準,達成の結果"
)


def rows(header: str, *lines: str) -> dict[str, bytes]:
    return {"list.csv": "\r\n".join((header, *lines, "")).encode("cp932")}


def learner(register: Register) -> LearnerRecord:
    return register.everyone()["2023001"]


def claims(name: str, record: LearnerRecord, day: date = DAY) -> dict[str, Any]:
    document = catalogue.load().get(name)
    judge = Judge(SCHOOL, PRACTICE, day, day)
    found = dict(judge.claims(document, record, "第1号"))
    assert validate(document, found) == ()
    return found


def codes(name: str, record: LearnerRecord, day: date = DAY) -> list[str]:
    document = catalogue.load().get(name)
    return [item.code for item in obstacles(document, record, SCHOOL, issue_date=day, today=day)]


def test_the_route_that_was_reported_last_is_certified(sample_register: Register) -> None:
    assert codes("commuter", learner(sample_register)) == ["route_missing"]
    sample_register.load(
        rows(
            ROUTE,
            "2023001,2025-04-08,1,例示鉄道,みらい線,若葉,例示中央,12",
            "2023001,2025-04-08,2,例示鉄道,高台線,例示中央,みらい台,4",
            "2023001,2025-10-01,,例示バス,,駅前,みらい台,",
        )
    )
    record = learner(sample_register)
    old = claims("commuter", record, date(2025, 9, 1))
    assert [item["line"] for item in old["commute_sections"]] == ["みらい線", "高台線"]
    new = claims("commuter", record)
    assert new["commute_sections"] == [
        {"operator": "例示バス", "from_station": "駅前", "to_station": "みらい台"}
    ]
    assert (new["age"], new["student_card_number"], new["designation_number"]) == (18, "2023001", "TEST-0001")
    assert (new["grade"], new["date_of_expiry"]) == ("H3", "2026-03-02")
    assert codes("commuter", record, date(2026, 4, 10)) == ["not_enrolled", "grade_missing"]


def test_a_route_that_does_not_join_or_is_too_long_is_not_certified(sample_register: Register) -> None:
    broken = (
        "2023001,2025-04-08,1,例示鉄道,,若葉,例示中央,60",
        "2023001,2025-04-08,2,例示鉄道,,港,みらい台,50",
    )
    sample_register.load(rows(ROUTE, *broken))
    assert codes("commuter", learner(sample_register)) == ["route_broken", "route_too_long"]


@pytest.mark.parametrize(("word", "member"), [("加入", True), ("未加入", False)])
def test_membership_in_the_mutual_aid_is_of_one_school_year(
    sample_register: Register, word: str, member: bool
) -> None:
    assert codes("accident-aid", learner(sample_register)) == ["aid_missing"]
    sample_register.load(rows(AID, f"2023001,2025,{word},2025-04-01"))
    found = claims("accident-aid", learner(sample_register))
    assert found["aid_member"] is member
    assert found.get("aid_cover_start") == ("2025-04-01" if member else None)
    assert found["date_of_expiry"] == "2026-03-31"


def test_the_latest_achievement_is_certified_with_its_english_name(sample_register: Register) -> None:
    assert codes("achievement", learner(sample_register)) == ["achievement_missing"]
    sample_register.load(
        rows(
            ACHIEVEMENT,
            "2023001,2025-06-01,読書の記録,Reading Log,身に付けた力,100冊を読んだ。,記録を出すこと。,",
            "2023001,2025-11-15,地域探究,Community Inquiry,課外の活動,調査し発表した。,発表すること。,優秀",
        )
    )
    found = claims("achievement", learner(sample_register))
    assert found["achievement"] == {
        "name": "地域探究",
        "name_en": "Community Inquiry",
        "kind": "co_curricular",
        "description": "調査し発表した。",
        "criteria": "発表すること。",
    }
    assert (found["achieved_on"], found["achievement_result"]) == ("2025-11-15", "優秀")


def test_a_badge_in_english_says_that_its_name_is_missing(sample_register: Register) -> None:
    line = "2023001,2025-06-01,読書の記録,,身に付けた力,100冊を読んだ。,記録を出すこと。,"
    sample_register.load(rows(ACHIEVEMENT, line))
    document = catalogue.load().get("achievement")
    in_english = parse({"english": ["achievement"]})
    (found,) = obstacles(
        document, learner(sample_register), SCHOOL, issue_date=DAY, today=DAY, practice=in_english
    )
    assert found.code == "english_missing"
    assert "達成したこと「読書の記録」" in found.text.ja
    with sample_register.database.writing() as connection:
        practice.save(connection, SCHOOL.tenant_id, SCHOOL.id, {"english": ["achievement"]})
    again = line.replace("100冊", "200冊")
    report = sample_register.service.check_import(
        SCHOOL, rows(ACHIEVEMENT, again), actor="clerk", now=NOW
    ).report
    assert report.errors == 0  # the row does not touch the name
    other = line.replace("読書の記録", "作文の記録")
    report = sample_register.service.check_import(
        SCHOOL, rows(ACHIEVEMENT, other), actor="clerk", now=NOW
    ).report
    (problem,) = report.problems
    assert (problem["row"], problem["column"], problem["code"]) == (
        2,
        "達成したこと（英語）",
        "english_missing",
    )


@pytest.mark.parametrize(
    ("header", "line", "what"),
    [
        (ROUTE, "2023001,2025-04-08,1,,みらい線,若葉,例示中央,12", "鉄道・バスの事業者"),
        (ROUTE, "2023001,,1,例示鉄道,みらい線,若葉,例示中央,12", "通学区間の届出日"),
        (AID, "2023001,2025,,2025-04-01", "災害共済への加入"),
        (ACHIEVEMENT, "2023001,2025-06-01,読書の記録,,身に付けた力,,記録を出すこと。,", "達成の内容"),
    ],
)
def test_a_fact_that_lacks_something_is_an_error_row(header: str, line: str, what: str) -> None:
    (problem,) = reading.read(rows(header, line), school_code=SCHOOL.code).problems
    assert (problem.row, problem.code) == (2, "value_missing")
    assert what in problem.what.ja


def test_a_changed_membership_is_kept_as_it_was(sample_register: Register) -> None:
    service: RegisterService = sample_register.service
    sample_register.load(rows(AID, "2023001,2025,加入,2025-04-01"))
    checked = service.check_import(SCHOOL, rows(AID, "2023001,2025,未加入,"), actor="clerk", now=NOW)
    (change,) = checked.report.changes
    (fact,) = change["facts"]
    assert fact["kind"] == "aid"
    assert fact["before"] == {"member": True, "cover_start": "2025-04-01"}
    assert fact["after"] == {"member": False, "cover_start": None}
