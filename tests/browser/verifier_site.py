"""A running verifier to look at: an organisation with requests in every state, and one that has just begun."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Page

from tests.verifier.conftest import build_world
from tests.verifier.console.scenes import SESSION, Scenes, build_scenes
from tests.verifier.console.shots import NOBODY, Shot

_FILL_AND_SEND = """fields => {
  const form = [...document.querySelectorAll('main form[method=post]')][0];
  for (const box of form.querySelectorAll('input[type=checkbox], input[type=radio]')) {
    box.checked = fields[box.name] === box.value;
  }
  for (const [name, value] of Object.entries(fields)) {
    const field = form.elements[name];
    if (field && !(field instanceof RadioNodeList) && field.type !== 'checkbox') field.value = value;
  }
  form.submit();
}"""


@dataclass(frozen=True)
class Site:
    """A running verifier: where it is, what is in it, and the session of each person."""

    origin: str
    scenes: Scenes
    cookies: dict[str, str]

    def sign_in(self, page: Page, who: str) -> None:
        """Give the browser somebody's session."""
        self._set_cookie(page, "tegata_verifier_session", self.cookies[who])

    def start_here(self, page: Page) -> str:
        """Make the browser the one that started a request that was answered; returns where it comes back."""
        self._set_cookie(page, "tegata_verifier_start", SESSION)
        return self.scenes.new_return()

    def visit(self, page: Page, wanted: Shot) -> None:
        """Open a page as the person who sees it; where it needs a form, send that from its own page."""
        if wanted.who != NOBODY:
            self.sign_in(page, wanted.who)
        answer = page.goto(self.origin + wanted.path)
        assert answer is not None
        if wanted.form is None:
            assert answer.status == wanted.status, (wanted.name, answer.status)
            return
        with page.expect_navigation() as navigation:
            page.evaluate(_FILL_AND_SEND, wanted.form)
        assert navigation.value is not None
        assert navigation.value.status == wanted.status, (wanted.name, navigation.value.status)

    def _set_cookie(self, page: Page, name: str, value: str) -> None:
        cookie = {"name": name, "value": value, "url": self.origin}
        page.context.add_cookies([cookie])  # type: ignore[list-item]  # a TypedDict in all but name


@contextmanager
def running_verifier(folder: Path) -> Iterator[Site]:
    """Serve a verifier with two organisations."""
    with ExitStack() as stack:
        world = build_world(stack, folder)
        scenes = build_scenes(world)
        cookies = {"staff": scenes.staff.token, "beginner": scenes.beginner.token}
        yield Site(world.verifier.settings.public_origin, scenes, cookies)
