"""Codes that are good for one use, kept as digests, and when they were used."""

from datetime import datetime

from sqlalchemy import UniqueConstraint
from sqlmodel import Field

from issuer.base import Base
from tegata.service.columns import Instant


class Redemption(Base, table=True):
    """The code of one document. `redeemed_at` is set once; `reference` is the digest of what its redeemer calls it."""

    __tablename__ = "redemption"
    __table_args__ = (UniqueConstraint("code_digest"),)

    document_id: str = Field(primary_key=True, max_length=32, foreign_key="document.id")
    tenant_id: str = Field(max_length=32)
    school_id: str = Field(max_length=32)
    code_digest: str = Field(max_length=64)
    redeemed_at: datetime | None = Field(default=None, sa_type=Instant)
    redeemer: str = Field(default="", max_length=100)
    reference: str = Field(default="", max_length=64)
