"""One document leaves the school in every form, is verified by a university in each, and is revoked once for all of them.

Issuer and verifier are the real ones, each with the other's signed data and nothing else: the list of issuers, and status lists
by their addresses, from the issuer and as files.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path

import pytest

from issuer.app import find_school_in
from issuer.base import AUDIT
from issuer.issuance.entitlements import Invitation, invite_batch
from issuer.registrar import listing
from issuer.status.files import MANIFEST, write_lists
from issuer.status.publication import StatusPublisher
from issuer.status.routes import routes
from issuer.status.service import Change, Reason, StatusService
from issuer.wallet_api.copies import CopyMaker
from issuer.wallet_api.service import WalletService
from schemas import catalogue
from tegata.codec import json
from tegata.errors import Text, Unavailable
from tegata.identity.chain import pem_to_der
from tegata.identity.trust_list import TrustList
from tegata.status.entries import Status
from tests.issuer.http import Client, app_of
from tests.simulators import claiming
from tests.simulators.school import ORIGIN, ReadySchool, build, settings_for
from verifier.offline import FixedList
from verifier.verification.assessing import Assessor
from verifier.verification.issuers import TrustSnapshot
from verifier.verification.policy import FILE
from verifier.verification.report import CheckName, CredentialReport, Outcome, Verdict
from verifier.verification.status import Fetched, StatusLists

_GRADUATION = ("graduation-sd-jwt", "graduation-ldp", "graduation-mdoc", "graduation-open-badge")
_TRANSCRIPT = ("transcript-sd-jwt", "transcript-ldp", "transcript-mdoc", "transcript-clr")
_POLICY = replace(FILE, accepts_test_identifiers=True)


class _Published:
    """Status lists as the issuer serves them."""

    def __init__(self, http: Client) -> None:
        self._http = http

    def get(self, uri: str, accept: str, now: datetime) -> Fetched:
        answer = self._http.get(uri.removeprefix(ORIGIN), {"Accept": accept})
        if answer.status_code != 200:
            raise Unavailable(f"{uri}: {answer.status_code}")
        return Fetched(answer.content, now, timedelta(hours=1))

    def unusable(self, uri: str, now: datetime) -> None:
        raise AssertionError(f"{uri} at {now}")


class _Files:
    """The same lists as files, as any web server would give them away."""

    def __init__(self, ready: ReadySchool, folder: Path) -> None:
        self._workshop, self._folder = ready.workshop, folder

    def get(self, uri: str, accept: str, now: datetime) -> Fetched:
        wanted = accept.partition(",")[0]
        manifest = json.loads((self._folder / MANIFEST).read_bytes())
        for row in manifest["files"]:
            if (row["url"], row["headers"]["Content-Type"]) == (uri, wanted):
                return Fetched((self._folder / row["file"]).read_bytes(), now, timedelta(hours=1))
        raise Unavailable(uri)

    def unusable(self, uri: str, now: datetime) -> None:
        raise AssertionError(f"{uri} at {now}")

    def write(self) -> None:
        """Write them, as the operator's timer does each minute."""
        write_lists(self._workshop, self._folder, datetime.now(UTC))


class _World:
    """A school that has sealed two documents of one learner, and a university."""

    def __init__(self, ready: ReadySchool) -> None:
        self.ready, self.now = ready, datetime.now(UTC)
        workshop = ready.workshop
        self.wallets = WalletService(workshop.database, AUDIT, workshop.secret, CopyMaker(workshop))
        batch = ready.sealed_batch(self.now, 1, names=("graduation", "transcript"))
        self.links = invite_batch(workshop, ready.school.tenant_id, batch, "clerk", self.now)
        publisher = StatusPublisher(workshop)
        http = Client(
            app_of(
                routes(publisher, workshop.database, find_school_in(workshop), ready.settings.school_path)
            ),
            ORIGIN,
        )
        self.lists = _Published(http)

    def claim(self, link: Invitation, configurations: tuple[str, ...]) -> dict[str, bytes]:
        """Claim a copy in each form, into one wallet."""
        token, school = link.page.rpartition("/")[2], self.ready.school
        code = claiming.code_of(self.wallets, school, token, self.now)
        access = claiming.token_of(self.wallets, school, code, self.now)["access_token"]
        copies = {}
        for name in configurations:
            answer = claiming.credential_of(self.wallets, school, access, name, self.now)
            (item,) = answer["credentials"]
            found = item["credential"]
            copies[name] = found.encode() if isinstance(found, str) else json.dumps(found)
        return copies

    def report(self, data: bytes, lists: StatusLists | None = None) -> CredentialReport:
        """Let the university look at it, with the lists that the issuer serves unless others are given."""
        now = datetime.now(UTC) + timedelta(seconds=5)
        with self.ready.workshop.database.reading() as connection:
            organisations = listing.organisations(connection, self.ready.settings, now.date())
            authorities = listing.mdoc_authorities(connection)
        operator = Text("運営", "Operator")
        trusted = TrustList(1, self.now, now + timedelta(days=7), operator, organisations, authorities)
        anchors = pem_to_der(self.ready.registrar.anchor_pem())
        assessor = Assessor(
            FixedList(TrustSnapshot(trusted, anchors)),
            lists or self.lists,
            catalogue.load(),
            catalogue.contexts(),
            _POLICY,
        )
        (found,) = assessor.check_file(data, _POLICY, now).credentials
        return found

    def change(self, link: Invitation, status: Status, reason: Reason) -> None:
        """Change a document's status, as a clerk does."""
        service = StatusService(self.ready.workshop.database, self.ready.workshop.vault)
        tenant = self.ready.school.tenant_id
        service.change(tenant, link.document_id, Change(status, reason), "clerk", datetime.now(UTC))


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[_World]:
    folder = tmp_path_factory.mktemp("forms")
    ready = build(settings_for(f"sqlite:///{folder}/issuer.sqlite3", folder), datetime.now(UTC))
    yield _World(ready)
    ready.workshop.database.dispose()


def _outcomes(report: CredentialReport) -> dict[CheckName, Outcome]:
    return {check.name: check.outcome for check in report.checks if check.outcome is not Outcome.PASSED}


@pytest.mark.parametrize("configurations", [_GRADUATION, _TRANSCRIPT], ids=["graduation", "transcript"])
def test_a_document_is_valid_in_every_form_and_revoked_once_for_all(
    world: _World, configurations: tuple[str, ...], tmp_path: Path
) -> None:
    files = _Files(world.ready, tmp_path)
    link = world.links[0 if configurations is _GRADUATION else 1]
    copies = world.claim(link, configurations)
    files.write()
    for (name, data), lists in product(copies.items(), (world.lists, files)):
        report = world.report(data, lists)
        # Nobody presents a file: whose it is stays open, and nothing else does.
        assert _outcomes(report) == {CheckName.HOLDER_BINDING: Outcome.SKIPPED}, name
        assert report.verdict is Verdict.VALID
    world.change(link, Status.INVALID, Reason.ERROR)
    files.write()
    for (name, data), lists in product(copies.items(), (world.lists, files)):
        report = world.report(data, lists)
        assert report.verdict is Verdict.INVALID, name
        assert report.outcome(CheckName.STATUS) is Outcome.FAILED, name
