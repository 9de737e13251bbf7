"""Organisations by date: the `School` view that everyone reads, enrolment, appointments, closure.

Functions run inside their caller's transaction, so that an enrolment and its audit row are one.
"""

import secrets
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Connection

from issuer.organisations import store
from issuer.organisations.enrolment import (
    BoardProfile,
    EnrolmentProfile,
    LegalPersonProfile,
    OfficerProfile,
    SchoolProfileInput,
)
from issuer.organisations.errors import EnrolledElsewhere, EnrolmentRefused, UnknownSchool
from issuer.organisations.school import Head, School
from issuer.settings import IssuerSettings
from tegata.codec.dates import today
from tegata.errors import NotFound, Text

HEAD = "head"
#: Roles that an appointment may have.
ROLES = frozenset({HEAD, "approver", "clerk", "board_administrator"})
_PUBLIC_ID_BYTES = 8


@dataclass(frozen=True, slots=True)
class Enrolled:
    """What an enrolment led to; `is_new` tells whether the school was not there before."""

    tenant_id: str
    school_id: str
    is_new: bool


def school_by_public_id(connection: Connection, public_id: str, on: date, settings: IssuerSettings) -> School:
    """Return the school of a public identifier as it is on a day; raises `UnknownSchool`."""
    return _view(connection, store.school_by_public_id(connection, public_id), on, settings)


def school(
    connection: Connection,
    school_id: str,
    on: date,
    settings: IssuerSettings,
    *,
    tenant_id: str | None = None,
) -> School:
    """Return a school as it is on a day; raises `UnknownSchool`, also for another tenant's where one is given.

    A closed school is seen as on its last day: its keys and status lists are still published.
    """
    stored = store.school(connection, school_id)
    if stored is not None and tenant_id is not None and stored.tenant_id != tenant_id:
        stored = None
    return _view(connection, stored, on, settings)


def schools_of(
    connection: Connection, tenant_id: str, on: date, settings: IssuerSettings
) -> tuple[School, ...]:
    """Return the tenant's schools that have begun by that day, by 学校コード."""
    return tuple(
        _view(connection, stored, on, settings)
        for stored in store.schools(connection, tenant_id)
        if stored.valid_from is None or stored.valid_from <= on
    )


def enrol(connection: Connection, profile: EnrolmentProfile, now: datetime) -> Enrolled:
    """Record a legal person, its board and a school, or what has changed of them since; safe to repeat.

    A changed name or address holds from today on, and the former stays on record until yesterday. A changed term of
    a head is corrected. Raises `EnrolledElsewhere` for a code under another legal person.
    """
    tenant_id = _enrol_legal_person(connection, profile.legal_person, now)
    authority_id = None if profile.board is None else _enrol_board(connection, tenant_id, profile.board)
    stored = store.school_by_code(connection, profile.school.code)
    if stored is not None and stored.tenant_id != tenant_id:
        raise EnrolledElsewhere(f"school code {profile.school.code}")
    if stored is None:
        school_id = _add_school(connection, tenant_id, authority_id, profile.school)
    else:
        school_id = stored.id
        _update_profile(connection, stored, profile.school, today(now))
    for head in profile.school.heads:
        _appoint_head(connection, tenant_id, school_id, head)
    return Enrolled(tenant_id, school_id, stored is None)


def appoint(
    connection: Connection,
    school_id: str,
    role: str,
    officer: OfficerProfile,
    *,
    account_id: str | None = None,
) -> str:
    """Record an appointment and return its id; raises `UnknownSchool`, `EnrolmentRefused` for an unknown role."""
    stored = store.school(connection, school_id)
    if stored is None:
        raise UnknownSchool(f"school {school_id[:32]}")
    if role not in ROLES:
        raise EnrolmentRefused(
            f"role {role[:20]!r}", public=Text("役割が正しくありません。", "Unknown role.")
        )
    return _add_officer(connection, stored.tenant_id, school_id, role, officer, account_id)


def end_appointment(connection: Connection, tenant_id: str, officer_id: str, last_day: date) -> None:
    """Set an appointment's last day; raises `NotFound`, also for another tenant's."""
    if not store.end_appointment(connection, tenant_id, officer_id, last_day):
        raise NotFound(f"officer {officer_id[:32]}")


def close_school(
    connection: Connection, school_id: str, closed_on: date, successor_id: str | None = None
) -> None:
    """Record a school's last day and who follows it; raises `UnknownSchool`, `EnrolmentRefused`."""
    for identifier in filter(None, (school_id, successor_id)):
        if store.school(connection, identifier) is None:
            raise UnknownSchool(f"school {identifier[:32]}")
    if school_id == successor_id:
        raise EnrolmentRefused(
            "a school follows itself",
            public=Text("継承先が同じ学校です。", "A school cannot be its own successor."),
        )
    store.close_school(connection, school_id, closed_on, successor_id)


