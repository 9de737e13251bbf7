"""OneRoster 1.2 CSV Binding, Japan K-12/Schools Profile: who is at the school, in which class, in which 年度.

Read: names, kana, mail, birth date, sex, class and 出席番号. Never read: `metadata.jp.specialNeeds`, passwords, pronouns,
telephone numbers, the census columns. A roster knows neither admission nor graduation: those come beside it.
Columns are found whatever their case, since older exports write some with a capital.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from issuer.register.errors import CellRefused, MissingColumn, MissingFile, OtherSchool
from issuer.register.importers import values
from issuer.register.importers.facts import Delivery, by_id
from issuer.register.importers.fields import BY_PATH
from issuer.register.importers.problems import Problem, shown
from issuer.register.importers.spreadsheet import converted, ragged
from issuer.register.importers.table import Row, Table
from issuer.register.importers.values import Value
from tegata.errors import Text

REQUIRED = ("users.csv", "roles.csv", "orgs.csv", "classes.csv", "enrollments.csv", "academicsessions.csv")
DEMOGRAPHICS, MANIFEST, COURSES = "demographics.csv", "manifest.csv", "courses.csv"
#: Tables of the standard that say nothing a register needs; they are not opened.
IGNORED = frozenset(
    f"{name}.csv"
    for name in (
        "categories", "classresources", "courseresources", "lineitemlearningobjectiveids", "lineitems",
        "lineitemscorescales", "resources", "resultlearningobjectiveids", "results", "resultscorescales",
        "scorescales", "userprofiles", "userresources",
    )
) | {COURSES}  # fmt: skip
ALL = frozenset(REQUIRED) | {DEMOGRAPHICS, MANIFEST} | IGNORED

_USER = {
    "identifier": "learner.student_number",
    "familyName": "learner.family_name",
    "givenName": "learner.given_name",
    "middleName": "learner.middle_name",
    "metadata.jp.kanaFamilyName": "learner.family_name_kana",
    "metadata.jp.kanaGivenName": "learner.given_name_kana",
    "metadata.jp.kanaMiddleName": "learner.middle_name_kana",
    "preferredFamilyName": "learner.preferred_family_name",
    "preferredGivenName": "learner.preferred_given_name",
    "preferredMiddleName": "learner.preferred_middle_name",
    "email": "learner.email",
    "enabledUser": "learner.enabled",
}
_NEEDED = {
    "users.csv": ("sourcedId", "familyName", "givenName", "grades"),
    "roles.csv": ("userSourcedId", "role", "orgSourcedId"),
    "orgs.csv": ("sourcedId", "type", "identifier"),
    "classes.csv": ("sourcedId", "title", "classType", "termSourcedIds"),
    "enrollments.csv": ("classSourcedId", "userSourcedId", "role"),
    "academicsessions.csv": ("sourcedId", "schoolYear"),
    DEMOGRAPHICS: ("sourcedId", "birthDate"),
}


def looks_like(names: frozenset[str]) -> bool:
    """Whether an upload is a OneRoster delivery, by the names of its files."""
    return bool(names & {MANIFEST, *REQUIRED} - {"orgs.csv"})


def read(tables: Mapping[str, Table], school_code: str, delivery: Delivery) -> None:
    """Add a delivery's learners of one school.

    Raises `MissingFile`, `MissingColumn`, `OtherSchool`, and what reading a table raises.
    """
    for name in REQUIRED:
        if name not in tables:
            raise MissingFile(name)
    for name, needed in _NEEDED.items():
        for column in needed if name in tables else ():
            if column not in tables[name]:
                raise MissingColumn(name, _label(column), column)
    roster = _Roster(tables, delivery)
    roster.find_school(school_code)
    roster.read_classes()
    roster.read_people()
    delivery.lists_learners = roster.is_bulk()


def _label(column: str) -> Text:
    path = {**_USER, "birthDate": "learner.birthdate", "sourcedId": "learner.source_id"}.get(column, "")
    return BY_PATH[path].label if path else Text(column, column)


@dataclass(slots=True)
class _Roster:
    """The tables while they are joined: what the others say about a user, by the user's id."""

    tables: Mapping[str, Table]
    delivery: Delivery
    school_id: str = ""
    home_classes: dict[str, tuple[str, int]] = field(default_factory=dict)
    seats: dict[str, tuple[str, int, int]] = field(default_factory=dict)

    def find_school(self, school_code: str) -> None:
        for row in _rows(self.tables["orgs.csv"], "sourcedId", "type", "identifier"):
            if row[1] == "school" and row[2] == school_code:
                self.school_id = row[0]
        if not self.school_id:
            raise OtherSchool(f"no org of type school with the code {school_code}")

    def is_bulk(self) -> bool:
        """Whether the delivery lists everybody: a delta says nothing about who is not in it."""
        manifest = self.tables.get(MANIFEST)
        if manifest is None:
            return True
        said = {row[0].casefold(): row[1] for row in _rows(manifest, "propertyName", "value")}
        return said.get("file.users", "bulk") == "bulk"

    def read_classes(self) -> None:
        """Keep each learner's home class, number and 年度."""
        years = {}
        for row in _rows(self.tables["academicsessions.csv"], "sourcedId", "schoolYear"):
            if row[1].isascii() and row[1].isdigit():
                years[row[0]] = int(row[1][:4])
        self._home_classes(self.tables["classes.csv"], years)
        enrollments = self.tables["enrollments.csv"]
        for row in _rows(enrollments, "classSourcedId", "userSourcedId", "role", "metadata.jp.shussekiNo"):
            if row[2] == "student" and row[0] in self.home_classes:
                title, year = self.home_classes[row[0]]
                self.seats[row[1]] = (
                    title,
                    year,
                    int(row[3]) if row[3].isascii() and row[3].isdigit() else 0,
                )

    def _home_classes(self, classes: Table, years: Mapping[str, int]) -> None:
        """Keep the home classes of the latest 年度 they are in; digits in their names become half-width, visibly."""
        places = [classes.place(name) for name in ("sourcedId", "title", "classType", "termSourcedIds")]
        for row in classes.rows():
            source_id, title, kind, terms = (values.strip(row.cells[place]) for place in places)
            known = [years[term] for term in terms.split(",") if term in years]
            if kind != "homeroom" or not known or not title:
                continue
            try:
                name = values.class_name(title)
            except CellRefused as refused:
                self._refuse(classes, row, "title", title, refused, "")
                continue
            if name != title:
                self.delivery.problem(converted(classes.name, row.number, "title", title, name))
            self.home_classes[source_id] = (name, max(known))

    def students(self) -> set[str]:
        roles = _rows(self.tables["roles.csv"], "userSourcedId", "role", "orgSourcedId")
        return {row[0] for row in roles if row[1] == "student" and row[2] == self.school_id}

    def read_people(self) -> None:
        students = self.students()
        users = self.tables["users.csv"]
        self.delivery.begin_file(users.name, users.encoding)
        for row in users.rows():
            source_id = values.strip(row.cells[users.place("sourcedId")])
            if source_id in students:
                self._person(users, row, source_id)
        demographics = self.tables.get(DEMOGRAPHICS)
        if demographics is None:
            return
        self.delivery.begin_file(demographics.name, demographics.encoding)
        for row in demographics.rows():
            source_id = values.strip(row.cells[demographics.place("sourcedId")])
            if source_id in students:
                stated = self._cells(
                    demographics, row, {"birthDate": "learner.birthdate", "sex": "learner.sex"}, source_id
                )
                stated = {name: value for name, value in stated.items() if value is not None}
                self.delivery.add(by_id(source_id), "learner", stated, demographics.name, row.number)

    def _person(self, users: Table, row: Row, source_id: str) -> None:
        reference = by_id(source_id)
        stated = self._cells(users, row, _USER, source_id)
        stated = {name: "" if value is None else value for name, value in stated.items()}
        if stated.get("enabled") == "":
            stated.pop("enabled")
        if number := stated.get("student_number"):
            self.delivery.note_number(reference, str(number), users.name, row.number)
        if row.is_ragged:
            self.delivery.problem(ragged(users.name, row.number, reference))
        self.delivery.add(reference, "learner", stated, users.name, row.number)
        # That there is an enrolment is all a roster says of it: its dates are hints, not the register's.
        self.delivery.add(reference, "enrolment", {}, users.name, row.number)
        if source_id in self.seats:
            self._placement(users, row, source_id)

    def _placement(self, users: Table, row: Row, source_id: str) -> None:
        title, year, number = self.seats[source_id]
        stated: dict[str, Value] = {"school_year": year, "home_class": title, "attendance_number": number}
        grade = values.strip(row.cells[users.place("grades")])
        reference = by_id(source_id)
        try:
            stated["grade"] = values.grade(grade) if grade else ""
        except CellRefused as refused:
            self._refuse(users, row, "grades", grade, refused, reference)
        self.delivery.add(reference, "placement", stated, users.name, row.number)

    def _cells(self, table: Table, row: Row, columns: Mapping[str, str], source_id: str) -> dict[str, Value]:
        stated: dict[str, Value] = {}
        for title, path in columns.items():
            place = table.place(title)
            if place < 0:
                continue
            known = BY_PATH[path]
            text = values.strip(row.cells[place])
            try:
                value = stated[known.name] = known.parse(text) if text else None
            except CellRefused as refused:
                self._refuse(table, row, title, "" if known.is_sensitive else text, refused, by_id(source_id))
                continue
            if text and known.parse in {values.kana, values.name} and value != text:
                self.delivery.problem(converted(table.name, row.number, title, text, str(value)))
        return stated

    def _refuse(
        self, table: Table, row: Row, title: str, text: str, refused: CellRefused, reference: str
    ) -> None:
        self.delivery.problem(
            Problem(
                table.name,
                row.number,
                title,
                shown(text),
                refused.code,
                refused.public,
                refused.fix,
                reference,
            )
        )


def _rows(table: Table, *columns: str) -> list[tuple[str, ...]]:
    """Return some columns of a table; a column that is not there is empty. Whatever else it holds is dropped here."""
    places = [table.place(column) for column in columns]
    return [
        tuple(values.strip(row.cells[place]) if place >= 0 else "" for place in places)
        for row in table.rows()
    ]
