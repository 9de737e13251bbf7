"""What is known of organisations, read and written. Every function runs inside its caller's transaction."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, Table, and_, insert, or_, select, update

from issuer.organisations.tables import Authority, LegalPerson, Officer, SchoolProfile, SchoolRow

_legal_person: Table = LegalPerson.__table__  # type: ignore[attr-defined]  # SQLModel adds it
_authority: Table = Authority.__table__  # type: ignore[attr-defined]  # same
_school: Table = SchoolRow.__table__  # type: ignore[attr-defined]  # same
_profile: Table = SchoolProfile.__table__  # type: ignore[attr-defined]  # same
_officer: Table = Officer.__table__  # type: ignore[attr-defined]  # same


@dataclass(frozen=True, slots=True)
class StoredLegalPerson:
    """A legal person's row; its id is the tenant's."""

    id: str
    corporate_number: str
    kind: str
    local_government_code: str
    name: str
    name_latin: str
    is_test: bool
    enrolled_at: datetime


@dataclass(frozen=True, slots=True)
class StoredAuthority:
    """A board's row."""

    id: str
    tenant_id: str
    board_code: str
    name: str
    name_latin: str


@dataclass(frozen=True, slots=True)
class StoredSchool:
    """A school's row, without what changes by date."""

    id: str
    tenant_id: str
    authority_id: str | None
    public_id: str
    code: str
    kind: str
    is_name_hidden: bool
    valid_from: date | None
    closed_on: date | None
    successor_id: str | None


@dataclass(frozen=True, slots=True)
class StoredProfile:
    """A school's names and address between two days."""

    id: str
    tenant_id: str
    school_id: str
    name: str
    name_latin: str
    address: str
    address_latin: str
    valid_from: date | None
    valid_until: date | None


@dataclass(frozen=True, slots=True)
class StoredOfficer:
    """An appointment's row."""

    id: str
    tenant_id: str
    school_id: str
    role: str
    title: str
    title_latin: str
    name: str
    name_latin: str
    valid_from: date | None
    valid_until: date | None
    staff_account_id: str | None


def legal_person(connection: Connection, tenant_id: str) -> StoredLegalPerson | None:
    """Find a legal person by the tenant's id."""
    row = _one(connection, _legal_person, _legal_person.c.id == tenant_id)
    return None if row is None else StoredLegalPerson(**row)


def legal_person_by_number(connection: Connection, corporate_number: str) -> StoredLegalPerson | None:
    """Find a legal person by its 法人番号."""
    row = _one(connection, _legal_person, _legal_person.c.corporate_number == corporate_number)
    return None if row is None else StoredLegalPerson(**row)


def authority(connection: Connection, authority_id: str) -> StoredAuthority | None:
    """Find a board by its id."""
    row = _one(connection, _authority, _authority.c.id == authority_id)
    return None if row is None else StoredAuthority(**row)


def authority_by_code(connection: Connection, board_code: str) -> StoredAuthority | None:
    """Find a board by its 教育委員会コード."""
    row = _one(connection, _authority, _authority.c.board_code == board_code)
    return None if row is None else StoredAuthority(**row)


def school(connection: Connection, school_id: str, *, lock: bool = False) -> StoredSchool | None:
    """Find a school by its id; with `lock`, whoever else locks it waits until the commit."""
    query = select(_school).where(_school.c.id == school_id)
    row = connection.execute(query.with_for_update() if lock else query).mappings().first()
    return None if row is None else StoredSchool(**row)


def school_by_public_id(connection: Connection, public_id: str) -> StoredSchool | None:
    """Find a school by the id in its public identifier."""
    return _one_school(connection, _school.c.public_id == public_id)


def school_by_code(connection: Connection, code: str) -> StoredSchool | None:
    """Find a school by its 学校コード."""
    return _one_school(connection, _school.c.code == code)


def schools(connection: Connection, tenant_id: str | None = None) -> tuple[StoredSchool, ...]:
    """Return the schools of a tenant, of all tenants for None, by 学校コード."""
    query = select(_school).order_by(_school.c.code)
    if tenant_id is not None:
        query = query.where(_school.c.tenant_id == tenant_id)
    return tuple(StoredSchool(**row) for row in connection.execute(query).mappings())


def profiles(connection: Connection, school_id: str) -> tuple[StoredProfile, ...]:
    """Return every profile that a school has had, oldest first."""
    query = select(_profile).where(_profile.c.school_id == school_id)
    found = [StoredProfile(**row) for row in connection.execute(query).mappings()]
    return tuple(sorted(found, key=lambda item: item.valid_from or date.min))


