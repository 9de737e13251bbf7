"""Rules about a grading scheme that a school brings along, and the grade point average under it."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from schemas.rules.facts import Facts, Finding
from tegata.errors import Text

_LISTS = ("levels", "non_graded")


def codes_unique(facts: Facts) -> Iterator[Finding]:
    """A grade means one thing."""
    seen = set()
    for pointer, entry in _entries(facts):
        if entry["code"] in seen:
            text = Text("同じ評語が2回あります。", "A grade stands twice in the grading scheme.")
            yield Finding(f"{pointer}/code", text)
        seen.add(entry["code"])


def marks_in_order(facts: Facts) -> Iterator[Finding]:
    """A level's lowest mark is not above its highest, and no mark belongs to two levels."""
    ranges: list[tuple[int, int]] = []
    for pointer, entry in _entries(facts):
        if "min" not in entry or "max" not in entry:
            continue
        low, high = entry["min"], entry["max"]
        if low > high or any(low <= other_high and other_low <= high for other_low, other_high in ranges):
            text = Text(
                "評価の段階の点数の範囲が逆か、重なっています。",
                "The marks of a level are reversed or overlap with another level.",
            )
            yield Finding(f"{pointer}/min", text)
        ranges.append((low, high))


def codes_known(facts: Facts) -> Iterator[Finding]:
    """Every grade given is one of the scheme."""
    if "grading_scheme" not in facts.claims:
        return
    known = {entry["code"] for _, entry in _entries(facts)}
    for index, course in enumerate(facts.items("courses")):
        if course["rating"] not in known:
            text = Text("評価基準にない評語です。", "The grade is not in the grading scheme.")
            yield Finding(f"/courses/{index}/rating", text)


def gpa_within_range(facts: Facts) -> Iterator[Finding]:
    """A GPA is at most the highest possible one. It is not recomputed: failed courses count and are not listed."""
    gpa, highest = facts.claims.get("gpa"), facts.claims.get("gpa_max")
    if gpa is not None and highest is not None and Decimal(gpa) > Decimal(highest):
        text = Text("GPAが最高値を超えています。", "The GPA is above the highest possible one.")
        yield Finding("/gpa", text)


def _entries(facts: Facts) -> Iterator[tuple[str, dict[str, Any]]]:
    scheme = facts.claims.get("grading_scheme", {})
    for name in _LISTS:
        for index, entry in enumerate(scheme.get(name, ())):
            yield f"/grading_scheme/{name}/{index}", entry
