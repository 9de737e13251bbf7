"""Rules of health and dental cards: ages as the law counts them, counts as the chart shows, told within three weeks."""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any

from schemas.rules.facts import Facts, Finding
from schemas.rules.guidance import once
from tegata.codec.dates import age_reached, school_year
from tegata.errors import Text

_CARD, _TOLD = "学校保健安全法施行規則 第8条", "学校保健安全法施行規則 第9条"
#: Results are told to the learner and the guardians within so many days.
_TOLD_WITHIN = timedelta(days=21)
_CLAIMS = ("health_years", "dental_years")
#: The states of teeth in the chart that are counted.
_COUNTED = ("untreated", "treated", "lost")


def told_in_time(facts: Facts) -> Iterator[Finding]:
    """Results are told after the check, and within 21 days."""
    checked, issued = facts.date("checked_on"), facts.date("date_of_issuance")
    if checked and issued and not checked <= issued <= checked + _TOLD_WITHIN:
        text = Text(
            "結果は、健康診断の日から21日以内に知らせます。",
            "Results are told within 21 days of the health check.",
        )
        yield Finding("/date_of_issuance", text, _TOLD)


def years_once(facts: Facts) -> Iterator[Finding]:
    """Each school year has one row of health checks."""
    yield from once(facts, "health_years", ("school_year",))


def dental_years_once(facts: Facts) -> Iterator[Finding]:
    """Each school year has one row of dental checks."""
    yield from once(facts, "dental_years", ("school_year",))


def years_begun(facts: Facts) -> Iterator[Finding]:
    """A check lies in its school year, and was before the card was made."""
    issued = facts.date("date_of_issuance")
    for claim in _CLAIMS:
        for index, item in enumerate(facts.items(claim)):
            checked = item.get("checked_on")
            late = issued is not None and item["school_year"] > school_year(issued)
            elsewhere = (
                checked is not None and school_year(date.fromisoformat(checked)) != item["school_year"]
            )
            if late or elsewhere:
                text = Text(
                    "年度が検査の日または発行日と合いません。", "The check is not of this school year."
                )
                yield Finding(f"/{claim}/{index}/school_year", text, _CARD)


def ages(facts: Facts) -> Iterator[Finding]:
    """The age is that of 1 April, reached on the birthday."""
    born = facts.date("birthdate")
    if born is None:
        return
    for index, item in enumerate(facts.items("health_years")):
        day = date(item["school_year"], 4, 1)
        if not age_reached(born, item["age"]) <= day < age_reached(born, item["age"] + 1):
            text = Text("年齢が、4月1日の満年齢と合いません。", "The age is not that of 1 April.")
            yield Finding(f"/health_years/{index}/age", text, "年齢計算ニ関スル法律")


def teeth_once(facts: Facts) -> Iterator[Finding]:
    """A tooth stands once in a chart."""
    for index, item in enumerate(facts.items("dental_years")):
        teeth = [tooth["tooth"] for tooth in item.get("teeth", ())]
        if len(set(teeth)) != len(teeth):
            text = Text("同じ歯が2回あります。", "A tooth stands twice.")
            yield Finding(f"/dental_years/{index}/teeth", text, _CARD)


def dental_counts(facts: Facts) -> Iterator[Finding]:
    """Teeth counted as decayed, treated or lost are those of the chart; those decayed or treated are present."""
    for index, item in enumerate(facts.items("dental_years")):
        for set_of_teeth in ("deciduous", "permanent"):
            for name in _wrong_counts(item, set_of_teeth):
                text = Text("本数が歯式と合いません。", "The number is not that of the tooth chart.")
                yield Finding(f"/dental_years/{index}/{name}", text, _CARD)


def _wrong_counts(item: Mapping[str, Any], set_of_teeth: str) -> Iterator[str]:
    present = item.get(f"{set_of_teeth}_present")
    decayed = sum(item.get(f"{set_of_teeth}_{state}", 0) for state in ("untreated", "treated"))
    if present is not None and decayed > present:
        yield f"{set_of_teeth}_present"
    if "teeth" not in item:
        return
    for state in _COUNTED:
        stated = item.get(f"{set_of_teeth}_{state}")
        found = sum(
            tooth["state"] == state and _is_deciduous(tooth["tooth"]) == (set_of_teeth == "deciduous")
            for tooth in item["teeth"]
        )
        if stated is not None and stated != found:
            yield f"{set_of_teeth}_{state}"


def _is_deciduous(tooth: str) -> bool:
    """Whether a tooth is one of the first set: quadrants 5 to 8 of the FDI notation."""
    return tooth[0] in "5678"
