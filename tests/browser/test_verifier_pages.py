"""Every page of the verifier in a real browser: ja at 320 and 1280 px, en at 320, each state once."""

import threading
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.browser.checks import assert_accessible, focus_stops, screenshot
from tests.browser.conftest import PageAt
from tests.browser.verifier_site import Site, running_verifier
from tests.verifier.console.routes import pages_of
from tests.verifier.console.scenes import answer, ask, held
from tests.verifier.console.shots import NAMES, routes_seen, shot

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
VIEWS = ((320, "ja"), (1280, "ja"), (320, "en"))


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A verifier with an organisation at work, and one that has just begun."""
    with running_verifier(tmp_path_factory.mktemp("verifier")) as found:
        yield found


@pytest.mark.parametrize(("width", "language"), VIEWS)
@pytest.mark.parametrize("name", NAMES)
def test_a_page_is_accessible_and_fits(
    site: Site, page_at: PageAt, name: str, width: int, language: str
) -> None:
    page = page_at(width, language)
    site.visit(page, shot(name, site.scenes))
    assert page.evaluate("() => document.documentElement.lang") == language
    assert_accessible(page)
    screenshot(page, f"verifier-{name}-{language}-{width}")


@pytest.mark.parametrize(("width", "language"), VIEWS)
def test_who_answered_on_this_device_is_thanked_and_sees_no_result(
    site: Site, page_at: PageAt, width: int, language: str
) -> None:
    page = page_at(width, language)
    answered = page.goto(site.start_here(page))
    assert answered is not None
    assert answered.status == 200
    assert_accessible(page)
    text = page.inner_text("body")
    assert "青葉" not in text
    assert "有効" not in text
    assert "valid" not in text.lower()
    screenshot(page, f"verifier-returned-{language}-{width}")


@pytest.mark.parametrize("name", ["home", "new-items", "live", "valid", "undecided", "ask"])
def test_a_page_can_be_used_by_keyboard(site: Site, page_at: PageAt, name: str) -> None:
    page = page_at(1280, "ja")
    site.visit(page, shot(name, site.scenes))
    page.evaluate("() => document.activeElement.blur()")
    stops = focus_stops(page)
    assert any("skip-link" in stop for stop in stops)


def test_the_result_replaces_the_page_by_itself_and_takes_the_focus(site: Site, page_at: PageAt) -> None:
    world = site.scenes.world
    view = ask(world, site.scenes.staff, "A-9001")
    assert view.links is not None
    page = page_at(1280, "ja")
    site.sign_in(page, "staff")
    page.goto(f"{site.origin}/requests/{view.id}")
    assert page.locator("[aria-current=step]").inner_text().endswith("本人が読み取るのを待っています")
    # The protocol runs on another thread: this one belongs to the browser's event loop.
    wallet = threading.Thread(target=answer, args=(world, view.links.cross_device, held(world)))
    wallet.start()
    wallet.join()
    page.wait_for_selector("#verdict-word")
    assert page.locator("h1").inner_text() == "有効です"
    assert page.evaluate("() => document.activeElement.id") == "verdict-word"
    assert page.title().startswith("検証の結果")


def test_the_steps_follow_the_wallet_without_moving_the_focus(site: Site, page_at: PageAt) -> None:
    world = site.scenes.world
    view = ask(world, site.scenes.staff, "A-9002")
    assert view.links is not None
    page = page_at(1280, "ja")
    site.sign_in(page, "staff")
    page.goto(f"{site.origin}/requests/{view.id}")
    page.get_by_role("button", name="期限を10分延ばす").focus()
    request_uri = parse_qs(urlsplit(view.links.cross_device).query)["request_uri"][0]
    assert page.context.request.get(request_uri).ok
    page.wait_for_function(
        "() => document.querySelector('[aria-current=step]')?.innerText.includes('ウォレットで確認')"
    )
    assert page.evaluate("() => document.activeElement.innerText") == "期限を10分延ばす"
    assert page.locator("#status").inner_text() == "本人がウォレットで確認しています"


def test_a_request_works_without_scripts(site: Site, page_at: PageAt) -> None:
    page = page_at(390, "ja", java_script_enabled=False)
    site.sign_in(page, "staff")
    page.goto(f"{site.origin}/requests/new")
    page.get_by_role("link", name="卒業の確認").click()
    page.get_by_role("button", name="依頼を作る").click()
    assert page.locator("h1").inner_text() == "依頼を本人に見せてください"
    page.get_by_role("link", name="最新の状況を表示する").click()
    assert page.locator("h1").inner_text() == "依頼を本人に見せてください"


def test_no_page_is_missing_from_the_list() -> None:
    assert pages_of() <= routes_seen()
