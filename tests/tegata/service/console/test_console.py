"""The console of a service: pages, languages, static files, error pages, and the guards around them."""

import asyncio
import re
from collections.abc import Mapping
from pathlib import Path

import httpx
import pytest
from jinja2 import UndefinedError
from markupsafe import Markup

from tegata.errors import LimitExceeded, Text
from tegata.service.console import Frame, NavigationItem, qr
from tegata.service.console.environment import build
from tegata.service.console.tags import TAGS
from tests.browser import gallery

_ORIGIN = "http://localhost:8000"
_HTML = {"accept": "text/html"}
_KIT = Path(gallery.__file__).parents[2] / "tegata" / "service" / "console"


def _ask(method: str, path: str, headers: Mapping[str, str] = _HTML, **more: object) -> httpx.Response:
    app = gallery.create_app(gallery.settings_for(_ORIGIN, Path()))

    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url=_ORIGIN) as client:
            return await client.request(method, path, headers=dict(headers), **more)  # type: ignore[arg-type]

    return asyncio.run(ask())


def test_a_page_is_guarded_by_its_headers_and_kept_out_of_caches():
    answer = _ask("GET", "/")
    policy = answer.headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "form-action 'self'" in policy
    assert "unsafe" not in policy
    assert answer.headers["referrer-policy"] == "same-origin"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "no-store"


def test_no_page_has_inline_scripts_styles_or_foreign_addresses():
    for path in gallery.PAGES:
        text = _ask("GET", path).text
        assert not re.search(r"<style|\sstyle=|\son\w+=|javascript:", text), path
        assert all("src=" in tag for tag in re.findall(r"<script[^>]*>", text)), path
        assert not re.search(r'(?:src|href)="(?:https?:)?//', text), path


def test_the_language_of_the_address_is_kept_in_a_cookie():
    answer = _ask("GET", "/form?lang=en&page=2")
    assert '<html lang="en">' in answer.text
    assert answer.headers["set-cookie"].startswith("tegata_gallery_lang=en; HttpOnly;")
    assert "SameSite=lax" in answer.headers["set-cookie"]
    assert 'href="/form?page=2&amp;lang=ja"' in answer.text
    assert "set-cookie" not in _ask("GET", "/form").headers


def test_english_pages_mark_japanese_names():
    assert '<span class="name" lang="ja">青葉　はるか</span>' in _ask("GET", "/table?lang=en").text


def test_a_static_file_may_be_kept_for_ever_under_its_digest_only():
    address = re.findall(r'href="(/static/\w+/theme\.css)"', _ask("GET", "/").text)[0]
    answer = _ask("GET", address)
    assert answer.headers["content-type"] == "text/css; charset=utf-8"
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    stale = _ask("GET", re.sub(r"/static/\w+/", "/static/0123456789abcdef/", address))
    assert stale.content == answer.content
    assert stale.headers["cache-control"] == "no-cache"


@pytest.mark.parametrize("name", ["nothing.css", "%2e%2e/console.py", "..%2Fconsole.py", "vendor"])
def test_other_files_are_not_served(name: str):
    assert _ask("GET", f"/static/0123456789abcdef/{name}").status_code == 404


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "null"},
        {"origin": "https://evil.example"},
    ],
)
def test_a_form_from_another_site_is_refused(headers: dict[str, str]):
    answer = _ask("POST", "/form", _HTML | headers, data={"name": "x"})
    assert answer.status_code == 403
    assert "別のサイトから送られた操作" in answer.text
    assert answer.headers["x-reference-number"] in answer.text


@pytest.mark.parametrize(
    "headers", [{"sec-fetch-site": "same-origin"}, {"sec-fetch-site": "none"}, {"origin": _ORIGIN}, {}]
)
def test_a_form_of_our_own_pages_passes(headers: dict[str, str]):
    assert _ask("POST", "/form", _HTML | headers, data={"name": "x"}).status_code == 303


def test_interfaces_for_programs_are_left_alone():
    answer = _ask("POST", "/api/echo", {"sec-fetch-site": "cross-site"}, data={"a": "b"})
    assert answer.status_code == 303


