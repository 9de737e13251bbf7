"""Certificates, permissions and lists, read and written. Every function runs inside its caller's transaction."""

import secrets
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, Table, func, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from issuer.registrar.tables import IssuedCertificate, Operator, Permission, TrustListVersion
from tegata.errors import Text
from tegata.identity.certificates import KeyUse

_operator: Table = Operator.__table__  # type: ignore[attr-defined]  # SQLModel adds it
_certificate: Table = IssuedCertificate.__table__  # type: ignore[attr-defined]  # same
_permission: Table = Permission.__table__  # type: ignore[attr-defined]  # same
_list: Table = TrustListVersion.__table__  # type: ignore[attr-defined]  # same


@dataclass(frozen=True, slots=True)
class StoredCertificate:
    """A certificate that was signed here."""

    id: str
    tenant_id: str
    use: KeyUse
    key_id: str
    subject: str
    names: tuple[str, ...]
    certificate: bytes
    not_before: datetime
    not_after: datetime


@dataclass(frozen=True, slots=True)
class StoredPermission:
    """A right to issue."""

    id: str
    tenant_id: str
    school_id: str
    document_type: str
    about_school_id: str
    valid_from: date
    valid_until: date | None
    as_custodian: bool
    granted_at: datetime


@dataclass(frozen=True, slots=True)
class StoredList:
    """A published list; `digest` is the SHA-256 of its bytes in hex."""

    sequence: int
    jws: bytes
    digest: str
    issued_at: datetime
    next_update: datetime


def operator(connection: Connection, *, lock: bool = False) -> Text | None:
    """Return the operator's name; with `lock`, whoever else locks it waits until the commit."""
    query = select(_operator.c.name, _operator.c.name_latin)
    row = connection.execute(query.with_for_update() if lock else query).first()
    return None if row is None else Text(row[0], row[1] or row[0])


def add_operator(connection: Connection, operator_id: str, name: str, name_latin: str) -> None:
    """Record who runs the registrar, unless somebody did so just now."""
    with suppress(IntegrityError), connection.begin_nested():
        connection.execute(insert(_operator).values(id=operator_id, name=name, name_latin=name_latin))


def add_certificate(connection: Connection, stored: StoredCertificate) -> None:
    """Record a certificate."""
    values = {name: getattr(stored, name) for name in StoredCertificate.__slots__}
    connection.execute(
        insert(_certificate).values(**values | {"use": stored.use.value, "names": list(stored.names)})
    )


def certificates(
    connection: Connection, use: KeyUse, key_id: str | None = None
) -> tuple[StoredCertificate, ...]:
    """Return the certificates for a use, for one key if it is named, newest first."""
    query = select(_certificate).where(_certificate.c.use == use.value)
    if key_id is not None:
        query = query.where(_certificate.c.key_id == key_id)
    rows = connection.execute(query.order_by(_certificate.c.not_before.desc(), _certificate.c.id)).mappings()
    return tuple(
        StoredCertificate(
            **{
                **row,
                "use": KeyUse(row["use"]),
                "names": tuple(row["names"]),
                "certificate": bytes(row["certificate"]),
            }
        )
        for row in rows
    )


def add_permission(connection: Connection, stored: StoredPermission) -> None:
    """Record a right to issue."""
    connection.execute(
        insert(_permission).values(**{name: getattr(stored, name) for name in StoredPermission.__slots__})
    )


def permissions(
    connection: Connection, school_id: str | None = None, *, on: date | None = None
) -> tuple[StoredPermission, ...]:
    """Return rights to issue, of one school or of all, on one day or of all times; in a fixed order."""
    query = select(_permission)
    if school_id is not None:
        query = query.where(_permission.c.school_id == school_id)
    if on is not None:
        query = query.where(
            _permission.c.valid_from <= on,
            or_(_permission.c.valid_until.is_(None), _permission.c.valid_until >= on),
        )
    columns = ("school_id", "document_type", "about_school_id", "valid_from")
    rows = connection.execute(query.order_by(*(_permission.c[name] for name in columns))).mappings()
    return tuple(StoredPermission(**row) for row in rows)


def end_permission(connection: Connection, permission_id: str, last_day: date | None) -> None:
    """Set the last day of a right; None for a right without end."""
    connection.execute(
        update(_permission).where(_permission.c.id == permission_id).values(valid_until=last_day)
    )


def newest_list(connection: Connection) -> StoredList | None:
    """Return the list that was published last."""
    newest = select(func.max(_list.c.sequence)).scalar_subquery()
    row = connection.execute(select(_list).where(_list.c.sequence == newest)).mappings().first()
    return None if row is None else StoredList(**{**row, "jws": bytes(row["jws"])})


def add_list(connection: Connection, stored: StoredList) -> bool:
    """Record a list; False if its number is taken."""
    try:
        with connection.begin_nested():
            values = {name: getattr(stored, name) for name in StoredList.__slots__}
            connection.execute(insert(_list).values(**values))
    except IntegrityError:
        return False
    return True


def new_id() -> str:
    """Return a new row's id."""
    return secrets.token_hex(16)
