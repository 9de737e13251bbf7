"""A university's 教務 CSV: one row for each course that a student took, with code, titles, credits, grade, points, scheme.

Columns are known by the names that such systems write, kept as data beside this module, so that nobody has to match
them. Every grade is looked up in a grading scheme: the one that the row names, else the school's first.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any

from issuer.register.errors import CellRefused, MissingColumn
from issuer.register.grading import Grading, GradingScheme
from issuer.register.importers import values
from issuer.register.importers.facts import Delivery, by_id, by_number
from issuer.register.importers.problems import Problem, shown
from issuer.register.importers.spreadsheet import converted, ragged
from issuer.register.importers.table import Row, Table
from issuer.register.importers.values import Parser, Value
from tegata.codec import json
from tegata.errors import Text

_PARSERS: Mapping[str, Parser] = {
    "source_id": values.identifier,
    "student_number": values.code,
    "school_year": values.school_year,
    "term": values.plain,
    "course_code": values.code,
    "course": values.plain,
    "course_en": values.english,
    "subject_area": values.plain,
    "credits": values.credit_count,
    "credits_earned": values.credit_count,
    "rating": values.rating,
    "points": values.points,
    "scheme": values.plain,
}
#: Fields of a result that are texts: an empty cell says that there is nothing.
_TEXTS = ("course_code", "course_en", "subject_area")
_WHO = ("source_id", "student_number")


@cache
def _columns() -> Mapping[str, Any]:
    content = files("issuer.register.importers").joinpath("academic_columns.json").read_bytes()
    found: Mapping[str, Any] = json.loads(content)
    return found


@cache
def labels() -> Mapping[str, Text]:
    """Return what people call each field."""
    return {name: Text(**item["label"]) for name, item in _columns()["fields"].items()}


def _fold(title: str) -> str:
    return re.sub(r"[\s_()（）・\-]", "", unicodedata.normalize("NFKC", title)).casefold()


def found_in(table: Table) -> dict[str, str]:
    """Return for each field the column that holds it: of several, the one that the data names first."""
    titles = {_fold(title): title for title in reversed(table.header) if title}
    found: dict[str, str] = {}
    for name, item in _columns()["fields"].items():
        title = next((titles[key] for alias in item["columns"] if (key := _fold(alias)) in titles), None)
        if title is not None:
            found[name] = title
    return found


def looks_like(table: Table) -> bool:
    """Whether a table holds results of courses as 教務 systems write them, and no list of people."""
    found = found_in(table)
    data = _columns()
    people = {_fold(title) for title in data["people"]}
    lists_people = any(_fold(title) in people for title in table.header)
    return (
        any(name in found for name in _WHO)
        and {"course", "credits", "rating"} <= found.keys()
        and any(name in found for name in data["telling"])
        and not lists_people
    )


def read(table: Table, delivery: Delivery, grading: Grading) -> None:
    """Add the results of a table to a delivery; raises `MissingColumn` and what reading raises."""
    found = found_in(table)
    missing = [name for name in _columns()["required"] if name not in found]
    if not any(name in found for name in _WHO):
        missing.insert(0, "student_number")
    if missing:
        raise MissingColumn(table.name, labels()[missing[0]])
    delivery.begin_file(table.name, table.encoding)
    reader = _Reader(table, {name: (table.place(title), title) for name, title in found.items()}, delivery)
    for row in table.rows():
        reader.read(row, grading)


@dataclass(slots=True)
class _Row:
    """One row while it is read: its values by field, and what is wrong with it."""

    number: int
    stated: dict[str, Value] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def text(self, name: str) -> str:
        value = self.stated.get(name)
        return "" if value is None else str(value)

    def whole(self, name: str) -> int | None:
        value = self.stated.get(name)
        return value if isinstance(value, int) else None


class _Reader:
    def __init__(self, table: Table, places: Mapping[str, tuple[int, str]], delivery: Delivery) -> None:
        self._file = table.name
        self._places = places
        self._delivery = delivery

    def read(self, row: Row, grading: Grading) -> None:
        """Add one row: a result, a notice that there is no grade yet, or what is wrong."""
        found = _Row(row.number)
        if row.is_ragged:
            found.problems.append(ragged(self._file, row.number))
        for name, (place, title) in self._places.items():
            found.stated[name] = self._parse(name, title, row.cells[place], found)
        reference = self._who(found)
        if not reference:
            self._say(found, "student_number", "nobody", _NOBODY, _ENTER_NUMBER)
        is_open = not found.text("rating") and not found.problems
        if is_open:
            self._say(found, "rating", "no_grade_yet", _NO_GRADE, _NOTHING_TO_DO, is_notice=True)
        elif not any(not problem.is_notice for problem in found.problems):
            self._judge(found, grading)
        self._deliver(found, reference, taken=not is_open)

    def _deliver(self, found: _Row, reference: str, *, taken: bool) -> None:
        is_wrong = False
        for problem in found.problems:
            is_wrong = is_wrong or not problem.is_notice
            self._delivery.problem(_of(problem, reference))
        if taken and not is_wrong:
            stated = {name: value for name, value in found.stated.items() if name not in _WHO}
            self._delivery.add(reference, "result", stated, self._file, found.number)

    def _parse(self, name: str, title: str, raw: str, found: _Row) -> Value:
        text = values.strip(raw)
        if not text:
            return None
        try:
            value = _PARSERS[name](text)
        except CellRefused as refused:
            found.problems.append(
                Problem(
                    self._file, found.number, title, shown(text), refused.code, refused.public, refused.fix
                )
            )
            return None
        if _PARSERS[name] in {values.plain, values.english} and value != text:
            found.problems.append(converted(self._file, found.number, title, text, str(value)))
        return value

    def _who(self, found: _Row) -> str:
        source_id, number = found.text("source_id"), found.text("student_number")
        reference = by_id(source_id) if source_id else ""
        if reference and number:
            self._delivery.note_number(reference, number, self._file, found.number)
        return reference or (by_number(number) if number else "")

    def _judge(self, found: _Row, grading: Grading) -> None:
        """Complete a result from its scheme, or say what contradicts it."""
        for name in ("school_year", "course", "credits"):
            if found.stated.get(name) is None:
                self._say(found, name, "value_missing", _missing(labels()[name]), _FILL_IN)
        scheme = self._scheme(found, grading)
        if scheme is None or any(not problem.is_notice for problem in found.problems):
            return
        outcome = self._outcome(found, scheme)
        if outcome is None:
            return
        self._credits(found, outcome)
        self._points(found, scheme)
        found.stated |= {
            # By its name even where it is the usual one: another usual scheme does not change old results.
            "scheme": scheme.name,
            "result": outcome,
            "term": found.text("term"),
            **{name: found.text(name) for name in _TEXTS if name in found.stated},
        }

    def _scheme(self, found: _Row, grading: Grading) -> GradingScheme | None:
        named = found.text("scheme")
        is_outside = _fold(named) in map(_fold, _columns()["outside_levels"])
        scheme = grading.find("" if is_outside else named)
        if scheme is None and (not named or is_outside):
            self._say(found, "scheme", "scheme_missing", _NO_SCHEME, _SET_SCHEME)
        elif scheme is None:
            self._say(found, "scheme", "scheme_unknown", _UNKNOWN_SCHEME, _KNOWN_SCHEMES, named)
        return scheme

    def _outcome(self, found: _Row, scheme: GradingScheme) -> str | None:
        """Return whether the credits are earned; a grade that the scheme does not know is a problem."""
        rating = found.text("rating")
        level = scheme.level(rating)
        if level is not None:
            return "earned" if level["pass"] else "not_earned"
        other = next((item for item in scheme.claim.get("non_graded", ()) if item["code"] == rating), None)
        if other is not None:
            is_recognised = {other["code"], other["meaning"]} & set(_columns()["recognised"])
            return "recognised" if is_recognised else "earned"
        if rating in _columns()["failed_outside_levels"]:
            return "not_earned"
        what = Text(
            f"評価方式「{scheme.label.ja}」にない評価です。",
            f"This grade is not in the grading scheme ({scheme.label.en}).",
        )
        fix = Text(
            f"次のどれか: {'、'.join(scheme.codes())}。別の評価方式なら「評価方式」の列に書きます。",
            f"One of: {', '.join(scheme.codes())}. If another scheme is meant, name it in its column.",
        )
        self._say(found, "rating", "grade_unknown", what, fix, rating)
        return None

    def _credits(self, found: _Row, outcome: str) -> None:
        offered, earned = found.whole("credits") or 0, found.whole("credits_earned")
        if earned is None:
            found.stated["credits_earned"] = 0 if outcome == "not_earned" else offered
        elif earned > offered or (outcome == "not_earned" and earned):
            what = Text(
                "修得単位数が、単位数か評価と合いません。",
                "The credits earned do not fit the credits of the course, or the grade.",
            )
            self._say(found, "credits_earned", "contradiction", what, _CHECK_RECORD, str(earned))

    def _points(self, found: _Row, scheme: GradingScheme) -> None:
        """Keep points where courses bring their own; elsewhere they only must be the level's."""
        given, level = found.text("points"), scheme.level(found.text("rating"))
        found.stated.pop("points", None)
        if scheme.points == "of_course":
            found.stated["points"] = given if level is not None else ""
            if level is not None and not given:
                self._say(found, "points", "value_missing", _missing(labels()["points"]), _FILL_IN)
            elif given and Decimal(given) > Decimal(scheme.points_max):
                what = Text(
                    f"GPが最高値（{scheme.points_max}）を超えています。",
                    f"More grade points than the highest possible ({scheme.points_max}).",
                )
                self._say(found, "points", "not_in_range", what, _CHECK_RECORD, given)
            return
        of_level = None if level is None else level.get("points")
        if given and of_level is not None and Decimal(given) != Decimal(of_level):
            what = Text(
                f"GPが評価方式と合いません（{found.text('rating')}は{of_level}）。",
                f"The grade points are not those of the scheme ({found.text('rating')} has {of_level}).",
            )
            self._say(found, "points", "points_differ", what, _OTHER_SCHEME, given)

    def _say(
        self,
        found: _Row,
        name: str,
        code: str,
        what: Text,
        fix: Text,
        value: str = "",
        *,
        is_notice: bool = False,
    ) -> None:
        title = self._places[name][1] if name in self._places else labels()[name].ja
        found.problems.append(
            Problem(self._file, found.number, title, shown(value), code, what, fix, is_notice=is_notice)
        )


