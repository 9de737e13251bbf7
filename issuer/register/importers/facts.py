"""What a delivery says: facts by learner, each with the file and row it comes from, and the problems found.

A fact states some columns and is silent about the others: a file of Latin spellings changes nothing else.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

from issuer.register.importers.problems import Problem, shown
from issuer.register.importers.values import Value
from issuer.register.record import KEYS, Kind
from tegata.errors import Text

Format = Literal["oneroster", "spreadsheet", "academic"]


@dataclass(frozen=True, slots=True)
class Fact:
    """One statement about a learner. Columns are shared between facts of one shape, to keep large files small."""

    kind: Kind
    columns: tuple[str, ...]
    values: tuple[Value, ...]
    file: str
    row: int

    def as_dict(self) -> dict[str, Value]:
        """Return the stated columns with their values."""
        return dict(zip(self.columns, self.values, strict=True))


def by_id(source_id: str) -> str:
    """Return the reference to a learner by the school system's identifier."""
    return f"id:{source_id}"


def by_number(student_number: str) -> str:
    """Return the reference to a learner by student number."""
    return f"number:{student_number}"


@dataclass(slots=True)
class Delivery:
    """Everything that an upload says.

    `lists_learners`: whether it holds a complete list of the learners, so that who is not in it can be told.
    `in_error` are the references of learners with a row in error: none of their facts is taken, so that no one ends
    up with half a transcript. `unattributed` counts rows in error of nobody known. `numbers` are the student numbers
    that stand beside identifiers.
    """

    learners: dict[str, list[Fact]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    in_error: set[str] = field(default_factory=set)
    unattributed: int = 0
    lists_learners: bool = False
    format: Format = "spreadsheet"
    encodings: dict[str, str] = field(default_factory=dict)
    numbers: dict[str, str] = field(default_factory=dict)
    _seen: dict[int, int] = field(default_factory=dict)
    _shapes: dict[tuple[str, ...], tuple[str, ...]] = field(default_factory=dict)

    def begin_file(self, name: str, encoding: str) -> None:
        """Start another file: what two files say about one fact is put together, not a duplicate."""
        self._seen.clear()
        self.encodings[name] = encoding

    def end(self) -> None:
        """Forget what only reading needs."""
        self._seen.clear()
        self._shapes.clear()

    def add(self, reference: str, kind: Kind, stated: dict[str, Value], file: str, row: int) -> None:
        """Take one fact; a second one of the same key in the same file is a problem."""
        columns = tuple(stated)
        columns = self._shapes.setdefault(columns, columns)
        fact = Fact(kind, columns, tuple(stated.values()), file, row)
        key = tuple(stated[column] for column in KEYS[kind])
        first = self._seen.setdefault(hash((reference, kind, key)), row)
        if first != row:
            self.problem(duplicate(file, row, first, reference))
        self.learners.setdefault(reference, []).append(fact)

    def note_number(self, reference: str, number: str, file: str, row: int) -> None:
        """Keep the student number that stands beside an identifier; another one elsewhere is a problem."""
        if self.numbers.setdefault(reference, number) != number:
            self.problem(number_differs(file, row, number, reference))

    def problem(self, problem: Problem) -> None:
        """Note a problem; an error keeps its learner out."""
        self.problems.append(problem)
        if problem.is_notice:
            return
        if problem.learner:
            self.in_error.add(problem.learner)
        else:
            self.unattributed += 1

    def accepted(self) -> Iterator[tuple[str, Sequence[Fact]]]:
        """Yield the learners without an error, with their facts."""
        for reference, facts in self.learners.items():
            if reference not in self.in_error:
                yield reference, facts


def duplicate(file: str, row: int, first: int, reference: str) -> Problem:
    """Return the problem of a second row for the same fact."""
    what = Text(
        f"{first}行目と同じ人・同じ項目の行です。",
        f"This row is about the same person and the same item as row {first}.",
    )
    fix = Text("どちらか1行だけにします。", "Keep one of the two rows.")
    return Problem(file, row, "", "", "duplicate", what, fix, reference)


def number_differs(file: str, row: int, number: str, reference: str) -> Problem:
    """Return the problem of a student number that is not the one known for this identifier."""
    what = Text(
        "識別子と学籍番号が、同じ人のものではありません。",
        "Identifier and student number are not of the same person.",
    )
    fix = Text("行がずれていないか確かめます。", "Check that the rows are not shifted.")
    return Problem(file, row, "", shown(number), "number_differs", what, fix, reference)
