"""Every page of the issuer in a real browser: ja at 320 and 1280 px, en at 320, each state once."""

from collections.abc import Iterator

import pytest

from tests.browser.checks import assert_accessible, focus_stops, screenshot
from tests.browser.conftest import PageAt
from tests.browser.issuer_site import Site, running_issuer
from tests.issuer.console.routes import pages_of
from tests.issuer.console.shots import NAMES, routes_seen, shot

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
VIEWS = ((320, "ja"), (1280, "ja"), (320, "en"))


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """An issuer with two schools: one at work, and one that has just begun."""
    with running_issuer(tmp_path_factory.mktemp("issuer")) as found:
        yield found


@pytest.mark.parametrize(("width", "language"), VIEWS)
@pytest.mark.parametrize("name", NAMES)
def test_a_page_is_accessible_and_fits(
    site: Site, page_at: PageAt, name: str, width: int, language: str
) -> None:
    page = page_at(width, language)
    site.visit(page, shot(name, site.scenes))
    assert page.evaluate("() => document.documentElement.lang") == language
    assert "Text(" not in page.inner_text("body")
    assert_accessible(page)
    screenshot(page, f"issuer-{name}-{language}-{width}")


@pytest.mark.parametrize("name", ["home-clerk", "issue-learners", "approval", "revoke", "claim-open"])
def test_a_page_can_be_used_by_keyboard(site: Site, page_at: PageAt, name: str) -> None:
    page = page_at(1280, "ja")
    site.visit(page, shot(name, site.scenes))
    page.keyboard.press("Home")
    stops = focus_stops(page)
    assert any("skip-link" in stop for stop in stops)


def test_no_page_is_missing_from_the_list() -> None:
    assert pages_of() <= routes_seen()
