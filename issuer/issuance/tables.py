"""Requests, batches, approvals, documents, entitlements. Claims and masters are kept sealed (`tegata.service.vault`)."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import Date, Index, LargeBinary, UniqueConstraint
from sqlmodel import Field

from issuer.base import Base
from tegata.service.columns import Instant, JsonBytes


class Request(Base, table=True):
    """A learner or graduate asks for one document; `origin` is desk or self_service.

    `details` are what only some documents need to know, such as the journey that a 学割証 is for.
    """

    __tablename__ = "request"

    id: str = Field(primary_key=True, max_length=32)
    tenant_id: str = Field(max_length=32)
    school_id: str = Field(max_length=32, index=True)
    learner_id: str = Field(max_length=32, foreign_key="learner.id", index=True)
    document_name: str = Field(max_length=40)
    origin: str = Field(max_length=20)
    purpose: str = Field(default="", max_length=200)
    details: Any = Field(default=None, sa_type=JsonBytes, nullable=True)
    state: str = Field(max_length=20)
    batch_id: str | None = Field(default=None, max_length=32)
    created_by: str = Field(max_length=64)
    created_at: datetime = Field(sa_type=Instant)


class Batch(Base, table=True):
    """Documents that are approved together. `digest` is set when approval is asked for, and frozen with the documents.

    `lease_owner` and `lease_until` say which process seals it now.
    """

    __tablename__ = "batch"

    id: str = Field(primary_key=True, max_length=32)
    tenant_id: str = Field(max_length=32)
    school_id: str = Field(max_length=32, index=True)
    reference: str = Field(max_length=20)
    state: str = Field(max_length=20, index=True)
    issue_date: date = Field(sa_type=Date)
    seal_at: datetime | None = Field(default=None, sa_type=Instant)
    size: int = Field(default=0)
    digest: str = Field(default="", max_length=64)
    created_by: str = Field(max_length=64)
    created_at: datetime = Field(sa_type=Instant)
    submitted_by: str = Field(default="", max_length=64)
    submitted_at: datetime | None = Field(default=None, sa_type=Instant)
    approved_at: datetime | None = Field(default=None, sa_type=Instant)
    sealed_at: datetime | None = Field(default=None, sa_type=Instant)
    lease_owner: str = Field(default="", max_length=32)
    lease_until: datetime | None = Field(default=None, sa_type=Instant)


class StandingAuthority(Base, table=True):
    """包括承認: an approver's standing authority for one document type, with its text, scope and end."""

    __tablename__ = "standing_authority"

    id: str = Field(primary_key=True, max_length=32)
    tenant_id: str = Field(max_length=32)
    school_id: str = Field(max_length=32, index=True)
    document_name: str = Field(max_length=40)
    text: str = Field(max_length=2000)
    valid_from: date = Field(sa_type=Date)
    valid_until: date = Field(sa_type=Date)
    digest: str = Field(max_length=64)
    granted_by: str = Field(max_length=64)
    granted_at: datetime = Field(sa_type=Instant)
    evidence: Any = Field(sa_type=JsonBytes)
    withdrawn_at: datetime | None = Field(default=None, sa_type=Instant)


class Approval(Base, table=True):
    """One decision on a batch: approved or sent back, by whom, in which mode, over which digest.

    `evidence` is the passkey's assertion, so that an auditor can check it again without us.
    """

    __tablename__ = "approval"

    id: str = Field(primary_key=True, max_length=32)
    tenant_id: str = Field(max_length=32)
    batch_id: str = Field(max_length=32, foreign_key="batch.id", index=True)
    decision: str = Field(max_length=20)
    mode: str = Field(max_length=20)
    approver: str = Field(max_length=64)
    reason: str = Field(default="", max_length=500)
    standing_authority_id: str | None = Field(default=None, max_length=32)
    digest: str = Field(max_length=64)
    decided_at: datetime = Field(sa_type=Instant)
    evidence: Any = Field(default=None, sa_type=JsonBytes, nullable=True)


