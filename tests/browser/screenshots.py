"""The pictures in docs/, taken from the running product: `python -m tests.browser.screenshots docs/explanation/screenshots`.

Not a test: what pages have to hold is asserted in `test_issuer_pages`. All people and schools in the pictures are
invented, and so marked.
"""

import logging
import shutil
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from tests.browser.conftest import ARGUMENTS, LOCALES
from tests.browser.issuer_site import Site, running_issuer
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
            _take(browser, site, picture, folder / picture.file)
        browser.close()


def _take(browser: Browser, site: Site, picture: Picture, path: Path) -> None:
    context = browser.new_context(
        viewport={"width": picture.width, "height": _HEIGHTS[picture.width]},
        locale=LOCALES[picture.language],
        timezone_id="Asia/Tokyo",
    )
    page = context.new_page()
    site.visit(page, shot(picture.page, site.scenes))
    page.screenshot(path=path, animations="disabled")
    context.close()


if __name__ == "__main__":
    take(Path(sys.argv[1]))
