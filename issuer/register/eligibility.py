"""Whether a document can be issued to a learner, and if not, why: pure, from recorded facts alone.

A certificate rests on facts and decisions that the school has recorded. What is missing is told, never filled in. Not
for whether the finished claims are right: that is `schemas.validation`.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from issuer.organisations.school import School
from issuer.register import english, travel
from issuer.register.practice import Practice
from issuer.register.record import Decision, LearnerRecord
from issuer.register.retention import lapsed
from issuer.register.travel import FareDiscounts
from schemas.catalogue import DocumentDefinition
from tegata.codec.dates import school_year, wareki
from tegata.errors import Text

#: The statuses with which somebody counts as being at the school.
ENROLLED = frozenset({"enrolled", "leave_of_absence", "study_abroad"})


_USUAL = Practice()
_NO_DISCOUNTS = FareDiscounts()


@dataclass(frozen=True, slots=True)
class Obstacle:
    """One reason why a document cannot be issued."""

    code: str
    text: Text


def obstacles(
    document: DocumentDefinition,
    record: LearnerRecord,
    school: School,
    *,
    issue_date: date,
    today: date,
    practice: Practice = _USUAL,
    discounts: FareDiscounts = _NO_DISCOUNTS,
) -> tuple[Obstacle, ...]:
    """Return everything that stands in the way of a document with this issue date; nothing means it can be issued.

    `today` counts for retention: a record that the law no longer keeps is gone whatever date a document bears.
    `practice` is what the school has decided for itself, `discounts` what is known of the learner's 学割証.
    """
    return (
        *_all(document, record, school, issue_date, max(today, issue_date)),
        *(_grading(document, record, practice) if school.kind in document.school_kinds else ()),
        *_english(document, record, school, issue_date, practice),
        *_travel(document, record, practice, discounts, issue_date),
    )


def _all(
    document: DocumentDefinition, record: LearnerRecord, school: School, issue_date: date, kept_until: date
) -> Iterator[Obstacle]:
    if school.kind not in document.school_kinds:
        yield Obstacle(
            "school_kind",
            Text(
                f"この種類の学校では{document.title.ja}を発行しません。",
                f"A school of this kind does not issue this document ({document.title.en}).",
            ),
        )
    if record.tenant_id != school.tenant_id or record.school_id != school.id:
        yield Obstacle(
            "other_school", Text("この学校の人ではありません。", "This is not a learner of this school.")
        )
    if record.birthdate > issue_date:
        yield Obstacle(
            "birthdate", Text("生年月日が発行日より後です。", "The date of birth is after the date of issue.")
        )
    for fact in document.required_facts:
        if check := _CHECKS.get(fact):
            yield from check(document, record, issue_date)
    yield from _retention(document, record, kept_until)


def _enrolment(document: DocumentDefinition, record: LearnerRecord, issue_date: date) -> Iterator[Obstacle]:
    enrolment = record.enrolment
    if enrolment is None:
        yield Obstacle(
            "enrolment_missing", Text("在籍の記録がありません。", "There is no record of enrolment.")
        )
        return
    status = enrolment.status_on(issue_date)
    if not status:
        yield Obstacle(
            "before_admission",
            Text("発行日が入学年月日より前です。", "The date of issue is before the admission."),
        )
    elif document.name in _FOR_THE_ENROLLED and status not in ENROLLED:
        yield Obstacle(
            "not_enrolled",
            Text("発行日の時点で在学していません。", "The learner is not enrolled on the date of issue."),
        )
    if document.name == "student-id" and not record.student_number:
        yield Obstacle("number_missing", Text("学籍番号がありません。", "There is no student number."))


_FOR_THE_ENROLLED = frozenset(
    {"enrolment", "student-id", "expected-graduation", "fare-discount", "commuter", "accident-aid"}
)


def _graduation(_document: DocumentDefinition, record: LearnerRecord, issue_date: date) -> Iterator[Obstacle]:
    decision = record.decision_on(issue_date)
    if decision is None or decision.decision == "expected":
        yield _not_decided(record, issue_date)
    elif decision.decision == "withheld":
        yield _withheld(decision)
    elif decision.decision == "withdrawal":
        yield _withdrew(decision)
    elif decision.decision != "graduation":
        yield _not_decided(record, issue_date)
    else:
        yield from _takes_effect(decision, issue_date, "卒業", "graduation")


def _not_decided(record: LearnerRecord, issue_date: date) -> Obstacle:
    later = [item.decision_date for item in record.decisions if item.decision == "graduation"]
    if later and min(later) > issue_date:
        day = min(later)
        return Obstacle(
            "before_decision",
            Text(
                f"発行日が卒業認定の日（{wareki(day)}）より前です。",
                f"The date of issue is before the decision on graduation ({day.isoformat()}).",
            ),
        )
    return Obstacle(
        "decision_missing",
        Text("卒業認定が記録されていません。", "No decision on graduation (卒業認定) is on record."),
    )


def _withheld(decision: Decision) -> Obstacle:
    return Obstacle(
        "graduation_withheld",
        Text(
            f"卒業の認定が保留されています（{wareki(decision.decision_date)}）。",
            f"Graduation was withheld (保留) on {decision.decision_date.isoformat()}.",
        ),
    )


def _withdrew(decision: Decision) -> Obstacle:
    day = decision.effective_date or decision.decision_date
    return Obstacle(
        "withdrew",
        Text(
            f"{wareki(day)}に退学しています。卒業していません。",
            f"The learner withdrew (退学) on {day.isoformat()} and did not graduate.",
        ),
    )


def _takes_effect(decision: Decision, issue_date: date, ja: str, en: str) -> Iterator[Obstacle]:
    if decision.effective_date is None:
        yield Obstacle(
            "date_missing", Text(f"{ja}年月日が記録されていません。", f"No date of {en} is on record.")
        )
    elif decision.effective_date > issue_date:
        yield Obstacle(
            "before_effect",
            Text(
                f"発行日が{ja}年月日（{wareki(decision.effective_date)}）より前です。",
                f"The date of issue is before the {en} ({decision.effective_date.isoformat()}).",
            ),
        )


def _expected(_document: DocumentDefinition, record: LearnerRecord, issue_date: date) -> Iterator[Obstacle]:
    decision = record.decision_on(issue_date)
    if decision is None:
        yield Obstacle(
            "finding_missing",
            Text(
                "卒業見込みの判定が記録されていません。",
                "No finding that graduation is expected (卒業見込) is on record.",
            ),
        )
    elif decision.decision == "withheld":
        yield _withheld(decision)
    elif decision.decision == "withdrawal":
        yield _withdrew(decision)
    elif decision.decision == "graduation" and (decision.effective_date or issue_date) <= issue_date:
        yield Obstacle(
            "already_graduated",
            Text(
                "すでに卒業しています。卒業証明書を発行できます。",
                "The learner has graduated: a certificate of graduation can be issued.",
            ),
        )
    elif decision.effective_date is None or decision.effective_date < issue_date:
        yield Obstacle(
            "expectation_past",
            Text(
                "卒業見込年月日がないか、発行日より前です。",
                "The expected date of graduation is missing or before the date of issue.",
            ),
        )


def _completion(_document: DocumentDefinition, record: LearnerRecord, issue_date: date) -> Iterator[Obstacle]:
    taken = [
        item
        for item in record.decisions
        if item.decision == "completion" and item.decision_date <= issue_date
    ]
    if not taken:
        yield Obstacle(
            "decision_missing",
            Text("修了認定が記録されていません。", "No decision on completion (修了認定) is on record."),
        )
        return
    decision = max(taken, key=lambda item: item.decision_date)
    yield from _takes_effect(decision, issue_date, "修了", "completion")
    if not decision.programme:
        yield Obstacle(
            "programme_missing",
            Text("修了した課程の名前がありません。", "The programme completed is not named."),
        )


def _results(document: DocumentDefinition, record: LearnerRecord, _issue_date: date) -> Iterator[Obstacle]:
    if not record.results:
        yield Obstacle("results_missing", Text("成績の記録がありません。", "There is no record of results."))
    elif document.name == "transcript" and any(len(result.rating) > 1 for result in record.results):
        yield Obstacle(
            "rating_scale",
            Text("5段階ではない評定があります。", "There are ratings outside the scale of 1 to 5."),
        )


def _grading(document: DocumentDefinition, record: LearnerRecord, practice: Practice) -> Iterator[Obstacle]:
    """Ask that a university's transcript stands under one scheme, which knows every grade in it."""
    if document.name != "transcript-he" or not record.results:
        return
    schemes = practice.grading.used_in(record.results)
    if not schemes:
        yield Obstacle(
            "grading_missing",
            Text(
                "成績の評価基準が決まっていません。学校の設定で決めるか、評価方式の列のある成績を取り込みます。",
                "No grading scheme is set. Set the school's, or import the results with their scheme.",
            ),
        )
    elif len(schemes) > 1:
        names = [scheme.label for scheme in schemes]
        yield Obstacle(
            "grading_mixed",
            Text(
                f"2つ以上の評価方式の成績があります（{'、'.join(name.ja for name in names)}）。"
                "1つの評価方式にそろえて取り込みます。",
                f"There are results of several grading schemes ({'; '.join(name.en for name in names)}). "
                "Import them under one.",
            ),
        )
    else:
        known = set(schemes[0].codes())
        if any(item.rating not in known for item in record.results if schemes[0].shows(item)):
            yield Obstacle(
                "grade_unknown",
                Text(
                    f"評価基準（{schemes[0].label.ja}）にない評価があります。成績を取り込み直します。",
                    f"There is a grade outside the grading scheme ({schemes[0].label.en}). Import the results again.",
                ),
            )


