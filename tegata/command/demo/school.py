"""The school's staff at their pages: a clerk who imports and issues, an approver who approves, and nobody else."""

import csv
import io
import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from html import unescape
from urllib.parse import urlsplit

from tegata.command.demo.visitor import PageRefused, Visitor, heading
from tegata.errors import Unavailable

_ROW = re.compile(r"<tr>(.*?)</tr>", re.DOTALL)
_TAG = re.compile(r"<[^>]+>")
_CHOICE = re.compile(r'name="row" value="([0-9a-f]{32})"')
_OFFER = re.compile(r'href="(openid-credential-offer:[^"]+)"')
_DIGEST = re.compile(r'name="digest" value="([0-9a-f]{64})"')
_CANNOT = "発行できません"
_WAIT_SECONDS = 120.0
_POLL_SECONDS = 0.3
#: Done and all.
OnProgress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Choice:
    """What a clerk sees on the page of learners: who can be chosen, and who cannot and why."""

    address: str
    learners: tuple[str, ...]
    refused: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ClaimLink:
    """One line of the file of claim links."""

    student_number: str
    document: str
    page: str


class Clerk:
    """Imports the register and issues certificates."""

    def __init__(self, visitor: Visitor) -> None:
        self._visitor = visitor

    def import_register(self, uploads: Mapping[str, bytes]) -> str:
        """Check the files, then confirm; returns the heading of the last page."""
        self._visitor.open("/register/import")
        files = [("file", (name, content)) for name, content in uploads.items()]
        path, _ = self._visitor.send("/register/import", files=files)
        _, page = self._visitor.send(f"{path}/confirm")
        return heading(page)

    def choose(self, documents: Sequence[str], issue_date: str) -> Choice:
        """Choose certificates and look at the learners."""
        self._visitor.open("/issue")
        fields = [("document", name) for name in documents] + [("issue_date", issue_date)]
        path, page = self._visitor.send("/issue", fields)
        query = "&".join(f"{name}={value}" for name, value in fields)
        rows = [unescape(found) for found in _ROW.findall(page)]
        refused = tuple(
            " ".join(_TAG.sub(" ", row).replace("選べません", "").split()) for row in rows if _CANNOT in row
        )
        return Choice(f"{path}?{query}", tuple(_CHOICE.findall(page)), refused)

    def ask_for_approval(self, choice: Choice) -> str:
        """Put everybody who can be chosen into a batch and ask for its approval; returns the batch's path."""
        rows = [("row", learner) for learner in choice.learners]
        path, _ = self._visitor.send(choice.address, rows)
        self._visitor.send(f"{path}/submit")
        return path

    def wait_until_issued(self, batch: str, on_progress: OnProgress) -> int:
        """Watch the batch until it is sealed; returns how many documents it has."""
        end = time.monotonic() + _WAIT_SECONDS
        while time.monotonic() < end:
            state = self._visitor.json(f"{batch}/progress")
            on_progress(state["done"], state["total"])
            if state["ended"]:
                return int(state["done"])
            time.sleep(_POLL_SECONDS)
        raise Unavailable("the batch was not sealed in time")

    def claim_links(self, batch: str) -> list[ClaimLink]:
        """Make the claim links, and read them from the file that the page offers."""
        self._visitor.open(batch)
        self._visitor.send(f"{batch}/links")
        text = self._visitor.open(f"{batch}/links.csv").removeprefix("\ufeff")
        return [ClaimLink(row[0], row[3], row[5]) for row in list(csv.reader(io.StringIO(text)))[1:]]


class Approver:
    """Approves with a passkey."""

    def __init__(self, visitor: Visitor) -> None:
        self._visitor = visitor

    def approve(self, batch: str) -> str:
        """Look at what waits, and approve it; returns the digest that was signed."""
        path = f"/approvals/{batch.rsplit('/', 1)[-1]}"
        page = self._visitor.open(path)
        found = _DIGEST.search(page)
        if found is None:
            raise PageRefused(f"{path}: nothing to approve on «{heading(page)}»")
        fields = {"digest": found[1], "mode": "individual", "reason": ""}
        self._visitor.sign_with_passkey(f"{path}/options", f"{path}/finish", {"fields": fields})
        return found[1]


def offer_on(page_url: str, visitor: Visitor) -> str:
    """Open a claim page, as a learner would, and return the link that opens a wallet."""
    page = visitor.open(urlsplit(page_url).path)
    found = _OFFER.search(page)
    if found is None:
        raise PageRefused(f"no link for a wallet on «{heading(page)}»")
    return unescape(found[1])
