"""Transactions, the pool and migrations, on both databases."""

import asyncio
import gc
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier, Event

import pytest
from sqlalchemy import Column, Integer, MetaData, String, Table, event, insert, inspect, select, text, update
from sqlalchemy.exc import IntegrityError

from tegata.errors import Unavailable
from tegata.service.database import Database, new_base

METADATA = MetaData()
COUNTER = Table(
    "counter", METADATA, Column("id", Integer, primary_key=True), Column("value", Integer, nullable=False)
)


class _Boom(RuntimeError):
    pass


@pytest.fixture
def counter(database: Database) -> Database:
    METADATA.create_all(database.engine)
    with database.writing() as connection:
        connection.execute(insert(COUNTER).values(id=1, value=0))
    return database


def value_of(database: Database) -> int:
    with database.reading() as connection:
        return int(connection.execute(select(COUNTER.c.value)).scalar_one())


def set_to(database: Database, value: int, *, durable: bool = False) -> None:
    with database.writing(durable=durable) as connection:
        connection.execute(update(COUNTER).values(value=value))


@pytest.mark.parametrize("durable", [False, True])
def test_what_is_written_stays(counter: Database, durable: bool) -> None:
    set_to(counter, 7, durable=durable)
    assert value_of(counter) == 7


def test_a_transaction_that_raises_leaves_nothing(counter: Database) -> None:
    def fail() -> None:
        with counter.writing() as connection:
            connection.execute(update(COUNTER).values(value=7))
            raise _Boom

    with pytest.raises(_Boom):
        fail()
    assert value_of(counter) == 0


def test_what_a_reader_writes_by_mistake_is_rolled_back(counter: Database) -> None:
    with counter.reading() as connection:
        connection.execute(update(COUNTER).values(value=7))
    assert value_of(counter) == 0


def test_a_nested_failure_leaves_the_rest_of_the_transaction(counter: Database) -> None:
    with counter.writing() as connection:
        connection.execute(update(COUNTER).values(value=1))
        with pytest.raises(IntegrityError), connection.begin_nested():
            connection.execute(insert(COUNTER).values(id=1, value=9))
        connection.execute(update(COUNTER).values(value=COUNTER.c.value + 1))
    assert value_of(counter) == 2


def test_writers_queue_and_lose_no_update(counter: Database) -> None:
    workers = 8
    together = Barrier(workers)

    def add_one(_: int) -> None:
        together.wait()
        with counter.writing() as connection:
            row = connection.execute(select(COUNTER.c.value).with_for_update()).one()
            connection.execute(update(COUNTER).values(value=row.value + 1))

    with ThreadPoolExecutor(workers) as pool:
        list(pool.map(add_one, range(workers)))
    assert value_of(counter) == workers


def test_readers_do_not_wait_for_a_writer(counter: Database) -> None:
    is_written, may_end = Event(), Event()

    def write() -> None:
        with counter.writing() as connection:
            connection.execute(update(COUNTER).values(value=7))
            is_written.set()
            assert may_end.wait(20)

    with ThreadPoolExecutor(1) as pool:
        writing = pool.submit(write)
        assert is_written.wait(20)
        assert value_of(counter) == 0
        may_end.set()
        writing.result()
    assert value_of(counter) == 7


def test_sealing_waits_for_the_disk_and_the_next_transaction_does_not(counter: Database) -> None:
    if not counter.is_sqlite:
        with counter.reading() as connection:
            assert connection.exec_driver_sql("SHOW synchronous_commit").scalar() == "on"
        return
    levels = {}
    for durable in (True, False):
        with counter.writing(durable=durable) as connection:
            levels[durable] = connection.exec_driver_sql("PRAGMA synchronous").scalar()
    assert levels == {True: 2, False: 1}


def test_foreign_keys_hold(database: Database) -> None:
    with database.writing() as connection:
        connection.execute(text("CREATE TABLE parent (id INTEGER PRIMARY KEY)"))
        connection.execute(text("CREATE TABLE child (parent_id INTEGER REFERENCES parent (id))"))
    with pytest.raises(IntegrityError), database.writing() as connection:
        connection.execute(text("INSERT INTO child VALUES (1)"))