def _english(
    document: DocumentDefinition, record: LearnerRecord, school: School, issue_date: date, practice: Practice
) -> Iterator[Obstacle]:
    text = english.missing(document, record, school, issue_date, practice)
    if text is not None:
        yield Obstacle("english_missing", text)


def _travel(
    document: DocumentDefinition,
    record: LearnerRecord,
    practice: Practice,
    discounts: FareDiscounts,
    issue_date: date,
) -> Iterator[Obstacle]:
    if document.name == travel.FARE_DISCOUNT:
        for code, text in travel.obstacles(record, practice.travel, discounts, issue_date):
            yield Obstacle(code, text)


def _lapsed(document: DocumentDefinition, record: LearnerRecord, issue_date: date) -> Iterator[Obstacle]:
    if not lapsed(record, document.school_kinds, issue_date):
        yield Obstacle(
            "nothing_lapsed",
            Text(
                "保存期間が終わった記録はありません。もとの証明書を発行できます。",
                "Every record is still kept: the documents themselves can be issued.",
            ),
        )


def _commute(_document: DocumentDefinition, record: LearnerRecord, issue_date: date) -> Iterator[Obstacle]:
    route = record.route_on(issue_date)
    if not route:
        yield Obstacle(
            "route_missing",
            Text(
                "通学区間の届出がありません。発駅・着駅のあるファイルを取り込みます。",
                "No route to school was reported. Import a file with its stations.",
            ),
        )
        return
    if any(route[index].from_station != route[index - 1].to_station for index in range(1, len(route))):
        yield Obstacle(
            "route_broken",
            Text("通学区間がつながっていません。", "The sections of the route do not join."),
        )
    if sum(section.distance_km for section in route) > _LONGEST_ROUTE:
        yield Obstacle(
            "route_too_long",
            Text(
                f"通学区間が{_LONGEST_ROUTE}キロを超えています。",
                f"The route is longer than {_LONGEST_ROUTE} kilometres.",
            ),
        )
    placement = record.placement_in(school_year(issue_date))
    if placement is None or not placement.grade:
        yield Obstacle(
            "grade_missing",
            Text("この年度の学年がありません。", "There is no year of study for this school year."),
        )


