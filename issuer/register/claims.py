"""From a learner's record to the claims of a document: pure, the same every time, and nothing that is not on record.

Names of claims and codes are the dictionary's in `schemas/data/claims`. Numbers with decimals are texts; averages are
rounded half up to one decimal and are not weighted by credits. Courses stand by school year, then in the order of
subject areas. Whoever seals them validates them first (`schemas.validation.validate`).
"""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from issuer.organisations.school import School
from issuer.register.grading import FIVE_LEVELS, GradingScheme
from issuer.register.record import AttendanceYear, CourseResult, Decision, LearnerRecord
from issuer.register.retention import Lapsed, lapsed
from schemas.catalogue import DocumentDefinition
from schemas.dictionary import Dictionary
from schemas.rules.courses import average_of, band_of
from tegata.codec.dates import age_reached, school_year

Claims = dict[str, Any]

#: The least that graduation requires (学校教育法施行規則 第96条); a school that asks for more says so itself.
REQUIRED_CREDITS = 74
_AGES = (18, 20)
_UPPER_SECONDARY = "D1"
_SUBJECT_AREAS: Mapping[str, int] = {
    value["code"]: position for position, value in enumerate(Dictionary().codes["subject-area"]["values"])
}


def claims_for(
    document: DocumentDefinition,
    record: LearnerRecord,
    school: School,
    *,
    document_number: str,
    issue_date: date,
    grading_scheme: GradingScheme | None = None,
    credits_required: int | None = None,
    own: Mapping[str, Any] | None = None,
) -> Claims:
    """Return the claims of a document, in its own order; what is not on record is left out.

    `grading_scheme` is a university's own; `credits_required` what the school asks for beyond the law; `own` are claims
    that rest on more than the record, such as those of a reported journey.
    """
    known = (
        _learner(record)
        | _school_years(record, issue_date)
        | _enrolment(record, issue_date)
        | _decisions(record, issue_date)
        | _other_facts(record, issue_date)
    )
    known |= {
        "school": _school(school),
        "document_number": document_number,
        "date_of_issuance": issue_date.isoformat(),
        "as_of": issue_date.isoformat(),
        "age_equal_or_over": {
            str(years): age_reached(record.birthdate, years) <= issue_date for years in _AGES
        },
    }
    if expiry := document.validity.last_day(issue_date):
        known["date_of_expiry"] = expiry.isoformat()
    if document.name == "transcript":
        known |= _transcript(record, school, credits_required)
    elif document.name == "transcript-he":
        known |= _higher_transcript(record, grading_scheme, credits_required)
    elif document.name == "credits":
        known |= _credits(record, school, credits_required)
    elif document.name == "cannot-be-issued":
        known["not_issued"] = [_not_issued(item) for item in lapsed(record, [school.kind], issue_date)]
    if school.is_test:
        known["test"] = True
    said = _said(known | dict(own or {}))
    return {name: said[name] for name in document.schema["properties"] if name in said}


def _learner(record: LearnerRecord) -> Claims:
    parts = [
        f"{part}_name{suffix}" for suffix in ("", "_kana", "_latin") for part in ("family", "given", "middle")
    ]
    claims: Claims = {name: getattr(record, name) for name in parts}
    claims["birthdate"] = record.birthdate.isoformat()
    claims["student_number"] = record.student_number
    preferred = (record.preferred_family_name, record.preferred_middle_name, record.preferred_given_name)
    # Rosters repeat the name of record where there is no other name in daily use.
    if any(preferred) and preferred != (record.family_name, record.middle_name, record.given_name):
        claims["preferred_name"] = "　".join(filter(None, preferred))
    return claims


def _school(school: School) -> Claims:
    claims = {
        "name": school.name,
        "name_latin": school.name_latin,
        "code": school.code,
        "kind": school.kind,
        "address": school.address,
        "head_title": school.head.title if school.head else "",
        "head_name": school.head.name if school.head else "",
        "head_name_latin": school.head.name_latin if school.head else "",
        "establisher_name": school.establisher,
        "corporate_number": school.corporate_number,
    }
    return {name: value for name, value in claims.items() if value}


