"""People and their roles: created by somebody who may, invited by a one-time link, closed when they leave.

Who may create and grant is the caller's rule; what may be granted at all is decided here.
"""

import secrets
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Connection

from tegata.errors import MalformedInput, NotFound
from tegata.service.staff import store, totp
from tegata.service.staff.attempts import Attempts
from tegata.service.staff.context import StaffContext
from tegata.service.staff.errors import GrantRefused, LastWayIn
from tegata.service.staff.keyring import token_digest
from tegata.service.staff.principal import INSTALLATION_ROLES, Grant, Principal
from tegata.service.staff.sessions import Sessions, check_fresh
from tegata.service.staff.store import Account, Passkey

INVITATION_LIFETIME = timedelta(days=7)
_LONGEST_LOGIN = 128
_LONGEST_NAME = 200


@dataclass(frozen=True, slots=True)
class NewAccount:
    """A person to be added. `tenant_id` is None for the operator's own people."""

    tenant_id: str | None
    login: str
    name: str
    name_latin: str


class Accounts:
    """Use cases about people; each works inside the caller's transaction."""

    def __init__(self, context: StaffContext, attempts: Attempts, sessions: Sessions) -> None:
        self._context = context
        self._attempts = attempts
        self._sessions = sessions

    def create(self, connection: Connection, actor: str, new: NewAccount, now: datetime) -> Account:
        """Add a person who cannot sign in yet; raises `LoginTaken`, or `MalformedInput` for an impossible login."""
        login = fold_login(new.login)
        _check(login, "login", _LONGEST_LOGIN)
        _check(new.name, "name", _LONGEST_NAME)
        _check(new.name_latin, "name_latin", _LONGEST_NAME)
        if any(character.isspace() for character in login):
            raise MalformedInput("a login with a blank", pointer="/login")
        made = Account(secrets.token_hex(16), new.tenant_id, login, new.name, new.name_latin, store.INVITED)
        store.add_account(connection, self._context.tables, made, now)
        self._context.record(connection, now, actor, "account.created", made.id, made.tenant_id)
        return made

    def invite(self, connection: Connection, actor: str, account_id: str, now: datetime) -> str:
        """Return the token of a new one-time link; earlier links of the person end. Also how a lost passkey is replaced."""
        owner = self._account(connection, account_id)
        if owner.state == store.CLOSED:
            raise NotFound("the account is closed")
        token = secrets.token_urlsafe(32)
        sealed = self._context.keyring.seal(secrets.token_bytes(totp.SECRET_BYTES), owner.id)
        invitation_id = store.add_invitation(
            connection,
            self._context.tables,
            owner,
            token_digest(token),
            sealed,
            now,
            now + INVITATION_LIFETIME,
        )
        self._context.record(connection, now, actor, "account.invited", invitation_id, owner.tenant_id)
        return token

    def grant(self, connection: Connection, actor: str, account_id: str, grant: Grant, now: datetime) -> str:
        """Give a role; returns its id; raises `GrantRefused`.

        Roles over the installation have no tenant, all others have one. Somebody of a tenant gets roles in that tenant
        only; the operator's people may get roles anywhere.
        """
        owner = self._account(connection, account_id)
        if (grant.tenant_id is None) != (grant.role in INSTALLATION_ROLES):
            raise GrantRefused("a role with the wrong reach")
        if grant.tenant_id is None and grant.school_id is not None:
            raise GrantRefused("a school without its tenant")
        if owner.tenant_id is not None and grant.tenant_id != owner.tenant_id:
            raise GrantRefused("a role in another tenant")
        if grant.valid_until is not None and grant.valid_until < grant.valid_from:
            raise GrantRefused("ends before it begins")
        grant_id = store.add_grant(connection, self._context.tables, owner.id, grant)
        self._context.record(
            connection, now, actor, f"role.given.{grant.role.value}", grant_id, owner.tenant_id
        )
        return grant_id

    def end_grant(
        self, connection: Connection, actor: str, grant_id: str, last_day: date, now: datetime
    ) -> None:
        """Let a role end with that day; raises `NotFound`."""
        account_id = store.end_grant(connection, self._context.tables, grant_id, last_day)
        if account_id is None:
            raise NotFound("no such role")
        tenant_id = self._account(connection, account_id).tenant_id
        self._context.record(connection, now, actor, "role.ended", grant_id, tenant_id)

    def close(self, connection: Connection, actor: str, account_id: str, now: datetime) -> None:
        """Close an account: every session and invitation of the person ends at once."""
        owner = self._account(connection, account_id)
        store.set_state(connection, self._context.tables, owner.id, store.CLOSED)
        store.close_invitations(connection, self._context.tables, owner.id, now)
        self._sessions.end_all(connection, owner.id)
        self._context.record(connection, now, actor, "account.closed", owner.id, owner.tenant_id)

    def unlock(self, connection: Connection, actor: str, account_id: str, now: datetime) -> None:
        """End the rest that wrong passwords earned a login."""
        owner = self._account(connection, account_id)
        self._attempts.clear(connection, owner.login)
        self._context.record(connection, now, actor, "account.unlocked", owner.id, owner.tenant_id)

    def passkeys(self, connection: Connection, principal: Principal) -> tuple[Passkey, ...]:
        """Return the person's own passkeys."""
        return store.passkeys(connection, self._context.tables, principal.account_id)

    def remove_passkey(
        self, connection: Connection, principal: Principal, passkey_id: str, now: datetime
    ) -> None:
        """Take one's own passkey out of use; raises `SignInAgain`, `LastWayIn`, or `NotFound`."""
        check_fresh(principal, now)
        tables = self._context.tables
        mine = store.passkeys(connection, tables, principal.account_id)
        if passkey_id not in {item.id for item in mine}:
            raise NotFound("no such passkey of this person")
        if len(mine) == 1:
            raise LastWayIn("the last passkey")
        store.remove_passkey(connection, tables, principal.account_id, passkey_id, now)
        actor = principal.account_id
        self._context.record(connection, now, actor, "passkey.removed", passkey_id, principal.tenant_id)

    def _account(self, connection: Connection, account_id: str) -> Account:
        found = store.account(connection, self._context.tables, account_id)
        if found is None:
            raise NotFound("no such account")
        return found


def fold_login(login: str) -> str:
    """Return the one spelling of a login: full-width and capital letters are no difference."""
    return unicodedata.normalize("NFKC", login[: _LONGEST_LOGIN * 4]).strip().lower()


def _check(value: str, field: str, longest: int) -> None:
    has_controls = any(unicodedata.category(character).startswith("C") for character in value)
    if not value.strip() or len(value) > longest or has_controls:
        raise MalformedInput(f"{field} is empty, too long or holds control characters", pointer=f"/{field}")
