"""Every page of the gallery in a real browser: WCAG 2.2 AA by axe, widths, keyboard, forced colours, no scripts."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser import gallery
from tests.browser.checks import (
    assert_accessible,
    assert_no_sideways_scroll,
    axe_violations,
    focus_stops,
    screenshot,
)
from tests.browser.conftest import PageAt

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

_VIEWS = ((320, "ja"), (1280, "ja"), (320, "en"))


def _is_focused(page: Page, selector: str) -> bool:
    return bool(page.evaluate("selector => document.activeElement.matches(selector)", selector))


@pytest.mark.clause("WCAG 2.2 AA")
@pytest.mark.parametrize(("width", "language"), _VIEWS)
def test_every_component_is_accessible(page_at: PageAt, gallery_origin: str, width: int, language: str):
    page = page_at(width, language)
    for path, status in gallery.PAGES.items():
        answer = page.goto(gallery_origin + path)
        assert answer is not None
        assert answer.status == status, path
        assert page.evaluate("() => document.documentElement.lang") == language
        screenshot(page, f"kit-{path.strip('/') or 'home'}-{width}-{language}")
        assert_accessible(page)


@pytest.mark.clause("WCAG 2.4.1", "WCAG 2.4.7")
@pytest.mark.parametrize("width", [320, 1280])
def test_the_keyboard_reaches_everything_visibly_and_the_skip_link_first(
    page_at: PageAt, gallery_origin: str, width: int
):
    page = page_at(width)
    for path in ("/form-errors", "/table", "/content", "/buttons"):
        page.goto(gallery_origin + path)
        page.evaluate("() => { document.activeElement.blur(); window.getSelection().removeAllRanges(); }")
        page.reload()
        page.evaluate("() => document.activeElement.blur()")
        stops = focus_stops(page)
        assert len(stops) > 5, path
    page.goto(gallery_origin + "/form")
    page.keyboard.press("Tab")
    assert _is_focused(page, ".skip-link")
    box = page.locator(".skip-link").bounding_box()
    assert box is not None
    assert box["y"] >= 0
    page.keyboard.press("Enter")
    assert _is_focused(page, "main")


@pytest.mark.clause("WCAG 1.4.10", "WCAG 1.4.12", "WCAG 1.4.4")
def test_larger_text_and_wider_spacing_lose_nothing(page_at: PageAt, gallery_origin: str):
    page = page_at(480)
    for path in gallery.PAGES:
        page.goto(gallery_origin + path)
        # A style sheet of the reader's own, which no policy of the page forbids.
        page.evaluate(
            """() => {
              const sheet = new CSSStyleSheet();
              sheet.replaceSync('html{font-size:24px!important} *{letter-spacing:.12em!important;'
                + 'word-spacing:.16em!important;line-height:1.5!important} p{margin-bottom:2em!important}');
              document.adoptedStyleSheets.push(sheet);
            }"""
        )
        assert_no_sideways_scroll(page)


def test_forced_colours_keep_borders_and_icons(page_at: PageAt, gallery_origin: str):
    page = page_at(1280, forced_colors="active")
    page.goto(gallery_origin + "/states")
    screenshot(page, "kit-states-forced-colours")
    widths = page.evaluate(
        "() => [...document.querySelectorAll('.tag')].map(tag => parseFloat(getComputedStyle(tag).borderTopWidth))"
    )
    assert len(widths) > 20
    assert min(widths) >= 1
    assert page.evaluate(
        "() => [...document.querySelectorAll('.tag svg')].every(icon => icon.checkVisibility())"
    )


def test_states_differ_without_colour(page_at: PageAt, gallery_origin: str):
    page = page_at(320)
    page.goto(gallery_origin + "/states")
    session = page.context.new_cdp_session(page)
    for kind in ("protanopia", "deuteranopia", "tritanopia", "achromatopsia"):
        session.send("Emulation.setEmulatedVisionDeficiency", {"type": kind})
        screenshot(page, f"kit-states-{kind}")
    pairs = page.evaluate(
        "() => [...document.querySelectorAll('.tag')].map(tag => tag.querySelector('use').getAttribute('href') + tag.textContent)"
    )
    assert len(set(pairs)) == len(pairs)


def test_the_error_summary_takes_the_focus_and_leads_to_the_field(page_at: PageAt, gallery_origin: str):
    page = page_at(320)
    page.goto(gallery_origin + "/form-errors")
    assert _is_focused(page, ".error-summary")
    assert page.title().startswith("エラー: ")
    page.get_by_role("alert").get_by_role("link", name="日付として読めません").click()
    assert _is_focused(page, "#field-birthdate")
    assert page.locator("#field-birthdate").get_attribute("aria-invalid") == "true"
    assert page.locator("#field-birthdate").input_value() == "2008/13/04"


def test_a_refused_form_comes_back_with_what_was_typed(page_at: PageAt, gallery_origin: str):
    page = page_at(1280)
    page.goto(gallery_origin + "/form")
    page.get_by_label("氏名").fill("  ")
    page.get_by_label("連絡事項").fill("窓口で渡す")
    page.get_by_role("button", name="内容を確認する").click()
    expect(page.get_by_role("heading", name="入力内容に1件の誤りがあります")).to_be_visible()
    assert page.get_by_label("連絡事項").input_value() == "窓口で渡す"
    assert page.get_by_label("卒業証明書").is_checked()


def test_forms_work_without_scripts(page_at: PageAt, gallery_origin: str):
    page = page_at(320, java_script_enabled=False)
    page.goto(gallery_origin + "/form")
    expect(page.get_by_role("link", name="名簿", exact=True)).to_be_visible()
    page.get_by_label("氏名").fill("青葉　みなと")
    page.get_by_role("button", name="内容を確認する").click()
    page.wait_for_url("**/content")
    page.get_by_role("link", name="English").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("AOBA Haruka")
    page.goto(gallery_origin + "/buttons")
    expect(page.get_by_role("heading", level=1)).to_have_text("Buttons and links")
    page.get_by_role("link", name="Revoke…").click()
    page.wait_for_url("**/content")


def test_a_change_of_language_keeps_what_was_typed(page_at: PageAt, gallery_origin: str):
    page = page_at(1280)
    page.goto(gallery_origin + "/form")
    page.get_by_label("氏名").fill("髙橋　﨑子")
    page.get_by_label("成績証明書").check()
    page.get_by_role("link", name="English").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("What to issue, and to whom?")
    assert page.get_by_label("Name").input_value() == "髙橋　﨑子"
    assert page.get_by_label("Transcript").is_checked()
    assert page.evaluate("() => document.documentElement.lang") == "en"
    assert _is_focused(page, "[hreflang=en]")
    page.goto(gallery_origin + "/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Home")


def test_a_dialog_takes_the_focus_closes_on_escape_and_gives_it_back(page_at: PageAt, gallery_origin: str):
    page = page_at(320)
    page.goto(gallery_origin + "/buttons")
    page.get_by_role("link", name="失効させる…").click()
    dialog = page.get_by_role("dialog", name="この証明書を失効させますか")
    expect(dialog).to_be_visible()
    assert _is_focused(page, "dialog h2")
    assert axe_violations(page) == []
    screenshot(page, "kit-dialog-320-ja")
    for _ in range(8):
        page.keyboard.press("Tab")
        assert page.evaluate(
            "() => document.activeElement === document.body || !!document.activeElement.closest('dialog')"
        )
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    assert _is_focused(page, "[data-dialog=revoke]")
    page.keyboard.press("Enter")
    page.get_by_role("dialog").get_by_role("link", name="やめる").click()
    expect(dialog).to_be_hidden()


def test_progress_ends_by_itself_and_is_spoken(page_at: PageAt, gallery_origin: str):
    page = page_at(320)
    page.goto(gallery_origin + "/progress")
    expect(page.locator("#status")).to_have_text("312件中 128件（41%）")
    expect(page.locator("#status")).to_have_text("312件中 312件（100%）")
    assert page.locator("#batch").get_attribute("hx-get") is None
    assert axe_violations(page) == []


def test_progress_says_when_it_cannot_be_updated(page_at: PageAt, gallery_origin: str):
    page = page_at(320)
    page.route("**/progress/part", lambda route: route.abort())
    page.goto(gallery_origin + "/progress")
    expect(page.get_by_text("表示が更新できません。処理は続いています")).to_be_visible(timeout=15_000)


def test_rows_are_counted_and_selected_together(page_at: PageAt, gallery_origin: str):
    page = page_at(1280)
    page.goto(gallery_origin + "/table")
    expect(page.locator("[data-selection-count]")).to_have_text("1件を選択中")
    page.get_by_label("この画面の6件を選択").check()
    expect(page.locator("[data-selection-count]")).to_have_text("6件を選択中")
    page.get_by_label("青葉　はるか").uncheck()
    expect(page.locator("[data-selection-count]")).to_have_text("5件を選択中")
    assert page.get_by_label("この画面の6件を選択").evaluate("box => box.indeterminate")


def test_a_sorted_column_says_so(page_at: PageAt, gallery_origin: str):
    page = page_at(1280)
    page.goto(gallery_origin + "/table?size=50&page=3")
    page.get_by_role("link", name="氏名・フリガナ、昇順").click()
    expect(page.get_by_role("columnheader", name="氏名・フリガナ、降順")).to_have_attribute(
        "aria-sort", "descending"
    )
    assert page.url.endswith("/table?size=50&sort=-kana")


def test_the_menu_of_a_phone_opens_by_its_button(page_at: PageAt, gallery_origin: str):
    page = page_at(320)
    page.goto(gallery_origin + "/")
    entry = page.get_by_role("link", name="承認、2件")
    expect(entry).to_be_hidden()
    page.get_by_role("button", name="メニュー").click()
    expect(entry).to_be_visible()
    assert page.get_by_role("button", name="メニュー").get_attribute("aria-expanded") == "true"
    assert_accessible(page)
    screenshot(page, "kit-menu-320-ja")


def test_a_chosen_file_is_named_and_can_be_let_go(page_at: PageAt, gallery_origin: str):
    page = page_at(320)
    page.goto(gallery_origin + "/form")
    page.get_by_label("名簿のファイル").set_input_files(
        {"name": "名簿.csv", "mimeType": "text/csv", "buffer": b"a,b\n" * 600}
    )
    expect(page.get_by_text("名簿.csv (2 KB) を選択しました")).to_be_visible()
    assert axe_violations(page) == []
    page.get_by_role("button", name="選択を解除する").click()
    expect(page.get_by_text("名簿.csv (2 KB) を選択しました")).to_be_hidden()


def test_a_code_can_be_copied(page_at: PageAt, gallery_origin: str):
    page = page_at(1280, permissions=["clipboard-read", "clipboard-write"])
    page.goto(gallery_origin + "/buttons")
    page.get_by_role("button", name="コードをコピー").click()
    expect(page.get_by_role("button", name="コピーしました")).to_be_visible()
    assert page.evaluate("() => navigator.clipboard.readText()") == "TG4K7Q2M9XDE"


def test_the_persons_menu_signs_out_and_closes_on_escape(page_at: PageAt, gallery_origin: str):
    page = page_at(320)
    page.goto(gallery_origin + "/form")
    page.locator(".user-menu summary").click()
    assert_accessible(page)
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="サインアウトする")).to_be_hidden()
    page.locator(".user-menu summary").click()
    page.get_by_role("button", name="サインアウトする").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("ホーム")


def test_printing_leaves_the_content(page_at: PageAt, gallery_origin: str):
    page = page_at(794)
    page.goto(gallery_origin + "/report")
    page.emulate_media(media="print")
    expect(page.get_by_text("有効です", exact=True)).to_be_visible()
    expect(page.locator(".navigation")).to_be_hidden()
    expect(page.locator(".site-footer")).to_be_hidden()
    screenshot(page, "kit-report-print")
