"""From records to claims: every document valid, learner 1 as in the example, and the edge cases one by one."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from issuer.organisations.school import Head
from issuer.register.claims import claims_for
from issuer.register.eligibility import obstacles
from issuer.register.grading import FIVE_LEVELS, GradingScheme
from issuer.register.record import CourseResult, Decision, Enrolment, LearnerRecord
from schemas import catalogue, samples
from schemas.validation import validate
from tests.issuer.register.school import ISSUED, SCHOOL

Records = dict[str, LearnerRecord]


def claims(name: str, record: LearnerRecord, day: date = ISSUED, **more: Any) -> dict[str, Any]:
    document = catalogue.load().get(name)
    found = claims_for(document, record, SCHOOL, document_number="第1号", issue_date=day, **more)
    assert validate(document, found) == ()
    return found


@pytest.mark.parametrize("name", ["graduation", "transcript"])
def test_the_claims_of_all_38_graduates_are_valid(sample_records: Records, name: str) -> None:
    document = catalogue.load().get(name)
    done = 0
    for record in sample_records.values():
        if not obstacles(catalogue.load().get("graduation"), record, SCHOOL, issue_date=ISSUED, today=ISSUED):
            found = claims_for(document, record, SCHOOL, document_number="第1号", issue_date=ISSUED)
            assert validate(document, found) == (), record.student_number
            done += 1
    assert done == 38


@pytest.mark.parametrize(
    ("name", "day"),
    [("graduation", date(2026, 3, 2)), ("transcript", date(2026, 3, 1)), ("student-id", date(2025, 4, 14))],
)
def test_learner_1_has_the_claims_of_the_documents_sample(
    sample_records: Records, name: str, day: date
) -> None:
    document = catalogue.load().get(name)
    sample = dict(samples.load(document))
    number = str(sample["document_number"])
    found = claims_for(document, sample_records["2023001"], SCHOOL, document_number=number, issue_date=day)
    # The order of courses and areas is ours, and the sample leaves the scale of five unsaid.
    for one in (found, sample):
        for member in ("courses", "by_subject_area"):
            if member in one:
                one[member] = sorted(one[member], key=repr)
    found.pop("grading_scheme", None)
    sample.pop("grading_scheme", None)
    assert found == sample


def test_a_certificate_of_credits_has_every_course_and_no_rating(sample_records: Records) -> None:
    record = sample_records["2023001"]
    found, transcript = claims("credits", record), claims("transcript", record)
    assert found["credits_earned_total"] == transcript["credits_earned_total"] == 91
    assert [item["course"] for item in found["courses"]] == [item["course"] for item in transcript["courses"]]
    assert not any({"rating", "viewpoints"} & item.keys() for item in found["courses"])
    assert not {"average", "band", "attendance", "grading_scheme"} & found.keys()


@pytest.mark.parametrize(
    ("day", "kinds"),
    [
        (date(2031, 3, 2), ["transcript", "admission_report"]),
        (date(2046, 3, 2), ["transcript", "admission_report", "credits"]),
    ],
)
def test_a_notice_says_what_is_no_longer_kept_by_which_law_and_until_when(
    sample_records: Records, day: date, kinds: list[str]
) -> None:
    found = claims("cannot-be-issued", sample_records["2023001"], day)
    assert [item["document_kind"] for item in found["not_issued"]] == kinds
    assert found["not_issued"][0] == {
        "document_kind": "transcript",
        "reason": "retention_lapsed",
        "law": "学校教育法施行規則 第28条第2項",
        "kept_until": "2031-03-01",
    }


def test_a_transcript_adds_up(sample_records: Records) -> None:
    found = claims("transcript", sample_records["2023001"])
    assert (found["credits_earned_total"], found["average"], found["band"]) == (91, "3.9", "B")
    assert found["credits_required_for_graduation"] == 74
    assert found["by_subject_area"][0] == {"subject_area": "国語", "rating_count": 8, "average": "4.3"}
    assert found["grading_scheme"] == FIVE_LEVELS
    assert found["attendance"][1] == {
        "school_year": 2024, "grade": "H2", "school_days": 197, "suspended_or_bereavement": 1,
        "days_required": 196, "absent": 3, "present": 193,
    }  # fmt: skip
    assert (
        claims("transcript", sample_records["2023001"], credits_required=90)[
            "credits_required_for_graduation"
        ]
        == 90
    )


def test_courses_stand_by_year_and_subject_area_whatever_order_they_came_in(sample_records: Records) -> None:
    record = sample_records["2023001"]
    found = claims("transcript", record)["courses"]
    turned = claims("transcript", replace(record, results=record.results[::-1]))["courses"]
    assert found == turned
    assert [course["school_year"] for course in found] == sorted(course["school_year"] for course in found)
    assert [course["subject_area"] for course in found[:3]] == ["国語", "国語", "地理歴史"]
    assert "rating" not in next(course for course in found if course["subject_area"] == "総合的な探究の時間")


def test_names_are_signed_character_by_character(sample_records: Records) -> None:
    expected = {
        "2023019": "\ufa11", "2023025": "\u9ad9", "2023028": "辻\U000e0100", "2023038": "\U00020bb7",
        "2023039": "邉",
    }  # fmt: skip
    for number, part in expected.items():
        assert part in claims("graduation", sample_records[number])["family_name"], number


def test_a_name_in_daily_use_stands_only_where_it_differs(sample_records: Records) -> None:
    found = claims("graduation", sample_records["2023031"])
    assert (found["given_name"], found["given_name_latin"]) == ("ティ ハー", "THI HA")
    assert found["preferred_name"] == "青木　ハナ"
    assert "preferred_name" not in claims("graduation", sample_records["2023001"])


def test_credits_of_another_school_and_from_abroad_count(sample_records: Records) -> None:
    transferred = claims("transcript", sample_records["2023038"])
    assert (transferred["admission_date"], transferred["credits_earned_total"]) == ("2024-04-08", 91)
    abroad = claims("transcript", sample_records["2023039"])
    assert abroad["credits_earned_total"] == 88
    (recognised,) = [course for course in abroad["courses"] if course["result"] == "recognised"]
    assert (recognised["credits"], recognised["school_year"]) == (28, 2024)
    assert "rating" not in recognised


def test_a_failed_course_stands_with_no_credits_beside_the_retaken_one(sample_records: Records) -> None:
    found = claims("transcript", sample_records["2023040"])
    twice = [course for course in found["courses"] if course["course"] == "数学Ⅱ"]
    assert [
        (course["school_year"], course["credits"], course["rating"], course["result"]) for course in twice
    ] == [
        (2024, 0, 1, "not_earned"),
        (2025, 4, 3, "earned"),
    ]
    assert found["enrolment_status"] == "enrolled"
    assert "graduation_date" not in found


def test_who_withdrew_has_a_day_of_leaving_and_no_graduation(sample_records: Records) -> None:
    found = claims("transcript", sample_records["2023037"])
    assert (found["enrolment_status"], found["leaving_date"]) == ("withdrawn", "2025-10-31")
    assert "graduation_date" not in found
    before = claims(
        "transcript",
        replace(sample_records["2023001"], results=sample_records["2023001"].results[:5]),
        date(2025, 4, 1),
    )
    assert (before["enrolment_status"], "leaving_date" in before) == ("enrolled", False)


def test_enrolment_says_the_state_of_its_day(sample_records: Records) -> None:
    found = claims("enrolment", sample_records["2023001"], date(2025, 11, 20))
    assert (found["grade"], found["home_class"], found["as_of"]) == ("H3", "3年A組", "2025-11-20")
    assert (found["school_year"], found["date_of_expiry"]) == (2025, "2026-02-20")
    earlier = claims("enrolment", sample_records["2023001"], date(2024, 11, 20))
    assert "grade" not in earlier
    assert "home_class" not in earlier


def test_expected_graduation_is_taken_from_the_finding(sample_records: Records) -> None:
    record = sample_records["2023001"]
    expected = Decision("expected", date(2025, 10, 1), date(2026, 3, 31))
    found = claims(
        "expected-graduation", replace(record, decisions=(expected, *record.decisions)), date(2025, 11, 20)
    )
    assert (found["expected_graduation_date"], found["date_of_expiry"]) == ("2026-03-31", "2026-03-31")
    decided = claims("transcript", record, date(2026, 2, 25))
    assert (decided["expected_graduation_date"], "graduation_date" in decided) == ("2026-03-01", False)


def test_completion_names_its_programme(sample_records: Records) -> None:
    decision = Decision("completion", date(2026, 2, 20), date(2026, 3, 1), programme="別科")
    found = claims("completion", replace(sample_records["2023001"], decisions=(decision,)))
    assert (found["programme"], found["completion_date"]) == ("別科", "2026-03-01")


def test_a_student_id_is_good_until_the_end_of_march_and_knows_the_age(sample_records: Records) -> None:
    found = claims("student-id", sample_records["2023001"], date(2025, 4, 13))
    assert found["date_of_expiry"] == "2026-03-31"
    assert found["age_equal_or_over"] == {"18": False, "20": False}
    birthday = claims("student-id", sample_records["2023001"], date(2025, 4, 14))
    assert birthday["age_equal_or_over"] == {"18": True, "20": False}
    assert claims("student-id", sample_records["2023001"], date(2026, 1, 5))["school_year"] == 2025


def test_a_real_schools_document_is_not_marked_as_a_test(sample_records: Records) -> None:
    document = catalogue.load().get("graduation")
    real = replace(SCHOOL, is_test=False, head=Head("校長", "東雲 一樹"), address="")
    found = claims_for(document, sample_records["2023001"], real, document_number="第1号", issue_date=ISSUED)
    assert "test" not in found
    assert "address" not in found["school"]
    assert "head_name_latin" not in found["school"]


def test_no_document_says_what_it_must_never_say(sample_records: Records) -> None:
    for document in catalogue.load().documents:
        found = claims_for(
            document, sample_records["2023029"], SCHOOL, document_number="第1号", issue_date=ISSUED
        )
        assert not {"sex", "email", "note", "remarks"} & set(found)
        assert not {item.claim for item in document.never} & set(found)
        assert set(found) <= set(document.schema["properties"])


@pytest.fixture
def graduate_of_a_university(sample_records: Records) -> LearnerRecord:
    sample = samples.load(catalogue.load().get("transcript-he"))
    results = tuple(
        CourseResult(
            course["school_year"], course["subject_area"], course["course"], term=course["term"],
            course_en=course["course_en"], course_code=course["course_code"], credits=course["credits"], credits_earned=course["credits"],
            rating=course["rating"],
        )
        for course in sample["courses"]
    )  # fmt: skip
    return replace(
        sample_records["2023001"],
        enrolment=Enrolment(
            date(2022, 4, 1), faculty="情報学部", department="情報科学科",
            leaving_date=date(2026, 3, 20), status="graduated",
        ),
        decisions=(Decision("graduation", date(2026, 3, 5), date(2026, 3, 20), degree="学士（情報学）", degree_en="Bachelor of Informatics"),),
        results=results,
        attendance=(),
        placements=(),
    )  # fmt: skip


def test_a_universitys_transcript_carries_its_own_scale(graduate_of_a_university: LearnerRecord) -> None:
    document = catalogue.load().get("transcript-he")
    sample = samples.load(document)
    university = replace(SCHOOL, kind="F1", code="F100399999906", corporate_number="1000000999998")
    found = claims_for(
        document, graduate_of_a_university, university, document_number="第1号", issue_date=date(2026, 3, 20),
        grading_scheme=GradingScheme(sample["grading_scheme"]), credits_required=124,
    )  # fmt: skip
    assert validate(document, found) == ()
    assert found["grading_scheme"] == sample["grading_scheme"]
    assert (found["gpa"], Decimal(found["gpa_max"])) == (sample["gpa"], Decimal(sample["gpa_max"]))
    assert found["degree_en"] == "Bachelor of Informatics"
    assert sorted(map(repr, found["courses"])) == sorted(map(repr, sample["courses"]))


def test_no_scale_is_assumed_of_a_university(graduate_of_a_university: LearnerRecord) -> None:
    document = catalogue.load().get("transcript-he")
    found = claims_for(
        document, graduate_of_a_university, SCHOOL, document_number="第1号", issue_date=date(2026, 3, 20)
    )
    assert "grading_scheme" not in found
    assert [item.pointer for item in validate(document, found)] == ["/grading_scheme"]


def test_a_gpa_is_rounded_half_up_and_absent_without_points() -> None:
    scheme = GradingScheme(
        {
            "levels": [
                {"code": "A", "points": "3", "pass": True},
                {"code": "B", "points": "2.01", "pass": True},
            ]
        }
    )
    courses = [CourseResult(2025, "専門", name, credits_earned=1, rating=name) for name in ("A", "B")]
    assert scheme.gpa(courses) == "2.51"
    assert scheme.gpa(courses[:1]) == "3.00"
    assert GradingScheme({"levels": [{"code": "A", "pass": True}]}).gpa(courses) is None