def profile(connection: Connection, school_id: str, on: date) -> StoredProfile | None:
    """Return a school's profile on a day."""
    row = _one(connection, _profile, and_(_profile.c.school_id == school_id, _holds(_profile, on)))
    return None if row is None else StoredProfile(**row)


def officers(
    connection: Connection, school_id: str, on: date | None = None, role: str | None = None
) -> tuple[StoredOfficer, ...]:
    """Return a school's officers on a day (of all times for None), those appointed last first."""
    query = select(_officer).where(_officer.c.school_id == school_id)
    if on is not None:
        query = query.where(_holds(_officer, on))
    if role is not None:
        query = query.where(_officer.c.role == role)
    found = [StoredOfficer(**row) for row in connection.execute(query).mappings()]
    return tuple(sorted(found, key=lambda item: (item.valid_from or date.min, item.id), reverse=True))


def add_legal_person(connection: Connection, values: Mapping[str, Any]) -> None:
    """Record a legal person."""
    connection.execute(insert(_legal_person).values(**values))


def add_authority(connection: Connection, values: Mapping[str, Any]) -> None:
    """Record a board."""
    connection.execute(insert(_authority).values(**values))


def rename_legal_person(connection: Connection, tenant_id: str, name: str, name_latin: str) -> None:
    """Change a legal person's name."""
    connection.execute(
        update(_legal_person).where(_legal_person.c.id == tenant_id).values(name=name, name_latin=name_latin)
    )


def rename_authority(connection: Connection, authority_id: str, name: str, name_latin: str) -> None:
    """Change a board's name."""
    connection.execute(
        update(_authority).where(_authority.c.id == authority_id).values(name=name, name_latin=name_latin)
    )


def add_school(connection: Connection, values: Mapping[str, Any]) -> None:
    """Record a school."""
    connection.execute(insert(_school).values(**values))


def close_school(connection: Connection, school_id: str, closed_on: date, successor_id: str | None) -> None:
    """Set a school's last day and who follows it."""
    connection.execute(
        update(_school)
        .where(_school.c.id == school_id)
        .values(closed_on=closed_on, successor_id=successor_id)
    )


def add_profile(connection: Connection, values: Mapping[str, Any]) -> None:
    """Record a school's profile."""
    connection.execute(insert(_profile).values(**values))


def end_profile(connection: Connection, profile_id: str, last_day: date) -> None:
    """Set a profile's last day."""
    connection.execute(update(_profile).where(_profile.c.id == profile_id).values(valid_until=last_day))


def correct_profile(connection: Connection, profile_id: str, values: Mapping[str, Any]) -> None:
    """Correct a profile that began today: nothing stands on it yet that a second row would explain."""
    connection.execute(update(_profile).where(_profile.c.id == profile_id).values(**values))


def add_officer(connection: Connection, values: Mapping[str, Any]) -> None:
    """Record an appointment."""
    connection.execute(insert(_officer).values(**values))


def end_appointment(connection: Connection, tenant_id: str, officer_id: str, last_day: date | None) -> bool:
    """Set an appointment's last day; False if there is no such officer of this tenant."""
    done = connection.execute(
        update(_officer)
        .where(_officer.c.id == officer_id, _officer.c.tenant_id == tenant_id)
        .values(valid_until=last_day)
    )
    return done.rowcount == 1


def link_account(connection: Connection, tenant_id: str, officer_id: str, account_id: str | None) -> bool:
    """Say which staff account an officer signs in with; False if there is no such officer of this tenant."""
    done = connection.execute(
        update(_officer)
        .where(_officer.c.id == officer_id, _officer.c.tenant_id == tenant_id)
        .values(staff_account_id=account_id)
    )
    return done.rowcount == 1


def _holds(table: Table, on: date) -> ColumnElement[bool]:
    return and_(
        or_(table.c.valid_from.is_(None), table.c.valid_from <= on),
        or_(table.c.valid_until.is_(None), table.c.valid_until >= on),
    )


def _one(connection: Connection, table: Table, condition: ColumnElement[bool]) -> RowMapping | None:
    return connection.execute(select(table).where(condition)).mappings().first()


def _one_school(connection: Connection, condition: ColumnElement[bool]) -> StoredSchool | None:
    row = _one(connection, _school, condition)
    return None if row is None else StoredSchool(**row)
