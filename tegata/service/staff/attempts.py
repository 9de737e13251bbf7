"""The counts of wrong sign-ins in the database; `limits` decides, this remembers."""

from datetime import datetime

from sqlalchemy import Connection, RowMapping, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from tegata.service.staff import limits
from tegata.service.staff.keyring import Keyring
from tegata.service.staff.limits import LOGIN_TRIES, SOURCE_TRIES, Count
from tegata.service.staff.tables import StaffTables


class Attempts:
    """Takes places for tries of a login from a source. Both are kept as keyed digests only."""

    def __init__(self, tables: StaffTables, keyring: Keyring) -> None:
        self._table = tables.attempt
        self._keyring = keyring

    def take(self, connection: Connection, login: str, source: str, now: datetime) -> None:
        """Take a place before a secret is looked at; raises `TooManyAttempts`."""
        connection.execute(delete(self._table).where(self._table.c.last_at < now - limits.FORGOTTEN_AFTER))
        for key, tries in self._keys(login, source):
            row = self._locked(connection, key, now)
            self._put(connection, key, limits.take(_count(row), row["last_at"], tries, now), now)

    def failed(self, connection: Connection, login: str, source: str, now: datetime) -> None:
        """Count the try as wrong: the last place begins a rest."""
        for key, tries in self._keys(login, source):
            count = _count(self._locked(connection, key, now))
            self._put(connection, key, limits.failed(count, tries, now), now)

    def give_back(self, connection: Connection, login: str, source: str, now: datetime) -> None:
        """Free the place of a step that was right, such as the password before the code."""
        for key, _ in self._keys(login, source):
            self._put(connection, key, limits.given_back(_count(self._locked(connection, key, now))), now)

    def clear(self, connection: Connection, login: str) -> None:
        """Forget the wrong tries of a login: after a whole sign-in, or when an administrator says so."""
        key = self._key("login", login)
        connection.execute(delete(self._table).where(self._table.c.key_digest == key))

    def _keys(self, login: str, source: str) -> tuple[tuple[str, int], ...]:
        # Sorted, so that two tries at once lock the rows in one order.
        keys = ((self._key("login", login), LOGIN_TRIES), (self._key("source", source), SOURCE_TRIES))
        return tuple(sorted(keys))

    def _key(self, label: str, value: str) -> str:
        return self._keyring.digest(label, value).hex()

    def _locked(self, connection: Connection, key: str, now: datetime) -> RowMapping:
        try:
            with connection.begin_nested():
                connection.execute(insert(self._table).values(key_digest=key, wrong=0, rests=0, last_at=now))
        except IntegrityError:
            pass
        columns = self._table.c
        rows = connection.execute(
            select(columns.wrong, columns.rests, columns.resting_until, columns.last_at)
            .where(columns.key_digest == key)
            .with_for_update()
        )
        return rows.mappings().one()

    def _put(self, connection: Connection, key: str, count: Count, now: datetime) -> None:
        connection.execute(
            update(self._table)
            .where(self._table.c.key_digest == key)
            .values(wrong=count.wrong, rests=count.rests, resting_until=count.resting_until, last_at=now)
        )


def _count(row: RowMapping) -> Count:
    return Count(row["wrong"], row["rests"], row["resting_until"])
