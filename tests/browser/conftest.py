"""Chromium for tests: `browser`, and `page_at(width, language)` which opens pages in it.

Checks on a page are functions of `tests.browser.checks` (`assert_accessible`, `focus_stops`, `screenshot`), servers
come from `tests.browser.servers`. Mark such tests `@pytest.mark.browser` and `@pytest.mark.xdist_group("browser")`.

The browser lives as long as this package's tests: while Playwright's synchronous interface is open, the thread
counts as running an event loop, and `asyncio.run` in a test of another package would fail.
"""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Request, sync_playwright

from tests.browser import gallery
from tests.browser.servers import serving

ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
LOCALES = {"ja": "ja-JP", "en": "en-GB"}
_OWN_HOSTS = {"localhost", "127.0.0.1", None}

PageAt = Callable[..., Page]


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Debian's Chromium."""
    executable = shutil.which("chromium")
    if executable is None:
        pytest.skip("Chromium is not installed")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=executable, args=list(ARGUMENTS))
        yield chromium
        chromium.close()


@pytest.fixture
def page_at(browser: Browser) -> Iterator[PageAt]:
    """A function (width, language="ja", **context options) that opens an empty page of its own session.

    Afterwards it is asserted that no page broke the content security policy, threw, or asked another host.
    """
    contexts: list[BrowserContext] = []
    faults: list[str] = []

    def watch_request(request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme in {"http", "https", "ws", "wss"} and parts.hostname not in _OWN_HOSTS:
            faults.append(f"asked another host: {request.url}")

    def open_page(width: int = 1280, language: str = "ja", **options: Any) -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": 900 if width >= 768 else 720},
            locale=LOCALES[language],
            timezone_id="Asia/Tokyo",
            **options,
        )
        context.set_default_timeout(15_000)
        contexts.append(context)
        page = context.new_page()
        page.on("request", watch_request)
        page.on("pageerror", lambda error: faults.append(f"threw: {error}"))
        page.on(
            "console",
            lambda message: (
                faults.append(message.text) if "Content Security Policy" in message.text else None
            ),
        )
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert faults == []


@pytest.fixture(scope="package")
def gallery_origin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The origin of the running gallery."""
    folder: Path = tmp_path_factory.mktemp("gallery")
    with serving(lambda origin: gallery.create_app(gallery.settings_for(origin, folder))) as origin:
        yield origin
