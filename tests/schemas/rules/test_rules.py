"""Each rule, by the one change of a sample that breaks it and nothing else."""

from typing import Any

import pytest

from schemas import rules
from schemas.rules.facts import Facts
from schemas.validation import validate, validate_disclosed
from tests.schemas.claims import DOCUMENTS, definition, put, sample

Change = dict[str, Any]

#: Document, rule, where it is told, and what is changed.
BROKEN: list[tuple[str, str, str, Change]] = [
    ("graduation", "test.identifiers", "/test", {"/test": ...}),
    ("graduation", "test.identifiers", "/test", {"/test": False}),
    ("graduation", "test.identifiers", "/test", {"/test": ..., "/school/code": "D113299999903"}),
    ("transcript-he", "test.identifiers", "/test", {"/test": ..., "/school/code": "F113310102342"}),
    ("graduation", "school.kind_matches_code", "/school/kind", {"/school/kind": "C1"}),
    (
        "transcript",
        "school.kind_allowed",
        "/school/kind",
        {"/school/kind": "B1", "/school/code": "B100299999903"},
    ),
    (
        "graduation",
        "school.kind_allowed",
        "/school/kind",
        {"/school/kind": "A1", "/school/code": "A100299999903"},
    ),
    ("enrolment", "grade.matches_school", "/grade", {"/grade": "J3"}),
    ("student-id", "grade.matches_school", "/grade", {"/grade": "U3"}),
    ("graduation", "dates.birth_before_admission", "/admission_date", {"/admission_date": "2007-04-13"}),
    ("completion", "dates.admission_before_leaving", "/completion_date", {"/admission_date": "2025-03-25"}),
    ("transcript", "dates.admission_before_leaving", "/graduation_date", {"/graduation_date": "2023-04-07"}),
    ("graduation", "dates.issued_after_fact", "/date_of_issuance", {"/date_of_issuance": "2026-02-28"}),
    ("enrolment", "dates.issued_after_fact", "/date_of_issuance", {"/as_of": "2025-11-21"}),
    (
        "expected-graduation",
        "dates.expected_after_issue",
        "/expected_graduation_date",
        {"/expected_graduation_date": "2025-11-19"},
    ),
    ("enrolment", "dates.expiry_after_issue", "/date_of_expiry", {"/date_of_expiry": "2025-11-19"}),
    ("transcript", "status.matches_dates", "/enrolment_status", {"/enrolment_status": "enrolled"}),
    ("transcript", "status.matches_dates", "/enrolment_status", {"/graduation_date": ...}),
    (
        "transcript",
        "status.matches_dates",
        "/enrolment_status",
        {"/enrolment_status": "withdrawn", "/graduation_date": ...},
    ),
    (
        "transcript",
        "status.matches_dates",
        "/enrolment_status",
        {"/enrolment_status": "enrolled", "/graduation_date": ..., "/leaving_date": "2026-03-01"},
    ),
    (
        "transcript",
        "status.matches_dates",
        "/expected_graduation_date",
        {"/expected_graduation_date": "2026-03-31"},
    ),
    (
        "student-id",
        "age.matches_birthdate",
        "/age_equal_or_over/18",
        {"/age_equal_or_over/18": False},
    ),
    ("student-id", "age.matches_birthdate", "/age_equal_or_over/18", {"/birthdate": "2007-04-15"}),
    ("enrolment", "year.matches_issue", "/school_year", {"/school_year": 2026}),
    (
        "enrolment",
        "year.matches_issue",
        "/school_year",
        {"/as_of": "2025-03-31", "/admission_date": "2023-04-08"},
    ),
    ("student-id", "year.matches_issue", "/school_year", {"/school_year": 2024}),
    ("transcript", "year.not_in_future", "/courses/41/school_year", {"/courses/41/school_year": 2026}),
    ("transcript", "year.not_in_future", "/attendance/2/school_year", {"/attendance/2/school_year": 2026}),
    (
        "transcript-he",
        "courses.unique",
        "/courses/5",
        {"/courses/5/course": "英語Ⅰ", "/courses/5/term": "前期"},
    ),
    (
        "transcript",
        "courses.credits_match_result",
        "/courses/0/credits",
        {"/courses/0/result": "not_earned"},
    ),
    (
        "transcript",
        "courses.credits_match_result",
        "/courses/0/credits",
        {"/courses/0/credits": 0, "/credits_earned_total": 89},
    ),
    ("transcript", "courses.study_abroad", "/courses/0/rating", {"/courses/0/result": "study_abroad"}),
    (
        "transcript",
        "courses.study_abroad",
        "/courses",
        {
            "/courses/-": {
                "school_year": 2024,
                "subject_area": "留学",
                "course": "留学",
                "credits": 37,
                "result": "study_abroad",
            },
            "/credits_earned_total": 128,
        },
    ),
    ("transcript", "courses.total", "/credits_earned_total", {"/credits_earned_total": 90}),
    ("transcript", "courses.total", "/credits_earned_total", {"/credits_earned_total": 92}),
    (
        "transcript",
        "courses.required_total",
        "/credits_earned_total",
        {"/credits_required_for_graduation": 92},
    ),
    ("transcript", "courses.average", "/average", {"/average": "3.8"}),
    (
        "transcript",
        "courses.average_by_subject_area",
        "/by_subject_area/0/average",
        {"/by_subject_area/0/average": "4.4"},
    ),
    (
        "transcript",
        "courses.average_by_subject_area",
        "/by_subject_area/0/rating_count",
        {"/by_subject_area/0/rating_count": 2},
    ),
    ("transcript", "courses.average_by_subject_area", "/by_subject_area", {"/by_subject_area/10": ...}),
    (
        "transcript",
        "courses.average_by_subject_area",
        "/by_subject_area/11",
        {"/by_subject_area/-": {"subject_area": "家庭", "rating_count": 1, "average": "5.0"}},
    ),
    ("transcript", "average.band", "/band", {"/band": "A"}),
    ("transcript", "average.band", "/band", {"/average": ...}),
    (
        "transcript",
        "attendance.year_or_grade",
        "/attendance/0",
        {"/attendance/0/grade": ..., "/attendance/0/school_year": ...},
    ),
    (
        "transcript",
        "attendance.unique",
        "/attendance/1",
        {"/attendance/1/grade": "H1", "/attendance/1/school_year": 2023},
    ),
    (
        "transcript",
        "attendance.days_required",
        "/attendance/1/days_required",
        {"/attendance/1/suspended_or_bereavement": 0},
    ),
    ("transcript", "attendance.days_present", "/attendance/0/present", {"/attendance/0/present": 196}),
    (
        "transcript-he",
        "grading.codes_unique",
        "/grading_scheme/non_graded/0/code",
        {
            "/grading_scheme/non_graded/-": {"code": "P", "meaning": "可"},
            "/grading_scheme/non_graded/0/code": "S",
        },
    ),
    (
        "transcript-he",
        "grading.marks_in_order",
        "/grading_scheme/levels/0/min",
        {"/grading_scheme/levels/0/min": 101},
    ),
    (
        "transcript-he",
        "grading.marks_in_order",
        "/grading_scheme/levels/1/min",
        {"/grading_scheme/levels/1/max": 90},
    ),
    ("transcript-he", "grading.codes_known", "/courses/0/rating", {"/courses/0/rating": "秀"}),
    ("transcript-he", "gpa.within_range", "/gpa", {"/gpa": "4.01"}),
    (
        "commuter",
        "commute.sections_join",
        "/commute_sections/1/from_station",
        {"/commute_sections/1/from_station": "若葉"},
    ),
    ("commuter", "commute.use_begins", "/use_from", {"/use_from": "2025-04-19"}),
    ("commuter", "commute.use_begins", "/use_from", {"/use_from": "2025-06-04"}),
    ("commuter", "age.is_of_issue", "/age", {"/age": 17}),
    ("commuter", "age.is_of_issue", "/age", {"/birthdate": "2007-04-21"}),
    ("fare-discount", "fare_discount.expiry", "/date_of_expiry", {"/date_of_expiry": "2025-10-11"}),
    (
        "fare-discount",
        "fare_discount.correspondence",
        "/schooling_from",
        {"/schooling_from": "2025-08-01", "/schooling_to": "2025-08-05"},
    ),
    ("fare-discount", "fare_discount.correspondence", "/schooling_from", {"/course_mode": "correspondence"}),
    (
        "fare-discount",
        "fare_discount.correspondence",
        "/schooling_to",
        {
            "/course_mode": "correspondence",
            "/schooling_from": "2025-10-06",
            "/schooling_to": "2025-10-05",
        },
    ),
    (
        "fare-discount",
        "fare_discount.correspondence",
        "/date_of_expiry",
        {
            "/course_mode": "correspondence",
            "/schooling_from": "2025-10-01",
            "/schooling_to": "2025-10-03",
        },
    ),
    ("accident-aid", "accident_aid.cover", "/aid_cover_start", {"/aid_cover_start": ...}),
    ("accident-aid", "accident_aid.cover", "/aid_cover_start", {"/aid_member": False}),
    ("accident-aid", "accident_aid.cover", "/aid_cover_start", {"/aid_cover_start": "2025-03-31"}),
    ("achievement", "achievement.issued_after", "/date_of_issuance", {"/achieved_on": "2025-12-02"}),
    ("health-notice", "health.told_in_time", "/date_of_issuance", {"/date_of_issuance": "2025-06-03"}),
    ("health-notice", "health.told_in_time", "/date_of_issuance", {"/checked_on": "2025-05-31"}),
    ("cannot-be-issued", "not_issued.after_retention", "/not_issued/0", {"/not_issued/0/law": ...}),
    (
        "cannot-be-issued",
        "not_issued.after_retention",
        "/not_issued/0/kept_until",
        {"/not_issued/0/kept_until": "2025-11-20"},
    ),
    (
        "guidance-register",
        "guidance.dates_in_order",
        "/departures/0/departed_on",
        {"/departures/0/departed_on": "2023-04-07", "/departures/0/accepted_on": "2023-04-08"},
    ),
    (
        "guidance-register",
        "guidance.dates_in_order",
        "/leaves/0/leave_to",
        {"/leaves/0/leave_to": "2024-05-31"},
    ),
    (
        "guidance-register",
        "guidance.transfer_day",
        "/departures/0/departed_on",
        {"/departures/0/departed_on": "2025-04-08"},
    ),
    (
        "guidance-register",
        "guidance.years_once",
        "/register_years/1",
        {"/register_years/1/school_year": 2023},
    ),
    (
        "guidance-record",
        "guidance.subjects_once",
        "/subject_results/1",
        {"/subject_results/1/subject_area": "国語"},
    ),
    ("guidance-record", "guidance.subjects_once", "/conduct/1", {"/conduct/1/behaviour": "responsibility"}),
    (
        "guidance-record",
        "guidance.ratings_of_school",
        "/subject_results/0/rating",
        {"/subject_results/0/grade": "P4"},
    ),
    (
        "guidance-record",
        "guidance.ratings_of_school",
        "/subject_results/1/rating",
        {"/subject_results/1/grade": "P2"},
    ),
    (
        "guidance-record",
        "guidance.ratings_of_school",
        "/subject_results/0/credits",
        {"/subject_results/0/credits": 2},
    ),
    ("guidance-record", "guidance.conduct_of_school", "/conduct/0/behaviour", {"/conduct/0/grade": "H1"}),
    (
        "admission-report",
        "report.band_counts",
        "/band_counts/total",
        {"/band_counts/total": 201},
    ),
    (
        "admission-report",
        "report.band_counts",
        "/band_counts/B",
        {"/band_counts/B": 0, "/band_counts/total": 130},
    ),
    (
        "health-card",
        "health.years_once",
        "/health_years/1",
        {"/health_years/-": {"school_year": 2025, "grade": "J1", "age": 12}},
    ),
    ("health-card", "health.ages", "/health_years/0/age", {"/health_years/0/age": 13}),
    (
        "health-card",
        "health.ages",
        "/health_years/0/age",
        {"/birthdate": "2012-04-02", "/health_years/0/age": 13},
    ),
    (
        "health-card",
        "health.years_begun",
        "/health_years/0/school_year",
        {"/health_years/0/checked_on": "2026-04-01"},
    ),
    (
        "health-card",
        "health.years_begun",
        "/health_years/0/school_year",
        {
            "/health_years/0/school_year": 2026,
            "/health_years/0/checked_on": ...,
            "/health_years/0/age": 13,
        },
    ),
    (
        "dental-card",
        "dental.years_once",
        "/dental_years/1",
        {
            "/dental_years/-": {
                "school_year": 2025,
                "grade": "J1",
                "occlusion": "0",
                "jaw_joint": "0",
                "plaque": "0",
                "gums": "0",
            }
        },
    ),
    (
        "dental-card",
        "dental.years_begun",
        "/dental_years/0/school_year",
        {"/dental_years/0/checked_on": "2025-03-31"},
    ),
    ("dental-card", "dental.teeth_once", "/dental_years/0/teeth", {"/dental_years/0/teeth/3/tooth": "36"}),
    (
        "dental-card",
        "dental.counts",
        "/dental_years/0/permanent_lost",
        {"/dental_years/0/permanent_lost": 1},
    ),
    (
        "dental-card",
        "dental.counts",
        "/dental_years/0/permanent_present",
        {"/dental_years/0/permanent_present": 1},
    ),
    (
        "dental-card",
        "dental.counts",
        "/dental_years/0/deciduous_untreated",
        {"/dental_years/0/deciduous_untreated": 1},
    ),
]