def _school_years(record: LearnerRecord, issue_date: date) -> Claims:
    year = school_year(issue_date)
    placement = record.placement_in(year)
    claims: Claims = {"school_year": year}
    if placement is not None:
        claims |= {"grade": placement.grade, "home_class": placement.home_class}
    return claims


def _enrolment(record: LearnerRecord, issue_date: date) -> Claims:
    enrolment = record.enrolment
    if enrolment is None:
        return {}
    status = enrolment.status_on(issue_date)
    claims: Claims = {
        "enrolment_status": status,
        "course_mode": enrolment.course_mode,
        "faculty": enrolment.faculty,
        "faculty_en": enrolment.faculty_en,
        "department": enrolment.department,
        "department_en": enrolment.department_en,
        "stream": enrolment.stream,
        "admission_date": _day(enrolment.admission_date),
    }
    if status in {"withdrawn", "transferred", "dismissed"}:
        claims["leaving_date"] = _day(enrolment.leaving_date)
    return claims


def _decisions(record: LearnerRecord, issue_date: date) -> Claims:
    claims: Claims = {}
    for decision in record.decisions:
        if decision.decision == "completion" and decision.decision_date <= issue_date:
            claims |= {
                "programme": decision.programme,
                "programme_en": decision.programme_en,
                "completion_date": _day(decision.effective_date),
            }
    standing = record.decision_on(issue_date)
    if standing is None:
        return claims
    effective = standing.effective_date
    if standing.decision == "graduation" and effective is not None and effective <= issue_date:
        claims |= {"graduation_date": _day(effective), "diploma_number": standing.diploma_number}
    elif standing.decision in {"graduation", "expected"}:
        # Decided before the ceremony: until then graduation lies ahead.
        claims["expected_graduation_date"] = _day(effective)
    if standing.decision in {"graduation", "expected", "completion"}:
        claims |= _degree(standing)
    return claims


def _other_facts(record: LearnerRecord, issue_date: date) -> Claims:
    """Return what was reported or recorded beside studies: route to school, mutual aid, the latest achievement."""
    claims: Claims = {}
    names = ("operator", "line", "from_station", "to_station", "via", "distance_km")
    if route := record.route_on(issue_date):
        claims["commute_sections"] = [
            {name: value for name in names if (value := getattr(section, name))} for section in route
        ]
    aid = record.aid_in(school_year(issue_date))
    if aid is not None:
        claims |= {
            "aid_member": aid.member,
            "aid_cover_start": _day(aid.cover_start) if aid.member else None,
        }
    achievement = record.achievement_on(issue_date)
    if achievement is not None:
        members = ("name", "name_en", "kind", "description", "criteria")
        claims |= {
            "achievement": {name: value for name in members if (value := getattr(achievement, name))},
            "achieved_on": _day(achievement.achieved_on),
            "achievement_result": achievement.result,
        }
    return claims


def _degree(decision: Decision) -> Claims:
    return {"degree": decision.degree, "degree_en": decision.degree_en}


def _transcript(record: LearnerRecord, school: School, credits_required: int | None) -> Claims:
    results = sorted(record.results, key=_order)
    ratings = [int(item.rating) for item in results if item.rating]
    claims: Claims = {
        "courses": [_course(item) for item in results],
        "grading_scheme": FIVE_LEVELS,
        "credits_earned_total": sum(item.credits_earned for item in results),
        "attendance": [_attendance(item, record) for item in sorted(record.attendance, key=_attendance_order)]
        or None,
    }
    if credits_required is not None or school.kind == _UPPER_SECONDARY:
        claims["credits_required_for_graduation"] = credits_required or REQUIRED_CREDITS
    if average := average_of(ratings):
        claims |= {
            "average": average,
            "band": band_of(average),
            "by_subject_area": list(_by_subject_area(results)),
        }
    return claims


