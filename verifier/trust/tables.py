"""Lists of issuers as they were received, and when the newest was last asked for."""

from datetime import datetime

from sqlalchemy import LargeBinary
from sqlmodel import Field

from tegata.service.columns import Instant
from verifier.base import Base


class TrustListRow(Base, table=True):
    """One believed list; `jws` is byte for byte what was signed. The newest few are kept as evidence."""

    __tablename__ = "trust_list"

    sequence: int = Field(primary_key=True)
    jws: bytes = Field(sa_type=LargeBinary)
    digest: str = Field(max_length=64)
    source: str = Field(max_length=500)
    loaded_at: datetime = Field(sa_type=Instant)


class TrustRefreshRow(Base, table=True):
    """The one row that says when the list was last asked for, so that several processes do not all ask."""

    __tablename__ = "trust_refresh"

    id: int = Field(primary_key=True)
    attempted_at: datetime = Field(sa_type=Instant)
    problem: str = Field(default="", max_length=200)
