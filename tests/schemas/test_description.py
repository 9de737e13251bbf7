import pytest

from schemas.catalogue import Retention, Validity
from schemas.description import Disclosure, document_page, retention_text, validity_text
from tegata.errors import Text
from tests.schemas.claims import DOCUMENTS, NAMES, definition


@pytest.mark.parametrize("name", NAMES)
def test_every_claim_has_its_row(name: str) -> None:
    document = definition(name)
    rows = {field.path: field for field in document_page(document).fields}
    shown = {path for path in document.labels if path[-1] is not None or path in document.selectable}
    assert set(rows) == shown
    for path, field in rows.items():
        assert field.label == document.labels[path]
        assert field.says.ja
        assert field.says.en
        assert field.mandatory is (path in document.mandatory)


def test_a_field_is_always_shown_chosen_or_comes_along() -> None:
    disclosure = {field.name: field.disclosure for field in document_page(definition("transcript")).fields}
    assert disclosure["school"] is Disclosure.ALWAYS
    assert disclosure["school.name"] is Disclosure.ALWAYS
    assert disclosure["family_name"] is Disclosure.SELECTABLE
    assert disclosure["courses"] is Disclosure.SELECTABLE
    assert disclosure["courses[]"] is Disclosure.SELECTABLE
    assert disclosure["courses[].rating"] is Disclosure.TOGETHER
    assert disclosure["attendance[].absent"] is Disclosure.TOGETHER
    ages = {field.name: field.disclosure for field in document_page(definition("student-id")).fields}
    assert ages["age_equal_or_over.18"] is Disclosure.SELECTABLE
    assert all(kind.text.ja and kind.text.en for kind in Disclosure)


def test_a_field_stands_under_the_one_it_is_in() -> None:
    depth = {field.name: field.depth for field in document_page(definition("transcript")).fields}
    assert (depth["courses"], depth["courses[]"], depth["courses[].course"]) == (0, 1, 2)
    assert (depth["attendance"], depth["attendance[].absent"]) == (0, 1)
    assert (depth["grading_scheme.levels"], depth["grading_scheme.levels[].code"]) == (1, 2)


def test_the_sample_stands_beside_its_field() -> None:
    fields = {field.name: field for field in document_page(definition("transcript")).fields}
    assert fields["family_name"].sample == "青葉"
    assert fields["courses[].course"].sample == "現代の国語"
    assert fields["courses[].rating"].sample == "5"
    assert fields["courses[].viewpoints"].sample == '["A", "A", "A"]'
    assert fields["courses"].sample == ""
    assert fields["middle_name"].sample == ""


def test_a_page_names_its_code_lists_rules_and_what_follows() -> None:
    page = document_page(definition("expected-graduation"))
    assert [codes.name for codes in page.code_lists] == ["course-mode", "grade", "school-kind"]
    assert [rule.label.ja for rule in page.rules] == list(definition("expected-graduation").rules)
    assert all(rule.value.ja and rule.value.en for rule in page.rules)
    followed = [row.value for row in page.facts if row.label.en == "Followed by"]
    assert followed == [Text("卒業証明書", "Certificate of graduation")]


def test_the_signed_names_are_on_the_page() -> None:
    for document in DOCUMENTS:
        values = {row.value.en for row in document_page(document).names}
        signed = {
            document.vct,
            document.vct_integrity,
            document.context_url,
            document.schema_url,
            document.w3c_type,
        }
        assert signed <= values


@pytest.mark.parametrize(
    ("validity", "ja", "en"),
    [
        (Validity("months", 3), "発行から3か月", "3 months from the day of issue"),
        (Validity("months", 1), "発行から1か月", "1 month from the day of issue"),
        (
            Validity("until_end_of_school_year"),
            "発行した年度の3月31日まで",
            "Until 31 March, the end of the school year of issue",
        ),
    ],
)
def test_a_lifetime_is_said_in_words(validity: Validity, ja: str, en: str) -> None:
    assert validity_text(validity) == Text(ja, en)
    assert validity_text(Validity("none")).ja.startswith("期限なし")


def test_a_retention_is_told_with_its_law_where_there_is_one() -> None:
    text = Text("5年間保存します。", "Kept for 5 years.")
    assert retention_text(Retention(5, "規則 第28条", text)).ja == "5年間保存します。（規則 第28条）"
    assert retention_text(Retention(None, "", text)) == text
