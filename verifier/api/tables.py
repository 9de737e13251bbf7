"""API keys: what is stored cannot be used."""

from datetime import datetime

from sqlmodel import Field

from tegata.service.columns import Instant
from verifier.base import Base


class ApiKeyRow(Base, table=True):
    """One key. `prefix` is its visible beginning, `digest` an HMAC of the whole; `scopes` are separated by spaces."""

    __tablename__ = "api_key"

    id: str = Field(primary_key=True, max_length=32)
    tenant_id: str = Field(max_length=32, index=True)
    name: str = Field(max_length=100)
    prefix: str = Field(max_length=16, unique=True)
    digest: str = Field(max_length=64)
    scopes: str = Field(max_length=200)
    created_at: datetime = Field(sa_type=Instant)
    expires_at: datetime | None = Field(default=None, sa_type=Instant)
    revoked_at: datetime | None = Field(default=None, sa_type=Instant)
    used_at: datetime | None = Field(default=None, sa_type=Instant)
