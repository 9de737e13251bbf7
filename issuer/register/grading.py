"""What ratings mean: the scale of five at upper secondary schools, and the schemes of universities.

A certificate carries its scale; none is ever assumed of a university. Schemes that many share stand beside this module
as data and count only where a school, or its file, names one; points and marks that differ are the school's own
configuration (`practice`).
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from importlib.resources import files
from typing import Any, Literal, TypeAlias, get_args

from issuer.register.errors import PracticeRefused
from issuer.register.record import CourseResult
from tegata.codec import json
from tegata.errors import Text

_MEANINGS = (
    ("5", "十分満足できるもののうち、特に程度が高い", "Satisfies the goals, to an especially high degree"),
    ("4", "十分満足できる", "Fully satisfies the goals"),
    ("3", "おおむね満足できる", "Largely satisfies the goals"),
    ("2", "努力を要する", "Needs effort"),
    ("1", "努力を要すると判断されるもののうち、特に程度が低い", "Needs much more effort"),
)
_HUNDREDTH = Decimal("0.01")
_DECIMAL = re.compile(r"(0|[1-9][0-9]{0,2})(\.[0-9]{1,4})?")
_CODE = re.compile(r"[^\s\d][^\s]{0,9}")
_NO_LABEL = Text("", "")
_NAME = re.compile(r"[a-z][a-z0-9-]{0,39}")
_LEVEL_MEMBERS = frozenset({"code", "meaning", "meaning_en", "min", "max", "points", "pass"})
_OTHER_MEMBERS = frozenset({"code", "meaning", "meaning_en"})

#: Where grade points come from: the level, the course's own column (a functional GPA), or nowhere.
Points: TypeAlias = Literal["of_level", "of_course", "none"]

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
    """A university's grades: the claim `grading_scheme` as it is signed, and what `gpa` is worked out with.

    `name` and `aliases` are what files call it by; `points_max` is the highest point where courses bring their own.
    """

    claim: Mapping[str, Any]
    name: str = ""
    label: Text = _NO_LABEL
    aliases: tuple[str, ...] = ()
    points: Points = "of_level"
    points_max: str = ""

    def level(self, code: str) -> Mapping[str, Any] | None:
        """Return the level of a grade, or None for one outside the levels."""
        return next((level for level in self.claim["levels"] if level["code"] == code), None)

    def codes(self) -> tuple[str, ...]:
        """Return every grade there is, in and outside the levels."""
        return tuple(entry["code"] for name in ("levels", "non_graded") for entry in self.claim.get(name, ()))

    def shows(self, result: CourseResult) -> bool:
        """Whether a course stands in the certificate: failed ones do only where the scheme says so."""
        level = self.level(result.rating)
        is_failed = result.result == "not_earned" or (level is not None and not level["pass"])
        return not is_failed or bool(self.claim.get("failed_courses_shown"))

    def gpa(self, results: Sequence[CourseResult]) -> str | None:
        """Return Σ(points × credits) ÷ Σ(credits) over graded courses, to two decimals; None without points.

        The credits are those of the course: a failed one earns none and counts with all.
        """
        graded = [
            (Decimal(points), item.credits or item.credits_earned)
            for item in results
            if (points := self._points(item)) is not None
        ]
        weight = sum(weight for _, weight in graded)
        if not weight:
            return None
        mean = sum((value * weight for value, weight in graded), Decimal()) / weight
        return str(mean.quantize(_HUNDREDTH, ROUND_HALF_UP))

    def gpa_max(self) -> str | None:
        """Return the highest number of points there is."""
        if self.points == "of_course":
            return self.points_max
        points = [level["points"] for level in self.claim["levels"] if "points" in level]
        return max(points, key=Decimal, default=None)

    def _points(self, result: CourseResult) -> str | None:
        level = self.level(result.rating)
        if level is None:
            return None
        if self.points == "of_course":
            return result.points or None
        found: str | None = level.get("points")
        return found


@dataclass(frozen=True, slots=True)
class Grading:
    """The schemes that a school has chosen or made; the first one is meant where a file names none."""

    schemes: tuple[GradingScheme, ...] = ()

    def find(self, text: str) -> GradingScheme | None:
        """Return the scheme that a file names: the school's own first, then those that many share; None if unknown."""
        if not text:
            return self.schemes[0] if self.schemes else None
        wanted = _fold(text)
        for scheme in (*self.schemes, *shared()):
            if wanted in {_fold(name) for name in (scheme.name, scheme.label.ja, *scheme.aliases)}:
                return scheme
        return None

    def used_in(self, results: Iterable[CourseResult]) -> tuple[GradingScheme, ...]:
        """Return the schemes that results were given under, each once; what nobody knows any more is left out.

        A pass or a recognised course has no level of any scheme: it counts only where there is nothing else.
        """
        graded: dict[str, GradingScheme] = {}
        others: dict[str, GradingScheme] = {}
        schemes: dict[str, GradingScheme | None] = {}
        for item in results:
            if item.scheme not in schemes:
                schemes[item.scheme] = self.find(item.scheme)
            scheme = schemes[item.scheme]
            if scheme is not None:
                (graded if scheme.level(item.rating) is not None else others)[scheme.name] = scheme
        return tuple((graded or others).values())


