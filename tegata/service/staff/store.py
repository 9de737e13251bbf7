"""Reading and writing people, roles, passkeys, secrets and invitations, on the connection of the caller's transaction."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, delete, func, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from tegata.service.staff.errors import LoginTaken
from tegata.service.staff.principal import Grant, Role
from tegata.service.staff.tables import StaffTables
from tegata.service.staff.webauthn import NewPasskey

INVITED, ACTIVE, CLOSED = "invited", "active", "closed"


@dataclass(frozen=True, slots=True)
class Account:
    """A person of the staff."""

    id: str
    tenant_id: str | None
    login: str
    name: str
    name_latin: str
    state: str


@dataclass(frozen=True, slots=True)
class Passkey:
    """A registered passkey that was not removed."""

    id: str
    account_id: str
    tenant_id: str | None
    credential_id: str
    public_key_cose: bytes
    sign_count: int
    label: str
    backed_up: bool
    created_at: datetime
    last_used_at: datetime | None


@dataclass(frozen=True, slots=True)
class Secret:
    """Password hash and sealed TOTP secret of an account."""

    password_hash: str
    totp_sealed: bytes
    totp_last_step: int


@dataclass(frozen=True, slots=True)
class Invitation:
    """An invitation that was not used."""

    id: str
    account_id: str
    totp_sealed: bytes
    expires_at: datetime


def add_account(connection: Connection, tables: StaffTables, account: Account, now: datetime) -> None:
    """Store a person; raises `LoginTaken`."""
    values = {
        "id": account.id,
        "tenant_id": account.tenant_id,
        "login": account.login,
        "name": account.name,
        "name_latin": account.name_latin,
        "state": account.state,
        "created_at": now,
    }
    try:
        with connection.begin_nested():
            connection.execute(insert(tables.account).values(values))
    except IntegrityError:
        raise LoginTaken("the login exists") from None


def account(connection: Connection, tables: StaffTables, account_id: str) -> Account | None:
    """Return a person by id."""
    return _account(connection, tables, {"id": account_id})


def account_by_login(connection: Connection, tables: StaffTables, login: str) -> Account | None:
    """Return a person by folded login."""
    return _account(connection, tables, {"login": login})


def _account(connection: Connection, tables: StaffTables, where: Mapping[str, str]) -> Account | None:
    table = tables.account
    row = connection.execute(select(table).filter_by(**where)).mappings().first()
    if row is None:
        return None
    return Account(row["id"], row["tenant_id"], row["login"], row["name"], row["name_latin"], row["state"])


def set_state(connection: Connection, tables: StaffTables, account_id: str, state: str) -> None:
    """Change whether a person is invited, active or closed."""
    connection.execute(update(tables.account).where(tables.account.c.id == account_id).values(state=state))


def add_grant(connection: Connection, tables: StaffTables, account_id: str, grant: Grant) -> str:
    """Store a role; returns the id of the row."""
    grant_id = secrets.token_hex(16)
    values = {
        "id": grant_id,
        "account_id": account_id,
        "tenant_id": grant.tenant_id,
        "school_id": grant.school_id,
        "role": grant.role.value,
        "valid_from": grant.valid_from,
        "valid_until": grant.valid_until,
    }
    connection.execute(insert(tables.grant).values(values))
    return grant_id


def end_grant(connection: Connection, tables: StaffTables, grant_id: str, last_day: date) -> str | None:
    """Let a role end; returns whose it was, None if there is no such role."""
    table = tables.grant
    owner: str | None = connection.execute(select(table.c.account_id).where(table.c.id == grant_id)).scalar()
    connection.execute(update(table).where(table.c.id == grant_id).values(valid_until=last_day))
    return owner


def grants_on(connection: Connection, tables: StaffTables, account: Account, day: date) -> tuple[Grant, ...]:
    """Return the roles that hold on a day. A role in another tenant than the person's own never does."""
    table = tables.grant
    query = select(table).where(
        table.c.account_id == account.id,
        table.c.valid_from <= day,
        or_(table.c.valid_until.is_(None), table.c.valid_until >= day),
    )
    if account.tenant_id is not None:
        query = query.where(table.c.tenant_id == account.tenant_id)
    rows = connection.execute(query.order_by(table.c.id)).mappings()
    return tuple(
        Grant(Role(row["role"]), row["tenant_id"], row["school_id"], row["valid_from"], row["valid_until"])
        for row in rows
    )


