from pathlib import Path

import pytest

from schemas import pages
from tests.schemas.claims import DOCUMENTS, NAMES, definition

FOLDER = Path(__file__).parents[2] / "docs" / "reference" / "documents"


def test_the_pages_in_the_documentation_follow_the_data() -> None:
    found = {path.name: path.read_text("utf-8") for path in FOLDER.glob("*.md")}
    assert found == pages.pages(), "run python -m schemas.pages docs/reference/documents"


def test_pages_are_written_into_the_folder_that_is_named(tmp_path: Path) -> None:
    assert pages.main([str(tmp_path / "new" / "folder")]) == 0
    assert {path.stem for path in (tmp_path / "new" / "folder").iterdir()} == {"README", *NAMES}


@pytest.mark.parametrize("arguments", [[], ["one", "two"]])
def test_without_one_folder_nothing_is_written(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert pages.main(arguments) == 2
    assert "usage" in capsys.readouterr().err


@pytest.mark.parametrize("name", NAMES)
def test_a_page_says_in_both_languages_what_the_document_carries(name: str) -> None:
    document = definition(name)
    page = pages.markdown(pages.document_page(document))
    for text in (document.title, document.description, *document.labels.values()):
        if text in [document.labels[path] for path in document.labels if path[-1] is None]:
            continue
        assert text.ja in page
        assert text.en in page
    for item in document.never:
        assert item.reason.ja in page
        assert item.reason.en in page
    assert document.retention.law in page


def test_tables_have_as_many_cells_as_columns() -> None:
    for document in DOCUMENTS:
        tables = [
            line for line in pages.markdown(pages.document_page(document)).splitlines() if line[:2] == "| "
        ]
        assert {line.replace("\\|", "").count("|") for line in tables} == {7}


def test_a_long_list_is_shortened_in_the_example() -> None:
    page = pages.markdown(pages.document_page(definition("transcript")))
    example = page.split("```json")[1]
    assert example.count('"subject_area"') == 4  # two courses, two averages
