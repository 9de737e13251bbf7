"""A batch from its drafting to its end. Each state is a type that only the state before can make.

    Draft ──submitted──▶ Submitted ──approved──▶ Approved ──sealed──▶ Sealed
      │                     │
      └──discarded──▶ Discarded   └──sent back──▶ Returned

Approving changes the state and nothing else: claims, numbers and issue date were frozen when approval was asked for.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import TypeVar

from issuer.issuance.errors import ContentChanged, NothingChosen, OwnRequest, WrongState
from tegata.errors import Text


class BatchState(StrEnum):
    """The names of the states, as stored."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    APPROVED = "approved"
    SEALED = "sealed"
    RETURNED = "returned"
    DISCARDED = "discarded"


class DocumentState(StrEnum):
    """The states of one document: `recorded` is prepared and has its status entry, but no signature yet."""

    DRAFT = "draft"
    FROZEN = "frozen"
    RECORDED = "recorded"
    SEALED = "sealed"
    RETURNED = "returned"
    DISCARDED = "discarded"


class ApprovalMode(StrEnum):
    """個別 each batch, 包括 by standing authority, 代決 by somebody acting for the approver."""

    INDIVIDUAL = "individual"
    STANDING = "standing"
    ACTING = "acting"


STATE_TEXT = {
    BatchState.DRAFT: Text("下書き", "Draft"),
    BatchState.SUBMITTED: Text("承認待ち", "Waiting for approval"),
    BatchState.APPROVED: Text("発行中", "Issuing"),
    BatchState.SEALED: Text("発行済み", "Issued"),
    BatchState.RETURNED: Text("差戻し", "Sent back"),
    BatchState.DISCARDED: Text("取りやめ", "Discarded"),
}


@dataclass(frozen=True, slots=True)
class BatchTerms:
    """What is fixed when a batch is drafted."""

    id: str
    tenant_id: str
    school_id: str
    reference: str
    issue_date: date
    size: int
    created_by: str
    created_at: datetime
    seal_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """Chosen documents and learners; nothing is frozen."""

    terms: BatchTerms

    def submitted(self, digest: str, actor: str, now: datetime) -> "Submitted":
        """Ask for approval of exactly what the digest covers; raises `NothingChosen` for an empty batch."""
        if not self.terms.size:
            raise NothingChosen("a batch without documents")
        return Submitted(self.terms, digest, actor, now)


@dataclass(frozen=True, slots=True)
class Submitted:
    """Frozen, and waiting for somebody else's decision."""

    terms: BatchTerms
    digest: str
    submitted_by: str
    submitted_at: datetime

    def check_decision(self, approver: str, digest: str) -> None:
        """Raise `OwnRequest` for one's own request, `ContentChanged` for another digest than the frozen one."""
        if approver in {self.submitted_by, self.terms.created_by}:
            raise OwnRequest(f"batch {self.terms.id} was asked for by its approver")
        if digest != self.digest:
            raise ContentChanged(0)

    def approved(self, now: datetime) -> "Approved":
        """Release for sealing, at once or when the batch says."""
        return Approved(self.terms, self.digest, now)


@dataclass(frozen=True, slots=True)
class Approved:
    """Being sealed, or waiting for its time."""

    terms: BatchTerms
    digest: str
    approved_at: datetime

    def is_due(self, now: datetime) -> bool:
        """Whether sealing may start."""
        return self.terms.seal_at is None or now >= self.terms.seal_at

    def sealed(self, now: datetime) -> "Sealed":
        """Close the batch: every document is signed."""
        return Sealed(self.terms, self.digest, self.approved_at, now)


@dataclass(frozen=True, slots=True)
class Sealed:
    """Done."""

    terms: BatchTerms
    digest: str
    approved_at: datetime
    sealed_at: datetime


@dataclass(frozen=True, slots=True)
class Ended:
    """Sent back or discarded: its numbers are explained gaps."""

    terms: BatchTerms
    state: BatchState


S = TypeVar("S")
Batch = Draft | Submitted | Approved | Sealed | Ended


def expect(batch: object, kind: type[S]) -> S:
    """Return the batch if it is in that state; raises `WrongState`."""
    if not isinstance(batch, kind):
        raise WrongState(f"the batch is {type(batch).__name__.lower()}, not {kind.__name__.lower()}")
    return batch


def resized(draft: Draft, size: int) -> Draft:
    """Return the draft with another number of documents."""
    return Draft(replace(draft.terms, size=size))
