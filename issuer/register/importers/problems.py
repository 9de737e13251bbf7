"""What a clerk reads after a dry run: where, what is wrong, how to put it right; and shorter where much is alike."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from tegata.errors import Text

#: More problems of one kind in one column become one line.
_LISTED_PER_COLUMN = 20
_SHOWN_CHARACTERS = 40


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing about one row, counted as a spreadsheet counts (the header is row 1; 0: the whole file).

    `value` is empty where the field is sensitive. A notice is not an error: the row is taken, changed as it says.
    `learner` is the reference of the learner whose facts stay out with the row, if it is known.
    """

    file: str
    row: int
    column: str
    value: str
    code: str
    what: Text
    fix: Text
    learner: str = ""
    is_notice: bool = False

    def as_json(self) -> dict[str, Any]:
        """Return the members that the report keeps."""
        return {
            "file": self.file,
            "row": self.row,
            "column": self.column,
            "value": self.value,
            "code": self.code,
            "what": {"ja": self.what.ja, "en": self.what.en},
            "fix": {"ja": self.fix.ja, "en": self.fix.en},
            "notice": self.is_notice,
        }


def shown(value: str) -> str:
    """Cut a value to what fits a table, and make invisible characters visible as spaces."""
    plain = "".join(character if character.isprintable() else " " for character in value[:_SHOWN_CHARACTERS])
    return plain + ("…" if len(value) > _SHOWN_CHARACTERS else "")


def summarise(problems: Sequence[Problem]) -> list[Problem]:
    """Return the first problems of each kind and column, and one line for the others of that kind."""
    counts: Counter[tuple[str, str, str]] = Counter()
    listed: list[Problem] = []
    for problem in problems:
        group = (problem.file, problem.column, problem.code)
        counts[group] += 1
        if counts[group] <= _LISTED_PER_COLUMN:
            listed.append(problem)
    for problem in list(listed):
        group = (problem.file, problem.column, problem.code)
        if (count := counts.pop(group, 0)) > _LISTED_PER_COLUMN:
            listed.append(_rest(problem, count))
    return listed


def _rest(problem: Problem, count: int) -> Problem:
    """Say once that many rows of a column have the same problem."""
    what = Text(
        f"同じ内容が、この列に全部で{count:,}件あります。{problem.what.ja}",
        f"The same in {count:,} rows of this column. {problem.what.en}",
    )
    return Problem(
        problem.file, 0, problem.column, "", problem.code, what, problem.fix, is_notice=problem.is_notice
    )


def errors(problems: Iterable[Problem]) -> list[Problem]:
    """Return those that keep a row out."""
    return [problem for problem in problems if not problem.is_notice]
