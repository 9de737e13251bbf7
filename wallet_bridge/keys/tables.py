"""Keys of the bridge, sealed."""

from datetime import datetime

from sqlalchemy import LargeBinary
from sqlmodel import Field

from tegata.service.columns import Instant
from wallet_bridge.base import Base


class BridgeKeyRow(Base, table=True):
    """One key and its use; there is one for each use, and the private part is sealed."""

    __tablename__ = "bridge_key"

    use: str = Field(primary_key=True, max_length=20)
    tenant_id: str = Field(max_length=32)
    key_id: str = Field(max_length=64, unique=True)
    sealed: bytes = Field(sa_type=LargeBinary)
    created_at: datetime = Field(sa_type=Instant)
