"""Is an issuer well: database, key-encryption key, trust list, certificates, and a clock that moves forward."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import func, select

from issuer.base import AUDIT
from issuer.organisations import key_store
from issuer.organisations import store as organisations
from issuer.registrar import store as registrar
from issuer.settings import IssuerSettings
from tegata.errors import CryptographyFailed, Misconfigured
from tegata.service import audit
from tegata.service.database import Database
from tegata.service.description import Finding

SOON = timedelta(days=30)


def findings(settings: IssuerSettings, database: Database, now: datetime) -> Sequence[Finding]:
    """Look at one installation; each finding that is not well says what to do."""
    found = [_key_encryption(settings), _migrations(database)]
    if all(item.is_well for item in found):
        found += [
            _clock(database, now),
            _audit(database),
            _trust_list(database, now),
            *_certificates(database, now),
        ]
    return found


def _key_encryption(settings: IssuerSettings) -> Finding:
    try:
        settings.key_encryption_bytes()
    except Misconfigured as error:
        return Finding("key-encryption key", is_well=False, advice=error.public.en)
    return Finding("key-encryption key", is_well=True)


def _migrations(database: Database) -> Finding:
    return Finding("database", is_well=not database.pending_migrations(), advice="tegata db upgrade")


def _clock(database: Database, now: datetime) -> Finding:
    with database.reading() as connection:
        newest = connection.execute(select(func.max(AUDIT.row.c.at))).scalar()
    is_well = newest is None or newest <= now + timedelta(minutes=1)
    return Finding("clock", is_well=is_well, advice="The clock is behind the audit trail: set it (NTP).")


def _audit(database: Database) -> Finding:
    """Recompute every tenant's audit chain: the one place that notices a changed or lost row."""
    with database.reading() as connection:
        tenants = connection.execute(select(AUDIT.link.c.tenant_id).distinct()).scalars().all()
        try:
            for tenant_id in tenants:
                audit.verify(connection, AUDIT, tenant_id)
        except CryptographyFailed as error:
            advice = f"{error.detail}: keep this database as evidence and find out who changed it."
            return Finding("audit trail", is_well=False, advice=advice)
    return Finding("audit trail", is_well=True)


def _trust_list(database: Database, now: datetime) -> Finding:
    with database.reading() as connection:
        newest = registrar.newest_list(connection)
    if newest is None:
        return Finding("trust list", is_well=False, advice="tegata registrar init, then publish")
    return Finding("trust list", is_well=now < newest.next_update, advice="tegata registrar publish")


def _certificates(database: Database, now: datetime) -> list[Finding]:
    with database.reading() as connection:
        ending = [
            f"{school.code} {key.use.value}"
            for school in organisations.schools(connection)
            for key in key_store.of_organisation(connection, school.id, states=(key_store.KeyState.ACTIVE,))
            if key.active_until is not None and key.active_until < now + SOON
        ]
    advice = f"ends within 30 days: {', '.join(ending)}: tegata registrar certify" if ending else ""
    return [Finding("certificates of schools", is_well=not ending, advice=advice)]
