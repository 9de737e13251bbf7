"""What an import would change, decided without a database."""

from datetime import date

from issuer.register.diff import compare, lacking
from issuer.register.importers.facts import Fact
from issuer.register.record import LearnerRecord
from issuer.register.search import fold, sort_key

Records = dict[str, LearnerRecord]


def fact(kind: str, row: int = 2, **stated: object) -> Fact:
    return Fact(kind, tuple(stated), tuple(stated.values()), "x.csv", row)  # type: ignore[arg-type]


def test_what_is_the_same_is_no_change(sample_records: Records) -> None:
    record = sample_records["2023001"]
    same = fact("learner", family_name=record.family_name, birthdate=record.birthdate)
    assert not compare("id:x", record, [same])


def test_only_the_columns_that_differ_are_changed(sample_records: Records) -> None:
    record = sample_records["2023001"]
    (change,) = compare("id:x", record, [fact("learner", family_name="青葉", given_name="遥")]).changes
    assert (change.before, change.after) == ({"given_name": "はるか"}, {"given_name": "遥"})


def test_a_later_decision_stands_beside_the_earlier_one(sample_records: Records) -> None:
    record = sample_records["2023040"]
    later = fact(
        "decision", decision="graduation", decision_date=date(2026, 3, 20), effective_date=date(2026, 3, 31)
    )
    (change,) = compare("id:x", record, [later]).changes
    assert (change.before, change.key) == (None, (date(2026, 3, 20),))
    corrected = fact("decision", decision="graduation", decision_date=date(2026, 2, 20))
    (change,) = compare("id:x", record, [corrected]).changes
    assert change.before == {"decision": "withheld"}


def test_two_files_about_one_fact_are_put_together() -> None:
    facts = [
        fact("learner", family_name="青葉", given_name="はるか"),
        fact("learner", birthdate=date(2007, 4, 14), given_name="遥"),
    ]
    diff = compare("id:x", None, facts)
    (change,) = diff.changes
    assert change.after == {"family_name": "青葉", "given_name": "遥", "birthdate": date(2007, 4, 14)}
    assert lacking(diff, facts) is None


def test_nobody_is_registered_without_name_and_date_of_birth() -> None:
    for stated, code in (
        ({"family_name": "青葉"}, "value_missing"),
        ({"birthdate": date(2007, 4, 14)}, "value_missing"),
        ({"family_name_latin": "AOBA"}, "unknown_learner"),
    ):
        facts = [fact("learner", 7, **stated)]
        problem = lacking(compare("id:x", None, facts), facts)
        assert problem is not None
        assert (problem.code, problem.row, problem.learner) == (code, 7, "id:x")


def test_search_folds_what_signing_must_not() -> None:
    assert fold("髙﨑") == fold("高崎")
    assert fold("辻\U000e0100") == fold("辻")
    assert fold("𠮷川") == fold("吉川")
    assert fold("ｱｵﾊﾞ ﾊﾙｶ") == fold("あおば　はるか") == "アオバハルカ"
    assert fold("NGUYEN Thi") == "nguyenthi"


def test_who_has_no_kana_comes_after_those_who_have() -> None:
    assert sort_key("ンン", "ンン", "", "") < sort_key("", "", "青葉", "はるか")
    assert sort_key("アオ", "ハルカ", "", "") < sort_key("アオバ", "アイ", "", "")
