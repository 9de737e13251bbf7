"""English beside Japanese: which titles a document says, and which of them the register lacks in English.

Nothing is translated here: readings and titles are the learner's and the school's own. A school says in its practice
which documents it issues in both languages; only these ask for English.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from issuer.organisations.school import School
from issuer.register.diff import Change, LearnerDiff
from issuer.register.importers.facts import Fact
from issuer.register.importers.fields import BY_PATH
from issuer.register.importers.problems import Problem, shown
from issuer.register.practice import Practice
from issuer.register.record import KEYS, Kind, LearnerRecord
from schemas import catalogue
from schemas.catalogue import DocumentDefinition
from tegata.errors import Text

#: Per kind of fact: the member, its English one, and what people call it.
PAIRS: Mapping[Kind, tuple[tuple[str, str, Text], ...]] = {
    "enrolment": (
        ("faculty", "faculty_en", Text("学部・研究科", "faculty")),
        ("department", "department_en", Text("学科・専攻", "department")),
    ),
    "result": (("course", "course_en", Text("科目", "course")),),
    "decision": (
        ("degree", "degree_en", Text("学位", "degree")),
        ("programme", "programme_en", Text("修了した課程", "programme")),
    ),
    "achievement": (("name", "name_en", Text("達成したこと", "achievement")),),
}
_NAMES = (
    ("family_name", "family_name_latin", Text("氏", "family name")),
    ("given_name", "given_name_latin", Text("名", "given name")),
)
#: So many titles are named; of the rest, how many there are.
_NAMED = 3


def missing(
    document: DocumentDefinition, record: LearnerRecord, school: School, issue_date: date, practice: Practice
) -> Text | None:
    """Return what a document would say in Japanese alone, and how to put it right; None where nothing is missing."""
    if document.name not in practice.english:
        return None
    found = [
        text
        for name, text in _untitled(document, record, school, issue_date, practice)
        if name in document.schema["properties"] or (name == "course" and "courses" in document.schema["properties"])
    ]  # fmt: skip
    if not found:
        return None
    rest = len(found) - _NAMED
    ja, en = (
        "、".join(text.ja for text in found[:_NAMED]) + (f"、ほか{rest}件" if rest > 0 else ""),
        ", ".join(text.en for text in found[:_NAMED]) + (f" and {rest} more" if rest > 0 else ""),
    )
    return Text(
        f"英語の名称がありません（{ja}）。英語の列のあるファイルを取り込みます。",
        f"English is missing: {en}. Import a file with a column for it.",
    )


def _untitled(
    document: DocumentDefinition, record: LearnerRecord, school: School, issue_date: date, practice: Practice
) -> Iterator[tuple[str, Text]]:
    """Yield the members that have no English one, by the name of their claim."""
    for name, english, label in _NAMES:
        if getattr(record, name) and not getattr(record, english):
            yield name, Text(f"{label.ja}のローマ字", f"{label.en} in Latin letters")
    if not school.name_latin:
        yield "school", Text("学校名", "name of the school")
    if record.enrolment is not None:
        for name, english, label in PAIRS["enrolment"]:
            if (value := getattr(record.enrolment, name)) and not getattr(record.enrolment, english):
                yield name, _named(label, value)
    decision = record.decision_on(issue_date)
    if decision is not None and decision.decision in {"graduation", "expected", "completion"}:
        for name, english, label in PAIRS["decision"]:
            if (value := getattr(decision, name)) and not getattr(decision, english):
                yield name, _named(label, value)
    achievement = record.achievement_on(issue_date)
    if achievement is not None and not achievement.name_en:
        yield "achievement", _named(PAIRS["achievement"][0][2], achievement.name)
    scheme = next(iter(practice.grading.used_in(record.results)), None)
    for result in record.results:
        is_listed = document.name != "transcript-he" or scheme is None or scheme.shows(result)
        if is_listed and not result.course_en:
            yield "course", _named(PAIRS["result"][0][2], result.course)


def _named(label: Text, value: str) -> Text:
    return Text(f"{label.ja}「{shown(value)}」", f"{label.en} “{shown(value)}”")


def untitled_rows(diff: LearnerDiff, facts: Sequence[Fact], practice: Practice) -> Iterator[Problem]:
    """Yield an error for each row whose title an English document needs and neither file nor register has in English."""
    wanted = _needed(practice)
    if not wanted:
        return
    for change in diff.changes:
        for name, english, label in PAIRS.get(change.kind, ()):
            if english not in wanted or not _lacks(change, diff, name, english):
                continue
            fact = _fact_of(change, facts)
            what = Text(
                f"{label.ja}の英語の名称がありません。", f"There is no English title of the {label.en}."
            )
            fix = Text(
                "英語の列に名称を入れます。英語で発行する証明書に必要です。",
                "Enter it in the English column: a certificate issued in English needs it.",
            )
            value = shown(str(change.after.get(name, "")))
            column = BY_PATH[f"{change.kind}.{english}"].label.ja
            yield Problem(fact.file, fact.row, column, value, "english_missing", what, fix, diff.reference)


def _needed(practice: Practice) -> frozenset[str]:
    """Return the English members that the documents issued in English have, at the top and inside."""
    found: set[str] = set()
    for name in practice.english:
        properties = catalogue.load().get(name).schema["properties"]
        inside = (properties.get("courses", {}).get("items", {}), properties.get("achievement", {}))
        found |= properties.keys()
        found |= {member for part in inside for member in part.get("properties", {})}
    return frozenset(found)


def _lacks(change: Change, diff: LearnerDiff, name: str, english: str) -> bool:
    """Whether a change leaves a fact with a title and without its English one."""
    if change.before is None:
        return bool(change.after.get(name)) and not change.after.get(english)
    if name not in change.after and english not in change.after:
        return False
    known = _known(change, diff)
    return bool(change.after.get(name, known.get(name))) and not change.after.get(english, known.get(english))


def _known(change: Change, diff: LearnerDiff) -> Mapping[str, object]:
    """Return what the register says in a fact that changes."""
    record = diff.record
    if record is None:
        return {}
    members: Mapping[Kind, Sequence[object]] = {
        "enrolment": [record.enrolment] if record.enrolment else [],
        "result": record.results,
        "decision": record.decisions,
        "achievement": record.achievements,
    }
    keys = KEYS[change.kind]
    items = [
        item
        for item in members.get(change.kind, ())
        if tuple(getattr(item, key) for key in keys) == tuple(change.key)
    ]
    pairs = PAIRS.get(change.kind, ())
    return {name: getattr(items[0], name, "") for pair in pairs for name in pair[:2]} if items else {}


def _fact_of(change: Change, facts: Sequence[Fact]) -> Fact:
    """Return the row that a change comes from, by its key."""
    for fact in facts:
        stated = fact.as_dict()
        if fact.kind == change.kind and tuple(map(stated.get, KEYS[fact.kind])) == tuple(change.key):
            return fact
    return facts[0]
