"""The registry of the issuer's tables, and its audit and staff tables. Nothing else: every `tables.py` imports this."""

from tegata.service.audit import define_audit_tables
from tegata.service.database import new_base
from tegata.service.staff.tables import define_staff_tables

Base = new_base()
AUDIT = define_audit_tables(Base.metadata)
STAFF = define_staff_tables(Base.metadata)
