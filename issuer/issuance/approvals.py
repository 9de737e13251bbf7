"""The decision on a batch (承認署名): by a second person with a passkey, or by a standing authority given before.

1. The batch waits for a decision.
2. The person is an approver of the school today, signed in by passkey, and did not ask for the batch.
3. The digest is the one that was frozen, and the register has not changed since.
4. The passkey's signature over that digest holds, with user verification.
5. The decision is recorded with its evidence; approving changes the state and nothing else.
"""

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from issuer.base import AUDIT, STAFF
from issuer.issuance import numbers, store
from issuer.issuance.batches import changed_learners
from issuer.issuance.errors import ContentChanged, NotAnApprover, WrongState
from issuer.issuance.states import (
    ApprovalMode,
    Approved,
    BatchState,
    BatchTerms,
    DocumentState,
    Submitted,
    expect,
)
from issuer.issuance.tables import StandingAuthority
from issuer.issuance.workshop import Workshop
from tegata.codec import jcs
from tegata.codec.dates import school_year, today
from tegata.errors import MalformedInput, Text
from tegata.service import failpoints
from tegata.service.audit import Entry, append
from tegata.service.staff import store as staff
from tegata.service.staff.evidence import ApprovalEvidence, verify_evidence
from tegata.service.staff.principal import Principal, Role

_standing = StandingAuthority.__table__  # type: ignore[attr-defined]  # SQLModel sets it on tables
AFTER_APPROVAL = failpoints.define("batch.after_approval")
PURPOSE_BATCH = "approve batch"
PURPOSE_STANDING = "grant standing authority"


class ReasonMissing(MalformedInput):
    """Sending back and acting for somebody need a reason."""

    kind = "reason_missing"
    text = Text("理由を入力してください。", "Enter a reason.")


@dataclass(frozen=True, slots=True)
class Decision:
    """How a batch is approved: the digest that was shown, the mode, and the passkey's answer over the digest."""

    digest: str
    evidence: ApprovalEvidence
    mode: ApprovalMode = ApprovalMode.INDIVIDUAL
    reason: str = ""


def approve(
    workshop: Workshop, principal: Principal, tenant_id: str, batch_id: str, decision: Decision, now: datetime
) -> Approved:
    """Approve a batch; raises `NotAnApprover`, `OwnRequest`, `ContentChanged`, `PasskeyRefused`, `WrongState`."""
    if decision.mode is ApprovalMode.STANDING:
        raise NotAnApprover("a person does not approve by standing authority")
    if decision.mode is ApprovalMode.ACTING and not decision.reason.strip():
        raise ReasonMissing("acting for the approver without a reason", pointer="reason")
    with workshop.database.writing(durable=True) as connection:
        submitted = expect(store.batch(connection, tenant_id, batch_id, lock=True), Submitted)  # 1
        terms = submitted.terms
        _check_approver(principal, tenant_id, terms.school_id)  # 2
        submitted.check_decision(principal.account_id, decision.digest)
        changed = changed_learners(connection, tenant_id, terms.school_id, batch_id)  # 3
        if changed:
            raise ContentChanged(len(changed))
        message = bytes.fromhex(submitted.digest)
        _check_evidence(workshop, connection, principal, decision.evidence, message)  # 4
        approved = submitted.approved(now)
        _record(  # 5
            connection,
            approved,
            {
                "mode": decision.mode.value,
                "approver": principal.account_id,
                "reason": decision.reason.strip()[:500],
                "evidence": decision.evidence.to_json(),
            },
        )
    failpoints.passing(AFTER_APPROVAL)
    return approved


