"""学割証: what a learner reports to get one, how many there may be in a year, and until when one is good.

The journey's purpose is one of seven and stays in the school's ledger (発行台帳): it is never in the certificate. How
many a school gives in a year is its own rule, and so is the month in which that year begins.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib.resources import files
from typing import Any

from issuer.register.errors import PracticeRefused
from issuer.register.record import LearnerRecord
from schemas.catalogue import DocumentDefinition
from tegata.codec import json
from tegata.codec.dates import age_reached, school_year
from tegata.errors import Text

FARE_DISCOUNT, COMMUTER = "fare-discount", "commuter"
_CORRESPONDENCE = "correspondence"
#: A certificate of a correspondence course is good until so many days after its schooling (旅客営業規則 第29条).
_AFTER_SCHOOLING = timedelta(days=5)
_MONTHS = 12
_MOST = 999
_MAX_NUMBER = 60


@dataclass(frozen=True, slots=True)
class TravelPractice:
    """A school's rules: how many a year (None: no limit), from which month on, and its 指定番号 with the railways."""

    per_year: int | None = None
    year_begins: int = 4
    designation_number: str = ""

    def year_of(self, day: date) -> int:
        """Return the year that a day is counted in."""
        return day.year if day.month >= self.year_begins else day.year - 1


@dataclass(frozen=True, slots=True)
class Journey:
    """What a learner reported: a purpose, and for a correspondence course the days of schooling or examinations."""

    request_id: str
    purpose: str
    schooling_from: date | None = None
    schooling_to: date | None = None


@dataclass(frozen=True, slots=True)
class FareDiscounts:
    """What is on record about one learner's 学割証: the journey to come, and the dates of those issued."""

    journey: Journey | None = None
    issued: tuple[date, ...] = ()


@cache
def purposes() -> Mapping[str, Text]:
    """Return the seven purposes by code."""
    content = files("issuer.register").joinpath("travel_purposes.json").read_bytes()
    return {item["code"]: Text(**item["label"]) for item in json.loads(content)}


def parse(content: Any) -> TravelPractice:
    """Read a school's rules; raises `PracticeRefused`."""
    if not isinstance(content, Mapping) or not set(content) <= {"perYear", "yearBegins", "designationNumber"}:
        raise PracticeRefused("not an object of known members", pointer="fareDiscount")
    per_year, begins = content.get("perYear"), content.get("yearBegins", 4)
    number = content.get("designationNumber", "")
    is_right = (
        (per_year is None or (type(per_year) is int and 0 <= per_year <= _MOST))
        and (type(begins) is int and 1 <= begins <= _MONTHS)
        and isinstance(number, str)
        and len(number) <= _MAX_NUMBER
        and number.isprintable()
        and number == number.strip()
    )
    if not is_right:
        raise PracticeRefused("rules about fare discounts", pointer="fareDiscount")
    return TravelPractice(per_year, begins, number)


def obstacles(
    record: LearnerRecord, rules: TravelPractice, known: FareDiscounts, issue_date: date
) -> Iterator[tuple[str, Text]]:
    """Yield what stands in the way of one more 学割証, each with its code."""
    journey = known.journey
    if journey is None or journey.purpose not in purposes():
        yield (
            "request_missing",
            Text(
                "学割証の申込み（使用目的）が記録されていません。「申込み」で受け付けます。",
                "No request with the purpose of the journey is on record. Take it under “Requests”.",
            ),
        )
    placement = record.placement_in(school_year(issue_date))
    if placement is None or not placement.grade:
        yield (
            "grade_missing",
            Text("この年度の学年がありません。", "There is no year of study for this school year."),
        )
    if rules.per_year is not None:
        year = rules.year_of(issue_date)
        count = sum(rules.year_of(day) == year for day in known.issued)
        if count >= rules.per_year:
            yield (
                "limit_reached",
                Text(
                    f"学割証は1年に{rules.per_year}枚までです。この年は{count}枚を発行しています。",
                    f"At most {rules.per_year} a year: {count} have been issued this year.",
                ),
            )
    yield from _schooling(record, journey, issue_date)
    last = _leaves(record, issue_date)
    if last is not None and last < issue_date:
        yield (
            "enrolment_over",
            Text("発行日が在籍の終わりより後です。", "The date of issue is after the enrolment."),
        )


def _schooling(
    record: LearnerRecord, journey: Journey | None, issue_date: date
) -> Iterator[tuple[str, Text]]:
    if journey is None:
        return
    is_correspondence = record.enrolment is not None and record.enrolment.course_mode == _CORRESPONDENCE
    first, last = journey.schooling_from, journey.schooling_to
    if is_correspondence and (first is None or last is None or last < first):
        yield (
            "schooling_missing",
            Text(
                "通信制の課程では、面接授業・試験の初日と最終日が必要です。",
                "A correspondence course needs the first and last day of its schooling or examinations.",
            ),
        )
    elif is_correspondence and last is not None and last + _AFTER_SCHOOLING < issue_date:
        yield "schooling_over", Text("面接授業・試験は終わっています。", "The schooling is over.")


def shared_claims(record: LearnerRecord, rules: TravelPractice, issue_date: date) -> Mapping[str, Any]:
    """Return the claims that a 学割証 has in common with a 通学証明書."""
    return {
        "age": age_on(record.birthdate, issue_date),
        "student_card_number": record.student_number,
        "designation_number": rules.designation_number,
    }


def claims(
    document: DocumentDefinition,
    record: LearnerRecord,
    rules: TravelPractice,
    known: FareDiscounts,
    issue_date: date,
) -> Mapping[str, Any]:
    """Return the claims of a 学割証 that rest on more than the record."""
    journey = known.journey
    is_correspondence = record.enrolment is not None and record.enrolment.course_mode == _CORRESPONDENCE
    schooling = (
        (journey.schooling_from, journey.schooling_to) if journey and is_correspondence else (None, None)
    )
    first, last = schooling
    ends = [
        document.validity.last_day(issue_date),
        _leaves(record, issue_date),
        None if last is None else last + _AFTER_SCHOOLING,
    ]
    return {
        **shared_claims(record, rules, issue_date),
        "schooling_from": None if first is None else first.isoformat(),
        "schooling_to": None if last is None else last.isoformat(),
        "date_of_expiry": min(day for day in ends if day is not None).isoformat(),
    }


def age_on(birthdate: date, day: date) -> int:
    """Return the completed years on a day (年齢計算ニ関スル法律)."""
    years = day.year - birthdate.year
    return years if age_reached(birthdate, years) <= day else years - 1


def _leaves(record: LearnerRecord, issue_date: date) -> date | None:
    """Return the last day of enrolment as far as it is in sight: of the school year of graduation, its 31 March."""
    year = school_year(issue_date)
    ends: list[date] = []
    decision = record.decision_on(issue_date)
    if decision is not None and decision.decision in {"graduation", "expected"} and decision.effective_date:
        ends.append(date(school_year(decision.effective_date) + 1, 3, 31))
    enrolment, placement = record.enrolment, record.placement_in(year)
    if enrolment is not None and enrolment.leaving_date is not None:
        ends.append(enrolment.leaving_date)
    is_part_time = enrolment is not None and enrolment.course_mode == "part_time"
    if placement is not None and placement.grade in ({"J3", "H4"} if is_part_time else {"J3", "H3", "H4"}):
        ends.append(date(year + 1, 3, 31))
    return min(ends, default=None)
