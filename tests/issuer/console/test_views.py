"""Claims in words: labels, codes, dates, lists."""

import pytest

from issuer.console.views import paper
from schemas import catalogue, samples
from tegata.errors import Text


@pytest.mark.parametrize("name", [item.name for item in catalogue.load().documents])
def test_every_sample_is_shown_whole_and_in_words(name: str) -> None:
    definition = catalogue.load().get(name)
    shown = paper(definition, samples.load(definition))
    assert shown.title == definition.title
    assert shown.shown + shown.chosen == len(shown.lines) + len(shown.grids)
    for line in shown.lines:
        assert line.value.ja
        assert "{" not in line.value.ja
        assert "_" not in line.label.ja
    for grid in shown.grids:
        assert grid.rows
        assert all(len(row) == len(grid.columns) for row in grid.rows)


def test_dates_codes_and_yes_or_no_are_written_in_both_languages() -> None:
    definition = catalogue.load().get("graduation")
    claims = {"birthdate": "2007-04-14", "course_mode": "full_time", "test": True, "school": {"name": "学校"}}
    lines = [line.value for line in paper(definition, claims).lines]
    assert lines == [
        Text("平成19年4月14日（2007年4月14日）", "14 April 2007"),
        Text("全日制の課程", "Full-time"),
        Text("はい", "Yes"),
        Text("学校", "学校"),
    ]


def test_a_text_that_only_looks_like_a_date_stays_a_text() -> None:
    definition = catalogue.load().get("graduation")
    (line,) = paper(definition, {"diploma_number": "2007-13-41"}).lines
    assert line.value == Text("2007-13-41", "2007-13-41")
