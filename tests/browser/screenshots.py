"""The pictures in docs/, taken from the running product: `python -m tests.browser.screenshots docs/explanation/screenshots`.

Not a test: what pages have to hold is asserted in `test_issuer_pages`. All people and schools in the pictures are
invented, and so marked.
"""

import logging
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.conftest import ARGUMENTS, LOCALES
from tests.browser.issuer_site import running_issuer
from tests.browser.university_site import answered_requests
from tests.issuer.console.shots import shot

PHONE, DESKTOP = 390, 1280
_HEIGHTS = {PHONE: 844, DESKTOP: 860}


@dataclass(frozen=True)
class Picture:
    """One picture: the page's name among the issuer's shots, width in pixels, language."""

    page: str
    width: int
    language: str

    @property
    def file(self) -> str:
        """Its file name."""
        return f"{self.page}-{self.width}-{self.language}.png"


PICTURES = (
    Picture("home-clerk", DESKTOP, "ja"),
    Picture("import-check", DESKTOP, "ja"),
    Picture("issue-learners", DESKTOP, "ja"),
    Picture("batch-check", DESKTOP, "en"),
    Picture("approval", DESKTOP, "ja"),
    Picture("approval", PHONE, "en"),
    Picture("batch-sealed", DESKTOP, "ja"),
    Picture("document", DESKTOP, "en"),
    Picture("revoke", PHONE, "ja"),
    Picture("claim-open", PHONE, "ja"),
    Picture("claim-open", PHONE, "en"),
    Picture("document-type", PHONE, "ja"),
)
#: The verifier's, from the demo's university after it was answered twice.
ANSWERED = (
    Picture("verifier-new", DESKTOP, "ja"),
    Picture("verifier-report", DESKTOP, "ja"),
    Picture("verifier-report", PHONE, "en"),
)


def take(folder: Path) -> None:
    """Take every picture; pictures that are no longer in the list are removed."""
    logging.disable(logging.INFO)
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.png"):
        old.unlink()
    with (
        tempfile.TemporaryDirectory() as data,
        running_issuer(Path(data)) as site,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=list(ARGUMENTS))
        for picture in PICTURES:
            with _page(browser, picture, folder) as page:
                site.visit(page, shot(picture.page, site.scenes))
        with answered_requests(Path(data) / "demo") as university:
            for picture in ANSWERED:
                with _page(browser, picture, folder) as page:
                    university.visit(page, picture.page)
        browser.close()


@contextmanager
def _page(browser: Browser, picture: Picture, folder: Path) -> Iterator[Page]:
    """Open a page, and take the picture of what is on it at the end."""
    context = browser.new_context(
        viewport={"width": picture.width, "height": _HEIGHTS[picture.width]},
        locale=LOCALES[picture.language],
        timezone_id="Asia/Tokyo",
    )
    page = context.new_page()
    yield page
    page.screenshot(path=folder / picture.file, animations="disabled")
    context.close()


if __name__ == "__main__":
    take(Path(sys.argv[1]))