def _view(
    connection: Connection, stored: store.StoredSchool | None, on: date, settings: IssuerSettings
) -> School:
    if stored is None:
        raise UnknownSchool("no such school")
    day = on if stored.closed_on is None else min(on, stored.closed_on)
    profile = store.profile(connection, stored.id, day)
    person = store.legal_person(connection, stored.tenant_id)
    if profile is None or person is None or (stored.valid_from is not None and day < stored.valid_from):
        raise UnknownSchool(f"school {stored.id} is not described on {day.isoformat()}")
    board = None if stored.authority_id is None else store.authority(connection, stored.authority_id)
    heads = store.officers(connection, stored.id, day, HEAD)
    return School(
        id=stored.id,
        tenant_id=stored.tenant_id,
        public_id=stored.public_id,
        issuer=settings.identifier_of(stored.public_id),
        code=stored.code,
        kind=stored.kind,
        name=profile.name,
        establisher=person.name,
        corporate_number=person.corporate_number,
        name_latin=profile.name_latin,
        address=profile.address,
        address_latin=profile.address_latin,
        board="" if board is None else board.name,
        board_code="" if board is None else board.board_code,
        is_test=person.is_test,
        is_name_hidden=stored.is_name_hidden,
        head=_head(heads[0]) if heads else None,
    )


def _head(officer: store.StoredOfficer) -> Head:
    return Head(officer.title, officer.name, officer.title_latin, officer.name_latin)


def _enrol_legal_person(connection: Connection, profile: LegalPersonProfile, now: datetime) -> str:
    stored = store.legal_person_by_number(connection, profile.corporate_number)
    if stored is not None:
        if (stored.name, stored.name_latin) != (profile.name, profile.name_latin):
            store.rename_legal_person(connection, stored.id, profile.name, profile.name_latin)
        return stored.id
    tenant_id = secrets.token_hex(16)
    values = {name: getattr(profile, name) for name in LegalPersonProfile.__slots__}
    store.add_legal_person(connection, {**values, "id": tenant_id, "enrolled_at": now})
    return tenant_id


def _enrol_board(connection: Connection, tenant_id: str, profile: BoardProfile) -> str:
    stored = store.authority_by_code(connection, profile.board_code)
    if stored is None:
        authority_id = secrets.token_hex(16)
        values = {name: getattr(profile, name) for name in BoardProfile.__slots__}
        store.add_authority(connection, {**values, "id": authority_id, "tenant_id": tenant_id})
        return authority_id
    if stored.tenant_id != tenant_id:
        raise EnrolledElsewhere(f"board code {profile.board_code}")
    if (stored.name, stored.name_latin) != (profile.name, profile.name_latin):
        store.rename_authority(connection, stored.id, profile.name, profile.name_latin)
    return stored.id


def _add_school(
    connection: Connection, tenant_id: str, authority_id: str | None, profile: SchoolProfileInput
) -> str:
    school_id = secrets.token_hex(16)
    store.add_school(
        connection,
        {
            "id": school_id,
            "tenant_id": tenant_id,
            "authority_id": authority_id,
            "public_id": secrets.token_hex(_PUBLIC_ID_BYTES),
            "code": profile.code,
            "kind": profile.kind,
            "is_name_hidden": profile.is_name_hidden,
            "valid_from": profile.valid_from,
        },
    )
    _add_profile(connection, tenant_id, school_id, profile, profile.valid_from)
    return school_id


def _described(profile: SchoolProfileInput) -> dict[str, str]:
    return {name: getattr(profile, name) for name in ("name", "name_latin", "address", "address_latin")}


def _add_profile(
    connection: Connection, tenant_id: str, school_id: str, profile: SchoolProfileInput, since: date | None
) -> None:
    identity = {"id": secrets.token_hex(16), "tenant_id": tenant_id, "school_id": school_id}
    store.add_profile(connection, {**identity, **_described(profile), "valid_from": since})


def _update_profile(
    connection: Connection, stored: store.StoredSchool, profile: SchoolProfileInput, day: date
) -> None:
    current = store.profile(connection, stored.id, day)
    described = _described(profile)
    if current is not None and all(getattr(current, name) == value for name, value in described.items()):
        return
    if current is not None and current.valid_from == day:
        store.correct_profile(connection, current.id, described)
        return
    if current is not None:
        store.end_profile(connection, current.id, day - timedelta(days=1))
    _add_profile(connection, stored.tenant_id, stored.id, profile, day)


def _appoint_head(connection: Connection, tenant_id: str, school_id: str, head: OfficerProfile) -> None:
    for known in store.officers(connection, school_id, role=HEAD):
        if (known.name, known.title, known.valid_from) == (head.name, head.title, head.valid_from):
            if known.valid_until != head.valid_until:
                store.end_appointment(connection, tenant_id, known.id, head.valid_until)
            return
    _add_officer(connection, tenant_id, school_id, HEAD, head, None)


def _add_officer(
    connection: Connection,
    tenant_id: str,
    school_id: str,
    role: str,
    officer: OfficerProfile,
    account_id: str | None,
) -> str:
    officer_id = secrets.token_hex(16)
    identity = {"id": officer_id, "tenant_id": tenant_id, "school_id": school_id, "role": role}
    values = {name: getattr(officer, name) for name in OfficerProfile.__slots__}
    store.add_officer(connection, {**identity, **values, "staff_account_id": account_id})
    return officer_id
