"""Rules of the 指導要録 and of reports made from it: one row a year, the right day of a transfer, ratings as each school has."""

from collections.abc import Iterator
from datetime import date, timedelta

from schemas.rules.facts import Facts, Finding
from tegata.errors import Text

_FORM = "指導要録 参考様式"
_YEARLY = ("register_years", "year_records")
_ONE_DAY = timedelta(days=1)
#: Elementary schools rate from 1 to 3, from their third year on.
_ELEMENTARY_RATED, _ELEMENTARY_BEST = frozenset({"P3", "P4", "P5", "P6"}), 3
_UPPER = frozenset({"H1", "H2", "H3", "H4"})


def dates_in_order(facts: Facts) -> Iterator[Finding]:
    """Nobody leaves, takes leave or comes back before the first admission; a period does not end before it begins."""
    admitted = [date.fromisoformat(item["admitted_on"]) for item in facts.items("admissions")]
    first = min(admitted, default=None)
    for index, item in enumerate(facts.items("departures")):
        if first and date.fromisoformat(item["departed_on"]) < first:
            text = Text(
                "転学・退学などの日が、入学の日より前です。", "The learner left before being admitted."
            )
            yield Finding(f"/departures/{index}/departed_on", text, _FORM)
    for index, item in enumerate(facts.items("leaves")):
        if item.get("leave_to", item["leave_from"]) < item["leave_from"]:
            text = Text("期間の最終日が初日より前です。", "The period ends before it begins.")
            yield Finding(f"/leaves/{index}/leave_to", text, _FORM)


def transfer_day(facts: Facts) -> Iterator[Finding]:
    """The date of a transfer (転学) is the day before the new school accepted the learner."""
    for index, item in enumerate(facts.items("departures")):
        if item["departure_kind"] != "transfer" or "accepted_on" not in item:
            continue
        if date.fromisoformat(item["departed_on"]) != date.fromisoformat(item["accepted_on"]) - _ONE_DAY:
            text = Text(
                "転学の日は、転学先が受け入れた日の前日です。",
                "The date of a transfer is the day before the new school accepted the learner.",
            )
            yield Finding(f"/departures/{index}/departed_on", text, _FORM)


def years_once(facts: Facts) -> Iterator[Finding]:
    """Each school year has one row."""
    for claim in _YEARLY:
        yield from once(facts, claim, ("school_year",))


def subjects_once(facts: Facts) -> Iterator[Finding]:
    """Each subject, or course, has one row in a school year."""
    yield from once(facts, "subject_results", ("school_year", "subject_area", "course"))
    yield from once(facts, "conduct", ("school_year", "behaviour"))
    yield from once(facts, "activities", ("school_year", "activity"))


def ratings_of_school(facts: Facts) -> Iterator[Finding]:
    """Elementary schools rate from 1 to 3, and from the third year on; credits are for upper secondary schools."""
    for index, item in enumerate(facts.items("subject_results")):
        grade, rating = item.get("grade", ""), item.get("rating")
        if (
            grade.startswith("P")
            and rating is not None
            and (grade not in _ELEMENTARY_RATED or rating > _ELEMENTARY_BEST)
        ):
            text = Text(
                "小学校の評定は、3年から、3段階です。",
                "Elementary schools rate from 1 to 3, from the third year on.",
            )
            yield Finding(f"/subject_results/{index}/rating", text, _FORM)
        if "credits" in item and grade and grade not in _UPPER:
            text = Text("修得単位数は高等学校だけにあります。", "Only upper secondary schools have credits.")
            yield Finding(f"/subject_results/{index}/credits", text, _FORM)


def conduct_of_school(facts: Facts) -> Iterator[Finding]:
    """The record of conduct by items is for elementary and lower secondary schools."""
    for index, item in enumerate(facts.items("conduct")):
        if item.get("grade") in _UPPER:
            text = Text(
                "行動の記録の項目は、小学校と中学校だけにあります。",
                "Only elementary and lower secondary schools record conduct by items.",
            )
            yield Finding(f"/conduct/{index}/behaviour", text, _FORM)


def band_counts(facts: Facts) -> Iterator[Finding]:
    """The learners in each band come to all of them, and somebody is in the learner's own."""
    counts = facts.claims.get("band_counts")
    if counts is None:
        return
    clause = "大学入学者選抜実施要項 調査書記入上の注意事項"
    if sum(counts[band] for band in "ABCDE") != counts["total"]:
        text = Text(
            "段階ごとの人数の合計が合いません。", "The learners in each band do not come to the total."
        )
        yield Finding("/band_counts/total", text, clause)
    band = facts.claims.get("band")
    if band is not None and counts[band] == 0:
        text = Text("本人の段階の人数が0です。", "Nobody is in the learner's own band.")
        yield Finding(f"/band_counts/{band}", text, clause)


def once(facts: Facts, claim: str, members: tuple[str, ...]) -> Iterator[Finding]:
    """Tell rows of a claim that stand twice by these members."""
    seen = set()
    for index, item in enumerate(facts.items(claim)):
        key = tuple(item.get(member) for member in members)
        if key in seen:
            text = Text("同じ内容の行が2回あります。", "A row stands twice.")
            yield Finding(f"/{claim}/{index}", text, _FORM)
        seen.add(key)
