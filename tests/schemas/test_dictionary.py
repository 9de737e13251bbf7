import json

import pytest

from schemas import dictionary
from schemas.dictionary import DATA, label
from tegata.errors import NotFound, Text
from tests.schemas.claims import NAMES


def test_a_code_is_shown_by_its_label() -> None:
    assert label("course-mode", "full_time") == Text("全日制の課程", "Full-time")
    assert label("school-kind", "D1") == Text("高等学校", "Upper secondary school")
    assert label("subject-area", "地理歴史").en == "Geography and History"


@pytest.mark.parametrize(
    ("code_list", "code"), [("course-mode", "evening"), ("no-list", "full_time"), ("", "")]
)
def test_an_unknown_code_is_not_found(code_list: str, code: str) -> None:
    with pytest.raises(NotFound):
        label(code_list, code)


def test_codes_stand_once_and_have_both_languages() -> None:
    for found in dictionary.code_lists().values():
        codes = [value.code for value in found.values]
        assert len(codes) == len(set(codes)), found.name
        assert found.title.ja
        assert found.title.en
        assert all(value.label.ja and value.label.en for value in found.values)


@pytest.mark.clause("教育データ標準 学校コード")
def test_the_kinds_of_school_are_those_of_the_school_code() -> None:
    kinds = [value.code for value in dictionary.code_lists()["school-kind"].values]
    assert kinds == ["A1", "A2", "B1", "C1", "C2", "D1", "D2", "E1", "F1", "F2", "G1", "H1", "H2"]


def test_every_claim_of_a_document_is_in_the_dictionary_and_every_one_is_used() -> None:
    found = dictionary.load()
    used = set()
    for name in NAMES:
        document = json.loads((DATA / name / "document.json").read_text("utf-8"))
        used |= {document["definitions"].get(claim, claim) for claim in document["claims"]}
        assert set(document["definitions"]) <= set(document["claims"])
        assert set(document["narrowed"]) <= set(document["claims"])
        assert set(document["always_shown"]) <= set(document["claims"])
        assert set(document["hideable"]) <= set(document["always_shown"])
    assert used == set(found.claims)


def test_every_value_type_says_what_it_is_in_both_languages() -> None:
    for value_type in dictionary.load().types.values():
        assert value_type["says"]["ja"]
        assert value_type["says"]["en"]


def test_documents_name_kinds_and_facts_that_there_are() -> None:
    for name in NAMES:
        document = json.loads((DATA / name / "document.json").read_text("utf-8"))
        for kind in document["school_kinds"]:
            assert label("school-kind", kind).ja
        for fact in document["required_facts"]:
            assert label("fact", fact).ja