#: A student's commuter pass is sold for at most so many kilometres (旅客営業規則 第36条).
_LONGEST_ROUTE = 100


def _aid(_document: DocumentDefinition, record: LearnerRecord, issue_date: date) -> Iterator[Obstacle]:
    if record.aid_in(school_year(issue_date)) is None:
        yield Obstacle(
            "aid_missing",
            Text(
                "この年度の災害共済給付への加入の記録がありません。",
                "There is no record of the mutual aid for this school year.",
            ),
        )


def _achievement(
    _document: DocumentDefinition, record: LearnerRecord, issue_date: date
) -> Iterator[Obstacle]:
    if record.achievement_on(issue_date) is None:
        yield Obstacle(
            "achievement_missing", Text("達成の記録がありません。", "There is no record of an achievement.")
        )


_Check = Callable[[DocumentDefinition, LearnerRecord, date], Iterator[Obstacle]]
_CHECKS: Mapping[str, _Check] = {
    "enrolment": _enrolment,
    "graduation_decision": _graduation,
    "completion_decision": _completion,
    "expected_graduation": _expected,
    "course_results": _results,
    "retention_lapsed": _lapsed,
    "commute": _commute,
    "accident_aid": _aid,
    "achievement": _achievement,
}
#: The facts that this register records; documents that rest on others are not offered.
RECORDED = frozenset(_CHECKS) | {"fare_discount_request"}


def _retention(document: DocumentDefinition, record: LearnerRecord, today: date) -> Iterator[Obstacle]:
    """After the years that the law keeps a record, counted from leaving, nothing is certified from it."""
    years = document.retention.years
    left = record.enrolment.leaving_date if record.enrolment else None
    last_day = document.retention.last_day(left) if left else None
    if last_day is None or today <= last_day:
        return
    law = f"（{document.retention.law}）" if document.retention.law else ""
    yield Obstacle(
        "retention_lapsed",
        Text(
            f"{document.title.ja}は発行できません。離籍から{years}年を過ぎ、記録の保存期間が終わっています{law}。"
            "代わりに、発行できない旨の証明書を発行できます。",
            f"This document ({document.title.en}) cannot be issued: the record is kept for {years} years after "
            f"leaving {law}. A notice that it cannot be issued can be had instead.",
        ),
    )
