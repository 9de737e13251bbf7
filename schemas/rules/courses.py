"""Rules about courses, credits and ratings, and the arithmetic behind them: exact, rounded half up, never floats."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from decimal import Decimal

from schemas.rules.facts import Facts, Finding
from tegata.errors import Text

_CALCULATION = "大学入学者選抜実施要項 調査書記入上の注意事項"
#: The lowest average of each band (学習成績概評).
_BANDS = (("A", Decimal("4.3")), ("B", Decimal("3.5")), ("C", Decimal("2.7")), ("D", Decimal("1.9")))
#: Credits earned abroad that a school may recognise (学校教育法施行規則 第93条).
_MOST_CREDITS_ABROAD = 36


def average_of(ratings: Sequence[int]) -> str | None:
    """Return 学習成績の状況: the mean of ratings, not weighted by credits, to one decimal, half up; None without any."""
    if not ratings:
        return None
    count = len(ratings)
    tenths = (20 * sum(ratings) + count) // (2 * count)
    return f"{tenths // 10}.{tenths % 10}"


def band_of(average: str) -> str:
    """Return 学習成績概評 for an average written as "3.9"."""
    value = Decimal(average)
    return next((band for band, lowest in _BANDS if value >= lowest), "E")


def unique(facts: Facts) -> Iterator[Finding]:
    """A course stands once in a school year (and term); failed and retaken, it stands in two years."""
    keys = [
        (course["school_year"], course.get("term"), course["course"]) for course in facts.items("courses")
    ]
    if len(set(keys)) == len(keys):
        return
    seen = set()
    for index, key in enumerate(keys):
        if key in seen:
            yield Finding(
                f"/courses/{index}",
                Text("同じ年度に同じ科目が2回あります。", "A course stands twice in one school year."),
            )
        seen.add(key)


def credits_match_result(facts: Facts) -> Iterator[Finding]:
    """A course not earned has no credits; every other one has some."""
    for index, course in enumerate(facts.items("courses")):
        if (course["result"] == "not_earned") != (course["credits"] == 0):
            yield Finding(
                f"/courses/{index}/credits",
                Text(
                    "修得単位数が「修得の状況」と合いません。",
                    "The credits earned do not fit the outcome of the course.",
                ),
                "学校教育法施行規則 第96条",
            )


def study_abroad(facts: Facts) -> Iterator[Finding]:
    """Credits from study abroad carry no rating, and a school recognises at most 36."""
    total = 0
    for index, course in enumerate(facts.items("courses")):
        if course["result"] != "study_abroad":
            continue
        total += course["credits"]
        if "rating" in course:
            yield Finding(
                f"/courses/{index}/rating",
                Text("留学による単位に評定はありません。", "Credits from study abroad carry no rating."),
                "指導要録 参考様式（高等学校）",
            )
    if total > _MOST_CREDITS_ABROAD:
        yield Finding(
            "/courses",
            Text(
                "留学により認定できる単位は36単位までです。",
                "At most 36 credits from study abroad can be recognised.",
            ),
            "学校教育法施行規則 第93条",
        )


def total(facts: Facts) -> Iterator[Finding]:
    """The credits of all courses add up; those of some never come to more."""
    stated = facts.claims.get("credits_earned_total")
    if stated is None:
        return
    found = sum(course["credits"] for course in facts.items("courses"))
    if found > stated or (facts.complete and found != stated):
        yield Finding(
            "/credits_earned_total",
            Text(
                "修得単位数の合計が、各科目の合計と合いません。",
                "The credits in total are not those of the courses.",
            ),
        )


def required_total(facts: Facts) -> Iterator[Finding]:
    """Who has graduated has the credits that the school requires."""
    stated, required = (
        facts.claims.get(f"credits_{name}") for name in ("earned_total", "required_for_graduation")
    )
    has_graduated = "graduation_date" in facts.claims or facts.claims.get("enrolment_status") == "graduated"
    if has_graduated and stated is not None and required is not None and stated < required:
        yield Finding(
            "/credits_earned_total",
            Text("卒業に必要な単位数に達していません。", "Fewer credits than graduation requires."),
            "学校教育法施行規則 第96条",
        )


def average(facts: Facts) -> Iterator[Finding]:
    """The average is the mean of all ratings of all courses."""
    stated = facts.claims.get("average")
    if stated is None or not facts.complete:
        return
    if stated != average_of([course["rating"] for course in facts.items("courses") if "rating" in course]):
        yield Finding("/average", _AVERAGE_WRONG, _CALCULATION)


def averages_by_subject_area(facts: Facts) -> Iterator[Finding]:
    """Each subject area with ratings stands once, with their number and mean."""
    stated = facts.claims.get("by_subject_area")
    if stated is None:
        return
    ratings: defaultdict[str, list[int]] = defaultdict(list)
    for course in facts.items("courses"):
        if "rating" in course:
            ratings[course["subject_area"]].append(course["rating"])
    seen = set()
    for index, entry in enumerate(stated):
        area = entry["subject_area"]
        if area in seen:
            text = Text("同じ教科が2回あります。", "A subject area stands twice.")
            yield Finding(f"/by_subject_area/{index}", text)
        seen.add(area)
        found = ratings.get(area, [])
        if len(found) > entry["rating_count"] or (facts.complete and len(found) != entry["rating_count"]):
            text = Text("評定の数が各科目と合いません。", "The number of ratings is not that of the courses.")
            yield Finding(f"/by_subject_area/{index}/rating_count", text, _CALCULATION)
        elif len(found) == entry["rating_count"] and entry["average"] != average_of(found):
            yield Finding(f"/by_subject_area/{index}/average", _AVERAGE_WRONG, _CALCULATION)
    if ratings.keys() - seen:
        text = Text("評定のある教科が抜けています。", "A subject area that has ratings is missing.")
        yield Finding("/by_subject_area", text, _CALCULATION)


def band(facts: Facts) -> Iterator[Finding]:
    """The band is that of the average."""
    stated, value = facts.claims.get("band"), facts.claims.get("average")
    if stated is None:
        return
    if facts.is_absent("average") or (value is not None and stated != band_of(value)):
        text = Text("学習成績概評が学習成績の状況と合いません。", "The band is not that of the average.")
        yield Finding("/band", text, _CALCULATION)


_AVERAGE_WRONG = Text(
    "学習成績の状況が、評定の平均（小数第2位を四捨五入）と合いません。",
    "The average is not the mean of the ratings, rounded half up to one decimal.",
)
