"""Redeeming a single-use document: of all who try, exactly one succeeds, and what was used shows it in its status.

Whoever holds the code may use it up, as with the paper that is handed over at the counter. The answer names no person.
"""

import hashlib
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, select, update

from issuer.issuance import store as documents
from issuer.issuance.batches import claims_of
from issuer.issuance.states import DocumentState
from issuer.issuance.store import StoredDocument
from issuer.issuance.workshop import Workshop
from issuer.organisations.school import School
from issuer.redemption import codes
from issuer.redemption.errors import AlreadyRedeemed, NotRedeemable
from issuer.redemption.tables import Redemption
from issuer.status.service import Change, Reason, change_status, status_of
from tegata.errors import MalformedInput, NotFound, Text
from tegata.service import failpoints
from tegata.status.entries import Status

_redemption = Redemption.__table__  # type: ignore[attr-defined]  # SQLModel sets it on tables
ACTOR = "redeemer"
BEFORE_COMMIT = failpoints.define("redemption.before_commit")
AFTER_COMMIT = failpoints.define("redemption.after_commit")
_MOST_REDEEMER, _MOST_REFERENCE = 100, 200


class RedeemerUnusable(MalformedInput):
    """The redeemer's own words are too long, or no words."""

    kind = "redeemer_unusable"
    text = Text(
        "受け付けた人の名前か、受付の番号が長すぎるか、文字ではありません。",
        "The redeemer's name or reference is too long, or no text.",
    )


@dataclass(frozen=True, slots=True)
class Redeemed:
    """What the redeemer is told: which document was used up, and when. `is_repeated`: by this same request before."""

    document_name: str
    document_number: str
    last_day: date | None
    redeemed_at: datetime
    is_repeated: bool = False


class RedemptionService:
    """The use case of one installation."""

    def __init__(self, workshop: Workshop) -> None:
        self._workshop = workshop

    def redeem(
        self, school: School, code: str, now: datetime, *, redeemer: str = "", reference: str = ""
    ) -> Redeemed:
        """Use a document up.

        1. The code is one of this school's.
        2. It was not redeemed before; the same `reference`, which its redeemer keeps secret, gets the same answer.
        3. The document is sealed, neither revoked nor suspended, and its last day is not over.
        4. The redemption and the new status of every copy are written in one transaction.

        `redeemer` is what the seller calls itself, for the school's ledger. Raises `NotFound`, `AlreadyRedeemed`,
        `NotRedeemable`, `RedeemerUnusable`.
        """
        if len(redeemer) > _MOST_REDEEMER or len(reference) > _MOST_REFERENCE or not redeemer.isprintable():
            raise RedeemerUnusable("redeemer or reference", pointer="redeemer")
        code_digest = codes.digest(self._workshop.secret, code)
        reference_digest = hashlib.sha256(reference.encode()).hexdigest() if reference else ""
        with self._workshop.database.writing(durable=True) as connection:
            row = self._row(connection, school, code_digest)
            # The document's lock is what others wait at: whoever comes second reads what the first has written.
            item = documents.document(connection, school.tenant_id, row.document_id, lock=True)
            row = self._row(connection, school, code_digest)
            if row.redeemed_at is not None:
                if reference_digest and row.reference == reference_digest:
                    return self._told(item, row.redeemed_at, is_repeated=True)
                raise AlreadyRedeemed(row.redeemed_at)
            self._check(connection, item, now)
            done = connection.execute(
                update(_redemption)
                .where(_redemption.c.document_id == item.id, _redemption.c.redeemed_at.is_(None))
                .values(redeemed_at=now, redeemer=redeemer, reference=reference_digest)
            )
            if done.rowcount != 1:
                raise AlreadyRedeemed(now)
            change = Change(Status.USED, Reason.REDEEMED, redeemer)
            change_status(connection, self._workshop.vault, item.tenant_id, item.id, change, ACTOR, now)
            failpoints.passing(BEFORE_COMMIT)
        failpoints.passing(AFTER_COMMIT)
        return self._told(item, now)

    @staticmethod
    def _row(connection: Connection, school: School, code_digest: str) -> Any:
        row = connection.execute(
            select(_redemption).where(
                _redemption.c.code_digest == code_digest,
                _redemption.c.school_id == school.id,
                _redemption.c.tenant_id == school.tenant_id,
            )
        ).first()
        if row is None:
            raise NotFound("no such redemption code at this school")
        return row

    @staticmethod
    def _check(connection: Connection, item: StoredDocument, now: datetime) -> None:
        if item.state != DocumentState.SEALED:
            # A code of something that was never issued is as unknown as any other.
            raise NotFound("the document is not sealed")
        if status_of(connection, item.id) is not Status.VALID:
            raise NotRedeemable("revoked or suspended")
        if item.valid_until is not None and now > item.valid_until:
            raise NotRedeemable("past its last day")

    def _told(self, item: StoredDocument, at: datetime, *, is_repeated: bool = False) -> Redeemed:
        expires = claims_of(self._workshop, item).get("date_of_expiry")
        last_day = None if expires is None else date.fromisoformat(expires)
        return Redeemed(item.document_name, item.number or "", last_day, at, is_repeated)
