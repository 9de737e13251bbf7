"""Signing in: with a passkey, or with a password and then a code. Each use case is its own transaction.

Unknown logins, people without a password and wrong secrets get the same answer after the same work.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from ipaddress import IPv6Address, ip_address
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from tegata.codec import base64url
from tegata.service.staff import passwords, store, totp
from tegata.service.staff.accounts import fold_login
from tegata.service.staff.attempts import Attempts
from tegata.service.staff.ceremonies import Ceremonies
from tegata.service.staff.context import StaffContext
from tegata.service.staff.errors import PasskeyRefused, SignInRefused
from tegata.service.staff.principal import How
from tegata.service.staff.sessions import NewSession, Sessions
from tegata.service.staff.store import Account

CODE_LIFETIME = timedelta(minutes=5)
_PURPOSE = "code"


@dataclass(frozen=True, slots=True)
class _Pending:
    """A right password that waits for its code."""

    id: str
    account: Account


class SignIn:
    """The use cases of somebody who is not signed in."""

    def __init__(
        self, context: StaffContext, ceremonies: Ceremonies, sessions: Sessions, attempts: Attempts
    ) -> None:
        self._context = context
        self._ceremonies = ceremonies
        self._sessions = sessions
        self._attempts = attempts

    def passkey_options(self, login: str, now: datetime) -> dict[str, Any]:
        """Return request options: for discoverable passkeys without a login, else for those of the login.

        A login that does not exist, or has no passkey, gets a made-up credential, always the same one, so that the
        answer does not tell (WebAuthn §14.6.2).
        """
        tables = self._context.tables
        folded = fold_login(login)
        with self._context.database.writing() as connection:
            if not folded:
                return self._ceremonies.begin_sign_in(connection, (), None, now)
            owner = store.account_by_login(connection, tables, folded)
            mine = store.passkeys(connection, tables, owner.id) if owner else ()
            if owner is None or not mine:
                made_up = base64url.encode(self._context.keyring.digest("credential", folded))
                return self._ceremonies.begin_sign_in(connection, (made_up,), None, now)
            allowed = tuple(item.credential_id for item in mine)
            return self._ceremonies.begin_sign_in(connection, allowed, owner.id, now)

    def finish_passkey(self, answer: Any, now: datetime, *, replaces: str | None = None) -> NewSession:
        """Sign in with a passkey's answer; raises `PasskeyRefused`."""
        with self._context.database.writing() as connection:
            passkey = self._ceremonies.finish_sign_in(connection, answer, now)
            owner = store.account(connection, self._context.tables, passkey.account_id)
            if owner is None or owner.state != store.ACTIVE:
                raise PasskeyRefused("the account is not active")
            return self._sessions.begin(connection, owner, How.PASSKEY, now, replaces=replaces)

    def check_password(self, login: str, password: str, source: str, now: datetime) -> str:
        """Judge the password; returns a token for the step with the code.

        Raises `SignInRefused`, whatever was wrong, and `TooManyAttempts` while the login or the source rests.
        """
        folded, place = fold_login(login), network_of(source)
        with self._context.database.writing() as connection:
            self._attempts.take(connection, folded, place, now)
            owner = store.account_by_login(connection, self._context.tables, folded)
            secret = store.secret(connection, self._context.tables, owner.id) if owner else None
        # Between the transactions: the hash takes longer than a writer may hold the database.
        is_right = passwords.is_right(password, secret.password_hash if secret else None)
        with self._context.database.writing() as connection:
            if is_right and owner is not None and owner.state == store.ACTIVE:
                self._attempts.give_back(connection, folded, place, now)
                return self._begin_code(connection, owner, now)
            self._attempts.failed(connection, folded, place, now)
        raise SignInRefused("password")

    def check_code(
        self, pending_token: str, code: str, source: str, now: datetime, *, replaces: str | None = None
    ) -> NewSession:
        """Judge the code of the authenticator app and sign in; a code counts once (RFC 6238 §5.2)."""
        place = network_of(source)
        with self._context.database.writing() as connection:
            pending = self._pending(connection, pending_token, now)
            if pending is None:
                raise SignInRefused("no right password before, or too long ago")
            self._attempts.take(connection, pending.account.login, place, now)
        with self._context.database.writing() as connection:
            if self._is_right_code(connection, pending, code, now):
                self._attempts.give_back(connection, pending.account.login, place, now)
                self._attempts.clear(connection, pending.account.login)
                return self._sessions.begin(
                    connection, pending.account, How.PASSWORD_TOTP, now, replaces=replaces
                )
            self._attempts.failed(connection, pending.account.login, place, now)
        raise SignInRefused("code")

    def _is_right_code(self, connection: Connection, pending: _Pending, code: str, now: datetime) -> bool:
        owner, tables = pending.account, self._context.tables
        secret = store.secret(connection, tables, owner.id)
        if secret is None or owner.state != store.ACTIVE:
            return False
        step = totp.matching_step(self._context.keyring.open(secret.totp_sealed, owner.id), code, now)
        if step is None or not store.use_step(connection, tables, owner.id, step):
            return False
        table = tables.challenge
        done = connection.execute(
            update(table).where(table.c.id == pending.id, table.c.used_at.is_(None)).values(used_at=now)
        )
        return done.rowcount == 1

    def _begin_code(self, connection: Connection, owner: Account, now: datetime) -> str:
        table = self._context.tables.challenge
        connection.execute(delete(table).where(table.c.expires_at < now))
        token = secrets.token_urlsafe(32)
        values = {
            "id": secrets.token_hex(16),
            "tenant_id": owner.tenant_id,
            "purpose": _PURPOSE,
            "account_id": owner.id,
            "context_id": "",
            "nonce": b"",
            "challenge": _digest(token),
            "created_at": now,
            "expires_at": now + CODE_LIFETIME,
        }
        connection.execute(insert(table).values(values))
        return token

    def _pending(self, connection: Connection, token: str, now: datetime) -> _Pending | None:
        table = self._context.tables.challenge
        row = connection.execute(
            select(table.c.id, table.c.account_id).where(
                table.c.challenge == _digest(token),
                table.c.purpose == _PURPOSE,
                table.c.used_at.is_(None),
                table.c.expires_at > now,
            )
        ).first()
        owner = store.account(connection, self._context.tables, row.account_id) if row else None
        return None if row is None or owner is None else _Pending(row.id, owner)


def network_of(source: str) -> str:
    """Return what counts as one source: an IPv4 address, or the /64 that one IPv6 customer holds."""
    try:
        address = ip_address(source.partition("%")[0])
    except ValueError:
        return source[:64]
    if not isinstance(address, IPv6Address):
        return str(address)
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return address.packed[:8].hex()


def _digest(token: str) -> str:
    return base64url.encode(sha256(b"code\0" + token.encode("utf-8", "replace")).digest())