def _changed(name: str, change: Change) -> dict[str, Any]:
    claims = sample(name)
    for pointer, value in change.items():
        put(claims, pointer, value)
    return claims


@pytest.mark.parametrize(("name", "rule", "pointer", "change"), BROKEN)
def test_a_change_breaks_this_rule_and_no_other(name: str, rule: str, pointer: str, change: Change) -> None:
    found = validate(definition(name), _changed(name, change))
    assert [(violation.rule, violation.pointer) for violation in found] == [(rule, pointer)]
    assert found[0].text.ja
    assert found[0].text.en


def test_every_rule_is_asked_for_and_has_a_change_that_breaks_it() -> None:
    asked = {rule for document in DOCUMENTS for rule in document.rules}
    assert asked == set(rules.RULES)
    assert {rule for _, rule, _, _ in BROKEN} == asked


def test_no_rule_is_asked_for_twice() -> None:
    for document in DOCUMENTS:
        assert len(document.rules) == len(set(document.rules))


#: The rules that need nothing but what always stands in the open.
OPEN = {
    "test.identifiers",
    "school.kind_matches_code",
    "school.kind_allowed",
    "dates.expiry_after_issue",
    "grading.codes_unique",
    "grading.marks_in_order",
    "fare_discount.expiry",
    "not_issued.after_retention",
}