def _fold(text: str) -> str:
    return re.sub(r"[\s・/／,、~〜\-()（）]", "", unicodedata.normalize("NFKC", text)).casefold()


@cache
def shared() -> tuple[GradingScheme, ...]:
    """Return the schemes that many schools use."""
    content = files("issuer.register").joinpath("grading_schemes.json").read_bytes()
    return tuple(parse_scheme(item) for item in json.loads(content))


def parse(content: Any) -> Grading:
    """Read a school's schemes: names of shared ones, and whole ones of its own; raises `PracticeRefused`."""
    if not isinstance(content, list):
        raise PracticeRefused("grading is no list", pointer="grading")
    found = []
    for item in content:
        if isinstance(item, str):
            scheme = next((known for known in shared() if known.name == item), None)
            if scheme is None:
                raise PracticeRefused(f"no scheme is called {item[:40]!r}", pointer="grading")
            found.append(scheme)
        else:
            found.append(parse_scheme(item))
    if len({scheme.name for scheme in found}) != len(found):
        raise PracticeRefused("two schemes of one name", pointer="grading")
    return Grading(tuple(found))


def parse_scheme(content: Any) -> GradingScheme:
    """Read one scheme; raises `PracticeRefused`."""
    root = _members(content, {"name", "label", "aliases", "points", "points_max", "scheme"}, "grading")
    claim = _members(root.get("scheme"), {"levels", "non_graded", "failed_courses_shown"}, "grading/scheme")
    levels = _entries(claim.get("levels"), _LEVEL_MEMBERS, "grading/scheme/levels")
    others = _entries(claim.get("non_graded", []), _OTHER_MEMBERS, "grading/scheme/non_graded")
    codes = [entry["code"] for entry in (*levels, *others)]
    points = root.get("points", "of_level")
    most = str(root.get("points_max", ""))
    label = root.get("label", {})
    is_right = (
        bool(levels)
        and len(set(codes)) == len(codes)
        and all(isinstance(level.get("pass"), bool) for level in levels)
        and all("meaning" in entry for entry in others)
        and points in get_args(Points)
        and (points == "of_course") == bool(_DECIMAL.fullmatch(most))
        and _points_fit(levels, points)
        and isinstance(claim.get("failed_courses_shown", False), bool)
        and bool(_NAME.fullmatch(str(root.get("name", ""))))
    )
    if not is_right:
        raise PracticeRefused("a grading scheme", pointer="grading/scheme")
    return GradingScheme(
        claim=claim,
        name=root["name"],
        label=Text(str(label.get("ja", root["name"])), str(label.get("en", root["name"]))),
        aliases=tuple(map(str, root.get("aliases", ()))),
        points=points,
        points_max=most,
    )


def _points_fit(levels: Sequence[Mapping[str, Any]], points: str) -> bool:
    """Every level has points, or none has: a mean over some of them would say nothing."""
    stated = [str(level["points"]) for level in levels if "points" in level]
    if points == "of_level":
        return len(stated) == len(levels) and all(_DECIMAL.fullmatch(value) for value in stated)
    return not stated


def _members(content: Any, known: Iterable[str], pointer: str) -> Mapping[str, Any]:
    if not isinstance(content, Mapping) or not set(content) <= set(known):
        raise PracticeRefused("not an object of known members", pointer=pointer)
    return content


def _entries(content: Any, known: Iterable[str], pointer: str) -> list[Mapping[str, Any]]:
    if not isinstance(content, list):
        raise PracticeRefused("not a list", pointer=pointer)
    found = [_members(entry, known, pointer) for entry in content]
    if not all(isinstance(entry.get("code"), str) and _CODE.fullmatch(entry["code"]) for entry in found):
        raise PracticeRefused("a grade without a name", pointer=pointer)
    return found
