"""The rules that a JSON Schema cannot say, by the names under which a `document.json` asks for them."""

from collections.abc import Mapping
from types import MappingProxyType

from schemas.rules import attendance, courses, dates, grading, guidance, health, recorded, school, travel
from schemas.rules.facts import Facts, Rule, Violation

RULES: Mapping[str, Rule] = MappingProxyType(
    {
        "test.identifiers": school.identifiers,
        "school.kind_matches_code": school.kind_matches_code,
        "school.kind_allowed": school.kind_allowed,
        "grade.matches_school": school.grade_matches_school,
        "dates.birth_before_admission": dates.birth_before_admission,
        "dates.admission_before_leaving": dates.admission_before_leaving,
        "dates.issued_after_fact": dates.issued_after_fact,
        "dates.expected_after_issue": dates.expected_after_issue,
        "dates.expiry_after_issue": dates.expiry_after_issue,
        "status.matches_dates": dates.status_matches_dates,
        "age.matches_birthdate": dates.ages_match_birthdate,
        "year.matches_issue": dates.year_matches_issue,
        "year.not_in_future": dates.years_not_in_future,
        "courses.unique": courses.unique,
        "courses.credits_match_result": courses.credits_match_result,
        "courses.study_abroad": courses.study_abroad,
        "courses.total": courses.total,
        "courses.required_total": courses.required_total,
        "courses.average": courses.average,
        "courses.average_by_subject_area": courses.averages_by_subject_area,
        "average.band": courses.band,
        "attendance.year_or_grade": attendance.year_or_grade,
        "attendance.unique": attendance.unique,
        "attendance.days_required": attendance.days_required,
        "attendance.days_present": attendance.days_present,
        "grading.codes_unique": grading.codes_unique,
        "grading.marks_in_order": grading.marks_in_order,
        "grading.codes_known": grading.codes_known,
        "gpa.within_range": grading.gpa_within_range,
        "commute.sections_join": travel.sections_join,
        "commute.use_begins": travel.use_begins,
        "age.is_of_issue": travel.age_is_of_issue,
        "fare_discount.expiry": travel.discount_expiry,
        "fare_discount.correspondence": travel.discount_correspondence,
        "accident_aid.cover": recorded.aid_cover,
        "achievement.issued_after": recorded.achievement_issued_after,
        "not_issued.after_retention": recorded.not_issued_after_retention,
        "guidance.dates_in_order": guidance.dates_in_order,
        "guidance.transfer_day": guidance.transfer_day,
        "guidance.years_once": guidance.years_once,
        "guidance.subjects_once": guidance.subjects_once,
        "guidance.ratings_of_school": guidance.ratings_of_school,
        "guidance.conduct_of_school": guidance.conduct_of_school,
        "report.band_counts": guidance.band_counts,
        "health.told_in_time": health.told_in_time,
        "health.years_once": health.years_once,
        "health.years_begun": health.years_begun,
        "health.ages": health.ages,
        "dental.years_once": health.dental_years_once,
        "dental.years_begun": health.years_begun,
        "dental.teeth_once": health.teeth_once,
        "dental.counts": health.dental_counts,
    }
)


def check(facts: Facts) -> tuple[Violation, ...]:
    """Run a document's rules in their order."""
    return tuple(
        Violation(finding.pointer, name, finding.text, finding.clause)
        for name in facts.document.rules
        for finding in RULES[name](facts)
    )
