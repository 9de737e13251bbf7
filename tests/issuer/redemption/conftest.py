"""A school that gives 学割証 away, on both databases: learners of this year, their reported journeys, sealed certificates."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import pytest

from issuer import samples
from issuer.base import AUDIT
from issuer.issuance import requests, store
from issuer.issuance.batches import claims_of, draft, submit
from issuer.issuance.entitlements import invite_batch
from issuer.issuance.requests import StoredRequest
from issuer.issuance.sealer import Sealer
from issuer.issuance.states import Submitted
from issuer.redemption.service import RedemptionService
from issuer.wallet_api.copies import CopyMaker
from issuer.wallet_api.service import WalletService
from tests.simulators import claiming, postgres
from tests.simulators.school import ISSUE_DATE, NOW, ReadySchool, build, settings_for

PER_YEAR = 3
LATER = NOW + timedelta(hours=1)
_HEADER = "学籍番号,氏,名,生年月日,入学年月日,課程,学科,在籍状況,年度,学年"
#: Learners of 2026年度: ten in their first year, one in a correspondence course, one without a year of study.
_ROWS = (
    *(f"T26{n:02d},旅人,{n}号,2010-05-01,2026-04-01,全日制,普通科,在学,2026,H1" for n in range(1, 11)),
    "T2611,通信,一号,2009-03-31,2026-04-01,通信制,普通科,在学,2026,H1",
    "T2612,未定,一号,2010-05-01,2026-04-01,全日制,普通科,在学,2026,",
    "T2613,最終,一号,2008-05-01,2024-04-01,全日制,普通科,在学,2026,H3",
)


@dataclass
class Counter:
    """The school, and whoever redeems."""

    ready: ReadySchool
    service: RedemptionService
    learners: dict[str, str]

    def report(self, number: str, purpose: str = "going_home", **days: str) -> str:
        """Record what a learner reports; returns the request's id."""
        school = self.ready.school
        made = StoredRequest(
            requests.new_id(), school.tenant_id, school.id, self.learners[number], "fare-discount",
            requests.AT_DESK, "", requests.OPEN, self.ready.clerk.account_id, NOW, {"journey": purpose, **days},
        )  # fmt: skip
        with self.ready.workshop.database.writing() as connection:
            requests.add(connection, made)
        return made.id

    def submitted(self, *numbers: str, day: date = ISSUE_DATE) -> tuple[str, Submitted]:
        """Draft and submit certificates; returns the batch."""
        ready = self.ready
        pairs = [("fare-discount", self.learners[number]) for number in numbers]
        batch_id = draft(ready.workshop, ready.desk, pairs, day, NOW)
        return batch_id, submit(ready.workshop, ready.school.tenant_id, batch_id, ready.clerk.account_id, NOW)

    def sealed(self, *numbers: str, day: date = ISSUE_DATE) -> list[str]:
        """Issue certificates to learners who have reported a journey; returns the documents' ids."""
        batch_id, batch = self.submitted(*numbers, day=day)
        self.ready.approve(batch_id, batch.digest, NOW)
        assert Sealer(self.ready.workshop).run_next(lambda: NOW) == batch_id
        with self.ready.workshop.database.reading() as connection:
            found = store.documents(connection, batch_id)
        return [item.id for item in found]

    def issue(self, number: str) -> str:
        """Take a request and issue its certificate; returns the document's id."""
        self.report(number)
        (document_id,) = self.sealed(number)
        return document_id

    def claims(self, document_id: str) -> dict[str, object]:
        """Return what a certificate says."""
        with self.ready.workshop.database.reading() as connection:
            item = store.document(connection, self.ready.school.tenant_id, document_id)
        return dict(claims_of(self.ready.workshop, item))

    def code(self, document_id: str) -> str:
        """Return the code that stands on a certificate."""
        return str(self.claims(document_id)["redemption_code"])

    def claim(self, document_id: str, configuration: str = "fare-discount-sd-jwt") -> object:
        """Claim a copy into a wallet; returns the credential."""
        workshop, school = self.ready.workshop, self.ready.school
        with workshop.database.reading() as connection:
            item = store.document(connection, school.tenant_id, document_id)
            batch_id = item.batch_id
        links = invite_batch(workshop, school.tenant_id, batch_id, "clerk", NOW)
        (link,) = [link for link in links if link.document_id == document_id]
        service = WalletService(workshop.database, AUDIT, workshop.secret, CopyMaker(workshop))
        answer = claiming.claim(
            service, school, link.page.rpartition("/")[2], NOW, configuration_id=configuration
        )
        return answer["credentials"][0]["credential"]


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def counter(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Counter]:
    folder = tmp_path_factory.mktemp("redemption")
    if request.param == "sqlite":
        yield from _counter(f"sqlite:///{folder}/issuer.sqlite3", folder)
        return
    server: postgres.Server = request.getfixturevalue("postgres_server")
    with server.fresh_database() as url:
        yield from _counter(url, folder)


def _counter(url: str, folder: object) -> Iterator[Counter]:
    profile = samples.profile()
    profile["school"]["practice"] = {"fareDiscount": {"perYear": PER_YEAR, "designationNumber": "TEST-0001"}}
    listed = {"list.csv": "\r\n".join((_HEADER, *_ROWS, "")).encode()}
    ready = build(settings_for(url, folder), profile=profile, imports=[listed])  # type: ignore[arg-type]  # a path
    ids = ready.learner_ids()
    learners = {f"T26{n:02d}": learner for n, learner in enumerate(ids, 1)}
    yield Counter(ready, RedemptionService(ready.workshop), learners)
    ready.workshop.database.dispose()


def at(day: date) -> datetime:
    """Return noon of a day in Japan."""
    return datetime(day.year, day.month, day.day, 3, tzinfo=NOW.tzinfo)