def add_passkey(
    connection: Connection, tables: StaffTables, owner: Account, made: NewPasskey, label: str, now: datetime
) -> str | None:
    """Store a passkey; returns its id, None where the credential is registered already."""
    passkey_id = secrets.token_hex(16)
    values = {
        "id": passkey_id,
        "account_id": owner.id,
        "tenant_id": owner.tenant_id,
        "credential_id": made.credential_id,
        "public_key_cose": made.public_key_cose,
        "sign_count": made.sign_count,
        "transports": ",".join(made.transports),
        "label": label,
        "backed_up": made.backed_up,
        "created_at": now,
    }
    try:
        with connection.begin_nested():
            connection.execute(insert(tables.passkey).values(values))
    except IntegrityError:
        return None
    return passkey_id


def passkeys(connection: Connection, tables: StaffTables, account_id: str) -> tuple[Passkey, ...]:
    """Return a person's passkeys, oldest first."""
    table = tables.passkey
    rows = connection.execute(
        select(table)
        .where(table.c.account_id == account_id, table.c.removed_at.is_(None))
        .order_by(table.c.created_at, table.c.id)
    ).mappings()
    return tuple(_passkey(row) for row in rows)


def passkey_by_credential(connection: Connection, tables: StaffTables, credential_id: str) -> Passkey | None:
    """Return a passkey by its credential id; a removed one is not found."""
    table = tables.passkey
    row = (
        connection.execute(
            select(table).where(table.c.credential_id == credential_id, table.c.removed_at.is_(None))
        )
        .mappings()
        .first()
    )
    return None if row is None else _passkey(row)


def public_key(connection: Connection, tables: StaffTables, credential_id: str) -> bytes | None:
    """Return the public key of a credential, also of a removed one: approvals outlive passkeys."""
    table = tables.passkey
    found = connection.execute(
        select(table.c.public_key_cose).where(table.c.credential_id == credential_id)
    ).scalar()
    return None if found is None else bytes(found)


def _passkey(row: RowMapping) -> Passkey:
    return Passkey(
        id=row["id"],
        account_id=row["account_id"],
        tenant_id=row["tenant_id"],
        credential_id=row["credential_id"],
        public_key_cose=bytes(row["public_key_cose"]),
        sign_count=row["sign_count"],
        label=row["label"],
        backed_up=row["backed_up"],
        created_at=row["created_at"],
        last_used_at=row["last_used_at"],
    )


def use_passkey(
    connection: Connection,
    tables: StaffTables,
    passkey: Passkey,
    sign_count: int,
    now: datetime,
    *,
    backed_up: bool,
) -> bool:
    """Record a use; False where somebody used it meanwhile with a counter that this one does not exceed."""
    table = tables.passkey
    is_next = table.c.sign_count < sign_count if sign_count else table.c.sign_count == 0
    done = connection.execute(
        update(table)
        .where(table.c.id == passkey.id, is_next)
        .values(sign_count=sign_count, last_used_at=now, backed_up=backed_up)
    )
    return done.rowcount == 1


def remove_passkey(
    connection: Connection, tables: StaffTables, account_id: str, passkey_id: str, now: datetime
) -> bool:
    """Take a passkey out of use; its public key stays, for the approvals it signed. False if there is none."""
    table = tables.passkey
    done = connection.execute(
        update(table)
        .where(table.c.id == passkey_id, table.c.account_id == account_id, table.c.removed_at.is_(None))
        .values(removed_at=now)
    )
    return done.rowcount == 1


