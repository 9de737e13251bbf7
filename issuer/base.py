"""The registry of the issuer's tables, its audit, staff and key tables. Nothing else: every `tables.py` imports this."""

from typing import TYPE_CHECKING

from tegata.service.api_keys.tables import define_api_key_table
from tegata.service.audit import define_audit_tables
from tegata.service.database import new_base
from tegata.service.staff.tables import define_staff_tables

if TYPE_CHECKING:
    from sqlmodel import SQLModel as Base
else:
    Base = new_base()  # a type checker takes no class that a function makes

__all__ = ["API_KEYS", "AUDIT", "STAFF", "Base"]

AUDIT = define_audit_tables(Base.metadata)
STAFF = define_staff_tables(Base.metadata)
API_KEYS = define_api_key_table(Base.metadata)
