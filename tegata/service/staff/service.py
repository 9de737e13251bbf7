"""`StaffService`: the use cases of staff accounts and sign-in, put together for one service."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from tegata.service.audit import AuditTables
from tegata.service.database import Database
from tegata.service.settings import ServiceSettings
from tegata.service.staff.accounts import Accounts
from tegata.service.staff.attempts import Attempts
from tegata.service.staff.ceremonies import REGISTER, Binding, Ceremonies
from tegata.service.staff.context import StaffContext
from tegata.service.staff.errors import SignInNeeded
from tegata.service.staff.evidence import ApprovalEvidence
from tegata.service.staff.invitations import Invitations
from tegata.service.staff.keyring import Keyring
from tegata.service.staff.principal import Principal
from tegata.service.staff.sessions import Sessions, check_fresh
from tegata.service.staff.sign_in import SignIn
from tegata.service.staff.store import Account, account
from tegata.service.staff.tables import StaffTables
from tegata.service.staff.webauthn import RelyingParty

IDLE = timedelta(minutes=30)


class StaffService:
    """Use cases by subject: `accounts`, `invitations`, `sign_in`, `sessions`, `ceremonies`.

    What takes a `connection` works inside the caller's transaction; `invitations` and `sign_in` open their own,
    because a wrong try has to be remembered although it is refused.
    """

    def __init__(
        self,
        settings: ServiceSettings,
        database: Database,
        tables: StaffTables,
        audit: AuditTables,
        *,
        name: str = "Tegata",
        idle: timedelta = IDLE,
    ) -> None:
        party = RelyingParty(settings.host, settings.public_origin, name)
        keyring = Keyring(settings.key_encryption_bytes())
        context = StaffContext(database, tables, audit, keyring, party, idle)
        attempts = Attempts(tables, keyring)
        self._context = context
        self.database = database
        self.party = party
        self.sessions = Sessions(context)
        self.ceremonies = Ceremonies(context)
        self.accounts = Accounts(context, attempts, self.sessions)
        self.invitations = Invitations(context, self.ceremonies, self.sessions)
        self.sign_in = SignIn(context, self.ceremonies, self.sessions, attempts)

    def principal(self, token: str, now: datetime) -> Principal | None:
        """Return who a cookie stands for and note that they were active; raises `SessionEnded`."""
        with self._context.database.reading() as connection:
            found = self.sessions.principal(connection, token, now)
            is_due = found is not None and self.sessions.is_due(connection, found.session_id, now)
        if found is not None and is_due:
            with self._context.database.writing() as connection:
                self.sessions.touch(connection, found.session_id, now)
        return found

    def sign_out(self, token: str, now: datetime) -> None:
        """End the session of a cookie."""
        with self._context.database.writing() as connection:
            self.sessions.end(connection, token, now)

    def begin_assertion(
        self,
        connection: Connection,
        principal: Principal,
        purpose: str,
        context_id: str,
        message: bytes,
        now: datetime,
    ) -> dict[str, Any]:
        """Return request options for a passkey to sign `message`; see `Ceremonies.begin_assertion`."""
        return self.ceremonies.begin_assertion(connection, principal, purpose, context_id, message, now)

    def finish_assertion(
        self,
        connection: Connection,
        principal: Principal,
        purpose: str,
        context_id: str,
        message: bytes,
        answer: Any,
        now: datetime,
    ) -> ApprovalEvidence:
        """Check a passkey's signature over `message`; see `Ceremonies.finish_assertion`."""
        return self.ceremonies.finish_assertion(
            connection, principal, purpose, context_id, message, answer, now
        )

    def begin_adding_passkey(
        self, connection: Connection, principal: Principal, now: datetime
    ) -> dict[str, Any]:
        """Return creation options for one more passkey; raises `SignInAgain`.

        Only somebody who came with a passkey may add one: else a password would be a way to approve after all.
        """
        check_fresh(principal, now)
        owner, binding = self._own(connection, principal)
        return self.ceremonies.begin_registration(connection, owner, binding, now)

    def finish_adding_passkey(
        self, connection: Connection, principal: Principal, answer: Any, label: str, now: datetime
    ) -> str:
        """Store one more passkey of one's own; returns its id; raises `SignInAgain`, or `PasskeyRefused`."""
        check_fresh(principal, now)
        owner, binding = self._own(connection, principal)
        return self.ceremonies.finish_registration(connection, owner, binding, answer, label, now)

    def _own(self, connection: Connection, principal: Principal) -> tuple[Account, Binding]:
        owner = account(connection, self._context.tables, principal.account_id)
        if owner is None:
            raise SignInNeeded("the account is gone")
        return owner, Binding(REGISTER, owner.id, principal.session_id)