def _credits(record: LearnerRecord, school: School, credits_required: int | None) -> Claims:
    """Return the credits without ratings, which belong to the record that is kept for five years only."""
    results = sorted(record.results, key=_order)
    claims: Claims = {
        "courses": [_without_rating(item) for item in results],
        "credits_earned_total": sum(item.credits_earned for item in results),
    }
    if credits_required is not None or school.kind == _UPPER_SECONDARY:
        claims["credits_required_for_graduation"] = credits_required or REQUIRED_CREDITS
    return claims


def _without_rating(result: CourseResult) -> Claims:
    return {name: value for name, value in _course(result).items() if name not in {"rating", "viewpoints"}}


def _not_issued(item: Lapsed) -> Claims:
    return {
        "document_kind": item.document_kind,
        "reason": "retention_lapsed",
        "law": item.law,
        "kept_until": item.kept_until.isoformat(),
    }


def _higher_transcript(
    record: LearnerRecord, grading_scheme: GradingScheme | None, credits_required: int | None
) -> Claims:
    results = sorted(record.results, key=_order)
    listed = [item for item in results if grading_scheme is None or grading_scheme.shows(item)]
    claims: Claims = {
        "courses": [_higher_course(item) for item in listed],
        "credits_earned_total": sum(item.credits_earned for item in results),
        "credits_required_for_graduation": credits_required,
    }
    if grading_scheme is not None:
        claims |= {
            "grading_scheme": grading_scheme.claim,
            "gpa": grading_scheme.gpa(results),
            "gpa_max": grading_scheme.gpa_max(),
        }
    return claims


def _order(result: CourseResult) -> tuple[Any, ...]:
    area = _SUBJECT_AREAS.get(result.subject_area, len(_SUBJECT_AREAS))
    return result.school_year, result.grade, area, result.subject_area, result.course, result.term


def _course(result: CourseResult) -> Claims:
    course: Claims = {
        "school_year": result.school_year,
        "grade": result.grade,
        "subject_area": result.subject_area,
        "course": result.course,
        "course_en": result.course_en,
        "credits": result.credits_earned,
        "rating": int(result.rating) if result.rating else None,
        "viewpoints": list(result.viewpoints) or None,
        "result": result.result,
    }
    return _said(course)


def _higher_course(result: CourseResult) -> Claims:
    course: Claims = {
        "school_year": result.school_year,
        "term": result.term,
        "grade": result.grade,
        "subject_area": result.subject_area,
        "course_code": result.course_code,
        "course": result.course,
        "course_en": result.course_en,
        "credits": result.credits_earned,
        "rating": result.rating,
    }
    return _said(course)


def _said(claims: Claims) -> Claims:
    return {name: value for name, value in claims.items() if value is not None and value != ""}


def _by_subject_area(results: Iterable[CourseResult]) -> Iterable[Claims]:
    ratings: dict[str, list[int]] = {}
    for item in results:
        if item.rating:
            ratings.setdefault(item.subject_area, []).append(int(item.rating))
    for area in sorted(ratings, key=lambda name: (_SUBJECT_AREAS.get(name, len(_SUBJECT_AREAS)), name)):
        yield {"subject_area": area, "rating_count": len(ratings[area]), "average": average_of(ratings[area])}


def _attendance_order(attendance: AttendanceYear) -> tuple[str, int]:
    return attendance.grade, attendance.school_year


def _attendance(attendance: AttendanceYear, record: LearnerRecord) -> Claims:
    """Return one year's days; the 年度 of a year of study is that of its results and placements, if there is one only."""
    years = {item.school_year for item in record.results if item.grade == attendance.grade}
    years |= {item.school_year for item in record.placements if item.grade == attendance.grade}
    year = attendance.school_year or (min(years) if len(years) == 1 else 0)
    claims: Claims = {"school_year": year} if year else {}
    if attendance.grade:
        claims["grade"] = attendance.grade
    return claims | {
        name: getattr(attendance, name)
        for name in ("school_days", "suspended_or_bereavement", "days_required", "absent", "present")
    }


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