def test_what_is_missing_and_what_is_forbidden_look_the_same():
    missing = _ask("GET", "/missing")
    assert missing.status_code == 404
    assert "ページが見つかりません" in missing.text
    assert "ページが見つかりません" in _ask("GET", "/nowhere").text


def test_a_rule_that_refuses_says_so_in_its_own_words():
    answer = _ask("GET", "/forbidden")
    assert answer.status_code == 403
    assert "自分の依頼は承認できません。" in answer.text


def test_an_unexpected_error_shows_its_reference_number_and_nothing_else():
    answer = _ask("GET", "/crash")
    assert answer.status_code == 500
    number = answer.headers["x-reference-number"]
    assert re.fullmatch(r"[0-9A-Z]{4}-[0-9A-Z]{4}", number)
    assert number in answer.text
    assert "private part" not in answer.text
    assert "content-security-policy" in answer.headers
    assert answer.headers["cache-control"] == "no-store"


def test_a_fragment_gets_an_error_without_the_frame():
    answer = _ask("GET", "/missing", _HTML | {"hx-request": "true"})
    assert "<html" not in answer.text
    assert "ページが見つかりません" in answer.text
    assert "data-focus" in answer.text


def test_a_program_gets_a_problem_document():
    answer = _ask("GET", "/missing", {"accept": "application/json"})
    assert answer.headers["content-type"] == "application/problem+json"


def test_values_are_escaped_and_unknown_names_fail():
    environment = build([_KIT / "templates"], "ja", lambda name: f"/{name}")
    hostile = environment.from_string(
        '{% import "kit.html" as kit %}{{ kit.tag("valid", value) }}{{ kit.link(value, value) }}'
    )
    assert "<b>" not in hostile.render(value='"><b>')
    with pytest.raises(UndefinedError):
        environment.from_string("{{ missing }}").render()
    with pytest.raises(UndefinedError):
        environment.from_string('{% import "kit.html" as kit %}{{ kit.tag("unheard of") }}').render()


def test_every_icon_that_is_named_exists():
    sprite = (_KIT / "static" / "icons.svg").read_text("utf-8")
    known = set(re.findall(r'<symbol id="([\w-]+)"', sprite))
    named = {tag.icon for tag in TAGS.values()}
    for path in (_KIT / "templates").rglob("*.html"):
        named |= set(re.findall(r'icon\("([\w-]+)"', path.read_text("utf-8")))
    assert named <= known


def test_every_state_has_a_word_in_both_languages():
    assert all(tag.text.ja and tag.text.en for tag in TAGS.values())
    looks = [(tag.icon, tag.text.ja) for tag in TAGS.values()]
    assert len(set(looks)) == len(looks)


def test_the_current_entry_is_the_closest_one():
    frame = Frame(
        navigation=(
            NavigationItem("/", Text("ホーム", "Home")),
            NavigationItem("/issue", Text("発行", "Issue")),
            NavigationItem("/issue/approvals", Text("承認", "Approvals")),
        )
    )
    current = [item.path for item in frame.navigation if frame.is_current(item, "/issue/approvals/12")]
    assert current == ["/issue/approvals"]
    assert [item.path for item in frame.navigation if frame.is_current(item, "/issuer")] == []
    assert [item.path for item in frame.navigation if frame.is_current(item, "/")] == ["/"]


def test_a_qr_code_is_black_on_white_with_a_quiet_zone_and_a_name():
    drawn = qr.svg("https://verify.example/c/abc", 'A "name"')
    assert isinstance(drawn, Markup)
    assert 'aria-label="A &#34;name&#34;"' in drawn
    side = int(re.findall(r'viewBox="0 0 (\d+)', drawn)[0])
    starts = [(int(x), int(y)) for x, y in re.findall(r"M(\d+) (\d+)h", drawn.partition('fill="#000"')[2])]
    assert min(x for x, _ in starts) == min(y for _, y in starts) == 4
    assert max(y for _, y in starts) == side - 5
    with pytest.raises(LimitExceeded):
        qr.svg("x" * 1001, "too long")