@pytest.mark.parametrize(
    ("name", "rule", "change"),
    [(name, rule, change) for name, rule, _, change in BROKEN if definition(name).selectable],
)
def test_what_a_holder_withheld_is_never_a_violation(name: str, rule: str, change: Change) -> None:
    document = definition(name)
    withheld = {path[0] for path in document.selectable}
    left = {claim: value for claim, value in _changed(name, change).items() if claim not in withheld}
    found = {violation.rule for violation in validate_disclosed(document, left)}
    assert found == ({rule} if rule in OPEN else set())


@pytest.mark.parametrize(
    ("name", "change", "shown"),
    [
        ("transcript", {"/courses/0/result": "not_earned"}, ["courses"]),
        ("transcript", {"/courses/1/course": "現代の国語"}, ["courses"]),
        ("transcript", {"/credits_earned_total": 5}, ["courses", "credits_earned_total"]),
        ("transcript", {"/band": "A"}, ["band", "average"]),
        ("transcript", {"/attendance/0/present": 196}, ["attendance"]),
        ("transcript", {"/by_subject_area/0/average": "4.4"}, ["courses", "by_subject_area"]),
        ("transcript", {"/by_subject_area/0/rating_count": 2}, ["courses", "by_subject_area"]),
        ("graduation", {"/graduation_date": "2026-03-03"}, ["graduation_date"]),
        ("transcript-he", {"/courses/0/rating": "秀"}, ["courses"]),
    ],
)
def test_what_was_shown_is_still_checked(name: str, change: Change, shown: list[str]) -> None:
    document = definition(name)
    claims = _changed(name, change)
    left = {key: value for key, value in claims.items() if key in {*shown, *document.always_shown}}
    assert len(validate_disclosed(document, left)) == 1