def _of(problem: Problem, reference: str) -> Problem:
    return Problem(
        problem.file, problem.row, problem.column, problem.value, problem.code, problem.what, problem.fix, reference,
        problem.is_notice,
    )  # fmt: skip


def _missing(label: Text) -> Text:
    return Text(f"「{label.ja}」がありません。", f"There is no value for {label.en}.")


_FILL_IN = Text("空欄に値を入れます。", "Fill in the empty cell.")
_NOBODY = Text("だれの行か分かりません。", "It is not clear whom this row is about.")
_ENTER_NUMBER = Text("学籍番号を入れます。", "Enter the student number.")
_NO_GRADE = Text(
    "評価がまだないので、この行は取り込みません。", "There is no grade yet, so this row is not taken."
)
_NOTHING_TO_DO = Text("評価が出てから、もう一度取り込みます。", "Import it again once there is a grade.")
_CHECK_RECORD = Text("元の記録を確かめます。", "Check the original record.")
_NO_SCHEME = Text("評価方式が分かりません。", "It is not clear which grading scheme the grade is of.")
_SET_SCHEME = Text(
    "「評価方式」の列を加えるか、学校の設定で評価基準を決めます。",
    "Add a column for the scheme, or set the school's usual scheme in its settings.",
)
_UNKNOWN_SCHEME = Text("登録されていない評価方式です。", "This grading scheme is not registered.")
_KNOWN_SCHEMES = Text(
    "例: S・A・B・C・D、秀・優・良・可・不可、合否。学校だけの方式は、学校の設定に加えます。",
    "For example S/A/B/C/D, 秀・優・良・可・不可 or 合否. Add a scheme of your own in the school's settings.",
)
_OTHER_SCHEME = Text(
    "元の記録を確かめます。科目ごとのGPを使う学校は、その評価方式を選びます。",
    "Check the original record. A school whose courses have points of their own chooses that scheme.",
)
