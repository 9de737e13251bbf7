"""A school that has issued, on both databases, and the wallet's routes in front of it."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from issuer.app import find_school_in
from issuer.base import AUDIT
from issuer.issuance import store
from issuer.issuance.entitlements import Invitation, invite_batch, make_slip
from issuer.organisations.school import School
from issuer.wallet_api.copies import CopyMaker
from issuer.wallet_api.routes import install_errors, routes
from issuer.wallet_api.service import WalletService
from tests.issuer.http import app_of
from tests.issuer.neighbours import sister_school, strange_school
from tests.simulators import postgres
from tests.simulators.school import ORIGIN, ReadySchool, build, settings_for


@dataclass
class Wallet:
    """The routes of an issuer as a wallet calls them, and links to documents that nobody has claimed."""

    ready: ReadySchool
    service: WalletService
    app: FastAPI
    sister: School
    stranger: School
    now: datetime
    links: Iterator[Invitation] = field(default_factory=lambda: iter(()))

    @property
    def school(self) -> School:
        """The school that has issued."""
        return self.ready.school

    def link(self) -> Invitation:
        """Return a claim link of a document that no test has touched."""
        return next(self.links)

    def slip(self) -> Invitation:
        """Return a slip with its 確認番号."""
        document_id = self.link().document_id
        return make_slip(self.ready.workshop, self.school.tenant_id, document_id, "clerk", self.now)

    def ask(self, method: str, path: str, **more: Any) -> httpx.Response:
        """Send one request below a school's address, this school's unless `school` names another."""
        school = more.pop("school", self.school)
        return asyncio.run(self._ask(method, f"/s/{school.public_id}{path}", more))

    async def _ask(self, method: str, path: str, more: dict[str, Any]) -> httpx.Response:
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url=ORIGIN) as http:
            return await http.request(method, path, **more)


def token_of(invitation: Invitation) -> str:
    """Return the secret part of a claim link."""
    return invitation.page.rpartition("/")[2]


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def wallet(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Wallet]:
    """A school with 38 sealed documents and a link to each."""
    folder = tmp_path_factory.mktemp("wallet")
    if request.param == "sqlite":
        made = _made(build(settings_for(f"sqlite:///{folder}/issuer.sqlite3", folder), datetime.now(UTC)))
        yield made
        made.ready.workshop.database.dispose()
        return
    server: postgres.Server = request.getfixturevalue("postgres_server")
    with server.fresh_database() as url:
        made = _made(build(settings_for(url, folder), datetime.now(UTC)))
        yield made
        made.ready.workshop.database.dispose()


def _made(ready: ReadySchool) -> Wallet:
    now = datetime.now(UTC)
    workshop = ready.workshop
    batch_id = ready.sealed_batch(now, 38, names=("graduation",))
    service = WalletService(workshop.database, AUDIT, workshop.secret, CopyMaker(workshop))
    find_school = find_school_in(workshop)
    app = app_of(routes(service, workshop.database, find_school, ready.settings.school_path))
    install_errors(app)
    links = invite_batch(workshop, ready.school.tenant_id, batch_id, "clerk", now)
    sister, stranger = sister_school(ready, now), strange_school(ready, now)
    with workshop.database.reading() as connection:
        assert len(store.documents(connection, batch_id)) == len(links) == 38
    return Wallet(ready, service, app, sister, stranger, now, iter(links))
