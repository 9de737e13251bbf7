"""Legal persons, boards, schools, their officers, and their keys. Rows carry the dates between which they hold.

The tenant is the legal person (設置者): its id is the `tenant_id` of every other row. Dates are days in Asia/Tokyo and
inclusive; no first day means that it was so before these records begin.
"""

from datetime import date, datetime
from typing import Any

from sqlalchemy import Date, LargeBinary, UniqueConstraint
from sqlmodel import Field

from issuer.base import Base
from tegata.service.columns import Instant, JsonBytes


class LegalPerson(Base, table=True):
    """A 設置者: who is answerable, proved by its 法人番号; `id` is the tenant's."""

    __tablename__ = "legal_person"

    id: str = Field(primary_key=True, max_length=32)
    corporate_number: str = Field(max_length=13, unique=True)
    kind: str = Field(max_length=32)
    local_government_code: str = Field(default="", max_length=6)
    name: str = Field(max_length=200)
    name_latin: str = Field(default="", max_length=200)
    is_test: bool = Field(default=False)
    enrolled_at: datetime = Field(sa_type=Instant)


class Authority(Base, table=True):
    """A 教育委員会: a role under its legal person, without a number of its own but the 教育委員会コード."""

    __tablename__ = "authority"

    id: str = Field(primary_key=True, max_length=32)
    tenant_id: str = Field(max_length=32, foreign_key="legal_person.id", index=True)
    board_code: str = Field(max_length=6, unique=True)
    name: str = Field(max_length=200)
    name_latin: str = Field(default="", max_length=200)


class SchoolRow(Base, table=True):
    """A school. `public_id` is opaque and given once; the 学校コード is an attribute that never changes either.

    With `is_name_hidden` the very name of the school is sensitive: certificates and the trust list name its
    establisher alone.
    """

    __tablename__ = "school"

    id: str = Field(primary_key=True, max_length=32)
    tenant_id: str = Field(max_length=32, foreign_key="legal_person.id", index=True)
    authority_id: str | None = Field(default=None, max_length=32, foreign_key="authority.id")
    public_id: str = Field(max_length=32, unique=True)
    code: str = Field(max_length=13, unique=True)
    kind: str = Field(max_length=2)
    is_name_hidden: bool = Field(default=False)
    valid_from: date | None = Field(default=None, sa_type=Date)
    closed_on: date | None = Field(default=None, sa_type=Date)
    successor_id: str | None = Field(default=None, max_length=32, foreign_key="school.id")


class SchoolProfile(Base, table=True):
    """A school's names and address between two days."""

    __tablename__ = "school_profile"

    id: str = Field(primary_key=True, max_length=32)
    tenant_id: str = Field(max_length=32)
    school_id: str = Field(max_length=32, foreign_key="school.id", index=True)
    name: str = Field(max_length=200)
    name_latin: str = Field(default="", max_length=200)
    address: str = Field(default="", max_length=400)
    address_latin: str = Field(default="", max_length=400)
    valid_from: date | None = Field(default=None, sa_type=Date)
    valid_until: date | None = Field(default=None, sa_type=Date)


class Officer(Base, table=True):
    """A dated appointment: head, approver, clerk. `staff_account_id` is set once the person signs in here."""

    __tablename__ = "officer"

    id: str = Field(primary_key=True, max_length=32)
    tenant_id: str = Field(max_length=32)
    school_id: str = Field(max_length=32, foreign_key="school.id", index=True)
    role: str = Field(max_length=20)
    title: str = Field(max_length=100)
    title_latin: str = Field(default="", max_length=100)
    name: str = Field(max_length=200)
    name_latin: str = Field(default="", max_length=200)
    valid_from: date | None = Field(default=None, sa_type=Date)
    valid_until: date | None = Field(default=None, sa_type=Date)
    staff_account_id: str | None = Field(default=None, max_length=32)


class SigningKey(Base, table=True):
    """A key of a school or of the operator, private part sealed; one use each.

    `chain` holds base64 DER certificates, leaf first, without the anchor. A `pending` key waits for its certificate.
    """

    __tablename__ = "signing_key"
    __table_args__ = (UniqueConstraint("organisation_id", "key_id"),)

    id: str = Field(primary_key=True, max_length=32)
    tenant_id: str = Field(max_length=32)
    organisation_id: str = Field(max_length=32, index=True)
    use: str = Field(max_length=20)
    algorithm: str = Field(max_length=10)
    key_id: str = Field(max_length=64)
    state: str = Field(max_length=12)
    created_at: datetime = Field(sa_type=Instant)
    active_from: datetime | None = Field(default=None, sa_type=Instant)
    active_until: datetime | None = Field(default=None, sa_type=Instant)
    compromised_from: datetime | None = Field(default=None, sa_type=Instant)
    public_jwk: Any = Field(sa_type=JsonBytes)
    sealed: bytes = Field(sa_type=LargeBinary)
    chain: Any = Field(default=None, sa_type=JsonBytes)
