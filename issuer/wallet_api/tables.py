"""From an entitlement to what a wallet holds: code → authorization → instance (DESIGN §5).

Secrets are kept as digests only; a code is derived, so its row alone is worth nothing.
"""

from datetime import datetime

from sqlmodel import Field

from issuer.base import Base
from tegata.service.columns import Instant


class PreAuthorizedCode(Base, table=True):
    """A short-lived code of an entitlement; consumed once, by one update that sets `consumed_at`."""

    __tablename__ = "pre_authorized_code"

    id: str = Field(primary_key=True, max_length=32)
    tenant_id: str = Field(max_length=32)
    entitlement_id: str = Field(max_length=32, foreign_key="entitlement.id", index=True)
    expires_at: datetime = Field(sa_type=Instant)
    consumed_at: datetime | None = Field(default=None, sa_type=Instant)


class Authorization(Base, table=True):
    """An access token: what it may fetch and until when. `claimed_at` marks the wallet that took its place."""

    __tablename__ = "authorization"

    id: str = Field(primary_key=True, max_length=32)
    tenant_id: str = Field(max_length=32)
    school_id: str = Field(max_length=32)
    entitlement_id: str = Field(max_length=32, foreign_key="entitlement.id", index=True)
    code_id: str = Field(max_length=32, foreign_key="pre_authorized_code.id", unique=True)
    token_digest: str = Field(max_length=64, unique=True)
    configuration_ids: str = Field(max_length=2000)
    identifiers_named: bool
    created_at: datetime = Field(sa_type=Instant)
    expires_at: datetime = Field(sa_type=Instant)
    claimed_at: datetime | None = Field(default=None, sa_type=Instant)


class UsedNonce(Base, table=True):
    """A nonce that a proof was accepted for; kept until it would have expired."""

    __tablename__ = "used_nonce"

    digest: str = Field(primary_key=True, max_length=64)
    expires_at: datetime = Field(sa_type=Instant, index=True)


class Instance(Base, table=True):
    """One copy for one wallet key, recorded before it is signed; its status entry is its own."""

    __tablename__ = "instance"

    id: str = Field(primary_key=True, max_length=32)
    tenant_id: str = Field(max_length=32)
    document_id: str = Field(max_length=32, foreign_key="document.id", index=True)
    authorization_id: str = Field(max_length=32, foreign_key="authorization.id", index=True)
    notification_id: str = Field(max_length=32)
    format: str = Field(max_length=32)
    key_id: str = Field(max_length=64)
    holder_key_thumbprint: str = Field(max_length=64)
    recorded_at: datetime = Field(sa_type=Instant)
    event: str = Field(default="", max_length=32)
    event_at: datetime | None = Field(default=None, sa_type=Instant)
