"""What every use case of staff sign-in needs, built once per service."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from tegata.service import audit
from tegata.service.audit import AuditTables, Entry
from tegata.service.database import Database
from tegata.service.staff.keyring import Keyring
from tegata.service.staff.tables import StaffTables
from tegata.service.staff.webauthn import RelyingParty

#: The audit chain of people who belong to no tenant.
INSTALLATION = "installation"
#: The actor of what a person does before being signed in.
NOBODY = "visitor"


@dataclass(frozen=True, slots=True)
class StaffContext:
    """Database, tables and keys; `idle` is how long a session may be left alone."""

    database: Database
    tables: StaffTables
    audit: AuditTables
    keyring: Keyring
    party: RelyingParty
    idle: timedelta

    def record(
        self,
        connection: Connection,
        now: datetime,
        actor: str,
        action: str,
        object_id: str,
        tenant_id: str | None,
    ) -> None:
        """Append an audit row about staff, inside the caller's transaction."""
        entry = Entry(tenant_id or INSTALLATION, actor, action, object_id)
        audit.append(connection, self.audit, now, entry)
