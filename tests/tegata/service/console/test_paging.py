"""Pages and sorting come from the query string, which anybody may write."""

import pytest

from tegata.service.console.paging import Pagination, Sort


def test_a_page_knows_its_rows():
    page = Pagination.read({"page": "2", "size": "50"}, 312)
    assert (page.offset, page.first, page.last, page.pages) == (50, 51, 100, 7)
    assert Pagination.read({"page": "7"}, 312).last == 312


@pytest.mark.parametrize("value", ["", "0", "-1", "x", "1.5", "²", "99999999999999999999"])
def test_what_is_no_page_becomes_the_first(value: str):
    assert Pagination.read({"page": value}, 312).page == 1


def test_a_page_beyond_the_end_becomes_the_last():
    assert Pagination.read({"page": "900"}, 312).page == 7


def test_only_the_offered_sizes_are_taken():
    assert Pagination.read({"size": "200"}, 312).size == 200
    assert Pagination.read({"size": "100000"}, 312).size == 50


def test_nothing_to_show_is_one_empty_page():
    page = Pagination.read({}, 0)
    assert (page.page, page.pages, page.first, page.last, page.window) == (1, 1, 0, 0, (1,))


@pytest.mark.parametrize(
    ("page", "window"),
    [(1, (1, 2, 0, 7)), (3, (1, 2, 3, 4, 0, 7)), (4, (1, 2, 3, 4, 5, 6, 7)), (7, (1, 0, 6, 7))],
)
def test_the_links_are_the_ends_and_the_neighbours(page: int, window: tuple[int, ...]):
    assert Pagination(page, 50, 312).window == window


def test_sorting_reads_known_columns_only():
    assert Sort.read({"sort": "-kana"}, ("kana", "number")) == Sort("kana", is_descending=True)
    assert Sort.read({"sort": "password"}, ("kana", "number")) == Sort("kana")


def test_a_heading_turns_its_own_order_around():
    up = Sort("kana")
    assert (up.toggled("kana"), up.toggled("number"), up.aria("kana"), up.aria("number")) == (
        "-kana",
        "number",
        "ascending",
        "none",
    )
    assert Sort("kana", is_descending=True).toggled("kana") == "kana"
    assert Sort("kana", is_descending=True).aria("kana") == "descending"