def test_some_of_the_courses_are_neither_too_few_nor_of_another_average() -> None:
    document, claims = definition("transcript"), sample("transcript")
    claims["courses"] = claims["courses"][3:9]
    assert validate_disclosed(document, claims) == ()
    assert [violation.rule for violation in validate(document, claims)] == [
        "courses.total",
        "courses.average",
        *["courses.average_by_subject_area"] * 11,
    ]


def test_no_course_shown_is_no_violation() -> None:
    document, claims = definition("transcript"), sample("transcript")
    claims["courses"] = []
    assert validate_disclosed(document, claims) == ()


@pytest.mark.clause("年齢計算ニ関スル法律")
@pytest.mark.parametrize(
    ("born", "issued", "is_adult"),
    [
        ("2007-04-14", "2025-04-13", False),
        ("2007-04-14", "2025-04-14", True),
        ("2008-02-29", "2026-02-28", False),
        ("2008-02-29", "2026-03-01", True),
    ],
)
def test_an_age_is_reached_on_the_birthday(born: str, issued: str, is_adult: bool) -> None:
    claims = sample("student-id") | {"birthdate": born, "date_of_issuance": issued}
    claims["age_equal_or_over"] = {"18": is_adult}
    facts = Facts(definition("student-id"), claims, complete=True)
    assert list(rules.RULES["age.matches_birthdate"](facts)) == []
    claims["age_equal_or_over"] = {"18": not is_adult}
    assert len(list(rules.RULES["age.matches_birthdate"](facts))) == 1


