"""Status lists byte for byte as they came. They are public, so that no tenant owns them."""

from datetime import datetime

from sqlalchemy import LargeBinary
from sqlmodel import Field

from tegata.service.columns import Instant
from verifier.base import Base


class StatusListRow(Base, table=True):
    """One list by the digest of its address. `body` is empty until it came once.

    `due_at` is when a newer one is asked for, `claimed_until` bounds the time of whoever is asking.
    """

    __tablename__ = "status_list"

    digest: str = Field(primary_key=True, max_length=64)
    uri: str = Field(max_length=2000)
    body: bytes = Field(default=b"", sa_type=LargeBinary)
    etag: str = Field(default="", max_length=300)
    fetched_at: datetime | None = Field(default=None, sa_type=Instant)
    due_at: datetime = Field(sa_type=Instant)
    claimed_until: datetime = Field(sa_type=Instant)
    problem: str = Field(default="", max_length=200)
    used_at: datetime = Field(sa_type=Instant, index=True)
