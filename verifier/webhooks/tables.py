"""Where an organisation wants to be told, and what has still to be told."""

from datetime import datetime
from typing import Any

from sqlalchemy import LargeBinary
from sqlmodel import Field

from tegata.service.columns import Instant, JsonBytes
from verifier.base import Base


class WebhookEndpointRow(Base, table=True):
    """One address of a tenant; `secret` is sealed."""

    __tablename__ = "webhook_endpoint"

    id: str = Field(primary_key=True, max_length=32)
    tenant_id: str = Field(max_length=32, index=True)
    url: str = Field(max_length=2000)
    secret: bytes = Field(sa_type=LargeBinary)
    created_at: datetime = Field(sa_type=Instant)


class WebhookJobRow(Base, table=True):
    """One message to one address. `claimed_by` and `due_at` say who delivers it and when it is tried (again)."""

    __tablename__ = "webhook_job"

    id: str = Field(primary_key=True, max_length=32)
    tenant_id: str = Field(max_length=32)
    endpoint_id: str = Field(max_length=32, foreign_key="webhook_endpoint.id", index=True)
    body: Any = Field(sa_type=JsonBytes)
    attempts: int = Field(default=0)
    due_at: datetime = Field(sa_type=Instant, index=True)
    created_at: datetime = Field(sa_type=Instant)
    problem: str = Field(default="", max_length=64)
    is_given_up: bool = Field(default=False)
