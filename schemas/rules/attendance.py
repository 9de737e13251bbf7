"""Rules about the record of attendance: the two equations of the 指導要録, and one row a year."""

from collections.abc import Iterator

from schemas.rules.facts import Facts, Finding
from tegata.errors import Text

_FORM = "指導要録 参考様式 出欠の記録"


def year_or_grade(facts: Facts) -> Iterator[Finding]:
    """Each row says which year it is about."""
    for index, row in enumerate(facts.items("attendance")):
        if "school_year" not in row and "grade" not in row:
            text = Text("年度か学年が必要です。", "A school year or a year of study is needed.")
            yield Finding(f"/attendance/{index}", text, _FORM)


def unique(facts: Facts) -> Iterator[Finding]:
    """A year stands once."""
    seen = set()
    for index, row in enumerate(facts.items("attendance")):
        key = (row.get("school_year"), row.get("grade"))
        if key in seen:
            text = Text("同じ年の出欠が2回あります。", "The attendance of one year stands twice.")
            yield Finding(f"/attendance/{index}", text, _FORM)
        seen.add(key)


def days_required(facts: Facts) -> Iterator[Finding]:
    """出席しなければならない日数 = 授業日数 − 出席停止・忌引等の日数."""
    for index, row in enumerate(facts.items("attendance")):
        if row["days_required"] != row["school_days"] - row["suspended_or_bereavement"]:
            text = Text(
                "出席しなければならない日数が、授業日数から出席停止・忌引等の日数を引いた数と合いません。",
                "The days of required attendance are not the school days less suspension and bereavement.",
            )
            yield Finding(f"/attendance/{index}/days_required", text, _FORM)


def days_present(facts: Facts) -> Iterator[Finding]:
    """出席日数 = 出席しなければならない日数 − 欠席日数."""
    for index, row in enumerate(facts.items("attendance")):
        if row["present"] != row["days_required"] - row["absent"]:
            text = Text(
                "出席日数が、出席しなければならない日数から欠席日数を引いた数と合いません。",
                "The days present are not the days of required attendance less the days absent.",
            )
            yield Finding(f"/attendance/{index}/present", text, _FORM)
