"""The audit trail, on both databases."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import delete, select, update

from tegata.errors import CryptographyFailed
from tegata.service import audit
from tegata.service.audit import Entry, define_audit_tables
from tegata.service.database import Database, new_base

BASE = new_base()
TABLES = define_audit_tables(BASE.metadata)
NOW = datetime(2026, 6, 1, tzinfo=UTC)
TENANT, OTHER = "a" * 32, "b" * 32


class _Boom(RuntimeError):
    pass


@pytest.fixture
def trail(database: Database) -> Database:
    BASE.metadata.create_all(database.engine)
    return database


def append(database: Database, count: int, tenant_id: str = TENANT, start: datetime = NOW) -> None:
    with database.writing() as connection:
        for number in range(count):
            entry = Entry(tenant_id, "clerk", "document.sealed", f"document-{number}", "0" * 64)
            audit.append(connection, TABLES, start + timedelta(seconds=number), entry)


def seal(database: Database, tenant_id: str = TENANT) -> int:
    with database.writing() as connection:
        return audit.seal(connection, TABLES, tenant_id)


def verify(database: Database, tenant_id: str = TENANT) -> int:
    with database.reading() as connection:
        return audit.verify(connection, TABLES, tenant_id)


def test_rows_belong_to_the_transaction_they_describe(trail: Database) -> None:
    def fail() -> None:
        with trail.writing() as connection:
            audit.append(connection, TABLES, NOW, Entry(TENANT, "clerk", "x", "y"))
            raise _Boom

    with pytest.raises(_Boom):
        fail()
    append(trail, 1)
    with trail.reading() as connection:
        rows = connection.execute(select(TABLES.row)).all()
    assert [(row.actor, row.action, row.object_id, row.at) for row in rows] == [
        ("clerk", "document.sealed", "document-0", NOW)
    ]


def test_nothing_to_append_is_nothing(trail: Database) -> None:
    with trail.writing() as connection:
        audit.append(connection, TABLES, NOW)
    assert seal(trail) == 0
    assert verify(trail) == 0


def test_rows_are_chained_once_and_in_the_order_of_their_time(trail: Database) -> None:
    append(trail, 3)
    assert seal(trail) == 3
    assert seal(trail) == 0
    append(trail, 2, start=NOW + timedelta(hours=1))
    assert seal(trail) == 2
    assert verify(trail) == 5


def test_each_tenant_has_a_chain_of_its_own(trail: Database) -> None:
    append(trail, 2)
    append(trail, 3, OTHER)
    assert (seal(trail), seal(trail, OTHER)) == (2, 3)
    assert (verify(trail), verify(trail, OTHER)) == (2, 3)


def test_a_row_that_came_late_is_chained_where_it_is_found(trail: Database) -> None:
    append(trail, 2)
    seal(trail)
    append(trail, 1, start=NOW - timedelta(days=1))
    assert seal(trail) == 1
    assert verify(trail) == 3


@pytest.mark.parametrize("column", ["actor", "action", "object_id", "digest"])
def test_a_changed_row_breaks_the_chain(trail: Database, column: str) -> None:
    append(trail, 3)
    seal(trail)
    with trail.writing() as connection:
        where = TABLES.row.c.object_id == "document-1"
        connection.execute(update(TABLES.row).where(where).values({column: "changed"}))
    with pytest.raises(CryptographyFailed, match="position 2"):
        verify(trail)


def test_a_changed_time_breaks_the_chain(trail: Database) -> None:
    append(trail, 1)
    seal(trail)
    with trail.writing() as connection:
        connection.execute(update(TABLES.row).values(at=NOW + timedelta(microseconds=1)))
    with pytest.raises(CryptographyFailed):
        verify(trail)


def test_a_lost_row_breaks_the_chain(trail: Database) -> None:
    append(trail, 3)
    seal(trail)
    with trail.writing() as connection:
        connection.execute(delete(TABLES.row).where(TABLES.row.c.object_id == "document-1"))
    with pytest.raises(CryptographyFailed, match="position 2"):
        verify(trail)


def test_a_lost_link_breaks_the_chain(trail: Database) -> None:
    append(trail, 3)
    seal(trail)
    with trail.writing() as connection:
        connection.execute(delete(TABLES.link).where(TABLES.link.c.position == 2))
    with pytest.raises(CryptographyFailed):
        verify(trail)


def test_every_tenants_rows_are_chained_once_whoever_chains(trail: Database) -> None:
    append(trail, 3)
    append(trail, 2, OTHER)
    with ThreadPoolExecutor(4) as pool:
        for future in [pool.submit(audit.seal_all, trail, TABLES) for _ in range(4)]:
            future.result()
    audit.seal_all(trail, TABLES)
    assert (verify(trail), verify(trail, OTHER)) == (3, 2)
    assert audit.seal_all(trail, TABLES) == 0
