"""Rules about commuter passes and discounted fares: the railways' conditions of carriage (旅客営業規則)."""

from collections.abc import Iterator
from datetime import date, timedelta

from schemas.catalogue import Validity
from schemas.rules.facts import Facts, Finding
from tegata.codec.dates import age_reached, school_year
from tegata.errors import Text

_PASSES, _DISCOUNTS = "旅客営業規則 第36条", "旅客営業規則 第29条"
#: A pass is sold from so many days before its first day.
_SOLD_BEFORE = timedelta(days=14)
#: A certificate of a correspondence school is good until so many days after the schooling.
_AFTER_SCHOOLING = timedelta(days=5)
_THREE_MONTHS = Validity("months", 3)
_CORRESPONDENCE = "correspondence"


def sections_join(facts: Facts) -> Iterator[Finding]:
    """Each section of a route begins where the one before it ends."""
    sections = facts.items("commute_sections")
    for index in range(1, len(sections)):
        if sections[index]["from_station"] != sections[index - 1]["to_station"]:
            text = Text("通学区間がつながっていません。", "The sections of the route do not join.")
            yield Finding(f"/commute_sections/{index}/from_station", text, _PASSES)


def use_begins(facts: Facts) -> Iterator[Finding]:
    """A pass begins after the certificate was issued, and no later than it can be bought with it."""
    begins, issued, ends = (facts.date(name) for name in ("use_from", "date_of_issuance", "date_of_expiry"))
    if begins is None:
        return
    if (issued and begins < issued) or (ends and begins > ends + _SOLD_BEFORE):
        text = Text(
            "使用開始日が、この証明書で買える期間の外です。",
            "The first day of use is not one for which this certificate can be used.",
        )
        yield Finding("/use_from", text, _PASSES)


def age_is_of_issue(facts: Facts) -> Iterator[Finding]:
    """The age is that of the day of issue."""
    born, issued, age = facts.date("birthdate"), facts.date("date_of_issuance"), facts.claims.get("age")
    if born is None or issued is None or age is None:
        return
    if not age_reached(born, age) <= issued < age_reached(born, age + 1):
        text = Text("年齢が、生年月日と発行日に合いません。", "The age is not that of the day of issue.")
        yield Finding("/age", text, "年齢計算ニ関スル法律")


def discount_expiry(facts: Facts) -> Iterator[Finding]:
    """A fare discount certificate is good for three months, and not beyond the end of enrolment."""
    issued, ends = facts.date("date_of_issuance"), facts.date("date_of_expiry")
    if issued is None or ends is None:
        return
    latest = _THREE_MONTHS.last_day(issued)
    leaves = facts.date("expected_graduation_date")
    if leaves is not None and latest is not None:
        latest = min(latest, date(school_year(leaves) + 1, 3, 31))
    if latest is not None and ends > latest:
        text = Text(
            "有効期限が、発行から3か月または在籍の終わりを過ぎています。",
            "It is valid longer than three months from issue, or than the enrolment.",
        )
        yield Finding("/date_of_expiry", text, _DISCOUNTS)


def discount_correspondence(facts: Facts) -> Iterator[Finding]:
    """Correspondence schools say for which schooling it is, and others do not; it ends five days after."""
    first, last = facts.date("schooling_from"), facts.date("schooling_to")
    if facts.is_absent("course_mode") or facts.claims.get("course_mode") not in (None, _CORRESPONDENCE):
        if first or last:
            text = Text(
                "面接授業の期間は、通信制の課程だけが記載します。",
                "Only correspondence courses state when their schooling is.",
            )
            yield Finding("/schooling_from", text, _DISCOUNTS)
        return
    if facts.claims.get("course_mode") != _CORRESPONDENCE:
        return
    if facts.is_absent("schooling_from") or facts.is_absent("schooling_to"):
        text = Text("面接授業の期間が必要です。", "It has to say when the schooling is.")
        yield Finding("/schooling_from", text, _DISCOUNTS)
        return
    ends = facts.date("date_of_expiry")
    if first and last and first > last:
        text = Text("面接授業の最終日が初日より前です。", "The schooling ends before it begins.")
        yield Finding("/schooling_to", text, _DISCOUNTS)
    elif last and ends and ends > last + _AFTER_SCHOOLING:
        text = Text(
            "有効期限が、面接授業の5日後を過ぎています。",
            "It is valid later than five days after the schooling.",
        )
        yield Finding("/date_of_expiry", text, _DISCOUNTS)
