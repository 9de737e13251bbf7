"""What an import would change about one learner: pure, and the same in the dry run and when it is confirmed."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from issuer.register.importers.facts import Fact
from issuer.register.importers.problems import Problem
from issuer.register.importers.values import Value
from issuer.register.record import KEYS, KINDS, Kind, LearnerRecord
from tegata.errors import Text

Stated = dict[str, Value]
Key = tuple[Value, ...]
_MEMBERS: Mapping[Kind, str] = {
    "placement": "placements",
    "result": "results",
    "attendance": "attendance",
    "decision": "decisions",
    "commute": "commutes",
    "aid": "aids",
    "achievement": "achievements",
}
#: What a person cannot be registered without.
_NEEDED = (("family_name", "氏", "family name"), ("birthdate", "生年月日", "date of birth"))


@dataclass(frozen=True, slots=True)
class Change:
    """One fact that comes in new (`before` is None) or changed (only the columns that differ, before and after)."""

    kind: Kind
    key: Key
    before: Stated | None
    after: Stated


@dataclass(frozen=True, slots=True)
class LearnerDiff:
    """Everything an import changes about a learner; `record` is None for somebody new."""

    reference: str
    record: LearnerRecord | None
    changes: tuple[Change, ...]

    def __bool__(self) -> bool:
        return bool(self.changes)


def compare(reference: str, record: LearnerRecord | None, facts: Sequence[Fact]) -> LearnerDiff:
    """Return the difference between the register and what an import says."""
    changes = []
    for kind, key, stated in _merged(facts):
        known = None if record is None else _find(record, kind, key)
        if known is None:
            changes.append(Change(kind, key, None, stated))
            continue
        differing = [name for name, value in stated.items() if getattr(known, name) != value]
        if differing:
            before = {name: getattr(known, name) for name in differing}
            changes.append(Change(kind, key, before, {name: stated[name] for name in differing}))
    return LearnerDiff(reference, record, tuple(changes))


def lacking(diff: LearnerDiff, facts: Sequence[Fact]) -> Problem | None:
    """Return what stands against registering somebody new: a side file's learner whom no list names, or no birthdate."""
    if diff.record is not None or not facts:
        return None
    learner = next((change.after for change in diff.changes if change.kind == "learner"), {})
    where = facts[0]
    if not learner.get("family_name") and not learner.get("birthdate"):
        what = Text("名簿にいない人の行です。", "This row is about somebody who is not in the register.")
        fix = Text(
            "名簿を先に、または一緒に取り込みます。", "Import the register first, or together with this file."
        )
        return Problem(where.file, where.row, "", "", "unknown_learner", what, fix, diff.reference)
    for name, ja, en in _NEEDED:
        if not learner.get(name):
            what = Text(f"「{ja}」がありません。", f"There is no {en}.")
            fix = Text("空欄に値を入れます。", "Fill in the empty cell.")
            return Problem(where.file, where.row, ja, "", "value_missing", what, fix, diff.reference)
    return None


def _merged(facts: Iterable[Fact]) -> Iterator[tuple[Kind, Key, Stated]]:
    """Put together what several files say about one fact; a later file adds to an earlier one."""
    together: dict[tuple[Kind, Key], Stated] = {}
    for fact in facts:
        stated = fact.as_dict()
        key = tuple(stated[column] for column in KEYS[fact.kind])
        together.setdefault((fact.kind, key), {}).update(stated)
    for kind in KINDS:
        for (found, key), stated in together.items():
            if found == kind:
                yield kind, key, stated


def _find(record: LearnerRecord, kind: Kind, key: Key) -> Any:
    if kind == "learner":
        return record
    if kind == "enrolment":
        return record.enrolment
    columns = KEYS[kind]
    for fact in getattr(record, _MEMBERS[kind]):
        if tuple(getattr(fact, column) for column in columns) == key:
            return fact
    return None