def test_work_in_the_pool_returns_and_raises_as_it_would_here(counter: Database) -> None:
    def fail(reason: str) -> None:
        raise _Boom(reason)

    async def work() -> int:
        with pytest.raises(_Boom, match="why"):
            await counter.in_pool(fail, "why")
        return await counter.in_pool(value_of, counter)

    assert asyncio.run(work()) == 0


def test_each_service_has_tables_of_its_own() -> None:
    first, second = new_base(), new_base()
    Table("example", first.metadata, Column("id", String(32), primary_key=True))
    assert "example" not in second.metadata.tables
    assert first.metadata.naming_convention["pk"] == "pk_%(table_name)s"


def test_a_new_file_is_made_in_a_folder_of_its_owner(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "folder" / "service.sqlite3"
    opened = Database(f"sqlite:///{path}", schema="example", package="issuer")
    with opened.writing() as connection:
        connection.execute(text("CREATE TABLE example (id INTEGER)"))
    opened.dispose()
    assert path.is_file()
    assert path.parent.stat().st_mode & 0o777 == 0o700


ENVIRONMENT = """
from sqlalchemy import MetaData
from tegata.service.database import run_migrations
run_migrations(MetaData())
"""
MIGRATION = """
from alembic import op
import sqlalchemy as sa
revision, down_revision = "{revision}", {down}
def upgrade():
    op.create_table("{table}", sa.Column("id", sa.Integer, primary_key=True))
"""


@pytest.fixture
def migrated(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    """A service package with two migrations, and its empty database."""
    name = f"service_{'postgres' if database_url.startswith('postgres') else 'sqlite'}"
    versions = tmp_path / name / "migrations" / "versions"
    versions.mkdir(parents=True)
    (tmp_path / name / "__init__.py").touch()
    (versions.parent / "env.py").write_text(ENVIRONMENT, "utf-8")
    (versions.parent / "script.py.mako").touch()
    (versions / "one.py").write_text(MIGRATION.format(revision="one", down=None, table="first"), "utf-8")
    (versions / "two.py").write_text(MIGRATION.format(revision="two", down="'one'", table="second"), "utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    opened = Database(database_url, schema="example", package=name)
    yield opened
    opened.dispose()


def test_an_upgrade_makes_schema_and_tables_and_may_be_repeated(migrated: Database) -> None:
    assert migrated.pending_migrations()
    for _ in range(2):
        migrated.upgrade()
        assert not migrated.pending_migrations()
    schema = None if migrated.is_sqlite else "example"
    assert {"first", "second"} <= set(inspect(migrated.engine).get_table_names(schema))


def test_several_processes_may_upgrade_at_once(migrated: Database) -> None:
    others = [
        Database(
            migrated.url.render_as_string(hide_password=False), schema="example", package=migrated.package
        )
        for _ in range(3)
    ]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(Database.upgrade, [migrated, *others]))
    for other in others:
        other.dispose()
    assert not migrated.pending_migrations()


def test_the_connections_of_a_database_that_nobody_holds_any_more_are_closed(database_url: str) -> None:
    closed = []
    database = Database(database_url, schema="public", package="issuer")
    event.listen(database.engine, "close", lambda *_: closed.append(1))
    with database.reading() as connection:
        connection.execute(text("SELECT 1"))
    assert closed == []
    del connection, database
    gc.collect()
    assert closed == [1]


def test_a_writer_of_this_process_that_does_not_end_makes_the_next_one_give_up(
    counter: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not counter.is_sqlite:
        # There, each writer has rows of its own to wait for, and the server's timeouts.
        with counter.writing(), counter.writing() as connection:
            assert connection.execute(select(COUNTER.c.value)).scalar_one() == 0
        return
    monkeypatch.setattr("tegata.service.database.BUSY_TIMEOUT_MS", 20)
    with counter.writing(), pytest.raises(Unavailable):
        set_to(counter, 1)
    set_to(counter, 2)
    assert value_of(counter) == 2