def send_back(
    workshop: Workshop, principal: Principal, tenant_id: str, batch_id: str, reason: str, now: datetime
) -> None:
    """Send a batch back to whoever asked; its numbers become explained gaps."""
    if not reason.strip():
        raise ReasonMissing("sent back without a reason", pointer="reason")
    with workshop.database.writing(durable=True) as connection:
        submitted = expect(store.batch(connection, tenant_id, batch_id, lock=True), Submitted)
        terms = submitted.terms
        if not principal.may(Role.APPROVER, tenant_id, terms.school_id):
            raise NotAnApprover("no appointment as approver")
        used = [
            item.sequence
            for chunk in store.every_document(connection, batch_id)
            for item in chunk
            if item.sequence is not None
        ]
        year = school_year(terms.issue_date)
        gap = f"差戻し {terms.reference}"
        numbers.explain_gap(connection, tenant_id, terms.school_id, year, used, gap, now)
        store.move_batch(connection, batch_id, BatchState.SUBMITTED, BatchState.RETURNED)
        store.move_documents(connection, batch_id, DocumentState.RETURNED)
        store.add_approval(
            connection,
            {
                "id": secrets.token_hex(16),
                "tenant_id": tenant_id,
                "batch_id": batch_id,
                "decision": "returned",
                "mode": ApprovalMode.INDIVIDUAL.value,
                "approver": principal.account_id,
                "reason": reason.strip()[:500],
                "digest": submitted.digest,
                "decided_at": now,
            },
        )
        entry = Entry(tenant_id, principal.account_id, "batch.returned", batch_id, submitted.digest)
        append(connection, AUDIT, now, entry)


def _check_approver(principal: Principal, tenant_id: str, school_id: str) -> None:
    if not principal.may(Role.APPROVER, tenant_id, school_id):
        raise NotAnApprover("no appointment as approver")
    if not principal.can_approve:
        raise NotAnApprover("signed in without a passkey")


def _check_evidence(
    workshop: Workshop,
    connection: Connection,
    principal: Principal,
    evidence: ApprovalEvidence,
    message: bytes,
) -> None:
    key = connection.execute(
        select(STAFF.passkey.c.public_key_cose).where(
            STAFF.passkey.c.credential_id == evidence.to_json()["credential_id"],
            STAFF.passkey.c.account_id == principal.account_id,
            STAFF.passkey.c.removed_at.is_(None),
        )
    ).scalar()
    if key is None:
        raise NotAnApprover("the passkey is not one of the approver's")
    settings = workshop.settings
    verify_evidence(evidence, bytes(key), message, settings.host, settings.public_origin)


def _record(connection: Connection, approved: Approved, how: Mapping[str, Any]) -> None:
    terms = approved.terms
    store.move_batch(
        connection,
        terms.id,
        BatchState.SUBMITTED,
        BatchState.APPROVED,
        approved_at=approved.approved_at,
    )
    values = {
        "id": secrets.token_hex(16),
        "tenant_id": terms.tenant_id,
        "batch_id": terms.id,
        "decision": "approved",
        "digest": approved.digest,
        "decided_at": approved.approved_at,
    }
    store.add_approval(connection, values | dict(how))
    entry = Entry(terms.tenant_id, str(how["approver"]), "batch.approved", terms.id, approved.digest)
    append(connection, AUDIT, approved.approved_at, entry)


# --- 包括承認: standing authority ---


@dataclass(frozen=True, slots=True)
class Standing:
    """What an approver authorises beforehand: one document type at one school, in a period, in these words."""

    school_id: str
    document_name: str
    text: str
    valid_from: date
    valid_until: date

    def digest(self, tenant_id: str) -> str:
        """Return the digest that the approver's passkey signs."""
        content = {
            "tenant": tenant_id,
            "school": self.school_id,
            "document": self.document_name,
            "text": self.text,
            "from": self.valid_from.isoformat(),
            "until": self.valid_until.isoformat(),
        }
        return hashlib.sha256(b"tegata standing authority 1" + jcs.canonicalize(content)).hexdigest()


