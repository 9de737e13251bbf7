"""A running issuer to look at: one school at work and one that has just begun, with a session of each person."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from playwright.sync_api import Page

from issuer.app import create_app
from tests.browser.servers import serving
from tests.issuer.console.scenes import Scenes, build_scenes, second_school
from tests.issuer.console.shots import BEGINNER, NOBODY, Shot
from tests.simulators.school import ReadySchool, build, settings_for


@dataclass(frozen=True)
class Site:
    """A running issuer: where it is, what is in it, and the session of each person."""

    origin: str
    scenes: Scenes
    cookies: dict[str, str]

    def visit(self, page: Page, wanted: Shot) -> None:
        """Open a page as the person who sees it; where it needs a form, send that from its own page."""
        if wanted.who != NOBODY:
            cookie = {"name": "tegata_issuer_session", "value": self.cookies[wanted.who], "url": self.origin}
            page.context.add_cookies([cookie])  # type: ignore[list-item]  # a TypedDict in all but name
        answer = page.goto(self.origin + wanted.path)
        assert answer is not None
        if wanted.form is None:
            assert answer.status == wanted.status, (wanted.name, answer.status)
            return
        action = "/" + wanted.route.rsplit("/", 1)[-1]
        with page.expect_navigation() as navigation:
            page.evaluate(
                """([fields, action]) => {
                  const forms = [...document.querySelectorAll('main form[method=post]')];
                  const form = forms.find((item) => new URL(item.action).pathname.endsWith(action)) ?? forms[0];
                  for (const box of form.querySelectorAll('input[type=checkbox], input[type=radio]')) box.checked = false;
                  for (const [name, value] of Object.entries(fields)) {
                    const field = form.elements[name];
                    if (field) field.value = value;
                  }
                  form.submit();
                }""",
                [wanted.form, action],
            )
        assert navigation.value is not None
        assert navigation.value.status == wanted.status, (wanted.name, navigation.value.status)


def session_of(ready: ReadySchool, login: str, authenticator: object, now: datetime) -> str:
    """Sign somebody in; returns the value of their cookie."""
    options = ready.staff.sign_in.passkey_options(login, now)
    return ready.staff.sign_in.finish_passkey(authenticator.get(options), now).token  # type: ignore[attr-defined]


@contextmanager
def running_issuer(folder: Path) -> Iterator[Site]:
    """Serve an issuer with two schools: one at work, and one that has just begun."""
    now = datetime.now(UTC)
    built: list[Site] = []

    def create(origin: str) -> object:
        settings = settings_for(f"sqlite:///{folder}/issuer.sqlite3", folder, origin)
        ready = build(settings, now)
        scenes = build_scenes(ready, now)
        beginner = second_school(ready, now)
        people = {
            "clerk": ("clerk@school.example", ready.clerk),
            "approver": ("head@school.example", ready.approver),
            "both": ("both@school.example", scenes.both),
            BEGINNER: ("begin@school.example", beginner),
        }
        cookies = {
            who: session_of(ready, login, person.authenticator, now)
            for who, (login, person) in people.items()
        }
        built.append(Site(origin, scenes, cookies))
        return create_app(settings)

    with serving(create):  # type: ignore[arg-type]  # a FastAPI app
        yield built[0]
