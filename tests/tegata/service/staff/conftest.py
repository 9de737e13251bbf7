"""A staff service, people of a school, and their passkeys."""

import base64
import hmac
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from hashlib import sha1

import pytest

from tegata.doubles.authenticator import Authenticator
from tegata.service.audit import define_audit_tables
from tegata.service.database import Database, new_base
from tegata.service.settings import Mode
from tegata.service.staff.accounts import NewAccount
from tegata.service.staff.principal import Grant, Principal, Role
from tegata.service.staff.service import StaffService
from tegata.service.staff.sessions import NewSession
from tegata.service.staff.store import Account
from tegata.service.staff.tables import StaffTables, define_staff_tables
from tests.tegata.service.conftest import ORIGIN, ExampleSettings

NOW = datetime(2026, 6, 1, 3, 0, tzinfo=UTC)
TENANT, OTHER_TENANT = "a" * 32, "b" * 32
SCHOOL, OTHER_SCHOOL = "c" * 32, "d" * 32
SOURCE = "192.0.2.7"
PASSWORD = "みらい台の丘に立つ12本の桜"
BASE = new_base()
AUDIT = define_audit_tables(BASE.metadata)
TABLES: StaffTables = define_staff_tables(BASE.metadata)


@dataclass
class Person:
    """Somebody with an account, and the passkey in their pocket or the secret in their app."""

    account: Account
    authenticator: Authenticator
    totp_secret: str = ""


class Staff:
    """The service under test, with shortcuts for what most tests begin with."""

    def __init__(self, service: StaffService, database: Database) -> None:
        self.service = service
        self.database = database

    def add(self, login: str = "t-0412", tenant_id: str | None = TENANT) -> Account:
        new = NewAccount(tenant_id, login, "青葉　はるか", "AOBA Haruka")
        with self.database.writing() as connection:
            return self.service.accounts.create(connection, "system", new, NOW)

    def invite(self, account: Account, now: datetime = NOW) -> str:
        with self.database.writing() as connection:
            return self.service.accounts.invite(connection, "system", account.id, now)

    def grant(
        self,
        account: Account,
        role: Role,
        tenant_id: str | None = TENANT,
        school_id: str | None = None,
        valid_from: date = date(2026, 4, 1),
        valid_until: date | None = None,
    ) -> str:
        given = Grant(role, tenant_id, school_id, valid_from, valid_until)
        with self.database.writing() as connection:
            return self.service.accounts.grant(connection, "system", account.id, given, NOW)

    def person(self, login: str = "t-0412", tenant_id: str | None = TENANT) -> Person:
        """Somebody who accepted the invitation with a passkey."""
        account = self.add(login, tenant_id)
        token = self.invite(account)
        authenticator = Authenticator(Mode.TEST, ORIGIN)
        answer = authenticator.create(self.service.invitations.passkey_options(token, NOW))
        self.service.invitations.accept_with_passkey(token, answer, "職員室のパソコン", NOW)
        return Person(account, authenticator)

    def person_with_password(self, login: str = "t-0500", tenant_id: str | None = TENANT) -> Person:
        """Somebody who accepted the invitation with a password, five minutes before NOW."""
        before = NOW - timedelta(minutes=5)
        account = self.add(login, tenant_id)
        token = self.invite(account, before)
        secret = self.service.invitations.look(token, before).totp_secret
        self.service.invitations.accept_with_password(token, PASSWORD, app_code(secret, before), before)
        return Person(account, Authenticator(Mode.TEST, ORIGIN), secret)

    def sign_in(self, person: Person, now: datetime = NOW, **more: str) -> NewSession:
        answer = person.authenticator.get(self.service.sign_in.passkey_options("", now))
        return self.service.sign_in.finish_passkey(answer, now, **more)

    def sign_in_with_password(self, person: Person, now: datetime = NOW) -> NewSession:
        pending = self.service.sign_in.check_password(person.account.login, PASSWORD, SOURCE, now)
        return self.service.sign_in.check_code(pending, app_code(person.totp_secret, now), SOURCE, now)

    def principal(self, session: NewSession, now: datetime = NOW) -> Principal:
        found = self.service.principal(session.token, now)
        assert found is not None
        return found

    def signed_in(self, person: Person, now: datetime = NOW) -> Principal:
        return self.principal(self.sign_in(person, now), now)

    def count(self, table: str) -> int:
        with self.database.reading() as connection:
            return len(connection.execute(getattr(TABLES, table).select()).all())

    def actions(self) -> list[str]:
        with self.database.reading() as connection:
            return [row.action for row in connection.execute(AUDIT.row.select())]


def app_code(secret: str, now: datetime) -> str:
    """What an authenticator app shows: RFC 6238 once more, written apart from the code under test."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    mac = hmac.digest(key, (int(now.timestamp()) // 30).to_bytes(8, "big"), sha1)
    at = mac[19] & 15
    return str(int.from_bytes(mac[at : at + 4], "big") % 2**31 % 10**6).zfill(6)


MakeStaff = Callable[[Database], Staff]


@pytest.fixture
def make_staff(settings: ExampleSettings) -> MakeStaff:
    def make(database: Database) -> Staff:
        BASE.metadata.create_all(database.engine)
        return Staff(StaffService(settings, database, TABLES, AUDIT, name="手形"), database)

    return make


@pytest.fixture
def staff(database: Database, make_staff: MakeStaff) -> Staff:
    """The service on SQLite and on PostgreSQL."""
    return make_staff(database)
