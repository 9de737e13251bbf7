"""Request-signing keys: sealed, with the certificate chain once it is installed."""

from datetime import datetime

from sqlalchemy import LargeBinary
from sqlmodel import Field

from tegata.service.columns import Instant, JsonBytes
from verifier.base import Base


class RequestKeyRow(Base, table=True):
    """One key. `chain` is a list of base64 DER certificates, leaf first, no anchor; empty until installed."""

    __tablename__ = "request_key"

    id: str = Field(primary_key=True, max_length=32)
    key_id: str = Field(max_length=64, unique=True)
    sealed: bytes = Field(sa_type=LargeBinary)
    chain: list[str] = Field(sa_type=JsonBytes)
    created_at: datetime = Field(sa_type=Instant)
    installed_at: datetime | None = Field(default=None, sa_type=Instant)
    not_after: datetime | None = Field(default=None, sa_type=Instant)
