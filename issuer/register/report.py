"""The outcome of a dry run, as the clerk reads it: numbers, changes field by field, who is missing, what is wrong.

Built while learners stream by, so that it stays small whatever the file. Learners under concealment are counted and
never named.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from issuer.register.changes import plain
from issuer.register.diff import LearnerDiff
from issuer.register.importers.problems import Problem, summarise
from tegata.errors import Text

MAX_LISTED = 500

Listed = list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Report:
    """What a dry run found. Numbers are of people; `problems` and the lists may be shortened, the numbers never are."""

    new: int
    changed: int
    unchanged: int
    missing: int
    in_error: int
    errors: int
    notices: int
    encodings: Mapping[str, str]
    problems: Sequence[Mapping[str, Any]]
    changes: Sequence[Mapping[str, Any]]
    missing_learners: Sequence[Mapping[str, Any]]

    def counts(self) -> dict[str, int]:
        """Return the numbers alone: they are no personal data."""
        names = ("new", "changed", "unchanged", "missing", "in_error", "errors", "notices")
        return {name: getattr(self, name) for name in names}

    def as_json(self) -> dict[str, Any]:
        """Return the members for storage."""
        return {name: getattr(self, name) for name in self.__slots__}

    @property
    def summary(self) -> Text:
        """The numbers as one line."""
        return Text(
            f"新規 {self.new:,}人・変更 {self.changed:,}人・変更なし {self.unchanged:,}人・"
            f"名簿にない人 {self.missing:,}人（自動では削除しません）・エラー {self.errors:,}件",
            f"New {self.new:,}, changed {self.changed:,}, unchanged {self.unchanged:,}, not in the file "
            f"{self.missing:,} (never deleted), errors {self.errors:,}",
        )


@dataclass(slots=True)
class ReportBuilder:
    """Counts and lists while diffs stream by."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    missing: int = 0
    _changes: Listed = field(default_factory=list)
    _missing: Listed = field(default_factory=list)

    def add(self, diff: LearnerDiff) -> None:
        """Count one learner, and list what changes about somebody known."""
        if diff.record is None:
            self.new += 1
        elif not diff:
            self.unchanged += 1
        else:
            self.changed += 1
            if len(self._changes) < MAX_LISTED and not diff.record.is_concealed:
                self._changes.append(_listed(diff))

    def add_missing(self, learner_id: str, student_number: str, name: str, *, is_concealed: bool) -> None:
        """Count somebody whom the file does not name."""
        self.missing += 1
        if len(self._missing) < MAX_LISTED and not is_concealed:
            self._missing.append({"id": learner_id, "student_number": student_number, "name": name})

    def build(self, problems: Sequence[Problem], *, in_error: int, encodings: Mapping[str, str]) -> Report:
        """Return the finished report."""
        errors = sum(not problem.is_notice for problem in problems)
        # Errors first: notices alone must not push them off the page.
        shown = summarise([item for item in problems if not item.is_notice])[:MAX_LISTED]
        shown += summarise([item for item in problems if item.is_notice])[: MAX_LISTED - len(shown)]
        return Report(
            new=self.new,
            changed=self.changed,
            unchanged=self.unchanged,
            missing=self.missing,
            in_error=in_error,
            errors=errors,
            notices=len(problems) - errors,
            encodings=dict(encodings),
            problems=[problem.as_json() for problem in shown],
            changes=self._changes,
            missing_learners=self._missing,
        )


def _listed(diff: LearnerDiff) -> dict[str, Any]:
    assert diff.record is not None  # noqa: S101  only known learners are listed
    return {
        "id": diff.record.id,
        "student_number": diff.record.student_number,
        "name": diff.record.name,
        "facts": [
            {
                "kind": change.kind,
                "key": [plain(value) for value in change.key],
                "before": None
                if change.before is None
                else {name: plain(value) for name, value in change.before.items()},
                "after": {name: plain(value) for name, value in change.after.items()},
            }
            for change in diff.changes[:50]
        ],
    }
