"""The list of issuers, and the search in it."""

from dataclasses import replace
from datetime import timedelta

from tests.issuer.console.visitor import words_of
from tests.verifier.console.conftest import Desk
from verifier.console.trust import matches


def test_the_list_shows_its_age_and_what_each_may_issue(desk: Desk) -> None:
    words = words_of(desk.staff.open("/trust"))
    assert "第1版" in words
    assert "最新" in words
    assert "D100299999903" in words
    assert "卒業証明書・卒業見込証明書" in words
    assert "発行できます" in words
    assert "見本" in words


def test_a_search_folds_width_and_case_and_wants_every_word() -> None:
    from datetime import UTC, datetime  # noqa: PLC0415  same

    from tests.simulators.issuer import Scheme, School  # noqa: PLC0415  beside its only use

    school = School.enrol(Scheme.start(datetime.now(UTC)), "https://issuer.example/s/abc", datetime.now(UTC))
    found = school.trusted()
    assert matches(found, "")
    assert matches(found, "ｍｉｒａｉｄａｉ 例示県")
    assert matches(found, "d100299999903")
    assert not matches(found, "みらい台 別の県")


def test_a_closed_school_an_ended_right_and_an_old_list_are_told(desk: Desk) -> None:
    now = desk.world.now()
    right = desk.world.school.trusted().rights[0]
    ended = (replace(right, valid_until=now - timedelta(hours=1)), replace(right, document_type="urn:other"))
    desk.world.load_trust_list(2, rights=ended, closed_on="2026-03-31", establisher="")
    words = words_of(desk.staff.open("/trust"))
    assert "第2版" in words
    assert "閉校" in words
    assert "urn:other" in words
    assert "記録なし" in words
    desk.world.load_trust_list(3)
    assert "条件に合う機関はありません" in desk.staff.open("/trust?q=ない")
