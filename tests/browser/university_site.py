"""A university with answered requests to look at: the demo is played, and somebody of its staff signs in."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Page
from rich.console import Console

from tegata.command.demo.servers import serving
from tegata.command.demo.story import Story
from tegata.command.demo.visitor import Visitor
from tests.journeys.places import new_place

_REQUEST = re.compile(r'href="(/requests/[0-9a-f]{32})"')


@dataclass(frozen=True)
class University:
    """A running verifier: where it is, the session of its staff, and the addresses of pages by name."""

    origin: str
    cookies: dict[str, str]
    paths: dict[str, str]

    def visit(self, page: Page, name: str) -> None:
        """Open a page as a member of staff."""
        page.context.add_cookies(
            [{"name": key, "value": value, "url": self.origin} for key, value in self.cookies.items()]
        )
        answer = page.goto(self.origin + self.paths[name])
        assert answer is not None
        assert answer.ok, answer.status


@contextmanager
def answered_requests(folder: Path) -> Iterator[University]:
    """Play the demo in a folder of its own, on free ports, and sign in at its university."""
    with new_place(folder) as place:
        story = Story(place, Console(quiet=True))
        story.set_up()
        with serving(place):
            story.play()
            visitor = Visitor(place.origin("verifier"))
            visitor.accept_invitation(
                story._add_university_staff("staff@university.example", "入試 花"), "demo"
            )
            # The newest stands first; the older answer is the one with two documents.
            reports = _REQUEST.findall(visitor.open("/requests"))
            paths = {"verifier-new": "/requests/new", "verifier-report": reports[-1]}
            yield University(visitor.origin, dict(visitor._client.cookies), paths)
