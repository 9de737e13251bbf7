"""Accepting an invitation: the first passkey, or a password with an authenticator app, and then signed in."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from tegata.service.staff import passwords, store, totp
from tegata.service.staff.ceremonies import REGISTER, Binding, Ceremonies
from tegata.service.staff.context import StaffContext
from tegata.service.staff.errors import CodeRefused, InvitationOver
from tegata.service.staff.keyring import token_digest
from tegata.service.staff.principal import How
from tegata.service.staff.sessions import NewSession, Sessions
from tegata.service.staff.store import Account, Invitation, Secret


@dataclass(frozen=True, slots=True)
class Invited:
    """What the page of an invitation shows."""

    account: Account
    expires_at: datetime
    totp_uri: str
    totp_secret: str


class Invitations:
    """Use cases of somebody who holds a one-time link; each is its own transaction."""

    def __init__(self, context: StaffContext, ceremonies: Ceremonies, sessions: Sessions) -> None:
        self._context = context
        self._ceremonies = ceremonies
        self._sessions = sessions

    def look(self, token: str, now: datetime) -> Invited:
        """Return whose invitation it is; looking uses nothing up; raises `InvitationOver`."""
        with self._context.database.reading() as connection:
            held, owner = self._open(connection, token, now)
        secret = self._totp_secret(held, owner)
        uri = totp.provisioning_uri(secret, self._context.party.name, owner.login)
        return Invited(owner, held.expires_at, uri, totp.secret_text(secret))

    def passkey_options(self, token: str, now: datetime) -> dict[str, Any]:
        """Return creation options for the first passkey."""
        with self._context.database.writing() as connection:
            held, owner = self._open(connection, token, now)
            return self._ceremonies.begin_registration(connection, owner, _binding(held), now)

    def accept_with_passkey(
        self, token: str, answer: Any, label: str, now: datetime, *, replaces: str | None = None
    ) -> NewSession:
        """Store the passkey, use the invitation up and sign in."""
        with self._context.database.writing() as connection:
            held, owner = self._open(connection, token, now)
            self._ceremonies.finish_registration(connection, owner, _binding(held), answer, label, now)
            return self._finish(connection, held, owner, How.PASSKEY, now, replaces)

    def accept_with_password(
        self, token: str, password: str, code: str, now: datetime, *, replaces: str | None = None
    ) -> NewSession:
        """Set password and authenticator app, use the invitation up and sign in.

        Raises `PasswordRefused`, and `CodeRefused` where the app does not show the code of the secret it was given.
        """
        with self._context.database.reading() as connection:
            held, owner = self._open(connection, token, now)
        passwords.check_new(password, owner.login, owner.name_latin)
        step = totp.matching_step(self._totp_secret(held, owner), code, now)
        if step is None:
            raise CodeRefused("the code for setting up is wrong")
        # Hashed before the transaction begins: it takes longer than a writer may hold the database.
        password_hash = passwords.hash_password(password)
        with self._context.database.writing() as connection:
            held, owner = self._open(connection, token, now)
            secret = Secret(password_hash, held.totp_sealed, step)
            store.put_secret(connection, self._context.tables, owner, secret, now)
            self._context.record(connection, now, owner.id, "password.set", owner.id, owner.tenant_id)
            return self._finish(connection, held, owner, How.PASSWORD_TOTP, now, replaces)

    def _open(self, connection: Connection, token: str, now: datetime) -> tuple[Invitation, Account]:
        held = store.invitation(connection, self._context.tables, token_digest(token), now)
        owner = store.account(connection, self._context.tables, held.account_id) if held else None
        if held is None or owner is None or owner.state == store.CLOSED:
            raise InvitationOver("unknown, used, replaced or over")
        return held, owner

    def _finish(
        self,
        connection: Connection,
        held: Invitation,
        owner: Account,
        how: How,
        now: datetime,
        replaces: str | None,
    ) -> NewSession:
        if not store.use_invitation(connection, self._context.tables, held.id, now):
            raise InvitationOver("used at the same moment")
        store.set_state(connection, self._context.tables, owner.id, store.ACTIVE)
        return self._sessions.begin(connection, owner, how, now, replaces=replaces)

    def _totp_secret(self, held: Invitation, owner: Account) -> bytes:
        return self._context.keyring.open(held.totp_sealed, owner.id)


def _binding(held: Invitation) -> Binding:
    return Binding(REGISTER, held.account_id, None, held.id)
