"""From the values of one row to whole facts: what a kind of fact needs, what follows from what, what contradicts what."""

from collections.abc import Iterator, Mapping
from datetime import date

from issuer.register.importers.values import Value
from issuer.register.record import Kind
from tegata.errors import Text

Stated = dict[str, Value]
#: Code, what is wrong, how to put it right.
Refused = tuple[str, Text, Text]

_NULLABLE = frozenset({"admission_date", "leaving_date", "effective_date", "cover_start"})
#: Columns that always hold something: an empty value says nothing about them.
_NEVER_EMPTY = frozenset(
    {
        "birthdate",
        "enabled",
        "status",
        "school_year",
        "attendance_number",
        "credits",
        "credits_earned",
        "section",
        "distance_km",
        "member",
    }
)
#: What a fact of a kind cannot do without, as people call it.
_NEEDED: Mapping[str, tuple[tuple[str, str, str], ...]] = {
    "placement": (("school_year", "年度", "school year"),),
    "commute": (
        ("reported_on", "通学区間の届出日", "day on which the route was reported"),
        ("operator", "鉄道・バスの事業者", "operator"),
        ("from_station", "発駅", "from station"),
        ("to_station", "着駅", "to station"),
    ),
    "aid": (
        ("school_year", "災害共済の年度", "school year of the mutual aid"),
        ("member", "災害共済への加入", "membership in the mutual aid"),
    ),
    "achievement": (
        ("achieved_on", "達成した日", "day of the achievement"),
        ("name", "達成したこと", "name of the achievement"),
        ("kind", "達成の種類", "kind of achievement"),
        ("description", "達成の内容", "description of the achievement"),
        ("criteria", "認める基準", "criteria of the achievement"),
    ),
}
_ENDS_AS = {"graduation": "graduated", "withdrawal": "withdrawn"}


def row(groups: Mapping[tuple[Kind, str], Stated]) -> tuple[list[tuple[Kind, Stated]], list[Refused]]:
    """Return the facts of a row and what speaks against them. The groups are used up: values move into facts."""
    refused: list[Refused] = []
    facts: list[tuple[Kind, Stated]] = []
    enrolment, decision = groups.get(("enrolment", "")), groups.get(("decision", ""))
    if decision:
        _connect(decision, enrolment)
    for (kind, grade), content in groups.items():
        is_said = any(value is not None for value in content.values())
        if kind == "learner":
            refused += _split_names(content)
        elif not is_said:
            continue
        elif kind == "result":
            refused += _result(content)
        elif kind == "attendance":
            refused += _attendance(content, grade)
        elif kind == "decision":
            if content.get("decision") is None:
                continue
            refused += _decision(content)
        elif kind == "enrolment":
            refused += _order(content.get("admission_date"), content.get("leaving_date"))
        else:
            refused += (_missing(ja, en) for name, ja, en in _NEEDED[kind] if content.get(name) is None)
            if kind == "commute" and content.get("section") is None:
                content["section"] = 1
        if said := _settled(content):
            facts.append((kind, said))
    return ([] if refused else facts), refused


def _settled(content: Stated) -> Stated:
    """Return what a row says: an empty text says "nothing", an empty number or date that cannot be empty is silent."""
    if None not in content.values() and "source_id" not in content:
        return content
    return {
        name: "" if value is None and name not in _NULLABLE else value
        for name, value in content.items()
        if name != "source_id" and (value is not None or name not in _NEVER_EMPTY)
    }


def _split_names(learner: Stated) -> Iterator[Refused]:
    for full, family, given in (
        ("full_name", "family_name", "given_name"),
        ("full_name_kana", "family_name_kana", "given_name_kana"),
    ):
        value = learner.pop(full, None)
        if not isinstance(value, str):
            continue
        parts = value.replace("\u3000", " ").split(" ", 1)
        if len(parts) == 1:
            yield (
                "name_not_split",
                Text("氏と名の間に空白がありません。", "There is no space between family and given name."),
                Text(
                    "例: 青葉　はるか。または氏と名を別の列にします。",
                    "Put a space between them, or use two columns.",
                ),
            )
        else:
            learner.setdefault(family, parts[0])
            learner.setdefault(given, parts[1].strip())


