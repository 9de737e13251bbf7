"""A school and a university on ports of this machine, and the wallet of others that goes between them."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from issuer.app import create_app as create_issuer
from issuer.issuance.entitlements import Invitation, invite_batch, make_slip
from issuer.status.service import Change, Reason, StatusService
from tegata.errors import Text
from tegata.status.entries import Status
from tests.conformance.peers import run
from tests.simulators import school as simulator
from tests.simulators.application import free_socket, served
from tests.simulators.school import KEK, ReadySchool
from verifier.api.keys import Scope
from verifier.app import build as build_verifier
from verifier.assembly import Verifier, assemble
from verifier.oid4vp.request import Prefix
from verifier.settings import VerifierSettings
from verifier.tenants import store as tenants

#: A document with the claims asked of it, as the API takes it.
Wanted = dict[str, Any]
_UNIVERSITY = Text("例示みらい大学", "Reiji Mirai University")
#: A status list is used for a second at most, so that a revocation is seen at once.
_STATUS_MAX_AGE = 1
DOCUMENTS = ("graduation", "transcript")
PEOPLE = 16
PREFIXES = (Prefix.X509_HASH, Prefix.X509_SAN_DNS)


@dataclass
class World:
    """A school that has invited its graduates to claim, and universities that ask them for what they claimed."""

    ready: ReadySchool
    invitations: dict[str, Iterator[Invitation]]
    universities: dict[Prefix, httpx.Client]

    @property
    def issuer(self) -> str:
        """The school's identifier."""
        return self.ready.school.issuer

    @property
    def issuer_origin(self) -> str:
        """The origin of the school's installation."""
        return self.ready.settings.public_origin

    def wallet(self, do: str, **command: object) -> Any:
        """Let the wallet do one thing; it trusts the registrar's root and nothing else."""
        anchors = self.ready.registrar.anchor_pem().decode("ascii")
        return run("wallet.mjs", {"do": do, "anchors": anchors} | command)

    def invitation(self, document: str = "graduation") -> Invitation:
        """Return a claim link that no other test uses: each has places for a few wallets."""
        return next(self.invitations[document])

    def claim(self, link: str, **how: object) -> Any:
        """Claim what a link offers, as an SD-JWT VC if nothing else is said."""
        return self.wallet("claim", offer=link, **({"format": "dc+sd-jwt"} | how))

    def slip(self, document: str) -> Invitation:
        """Make a slip with a confirmation number for a document."""
        document_id = self.invitation(document).document_id
        clerk = self.ready.clerk.account_id
        return make_slip(
            self.ready.workshop, self.ready.school.tenant_id, document_id, clerk, datetime.now(UTC)
        )

    def revoke(self, invitation: Invitation) -> None:
        """Revoke the document of a claim link."""
        workshop, school = self.ready.workshop, self.ready.school
        change = Change(Status.INVALID, Reason.ERROR)
        StatusService(workshop.database, workshop.vault).change(
            school.tenant_id, invitation.document_id, change, self.ready.clerk.account_id, datetime.now(UTC)
        )

    def ask(self, *items: Wanted | list[Wanted], prefix: Prefix = Prefix.X509_HASH) -> dict[str, Any]:
        """Ask for documents, each one or one of several; returns the request as the API shows it."""
        wanted = [item if isinstance(item, list) else [item] for item in items]
        body = {"purpose": "Test", "items": [{"any_of": item} for item in wanted]}
        answer = self.universities[prefix].post("/api/v1/requests", json=body)
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    def look(self, request: dict[str, Any], prefix: Prefix = Prefix.X509_HASH) -> dict[str, Any]:
        """Return a request as it is now."""
        return dict(self.universities[prefix].get(f"/api/v1/requests/{request['id']}").json())


@contextmanager
def built(folder: Path) -> Iterator[World]:
    """Serve a school, and a university for each client identifier prefix."""
    with ExitStack() as stack:
        sockets = [stack.enter_context(free_socket()) for _ in range(1 + len(PREFIXES))]
        issuer_at, *universities_at = (f"http://localhost:{item.getsockname()[1]}" for item in sockets)
        now = datetime.now(UTC)
        settings = simulator.settings_for(f"sqlite:///{folder}/issuer.sqlite3", folder, issuer_at)
        ready = simulator.build(settings, now)
        stack.callback(ready.workshop.database.dispose)
        invitations = {document: iter(_invite(ready, document, now)) for document in DOCUMENTS}
        stack.enter_context(served(create_issuer(settings), sockets[0]))
        universities = {}
        for prefix, origin, listening in zip(PREFIXES, universities_at, sockets[1:], strict=True):
            verifier = _verifier(ready, folder, origin, prefix, now)
            stack.enter_context(served(build_verifier(verifier), listening))
            universities[prefix] = stack.enter_context(_client(verifier, origin, now))
        yield World(ready, invitations, universities)


def _invite(ready: ReadySchool, document: str, now: datetime) -> list[Invitation]:
    batch = ready.sealed_batch(now, PEOPLE, names=(document,))
    return invite_batch(ready.workshop, ready.school.tenant_id, batch, ready.clerk.account_id, now)


def _verifier(ready: ReadySchool, folder: Path, origin: str, prefix: Prefix, now: datetime) -> Verifier:
    anchor = folder / "anchor.pem"
    anchor.write_bytes(ready.registrar.anchor_pem())
    issuer_at = ready.settings.public_origin
    settings = VerifierSettings(
        mode="test",
        public_origin=origin,
        database_url=f"sqlite:///{folder}/{prefix}.sqlite3",
        data_directory=folder,
        insecure_loopback=True,
        loopback_origins=(issuer_at, origin),
        test_identifiers=True,
        key_encryption_key=KEK,
        trust_anchor_file=anchor,
        trust_list_url=f"{issuer_at}/trust-list",
        client_id_prefix=prefix,
        status_max_age=_STATUS_MAX_AGE,
    )
    verifier = assemble(settings)
    verifier.database.upgrade()
    chain = ready.registrar.certification.certify_request(
        verifier.signing.certificate_request(_UNIVERSITY.ja, now),
        ["localhost"],
        organisation=_UNIVERSITY.ja,
        corporate_number="1000000999998",
        now=now - timedelta(minutes=1),
    )
    verifier.signing.install(chain, now)
    return verifier


def _client(verifier: Verifier, origin: str, now: datetime) -> httpx.Client:
    with verifier.database.writing() as connection:
        tenant = tenants.add(connection, _UNIVERSITY, "", now)
    key = verifier.keys.create(tenant.id, "test", frozenset(Scope), now, now + timedelta(days=1))
    return httpx.Client(base_url=origin, headers={"Authorization": f"Bearer {key}"}, trust_env=False)
