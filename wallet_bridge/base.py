"""The registry of the bridge's tables. Nothing else: every `tables.py` imports this."""

from tegata.service.audit import define_audit_tables
from tegata.service.database import new_base

Base = new_base()
AUDIT = define_audit_tables(Base.metadata)
