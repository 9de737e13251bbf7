"""What the registrar keeps: every certificate it signed, what each school may issue, every published list."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import Date, LargeBinary, UniqueConstraint
from sqlmodel import Field

from issuer.base import Base
from tegata.service.columns import Instant, JsonBytes


class Operator(Base, table=True):
    """Who runs the registrar; the one row, named on the trust list and in the authorities' certificates."""

    __tablename__ = "registrar_operator"

    id: str = Field(primary_key=True, max_length=32)
    name: str = Field(max_length=200)
    name_latin: str = Field(default="", max_length=200)


class IssuedCertificate(Base, table=True):
    """A certificate that was signed here, root and intermediate included; `names` are its alternative names."""

    __tablename__ = "issued_certificate"

    id: str = Field(primary_key=True, max_length=32)
    tenant_id: str = Field(max_length=32, index=True)
    use: str = Field(max_length=20)
    key_id: str = Field(max_length=64, index=True)
    subject: str = Field(max_length=1000)
    names: Any = Field(sa_type=JsonBytes)
    certificate: bytes = Field(sa_type=LargeBinary)
    not_before: datetime = Field(sa_type=Instant)
    not_after: datetime = Field(sa_type=Instant)


class Permission(Base, table=True):
    """A school may issue a document type about a school, between two days; as custodian about another's learners."""

    __tablename__ = "permission"
    __table_args__ = (UniqueConstraint("school_id", "document_type", "about_school_id", "valid_from"),)

    id: str = Field(primary_key=True, max_length=32)
    tenant_id: str = Field(max_length=32)
    school_id: str = Field(max_length=32, foreign_key="school.id")
    document_type: str = Field(max_length=300)
    about_school_id: str = Field(max_length=32, foreign_key="school.id")
    valid_from: date = Field(sa_type=Date)
    valid_until: date | None = Field(default=None, sa_type=Date)
    as_custodian: bool = Field(default=False)
    granted_at: datetime = Field(sa_type=Instant)


class TrustListVersion(Base, table=True):
    """A published list, byte for byte. A new version never changes an old one."""

    __tablename__ = "trust_list_version"

    sequence: int = Field(primary_key=True)
    jws: bytes = Field(sa_type=LargeBinary)
    digest: str = Field(max_length=64)
    issued_at: datetime = Field(sa_type=Instant)
    next_update: datetime = Field(sa_type=Instant)
