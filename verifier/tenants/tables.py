"""Asking organisations. A tenant is a legal person; everything else in this database names one."""

from datetime import datetime

from sqlmodel import Field

from tegata.service.columns import Instant
from verifier.base import Base


class TenantRow(Base, table=True):
    """One legal person, with the names that wallets show; `corporate_number` is its 法人番号, or empty."""

    __tablename__ = "tenant"

    id: str = Field(primary_key=True, max_length=32)
    name: str = Field(max_length=200)
    name_en: str = Field(default="", max_length=200)
    corporate_number: str = Field(default="", max_length=13)
    created_at: datetime = Field(sa_type=Instant)