def secret(connection: Connection, tables: StaffTables, account_id: str) -> Secret | None:
    """Return password and TOTP of a person, if set up."""
    table = tables.secret
    row = connection.execute(select(table).where(table.c.account_id == account_id)).mappings().first()
    if row is None:
        return None
    return Secret(row["password_hash"], bytes(row["totp_sealed"]), row["totp_last_step"])


def put_secret(
    connection: Connection, tables: StaffTables, owner: Account, value: Secret, now: datetime
) -> None:
    """Set password and TOTP, in place of earlier ones."""
    connection.execute(delete(tables.secret).where(tables.secret.c.account_id == owner.id))
    values = {
        "account_id": owner.id,
        "tenant_id": owner.tenant_id,
        "password_hash": value.password_hash,
        "totp_sealed": value.totp_sealed,
        "totp_last_step": value.totp_last_step,
        "created_at": now,
    }
    connection.execute(insert(tables.secret).values(values))


def use_step(connection: Connection, tables: StaffTables, account_id: str, step: int) -> bool:
    """Use up a TOTP step; False if it, or a later one, was used before (RFC 6238 §5.2)."""
    table = tables.secret
    done = connection.execute(
        update(table)
        .where(table.c.account_id == account_id, table.c.totp_last_step < step)
        .values(totp_last_step=step)
    )
    return done.rowcount == 1


def add_invitation(
    connection: Connection,
    tables: StaffTables,
    owner: Account,
    digest: str,
    totp_sealed: bytes,
    now: datetime,
    expires_at: datetime,
) -> str:
    """Store an invitation and take earlier ones of the person out of use; returns its id."""
    table = tables.invitation
    connection.execute(
        update(table).where(table.c.account_id == owner.id, table.c.used_at.is_(None)).values(used_at=now)
    )
    invitation_id = secrets.token_hex(16)
    values = {
        "id": invitation_id,
        "account_id": owner.id,
        "tenant_id": owner.tenant_id,
        "token_digest": digest,
        "totp_sealed": totp_sealed,
        "created_at": now,
        "expires_at": expires_at,
    }
    connection.execute(insert(table).values(values))
    return invitation_id


def invitation(connection: Connection, tables: StaffTables, digest: str, now: datetime) -> Invitation | None:
    """Return an open invitation by the digest of its token."""
    table = tables.invitation
    row = (
        connection.execute(
            select(table).where(
                table.c.token_digest == digest, table.c.used_at.is_(None), table.c.expires_at > now
            )
        )
        .mappings()
        .first()
    )
    if row is None:
        return None
    return Invitation(row["id"], row["account_id"], bytes(row["totp_sealed"]), row["expires_at"])


def use_invitation(connection: Connection, tables: StaffTables, invitation_id: str, now: datetime) -> bool:
    """Use up an invitation; False if somebody was faster."""
    table = tables.invitation
    done = connection.execute(
        update(table).where(table.c.id == invitation_id, table.c.used_at.is_(None)).values(used_at=now)
    )
    return done.rowcount == 1


def close_invitations(connection: Connection, tables: StaffTables, account_id: str, now: datetime) -> None:
    """Take every open invitation of a person out of use."""
    table = tables.invitation
    connection.execute(
        update(table).where(table.c.account_id == account_id, table.c.used_at.is_(None)).values(used_at=now)
    )


def accounts_of(connection: Connection, tables: StaffTables, tenant_id: str | None) -> tuple[Account, ...]:
    """Return the people of a tenant, or those of the installation, by login."""
    table = tables.account
    is_theirs = table.c.tenant_id.is_(None) if tenant_id is None else table.c.tenant_id == tenant_id
    rows: Any = connection.execute(select(table).where(is_theirs).order_by(table.c.login)).mappings()
    return tuple(
        Account(row["id"], row["tenant_id"], row["login"], row["name"], row["name_latin"], row["state"])
        for row in rows
    )


def count_accounts(connection: Connection, tables: StaffTables) -> int:
    """Count everybody: a service without people offers its operator a first invitation."""
    return int(connection.execute(select(func.count()).select_from(tables.account)).scalar_one())