class Document(Base, table=True):
    """One document of one learner, from draft to sealed master.

    `claims` are frozen when approval is asked for; `register_version` is the learner's version they were taken from.
    `issued_at` and `key_id` are fixed when it is recorded, before it is signed. `master` is the sealed W3C credential.
    """

    __tablename__ = "document"
    __table_args__ = (
        UniqueConstraint("school_id", "number"),
        UniqueConstraint("batch_id", "position"),
        Index("ix_document_batch_id_state", "batch_id", "state"),
    )

    id: str = Field(primary_key=True, max_length=32)
    tenant_id: str = Field(max_length=32)
    school_id: str = Field(max_length=32)
    batch_id: str = Field(max_length=32, foreign_key="batch.id")
    position: int
    learner_id: str = Field(max_length=32, foreign_key="learner.id", index=True)
    request_id: str | None = Field(default=None, max_length=32)
    document_name: str = Field(max_length=40)
    state: str = Field(max_length=20)
    number: str | None = Field(default=None, max_length=120)
    sequence: int | None = Field(default=None)
    issue_date: date = Field(sa_type=Date)
    register_version: int = Field(default=0)
    claims: bytes | None = Field(default=None, sa_type=LargeBinary)
    salt: str = Field(default="", max_length=32)
    digest: str = Field(default="", max_length=64)
    key_id: str = Field(default="", max_length=64)
    issued_at: datetime | None = Field(default=None, sa_type=Instant)
    valid_until: datetime | None = Field(default=None, sa_type=Instant)
    master: bytes | None = Field(default=None, sa_type=LargeBinary)
    sealed_at: datetime | None = Field(default=None, sa_type=Instant)


class NumberFormat(Base, table=True):
    """How a school writes its document numbers."""

    __tablename__ = "number_format"

    school_id: str = Field(primary_key=True, max_length=32)
    tenant_id: str = Field(max_length=32)
    prefix: str = Field(max_length=40)
    pattern: str = Field(max_length=80)


class NumberCounter(Base, table=True):
    """The one counter of document numbers of a school and 年度."""

    __tablename__ = "number_counter"
    __table_args__ = (UniqueConstraint("school_id", "school_year"),)

    id: str = Field(primary_key=True, max_length=32)
    tenant_id: str = Field(max_length=32)
    school_id: str = Field(max_length=32)
    school_year: int
    next_number: int


class NumberGap(Base, table=True):
    """Numbers that no digital document carries, and why: shared with paper, or a batch that was sent back."""

    __tablename__ = "number_gap"

    id: str = Field(primary_key=True, max_length=32)
    tenant_id: str = Field(max_length=32)
    school_id: str = Field(max_length=32, index=True)
    school_year: int
    first: int
    last: int
    reason: str = Field(max_length=200)
    recorded_at: datetime = Field(sa_type=Instant)


class Entitlement(Base, table=True):
    """The right to claim a document into wallets: until when, how many, and the 確認番号 if there is one.

    The claim link is derived from the id and the installation's secret; nothing in the row opens it.
    """

    __tablename__ = "entitlement"

    id: str = Field(primary_key=True, max_length=32)
    tenant_id: str = Field(max_length=32)
    school_id: str = Field(max_length=32)
    document_id: str = Field(max_length=32, foreign_key="document.id", index=True)
    kind: str = Field(max_length=10)
    assurance: str = Field(max_length=20)
    claim_until: datetime = Field(sa_type=Instant)
    wallets_allowed: int
    wallets_claimed: int = Field(default=0)
    tx_code_digest: str | None = Field(default=None, max_length=64)
    wrong_attempts: int = Field(default=0)
    locked_until: datetime | None = Field(default=None, sa_type=Instant)
    lock_count: int = Field(default=0)
    state: str = Field(max_length=20)
    created_by: str = Field(max_length=64)
    created_at: datetime = Field(sa_type=Instant)
