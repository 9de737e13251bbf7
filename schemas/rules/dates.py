"""Rules about dates: what comes before what, and which 年度 a document belongs to."""

from collections.abc import Iterator, Sequence

from schemas.rules.facts import Facts, Finding
from tegata.codec.dates import age_reached, school_year
from tegata.errors import Text

_ENDS = ("leaving_date", "graduation_date", "completion_date", "expected_graduation_date")
_FACTS = ("admission_date", "as_of", "leaving_date", "graduation_date", "completion_date")
_LEFT = frozenset({"withdrawn", "transferred", "dismissed"})
_AGE_LAW = "年齢計算ニ関スル法律"


def birth_before_admission(facts: Facts) -> Iterator[Finding]:
    """Nobody is admitted, or gets a document, before being born."""
    yield from _in_order(facts, "birthdate", ("admission_date", "date_of_issuance"))


def admission_before_leaving(facts: Facts) -> Iterator[Finding]:
    """Nobody leaves before being admitted."""
    yield from _in_order(facts, "admission_date", _ENDS)


def issued_after_fact(facts: Facts) -> Iterator[Finding]:
    """A fact is certified once it is there, never before."""
    for claim in _FACTS:
        yield from _in_order(facts, claim, ("date_of_issuance",))


def expected_after_issue(facts: Facts) -> Iterator[Finding]:
    """What is expected lies ahead."""
    yield from _in_order(facts, "date_of_issuance", ("expected_graduation_date",))


def expiry_after_issue(facts: Facts) -> Iterator[Finding]:
    """A document does not end before it begins."""
    yield from _in_order(facts, "date_of_issuance", ("date_of_expiry",))


def year_matches_issue(facts: Facts) -> Iterator[Finding]:
    """A state is certified for the 年度 of its day: the day certified, else the day of issue."""
    if "as_of" in facts.document.schema["properties"] and not facts.complete and "as_of" not in facts.claims:
        return  # withheld, perhaps: the day of issue may lie in the next 年度
    day = facts.date("as_of") or facts.date("date_of_issuance")
    year = facts.claims.get("school_year")
    if day is not None and year is not None and year != school_year(day):
        yield Finding(
            "/school_year",
            Text(
                "年度が、証明する日または発行日の年度と合いません。",
                "The school year is not that of the day certified, or of the day of issue.",
            ),
            "学校教育法施行規則 第59条",
        )


def years_not_in_future(facts: Facts) -> Iterator[Finding]:
    """Results and attendance are of school years that have begun."""
    issued = facts.date("date_of_issuance")
    if issued is None:
        return
    latest = school_year(issued)
    for claim in ("courses", "attendance"):
        for index, item in enumerate(facts.items(claim)):
            if item.get("school_year", 0) > latest:
                yield Finding(
                    f"/{claim}/{index}/school_year",
                    Text("年度が発行日より後です。", "The school year begins after the day of issue."),
                )


def status_matches_dates(facts: Facts) -> Iterator[Finding]:
    """Graduated, left or still there: the status and the dates tell one story."""
    status = facts.claims.get("enrolment_status")
    has_graduated, has_left = "graduation_date" in facts.claims, "leaving_date" in facts.claims
    if has_graduated and "expected_graduation_date" in facts.claims:
        yield Finding(
            "/expected_graduation_date",
            Text(
                "卒業した人に卒業見込年月日は記載できません。",
                "Somebody who has graduated is not expected to graduate.",
            ),
        )
    if status is None:
        return
    contradiction = (
        (has_graduated and status != "graduated")
        or (has_left and status not in _LEFT | {"graduated"})
        or (status == "graduated" and facts.is_absent("graduation_date"))
        or (status in _LEFT and facts.is_absent("leaving_date"))
    )
    if contradiction:
        yield Finding(
            "/enrolment_status",
            Text(
                "在籍状況が、卒業・離籍の年月日と合いません。",
                "The enrolment status does not fit the dates of graduation or leaving.",
            ),
        )


def ages_match_birthdate(facts: Facts) -> Iterator[Finding]:
    """An age check says what the date of birth says on the day of issue; an age is reached on the birthday."""
    born, issued = facts.date("birthdate"), facts.date("date_of_issuance")
    if born is None or issued is None:
        return
    for years, value in facts.claims.get("age_equal_or_over", {}).items():
        if value != (age_reached(born, int(years)) <= issued):
            yield Finding(
                f"/age_equal_or_over/{years}",
                Text(
                    "年齢の確認が、生年月日と発行日から求めた年齢と合いません。",
                    "The age check does not fit the date of birth on the day of issue.",
                ),
                _AGE_LAW,
            )


def _in_order(facts: Facts, first: str, then: Sequence[str]) -> Iterator[Finding]:
    earlier = facts.date(first)
    if earlier is None:
        return
    for claim in then:
        later = facts.date(claim)
        if later is not None and later < earlier:
            one, other = facts.label(first), facts.label(claim)
            yield Finding(
                f"/{claim}",
                Text(
                    f"「{other.ja}」が「{one.ja}」より前の日付です。",
                    f"“{other.en}” lies before “{one.en}”.",
                ),
            )
