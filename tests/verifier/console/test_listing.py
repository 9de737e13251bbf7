"""The first page and the list of requests: counts, filters, pages."""

import re

from tests.issuer.console.visitor import words_of
from tests.verifier.console.conftest import Desk
from verifier.console import store
from verifier.console.store import STANDINGS, Filter


def rows_of(page: str) -> list[str]:
    return re.findall(r'<tr><th scope="row"[^>]*>([^<]*)', page)


def test_the_first_page_says_what_needs_a_person(desk: Desk) -> None:
    words = words_of(desk.staff.open("/"))
    assert "判定できなかった提示が1件あります" in words
    assert "依頼と結果、1件" in words
    assert "A-0013" in words


def test_each_state_is_a_filter_and_its_count_is_true(desk: Desk) -> None:
    with desk.world.verifier.database.reading() as connection:
        counts = store.counts(connection, desk.world.tenant_id, desk.world.now())
    assert counts["undecided"] == 1
    assert counts["invalid"] == 2
    assert counts["declined"] == 2
    assert counts["answered"] == 1
    assert counts["expired"] >= 1
    for standing in STANDINGS:
        assert len(rows_of(desk.staff.open(f"/requests?state={standing}"))) == counts[standing], standing


def test_requests_are_found_by_template_and_reference(desk: Desk) -> None:
    assert rows_of(desk.staff.open("/requests?template=admissions")) == ["A-0009"]
    assert rows_of(desk.staff.open("/requests?q=0011")) == ["A-0011"]
    assert "条件に合う依頼はありません" in desk.staff.open("/requests?q=%25")
    assert len(rows_of(desk.staff.open("/requests?state=unknown"))) > 10


def test_pages_are_cut_to_what_exists(desk: Desk) -> None:
    assert rows_of(desk.staff.open("/requests?page=99&size=7"))
    with desk.world.verifier.database.reading() as connection:
        first, total = store.lines(connection, desk.world.tenant_id, Filter(), desk.world.now(), 0, 3)
        second, _ = store.lines(connection, desk.world.tenant_id, Filter(), desk.world.now(), 3, 3)
    assert total > 6
    assert len({line.id for line in (*first, *second)}) == 6


def test_another_organisation_sees_none_of_it(desk: Desk) -> None:
    assert "依頼はまだありません" in desk.stranger.open("/requests")
    assert "依頼はまだありません" in desk.stranger.open("/")
    assert "APIキーはまだありません" in desk.stranger.open("/keys")
