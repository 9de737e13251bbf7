"""Whether documents of one school and date can be issued, and with which claims: everything that this rests on, loaded once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection

from issuer.issuance import journeys
from issuer.issuance.errors import CannotBeIssued
from issuer.organisations.school import School
from issuer.register import practice as practices
from issuer.register import travel
from issuer.register.claims import claims_for
from issuer.register.eligibility import Obstacle, obstacles
from issuer.register.practice import Practice
from issuer.register.record import LearnerRecord
from issuer.register.travel import FareDiscounts
from schemas.catalogue import DocumentDefinition
from tegata.codec.dates import today

#: Where the code of a single-use document will stand, before there is one.
NO_CODE_YET = "（未定）"
_NOTHING_KNOWN = FareDiscounts()


@dataclass(frozen=True, slots=True)
class Judge:
    """Judges by what the school has decided, and by what is known of each learner's 学割証."""

    school: School
    practice: Practice
    issue_date: date
    today: date
    discounts: Mapping[str, FareDiscounts] = field(default_factory=dict)

    def obstacles(self, document: DocumentDefinition, record: LearnerRecord) -> tuple[Obstacle, ...]:
        """Return everything that stands in the way of a document."""
        return obstacles(
            document,
            record,
            self.school,
            issue_date=self.issue_date,
            today=self.today,
            practice=self.practice,
            discounts=self._known(record),
        )

    def check(self, document: DocumentDefinition, record: LearnerRecord) -> None:
        """Raise `CannotBeIssued` with the first obstacle."""
        if found := self.obstacles(document, record):
            raise CannotBeIssued(found[0].code, public=found[0].text)

    def claims(
        self, document: DocumentDefinition, record: LearnerRecord, number: str, code: str = ""
    ) -> Mapping[str, Any]:
        """Return a document's claims from the register of today; raises `CannotBeIssued`."""
        self.check(document, record)
        own: dict[str, Any] = {"redemption_code": code}
        if document.name == travel.FARE_DISCOUNT:
            known = self._known(record)
            own |= travel.claims(document, record, self.practice.travel, known, self.issue_date)
        elif document.name == travel.COMMUTER:
            own |= travel.shared_claims(record, self.practice.travel, self.issue_date)
        return claims_for(
            document,
            record,
            self.school,
            document_number=number,
            issue_date=self.issue_date,
            grading_scheme=next(iter(self.practice.grading.used_in(record.results)), None),
            credits_required=self.practice.credits_required,
            own=own,
        )

    def request_of(self, learner_id: str) -> str | None:
        """Return the request that a 学割証 of this learner answers."""
        journey = self.discounts.get(learner_id, _NOTHING_KNOWN).journey
        return None if journey is None else journey.request_id

    def _known(self, record: LearnerRecord) -> FareDiscounts:
        return self.discounts.get(record.id, _NOTHING_KNOWN)


def judge(
    connection: Connection,
    school: School,
    issue_date: date,
    now: datetime,
    *,
    travellers: Sequence[str] = (),
    requests: Mapping[str, str | None] | None = None,
    counting: bool = False,
) -> Judge:
    """Load what judging needs.

    `travellers` are the learners whose 学割証 are judged; `requests` are those that their documents answer already.
    With `counting`, whoever else counts certificates of the school waits until the commit.
    """
    return Judge(
        school=school,
        practice=practices.load(connection, school.id, lock=counting and bool(travellers)),
        issue_date=issue_date,
        today=today(now),
        discounts=journeys.known_of(connection, school.tenant_id, school.id, travellers, requests)
        if travellers
        else {},
    )
