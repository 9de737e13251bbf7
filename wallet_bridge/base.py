"""The registry of the bridge's tables. Nothing else: every `tables.py` imports this."""

from typing import TYPE_CHECKING

from tegata.service.audit import define_audit_tables
from tegata.service.database import new_base

if TYPE_CHECKING:
    from sqlmodel import SQLModel as Base
else:
    Base = new_base()  # a type checker takes no class that a function makes

__all__ = ["AUDIT", "Base"]

AUDIT = define_audit_tables(Base.metadata)
