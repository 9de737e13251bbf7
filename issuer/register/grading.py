"""What ratings mean: the scale of five at upper secondary schools, and the shape of a university's own.

A certificate carries its scale; none is ever assumed of a university.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from issuer.register.record import CourseResult

_MEANINGS = (
    ("5", "十分満足できるもののうち、特に程度が高い", "Satisfies the goals, to an especially high degree"),
    ("4", "十分満足できる", "Fully satisfies the goals"),
    ("3", "おおむね満足できる", "Largely satisfies the goals"),
    ("2", "努力を要する", "Needs effort"),
    ("1", "努力を要すると判断されるもののうち、特に程度が低い", "Needs much more effort"),
)
_HUNDREDTH = Decimal("0.01")

#: 評定 of the 指導要録 at upper secondary schools: five levels, of which 1 normally earns no credits.
FIVE_LEVELS: Mapping[str, Any] = {
    "levels": [
        {"code": code, "meaning": meaning, "meaning_en": english, "pass": code != "1"}
        for code, meaning, english in _MEANINGS
    ],
    "failed_courses_shown": True,
}


@dataclass(frozen=True, slots=True)
class GradingScheme:
    """A university's grades: the claim `grading_scheme` as it is signed, and what `gpa` is worked out with."""

    claim: Mapping[str, Any]

    def gpa(self, results: Sequence[CourseResult]) -> str | None:
        """Return Σ(points × credits) ÷ Σ(credits) over graded courses, to two decimals; None without points."""
        points = {level["code"]: level.get("points") for level in self.claim["levels"]}
        graded = [
            (Decimal(points[item.rating]), item.credits_earned)
            for item in results
            if points.get(item.rating) is not None
        ]
        weight = sum(earned for _, earned in graded)
        if not weight:
            return None
        mean = sum((value * earned for value, earned in graded), Decimal()) / weight
        return str(mean.quantize(_HUNDREDTH, ROUND_HALF_UP))

    def gpa_max(self) -> str | None:
        """Return the highest number of points there is."""
        points = [level["points"] for level in self.claim["levels"] if "points" in level]
        return max(points, key=Decimal, default=None)