def test_the_school_year_turns_on_1_april() -> None:
    document, claims = definition("student-id"), sample("student-id")
    claims |= {"date_of_issuance": "2026-03-31", "age_equal_or_over": {"18": True}}
    assert validate(document, claims) == ()
    claims |= {"date_of_issuance": "2026-04-01", "date_of_expiry": "2027-03-31"}
    assert [violation.rule for violation in validate(document, claims)] == ["year.matches_issue"]


def test_a_withheld_day_leaves_the_school_year_undecided() -> None:
    document, claims = definition("enrolment"), sample("enrolment")
    del claims["as_of"]
    claims["date_of_issuance"] = claims["date_of_expiry"] = "2026-04-02"
    assert validate_disclosed(document, claims) == ()
    assert [violation.rule for violation in validate(document, claims)] == ["year.matches_issue"]


def test_real_identifiers_need_no_mark() -> None:
    claims = sample("graduation")
    claims["school"] |= {"code": "D113299999903", "corporate_number": "8000020130001"}
    del claims["test"]
    assert validate(definition("graduation"), claims) == ()


def test_a_course_failed_and_taken_again_stands_in_two_years() -> None:
    document, claims = definition("transcript"), sample("transcript")
    again = {**claims["courses"][0], "school_year": 2024, "grade": "H2", "credits": 0, "result": "not_earned"}
    again.pop("rating")
    claims["courses"].append(again)
    assert validate(document, claims) == ()


def test_study_abroad_of_36_credits_is_accepted() -> None:
    claims = sample("transcript")
    abroad = {
        "school_year": 2024,
        "subject_area": "留学",
        "course": "留学",
        "credits": 36,
        "result": "study_abroad",
    }
    claims["courses"].append(abroad)
    claims["credits_earned_total"] += 36
    assert validate(definition("transcript"), claims) == ()


@pytest.mark.parametrize(
    ("kind", "grade", "fits"),
    [
        ("B1", "P6", True),
        ("B1", "J1", False),
        ("C2", "J3", True),
        ("D2", "J1", True),
        ("D1", "H4", True),
        ("E1", "E3", True),
        ("A1", "E1", True),
        ("A1", "P1", False),
        ("F1", "D", True),
        ("F2", "U5", False),
        ("G1", "U5", True),
        ("H1", "H3", True),
        ("H2", "P1", True),
    ],
)
def test_a_year_of_study_exists_at_its_kind_of_school(kind: str, grade: str, fits: bool) -> None:
    claims = {"school": {"kind": kind}, "grade": grade}
    facts = Facts(definition("enrolment"), claims, complete=True)
    assert (list(rules.RULES["grade.matches_school"](facts)) == []) is fits
