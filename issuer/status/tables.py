"""Status lists, their entries, and why a status changed; reasons stay inside (DESIGN §5)."""

from datetime import datetime

from sqlalchemy import LargeBinary, UniqueConstraint
from sqlmodel import Field

from issuer.base import Base
from tegata.service.columns import Instant


class StatusList(Base, table=True):
    """One list of a school. `bits` holds every slot, two bits each; slots that are not open yet are invalid.

    Slots are handed out in the order of a keyed permutation: `allocated` of them are taken, `usable` are known as
    valid to every cache, `opened` are published as valid. `opened_at` is when the newest ones were opened.
    """

    __tablename__ = "status_list"

    id: str = Field(primary_key=True, max_length=32)
    tenant_id: str = Field(max_length=32)
    school_id: str = Field(max_length=32, index=True)
    size: int
    allocated: int = Field(default=0)
    usable: int = Field(default=0)
    opened: int = Field(default=0)
    opened_at: datetime = Field(sa_type=Instant)
    bits: bytes = Field(sa_type=LargeBinary)
    version: int = Field(default=1)
    changed_at: datetime = Field(sa_type=Instant)


class StatusEntry(Base, table=True):
    """The slot of one signed instance: a master or a copy of a document."""

    __tablename__ = "status_entry"
    __table_args__ = (UniqueConstraint("list_id", "slot"),)

    instance_id: str = Field(primary_key=True, max_length=32)
    tenant_id: str = Field(max_length=32)
    list_id: str = Field(max_length=32, foreign_key="status_list.id")
    slot: int
    document_id: str = Field(max_length=32, foreign_key="document.id", index=True)


class StatusChange(Base, table=True):
    """One change of a document's status: who, when, why. The newest one is the present status."""

    __tablename__ = "status_change"

    id: str = Field(primary_key=True, max_length=32)
    tenant_id: str = Field(max_length=32)
    document_id: str = Field(max_length=32, foreign_key="document.id", index=True)
    value: int
    reason: str = Field(max_length=40)
    note: bytes = Field(sa_type=LargeBinary)
    actor: str = Field(max_length=64)
    changed_at: datetime = Field(sa_type=Instant)


class StatusPublication(Base, table=True):
    """A signed rendering of a list as it is served; made again when the list changed or the rendering grows old."""

    __tablename__ = "status_publication"

    list_id: str = Field(primary_key=True, max_length=32, foreign_key="status_list.id")
    rendering: str = Field(primary_key=True, max_length=20)
    tenant_id: str = Field(max_length=32)
    version: int
    body: bytes = Field(sa_type=LargeBinary)
    issued_at: datetime = Field(sa_type=Instant)
    expires_at: datetime = Field(sa_type=Instant)
