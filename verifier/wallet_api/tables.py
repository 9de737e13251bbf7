"""One row for each request that was made, from its making to its end."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, LargeBinary
from sqlmodel import Field

from tegata.service.columns import Instant, JsonBytes
from verifier.base import Base


class PresentationRequestRow(Base, table=True):
    """A request and its answer. `version` counts the steps: whoever saves names the version that it read.

    `encryption_key`, `answer` and `report` are sealed (`verifier.vault`), each for its place; the personal data is
    dropped when `kept_until` has passed, the row itself with it. `reference` is the asking organisation's own.
    """

    __tablename__ = "presentation_request"
    __table_args__ = (
        Index("ix_presentation_request_tenant_id_created_at", "tenant_id", "created_at"),
        Index("ix_presentation_request_state_closed_at", "state", "closed_at"),
    )

    id: str = Field(primary_key=True, max_length=32)
    tenant_id: str = Field(max_length=32)
    version: int = Field(default=0)
    state: str = Field(max_length=16)
    request_id: str = Field(max_length=64, unique=True)
    same_device_id: str = Field(max_length=64, unique=True)
    client_id: str = Field(max_length=500)
    nonce: str = Field(max_length=64)
    wallet_state: str = Field(max_length=64)
    response_base: str = Field(max_length=500)
    response_mode: str = Field(max_length=16)
    query: Any = Field(sa_type=JsonBytes)
    template: str = Field(max_length=64)
    purpose: str = Field(max_length=400)
    reference: str = Field(max_length=200)
    created_by: str = Field(max_length=64)
    created_at: datetime = Field(sa_type=Instant)
    expires_at: datetime = Field(sa_type=Instant)
    kept_until: datetime = Field(sa_type=Instant, index=True)
    encryption_key: bytes | None = Field(default=None, sa_type=LargeBinary)
    fetched_at: datetime | None = Field(default=None, sa_type=Instant)
    session_digest: str = Field(default="", max_length=64)
    received_at: datetime | None = Field(default=None, sa_type=Instant)
    response_code_digest: str | None = Field(default=None, max_length=64, unique=True)
    closed_at: datetime | None = Field(default=None, sa_type=Instant)
    verdict: str = Field(default="", max_length=16)
    wallet_error: str = Field(default="", max_length=64)
    answer: bytes | None = Field(default=None, sa_type=LargeBinary)
    report: bytes | None = Field(default=None, sa_type=LargeBinary)
