"""Sessions of signed-in browsers: begun at sign-in, ended by sign-out, idleness, or their longest life."""

import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import Connection, delete, insert, select, update

from tegata.codec.dates import today
from tegata.service.staff import store
from tegata.service.staff.context import StaffContext
from tegata.service.staff.errors import ForgedForm, SessionEnded, SignInAgain
from tegata.service.staff.keyring import token_digest
from tegata.service.staff.principal import How, Principal
from tegata.service.staff.store import Account

LONGEST = timedelta(hours=12)
#: `last_seen_at` is written at most this often, so that reading pages does not write at each click.
SEEN_EVERY = timedelta(minutes=1)
#: How long a sign-in counts as "just now" for changes of one's own ways to sign in.
FRESH = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class NewSession:
    """A session that has just begun; `token` goes into the cookie and is stored nowhere."""

    id: str
    account_id: str
    token: str
    expires_at: datetime


class Sessions:
    """Begins, finds and ends sessions."""

    def __init__(self, context: StaffContext) -> None:
        self._context = context
        self._table = context.tables.session

    def begin(
        self, connection: Connection, owner: Account, how: How, now: datetime, *, replaces: str | None
    ) -> NewSession:
        """Begin a session under a new token; the one whose token the browser sent ends (no fixation)."""
        if replaces:
            self.end(connection, replaces, now)
        connection.execute(delete(self._table).where(self._table.c.expires_at < now))
        made = NewSession(secrets.token_hex(16), owner.id, secrets.token_urlsafe(32), now + LONGEST)
        values = {
            "id": made.id,
            "token_digest": token_digest(made.token),
            "account_id": owner.id,
            "tenant_id": owner.tenant_id,
            "how": how.value,
            "csrf_secret": secrets.token_hex(32),
            "created_at": now,
            "last_seen_at": now,
            "expires_at": made.expires_at,
        }
        connection.execute(insert(self._table).values(values))
        self._context.record(connection, now, owner.id, f"signed_in.{how.value}", made.id, owner.tenant_id)
        return made

    def principal(self, connection: Connection, token: str, now: datetime) -> Principal | None:
        """Return who a cookie stands for, None for an unknown one; raises `SessionEnded`."""
        table = self._table
        row = (
            connection.execute(select(table).where(table.c.token_digest == token_digest(token)))
            .mappings()
            .first()
        )
        if row is None:
            return None
        if now >= row["expires_at"] or now - row["last_seen_at"] >= self._context.idle:
            raise SessionEnded("idle or over")
        owner = store.account(connection, self._context.tables, row["account_id"])
        if owner is None or owner.state != store.ACTIVE:
            return None
        return Principal(
            account_id=owner.id,
            tenant_id=owner.tenant_id,
            name=owner.name,
            name_latin=owner.name_latin,
            how=How(row["how"]),
            session_id=row["id"],
            signed_in_at=row["created_at"],
            grants=store.grants_on(connection, self._context.tables, owner, today(now)),
            csrf_token=csrf_token(row["csrf_secret"]),
        )

    def is_due(self, connection: Connection, session_id: str, now: datetime) -> bool:
        """Whether `touch` has something to write."""
        table = self._table
        seen = connection.execute(select(table.c.last_seen_at).where(table.c.id == session_id)).scalar()
        return seen is not None and now - seen >= SEEN_EVERY

    def touch(self, connection: Connection, session_id: str, now: datetime) -> None:
        """Record that the browser was active."""
        table = self._table
        connection.execute(
            update(table).where(table.c.id == session_id, table.c.last_seen_at < now).values(last_seen_at=now)
        )

    def end(self, connection: Connection, token: str, now: datetime) -> None:
        """Sign out; an unknown token changes nothing."""
        table = self._table
        row = connection.execute(
            select(table.c.id, table.c.account_id, table.c.tenant_id).where(
                table.c.token_digest == token_digest(token)
            )
        ).first()
        if row is None:
            return
        connection.execute(delete(table).where(table.c.id == row.id))
        self._context.record(connection, now, row.account_id, "signed_out", row.id, row.tenant_id)

    def end_all(self, connection: Connection, account_id: str) -> None:
        """End every session of a person, on every device."""
        connection.execute(delete(self._table).where(self._table.c.account_id == account_id))


def csrf_token(csrf_secret: str) -> str:
    """Return what forms of a session carry."""
    return hmac.new(csrf_secret.encode("ascii"), b"form", sha256).hexdigest()


def check_csrf(principal: Principal, given: str) -> None:
    """Raise `ForgedForm` unless the form carries the token of this session."""
    if not hmac.compare_digest(principal.csrf_token.encode("ascii"), given.encode("utf-8", "replace")):
        raise ForgedForm("the form carries another token")


def check_fresh(principal: Principal, now: datetime) -> None:
    """Raise `SignInAgain` unless a passkey signed in just now: for changes of one's own ways to sign in."""
    if not principal.can_approve or now - principal.signed_in_at > FRESH:
        raise SignInAgain("not a fresh sign-in with a passkey")
