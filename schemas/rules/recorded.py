"""Rules of documents that certify one recorded thing: an achievement, membership in the mutual aid, a lapsed record."""

from collections.abc import Iterator
from datetime import date

from schemas.rules.facts import Facts, Finding
from tegata.errors import Text

_AID = "独立行政法人日本スポーツ振興センター法施行令 第6条"


def achievement_issued_after(facts: Facts) -> Iterator[Finding]:
    """An achievement is certified once it is there."""
    achieved, issued = facts.date("achieved_on"), facts.date("date_of_issuance")
    if achieved and issued and issued < achieved:
        text = Text("発行年月日が、達成した日より前です。", "It was issued before the achievement.")
        yield Finding("/date_of_issuance", text)


def aid_cover(facts: Facts) -> Iterator[Finding]:
    """Cover begins within the school year; members have it, others do not."""
    is_member, begins = facts.claims.get("aid_member"), facts.date("aid_cover_start")
    if is_member is True and facts.is_absent("aid_cover_start"):
        text = Text("補償の開始日が必要です。", "It has to say when cover begins.")
        yield Finding("/aid_cover_start", text, _AID)
    if begins is None:
        return
    year = facts.claims.get("school_year")
    if is_member is False or (year is not None and not date(year, 4, 1) <= begins <= date(year + 1, 3, 31)):
        text = Text(
            "補償の開始日が、加入の状況または年度と合いません。",
            "The day on which cover begins does not fit the membership or the school year.",
        )
        yield Finding("/aid_cover_start", text, _AID)


def not_issued_after_retention(facts: Facts) -> Iterator[Finding]:
    """Who says that a record is no longer kept says by which law and until when, and that day is past."""
    issued = facts.date("date_of_issuance")
    for index, item in enumerate(facts.items("not_issued")):
        if item["reason"] != "retention_lapsed":
            continue
        if "law" not in item or "kept_until" not in item:
            text = Text("根拠と、保存期間の最終日が必要です。", "It has to say the law and until when.")
            yield Finding(f"/not_issued/{index}", text)
        elif issued and date.fromisoformat(item["kept_until"]) >= issued:
            text = Text("記録の保存期間が終わっていません。", "The record is still kept.")
            yield Finding(f"/not_issued/{index}/kept_until", text, item["law"])
