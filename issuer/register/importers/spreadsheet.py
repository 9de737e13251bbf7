"""A CSV file from a spreadsheet or a school system's own export, read by a mapping of its columns to fields.

A mapping says for a column's name which field it is (`learner.birthdate`); `attendance[H1].absent` is a column for one
year of study. The school's side files beside OneRoster are mappings that are known beforehand.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from issuer.register.errors import BrokenTable, CellRefused, MissingColumn
from issuer.register.importers import complete, values
from issuer.register.importers.facts import Delivery, by_id, by_number
from issuer.register.importers.fields import BY_PATH, FIELDS, Field
from issuer.register.importers.problems import Problem, shown
from issuer.register.importers.table import Row, Table
from issuer.register.importers.values import Value
from issuer.register.record import Kind
from tegata.errors import Text

_WITH_GRADE = re.compile(r"attendance\[([A-Z][0-9]?)\]\.([a-z_]+)")
#: What one fact of a kind cannot do without, if any of its columns is there.
_REQUIRED: dict[Kind, tuple[str, ...]] = {
    "placement": ("placement.school_year",),
    "result": (
        "result.school_year",
        "result.subject_area",
        "result.course",
        "result.credits_earned",
        "result.result",
    ),
    "decision": ("decision.decision", "decision.decision_date"),
    "commute": ("commute.reported_on", "commute.operator", "commute.from_station", "commute.to_station"),
    "aid": ("aid.school_year", "aid.member"),
    "achievement": (
        "achievement.achieved_on",
        "achievement.name",
        "achievement.kind",
        "achievement.description",
        "achievement.criteria",
    ),
}
_CACHED_VALUES = 5_000
_UNKNOWN = object()
#: A kind of fact, and the year of study that a column is for, if it is for one.
Group = tuple[Kind, str]
_LEARNER: Group = ("learner", "")
_WIDTH_MAY_CHANGE = (
    values.kana, values.name, values.plain, values.class_name, values.english, values.passage,
)  # fmt: skip

_ATTENDANCE = {
    "schoolDays": "school_days",
    "suspendedOrBereavement": "suspended_or_bereavement",
    "daysRequired": "days_required",
    "absent": "absent",
    "present": "present",
}
_WHO = {"userSourcedId": "learner.source_id", "studentNumber": "learner.student_number"}
#: The side files: by name, the columns that are read. Notes are not read: they may say what no certificate needs.
SIDE_FILES: Mapping[str, Mapping[str, str]] = {
    "romaji.csv": {
        **_WHO,
        "romajiFamilyName": "learner.family_name_latin",
        "romajiGivenName": "learner.given_name_latin",
        "romajiMiddleName": "learner.middle_name_latin",
    },
    "grades.csv": {
        **_WHO,
        "schoolYear": "result.school_year",
        "grade": "result.grade",
        "schoolCode": "result.school_code",
        "subjectArea": "result.subject_area",
        "course": "result.course",
        "credits": "result.credits",
        "creditsEarned": "result.credits_earned",
        "rating": "result.rating",
        "viewpointKnowledge": "result.viewpoint_knowledge",
        "viewpointThinking": "result.viewpoint_thinking",
        "viewpointAttitude": "result.viewpoint_attitude",
        "result": "result.result",
    },
    "school-facts.csv": {
        **_WHO,
        "admissionDate": "enrolment.admission_date",
        "admissionKind": "enrolment.admission_kind",
        "course": "enrolment.course_mode",
        "department": "enrolment.department",
        "stream": "enrolment.stream",
        "decision": "decision.decision",
        "decisionDate": "decision.decision_date",
        "leavingDate": "enrolment.leaving_date",
        "diplomaNumber": "decision.diploma_number",
        **{
            f"{grade}.{column}": f"attendance[{grade}].{name}"
            for grade in ("H1", "H2", "H3", "H4")
            for column, name in _ATTENDANCE.items()
        },
    },
}


@dataclass(frozen=True, slots=True)
class _Column:
    position: int
    title: str
    field: Field
    group: Group
    cache: dict[str, Value]


def guess(table: Table) -> dict[str, str]:
    """Propose a mapping from the names of the columns; a person confirms it."""
    aliases: dict[str, str] = {}
    for field in FIELDS:
        for alias in (field.label.ja, field.label.en, field.path, *field.aliases):
            aliases.setdefault(_fold(alias), field.path)
    found: dict[str, str] = {}
    for title in table.header:
        path = aliases.get(_fold(title), "")
        if path and path not in found.values():
            found[title] = path
    return found


def _fold(title: str) -> str:
    return re.sub(r"[\s_()（）・\-]", "", unicodedata.normalize("NFKC", title)).casefold()


def known(mapping: Mapping[str, str], table: Table) -> dict[str, str]:
    """Return the part of a known mapping whose columns the table has."""
    return {title: path for title, path in mapping.items() if title in table}


def read(table: Table, mapping: Mapping[str, str], delivery: Delivery) -> None:
    """Add what a table says to a delivery.

    Raises `MissingColumn`, `BrokenTable` for a mapping of columns or fields that do not exist, and what reading raises.
    """
    columns = _columns(table, mapping)
    _require(table, {column.field.path for column in columns})
    delivery.begin_file(table.name, table.encoding)
    # A list of names is a list of the school's learners; a file with facts about known learners is not.
    lists_learners = any(column.field.name in {"family_name", "full_name"} for column in columns)
    delivery.lists_learners = delivery.lists_learners or lists_learners
    reader = _Reader(table, columns, delivery, lists_learners=lists_learners)
    for row in table.rows():
        reader.read(row)


def _columns(table: Table, mapping: Mapping[str, str]) -> list[_Column]:
    found = []
    for title, path in mapping.items():
        graded = _WITH_GRADE.fullmatch(path)
        field = BY_PATH.get(f"attendance.{graded[2]}" if graded else path)
        if title not in table or field is None:
            raise BrokenTable(
                "a mapping of something unknown",
                public=Text(
                    "列の対応に、ない列か項目があります。",
                    "The mapping names a column or field that is not there.",
                ),
            )
        group = (field.kind, graded[1] if graded else "")
        found.append(_Column(table.place(title), title, field, group, {"": None}))
    if len({(column.field.path, column.group) for column in found}) != len(found):
        raise BrokenTable(
            "a field is mapped twice",
            public=Text("1つの項目に2つの列を対応させています。", "Two columns are matched with one field."),
        )
    return found


def _require(table: Table, paths: set[str]) -> None:
    kinds = {path.split(".")[0] for path in paths}
    required = [path for kind, needed in _REQUIRED.items() if kind in kinds for path in needed]
    if not paths & {"learner.source_id", "learner.student_number"}:
        required.append("learner.student_number")
    if paths & {"learner.family_name", "learner.full_name"}:
        required.append("learner.birthdate")
    for path in required:
        if path not in paths:
            raise MissingColumn(table.name, BY_PATH[path].label)


class _Reader:
    """Reads the rows of one table. Values that need no word are looked up; the rest takes the long way."""

    def __init__(
        self, table: Table, columns: Sequence[_Column], delivery: Delivery, *, lists_learners: bool
    ) -> None:
        self._table = table
        self._columns = columns
        self._delivery = delivery
        self._lists_learners = lists_learners

    def read(self, row: Row) -> None:
        """Add one row to the delivery: its facts, or what is wrong with it."""
        groups: dict[Group, dict[str, Value]] = {_LEARNER: {}}
        found: list[Problem] = []
        cells = row.cells
        for column in self._columns:
            raw = cells[column.position]
            value = column.cache.get(raw, _UNKNOWN)
            if value is _UNKNOWN:
                value = self._parse(column, row.number, raw, found)
            group = groups.get(column.group)
            if group is None:
                group = groups[column.group] = {}
            group[column.field.name] = value  # type: ignore[assignment]  # the marker was replaced above
        reference = self._who(groups[_LEARNER], row.number)
        if row.is_ragged:
            found.append(ragged(self._table.name, row.number))
        if not reference:
            found.append(_nobody(self._table.name, row.number))
        facts: Sequence[tuple[Kind, dict[str, Value]]] = ()
        # What is missing because a value was refused is not told twice.
        if not any(not problem.is_notice for problem in found):
            facts, refused = complete.row(groups)
            found += [
                Problem(self._table.name, row.number, "", "", code, what, fix) for code, what, fix in refused
            ]
        for problem in found:
            self._delivery.problem(_about(problem, reference))
        for kind, stated in facts:
            self._delivery.add(reference, kind, stated, self._table.name, row.number)

    def _parse(self, column: _Column, number: int, raw: str, found: list[Problem]) -> Value:
        text = values.strip(raw)
        if not text:
            return None
        try:
            value = column.field.parse(text)
        except CellRefused as refused:
            seen = "" if column.field.is_sensitive else shown(text)
            found.append(
                Problem(
                    self._table.name, number, column.title, seen, refused.code, refused.public, refused.fix
                )
            )
            return None
        if column.field.parse in _WIDTH_MAY_CHANGE and value != text:
            found.append(converted(self._table.name, number, column.title, text, str(value)))
            return value
        if len(column.cache) > _CACHED_VALUES:
            column.cache.clear()
        column.cache[raw] = value
        return value

    def _who(self, learner: dict[str, Value], number: int) -> str:
        source_id, student_number = learner.get("source_id"), learner.get("student_number")
        reference = by_id(str(source_id)) if source_id else ""
        if reference and student_number:
            self._delivery.note_number(reference, str(student_number), self._table.name, number)
        if not self._lists_learners:
            # Beside an identifier the number only says again who it is: one row of many, for results.
            learner.pop("student_number", None)
        return reference or (by_number(str(student_number)) if student_number else "")


def _about(problem: Problem, reference: str) -> Problem:
    return Problem(
        problem.file, problem.row, problem.column, problem.value, problem.code, problem.what, problem.fix, reference,
        problem.is_notice,
    )  # fmt: skip


def converted(file: str, row: int, column: str, before: str, after: str, reference: str = "") -> Problem:
    """Return the notice that a value is kept in another width: full-width kana, half-width digits in a class."""
    what = Text(f"表記をそろえました: {shown(after)}", f"Written the usual way: {shown(after)}")
    fix = Text("そのままで取り込めます。", "Nothing to do.")
    return Problem(file, row, column, shown(before), "width_changed", what, fix, reference, is_notice=True)


def ragged(file: str, row: int, reference: str = "") -> Problem:
    """Return the problem of a row whose values do not fit the header."""
    what = Text("列の数が見出しと違います。", "The number of columns differs from the header.")
    fix = Text(
        '「,」や「"」で列がずれていないか確かめます。',
        "Check whether a comma or a quotation mark has shifted the columns.",
    )
    return Problem(file, row, "", "", "columns_shifted", what, fix, reference)


def _nobody(file: str, row: int) -> Problem:
    what = Text("だれの行か分かりません。", "It is not clear whom this row is about.")
    fix = Text("学籍番号を入れます。", "Enter the student number.")
    return Problem(file, row, "", "", "nobody", what, fix)
