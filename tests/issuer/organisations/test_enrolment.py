"""Profiles of organisations: what is read, and every reason to refuse one."""

from datetime import date
from typing import Any

import pytest

from issuer.organisations.enrolment import parse
from issuer.organisations.errors import EnrolmentRefused
from tegata.identity.individual_number import IndividualNumberRefused
from tegata.identity.organisation import CodeRefused
from tests.issuer.installation import profile, university


def test_a_whole_profile_is_read() -> None:
    found = parse(profile(), allow_test=True)
    assert found.legal_person.corporate_number == "7000020009997"
    assert found.legal_person.is_test
    assert found.board is not None
    assert found.board.board_code == "009990"
    assert (found.school.code, found.school.kind) == ("D100299999903", "D1")
    assert not found.school.is_code_doubtful
    assert found.school.heads[0].valid_from == date(2024, 4, 1)
    assert found.school.heads[0].valid_until is None


def test_a_school_corporation_has_no_board_and_no_local_government_code() -> None:
    found = parse(university(), allow_test=True)
    assert found.board is None
    assert found.legal_person.local_government_code == ""


def test_the_local_government_code_comes_from_the_corporate_number() -> None:
    found = parse(profile(legalPerson__localGovernmentCode=...), allow_test=True)
    assert found.legal_person.local_government_code == "009997"


def test_full_width_codes_are_folded() -> None:
    found = parse(profile(school__schoolCode="Ｄ１００２９９９９９９０３"), allow_test=True)
    assert found.school.code == "D100299999903"


def test_a_wrong_check_digit_of_a_school_code_is_marked_only() -> None:
    assert parse(profile(school__schoolCode="D100299999904"), allow_test=True).school.is_code_doubtful


def test_a_hidden_name_is_asked_for_by_the_profile() -> None:
    assert parse(profile(school__nameHidden=True), allow_test=True).school.is_name_hidden


@pytest.mark.parametrize(
    "content",
    [
        None,
        [],
        {},
        profile(legalPerson=None),
        profile(school=None),
        profile(school="x"),
        profile(authority="x"),
        profile(school__name=...),
        profile(school__name=""),
        profile(school__name="  "),
        profile(school__name=5),
        profile(school__name="あ" * 201),
        profile(school__name="高校\n"),
        profile(school__name="高\u202e校"),
        profile(school__principals={}),
        profile(school__principals=["x"]),
        profile(school__principals=[{"title": "校長"}]),
        profile(school__principals=[{"title": "校長", "name": "東雲", "from": "2024-4-1"}]),
        profile(school__principals=[{"title": "校長", "name": "東雲", "from": 2024}]),
        profile(
            school__principals=[{"title": "校長", "name": "東", "from": "2024-04-01", "until": "2024-03-31"}]
        ),
        profile(school__principals=[{"title": "校長", "name": "東雲"}] * 101),
        profile(school__kind="F1"),
        profile(school__establishment="3"),
        profile(school__schoolCode="D100399999908", school__establishment="3"),
        profile(legalPerson__kind="kingdom"),
        profile(legalPerson__localGovernmentCode="131016"),
        {**profile(), "test": False},
        {key: value for key, value in profile().items() if key != "test"},
        profile(authority__boardCode="130001"),
    ],
)
def test_an_incomplete_or_contradictory_profile_is_refused(content: Any) -> None:
    with pytest.raises(EnrolmentRefused) as refused:
        parse(content, allow_test=True)
    assert refused.value.public.ja
    assert refused.value.pointer


def test_test_codes_are_refused_where_they_are_not_switched_on() -> None:
    with pytest.raises(CodeRefused) as refused:
        parse(profile(), allow_test=False)
    assert "試験" in refused.value.public.ja


def test_a_wrong_check_digit_of_a_corporate_number_is_refused() -> None:
    with pytest.raises(CodeRefused):
        parse(profile(legalPerson__corporateNumber="8000020009997"), allow_test=True)


@pytest.mark.clause("番号利用法 第20条")
def test_a_profile_with_an_individual_number_is_refused() -> None:
    with pytest.raises(IndividualNumberRefused):
        parse(profile(school__address="マイナンバー 123456789018"), allow_test=True)