def grant_standing(
    workshop: Workshop,
    principal: Principal,
    tenant_id: str,
    standing: Standing,
    evidence: ApprovalEvidence,
    now: datetime,
) -> str:
    """Record a standing authority; returns its id. Raises `NotAnApprover`, `PasskeyRefused`, `ReasonMissing`."""
    workshop.catalogue.get(standing.document_name)
    if not standing.text.strip() or standing.valid_until < standing.valid_from:
        raise ReasonMissing("a standing authority needs its text and an end", pointer="text")
    authority_id = secrets.token_hex(16)
    digest = standing.digest(tenant_id)
    with workshop.database.writing(durable=True) as connection:
        _check_approver(principal, tenant_id, standing.school_id)
        _check_evidence(workshop, connection, principal, evidence, bytes.fromhex(digest))
        connection.execute(
            insert(_standing).values(
                id=authority_id,
                tenant_id=tenant_id,
                school_id=standing.school_id,
                document_name=standing.document_name,
                text=standing.text[:2000],
                valid_from=standing.valid_from,
                valid_until=standing.valid_until,
                digest=digest,
                granted_by=principal.account_id,
                granted_at=now,
                evidence=evidence.to_json(),
            )
        )
        entry = Entry(tenant_id, principal.account_id, "standing.granted", authority_id, digest)
        append(connection, AUDIT, now, entry)
    return authority_id


def withdraw_standing(
    workshop: Workshop, principal: Principal, tenant_id: str, authority_id: str, now: datetime
) -> None:
    """End a standing authority at once; raises `WrongState` if it is over already or not there."""
    with workshop.database.writing() as connection:
        found = connection.execute(
            select(_standing.c.school_id)
            .where(
                _standing.c.id == authority_id,
                _standing.c.tenant_id == tenant_id,
                _standing.c.withdrawn_at.is_(None),
            )
            .with_for_update()
        ).scalar()
        if found is None or not principal.may(Role.APPROVER, tenant_id, found):
            raise WrongState("no such standing authority")
        connection.execute(update(_standing).where(_standing.c.id == authority_id).values(withdrawn_at=now))
        append(
            connection, AUDIT, now, Entry(tenant_id, principal.account_id, "standing.withdrawn", authority_id)
        )


def approve_by_standing(workshop: Workshop, tenant_id: str, batch_id: str, now: datetime) -> Approved | None:
    """Approve a batch all of whose document types stand under an authority of today; None if they do not.

    An authority ends with the appointment of whoever gave it.
    """
    with workshop.database.writing(durable=True) as connection:
        submitted = expect(store.batch(connection, tenant_id, batch_id, lock=True), Submitted)
        terms = submitted.terms
        day = today(now)
        names = {item.document_name for chunk in store.every_document(connection, batch_id) for item in chunk}
        rows = connection.execute(
            select(_standing).where(
                _standing.c.school_id == terms.school_id,
                _standing.c.tenant_id == tenant_id,
                _standing.c.withdrawn_at.is_(None),
                _standing.c.valid_from <= day,
                _standing.c.valid_until >= day,
                _standing.c.granted_by.not_in([submitted.submitted_by, terms.created_by]),
            )
        ).all()
        appointed = {
            giver for giver in {row.granted_by for row in rows} if _is_approver(connection, giver, terms, day)
        }
        by_name = {row.document_name: row for row in rows if row.granted_by in appointed}
        if not names <= by_name.keys() or changed_learners(connection, tenant_id, terms.school_id, batch_id):
            return None
        authority = by_name[min(names)]
        approved = submitted.approved(now)
        _record(
            connection,
            approved,
            {
                "mode": ApprovalMode.STANDING.value,
                "approver": authority.granted_by,
                "standing_authority_id": authority.id,
                "evidence": [by_name[name].id for name in sorted(names)],
            },
        )
    return approved


def _is_approver(connection: Connection, account_id: str, terms: BatchTerms, day: date) -> bool:
    account = staff.account(connection, STAFF, account_id)
    return (
        account is not None
        and account.state != staff.CLOSED
        and any(
            grant.role is Role.APPROVER
            and grant.tenant_id == terms.tenant_id
            and grant.school_id in {None, terms.school_id}
            for grant in staff.grants_on(connection, STAFF, account, day)
        )
    )