def _connect(decision: Stated, enrolment: Stated | None) -> None:
    """Let a graduation take effect on the day of leaving, and the status change with it."""
    if enrolment is None:
        return
    leaving = enrolment.get("leaving_date")
    if decision.get("effective_date") is None and leaving is not None:
        decision["effective_date"] = leaving
    ends_as = _ENDS_AS.get(str(decision.get("decision")))
    if ends_as and leaving is not None and enrolment.get("status") is None:
        enrolment["status"] = ends_as


def _result(result: Stated) -> Iterator[Refused]:
    for name, ja, en in (
        ("school_year", "年度", "school year"),
        ("subject_area", "教科", "subject area"),
        ("course", "科目", "course"),
        ("credits_earned", "修得単位数", "credits earned"),
        ("result", "修得の状況", "outcome"),
    ):
        if result.get(name) is None:
            yield _missing(ja, en)
    result.setdefault("term", None)
    parts = [result.pop(f"viewpoint_{name}", None) for name in ("knowledge", "thinking", "attitude")]
    if all(parts):
        result["viewpoints"] = "".join(str(part) for part in parts)
    elif any(parts):
        yield _missing("観点別学習状況の3つ", "three viewpoints")
    earned, offered = result.get("credits_earned"), result.get("credits")
    if isinstance(earned, int) and isinstance(offered, int) and earned > offered:
        yield _contradiction("修得単位数が単位数を超えています。", "More credits are earned than offered.")
    if result.get("result") == "not_earned" and earned not in {0, None}:
        yield _contradiction(
            "未修得なのに修得単位数があります。", "Credits are earned in a course that was not."
        )


def _attendance(attendance: Stated, grade: str) -> Iterator[Refused]:
    attendance["school_year"], attendance["grade"] = attendance.get("school_year") or 0, grade
    names = ("school_days", "suspended_or_bereavement", "absent")
    days, suspended, absent = (attendance.get(name) for name in names)
    if not (isinstance(days, int) and isinstance(suspended, int) and isinstance(absent, int)):
        yield _missing(f"出欠の日数（{grade}）", f"days of attendance ({grade})")
        return
    required = days - suspended
    if attendance.get("days_required") not in {None, required}:
        yield _contradiction(
            f"出席しなければならない日数が、授業日数から出席停止等を引いた数と合いません（{grade}）。",
            f"Days required differ from school days less suspension and bereavement ({grade}).",
        )
    if attendance.get("present") not in {None, required - absent} or not 0 <= absent <= required:
        yield _contradiction(
            f"出席日数が、出席しなければならない日数から欠席日数を引いた数と合いません（{grade}）。",
            f"Days present differ from days required less days absent ({grade}).",
        )
    attendance["days_required"], attendance["present"] = required, required - absent


def _decision(decision: Stated) -> Iterator[Refused]:
    taken, effective = decision.get("decision_date"), decision.get("effective_date")
    if taken is None:
        yield _missing("判定年月日", "date of the decision")
    if effective is None and decision["decision"] in {"graduation", "expected", "completion"}:
        yield _missing("卒業年月日", "date of graduation")


def _order(admission: Value, leaving: Value) -> Iterator[Refused]:
    if isinstance(admission, date) and isinstance(leaving, date) and leaving < admission:
        yield _contradiction(
            "離籍年月日が入学年月日より前です。", "The date of leaving is before the admission."
        )


def _missing(ja: str, en: str) -> Refused:
    return (
        "value_missing",
        Text(f"「{ja}」がありません。", f"There is no {en}."),
        Text("空欄に値を入れます。", "Fill in the empty cell."),
    )


def _contradiction(ja: str, en: str) -> Refused:
    return "contradiction", Text(ja, en), Text("元の記録を確かめます。", "Check the original record.")
