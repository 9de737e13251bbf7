"""Pages made from code are those of the code as it is."""

from pathlib import Path

import pytest

from tegata.service.settings import ServiceSettings
from tests.docs.markdown import with_generated
from tests.docs.pages import PARTS, WHOLE, made
from tests.docs.settings_page import SERVICES
from tests.docs.settings_texts import MEANINGS

DOCS = Path(__file__).parent.parent.parent / "docs"


@pytest.mark.parametrize("name", sorted([*WHOLE, *PARTS]))
def test_a_page_made_from_code_is_current(name: str) -> None:
    assert (DOCS / name).read_text("utf-8") == made(DOCS)[name], "make docs"


def test_every_setting_has_a_meaning_and_no_meaning_is_left_over() -> None:
    fields = {name for _, service in SERVICES for name in service.model_fields} | set(
        ServiceSettings.model_fields
    )
    assert set(MEANINGS) == fields


def test_a_page_without_a_generated_part_is_told() -> None:
    with pytest.raises(AssertionError, match="no generated part"):
        with_generated("# A page\n", "a table")
