"""One database per service: a file on SQLite, a schema on PostgreSQL.

Stores use SQLAlchemy Core on the connection that `reading` or `writing` hands them, so that a use case is one
transaction. Writers on SQLite begin with `BEGIN IMMEDIATE`: two of them queue instead of failing half-way.
"""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from importlib.resources import files
from pathlib import Path
from threading import Lock
from typing import Any, ParamSpec, TypeVar
from weakref import finalize

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from anyio import CapacityLimiter, to_thread
from sqlalchemy import Connection, Engine, MetaData, create_engine, event, make_url, text
from sqlalchemy.orm import registry
from sqlmodel import SQLModel

from tegata.errors import Unavailable

P = ParamSpec("P")
T = TypeVar("T")

#: Names of constraints are part of the schema from the first migration on.
NAMING_CONVENTION = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
BUSY_TIMEOUT_MS = 20_000
_LEVEL = "tegata synchronous"


def new_base() -> type[SQLModel]:
    """Return a SQLModel base with a registry of its own, so that no service sees another's tables."""
    own = registry(metadata=MetaData(naming_convention=NAMING_CONVENTION))

    class Base(SQLModel, registry=own):
        metadata = own.metadata

    return Base


class Database:
    """A service's database; `schema` names its PostgreSQL schema, `package` holds its `migrations`."""

    def __init__(self, url: str, *, schema: str, package: str, threads: int = 16) -> None:
        self.url = make_url(url)
        self.schema = schema
        self.package = package
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self.engine = self._create_engine(threads)
        # A command ends by returning, or by an error: its connections are closed with its database either way.
        finalize(self, self.engine.dispose)
        self._limiter = CapacityLimiter(threads)
        self._writer = Lock()

    def _create_engine(self, threads: int) -> Engine:
        if not self.is_sqlite:
            url = self.url.set(drivername="postgresql+psycopg")
            options = {"options": f"-csearch_path={self.schema}"}
            return create_engine(
                url, pool_size=threads, max_overflow=4, pool_pre_ping=True, connect_args=options
            )
        if self.url.database:
            Path(self.url.database).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        # One connection for each thread of the pool; `timeout` is SQLite's busy timeout, in seconds.
        engine = create_engine(
            self.url,
            pool_size=threads,
            max_overflow=4,
            connect_args={"timeout": BUSY_TIMEOUT_MS / 1000, "check_same_thread": False},
        )
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Open a snapshot to read from; whatever is written by mistake is rolled back."""
        with self.engine.connect() as connection, connection.begin() as transaction:
            yield connection
            transaction.rollback()

    @contextmanager
    def writing(self, *, durable: bool = False) -> Iterator[Connection]:
        """One transaction, committed when the block ends and rolled back when it raises.

        `durable` waits until the commit is on disk even on SQLite in WAL mode (`synchronous=FULL`): for sealing.
        """
        options = {"tegata_begin": "IMMEDIATE", "tegata_durable": durable}
        with (
            self._turn(),
            self.engine.connect().execution_options(**options) as connection,
            connection.begin(),
        ):
            yield connection

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """Wait for this process's turn to write.

        SQLite has one writer. Threads that ask it again and again keep each other from working; in a queue they sleep.
        """
        if not self.is_sqlite:
            yield
            return
        if not self._writer.acquire(timeout=BUSY_TIMEOUT_MS / 1000):
            raise Unavailable("another writer of this process does not end")
        try:
            yield
        finally:
            self._writer.release()

    async def in_pool(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run blocking work in the bounded thread pool of this database."""
        return await to_thread.run_sync(partial(function, *args, **kwargs), limiter=self._limiter)

    def upgrade(self) -> None:
        """Bring the schema to the newest migration; safe to call from several processes at once."""
        if not self.is_sqlite:
            with self.engine.begin() as connection:
                connection.execute(text("SELECT pg_advisory_xact_lock(20260401)"))
                connection.execute(text(f'CREATE SCHEMA IF NOT EXISTS "{self.schema}"'))
        with self.writing(durable=True) as connection:
            if not self.is_sqlite:
                connection.execute(text("SELECT pg_advisory_xact_lock(20260402)"))
            command.upgrade(self._alembic(connection), "head")

    def pending_migrations(self) -> bool:
        """Whether `upgrade` has something to do."""
        with self.reading() as connection:
            current = MigrationContext.configure(connection).get_current_revision()
            return current != ScriptDirectory.from_config(self._alembic(connection)).get_current_head()

    def _alembic(self, connection: Connection) -> Config:
        config = Config()
        config.set_main_option("script_location", str(files(self.package) / "migrations"))
        config.set_main_option("path_separator", "os")
        config.attributes["connection"] = connection
        return config

    def dispose(self) -> None:
        """Close every pooled connection."""
        self.engine.dispose()


def _prepare_sqlite(dbapi_connection: Any, _record: object) -> None:
    # The driver must not begin transactions by itself: `_begin_sqlite` decides how they begin.
    dbapi_connection.isolation_level = None
    cursor = dbapi_connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=NORMAL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    options = connection.get_execution_options()
    level = "FULL" if options.get("tegata_durable") else "NORMAL"
    # Stays as it is until it is set again: most transactions find what they need.
    driver: Any = connection.connection.dbapi_connection
    if connection.info.get(_LEVEL) != level:
        driver.execute(f"PRAGMA synchronous={level}")
        connection.info[_LEVEL] = level
    try:
        driver.execute(f"BEGIN {options.get('tegata_begin', 'DEFERRED')}")
    except sqlite3.OperationalError as error:
        raise Unavailable(f"the database does not begin: {error}") from None


def run_migrations(metadata: MetaData) -> None:
    """Run a service's migrations on the connection that `Database` passes; all of its `migrations/env.py`."""
    from alembic import context  # noqa: PLC0415  the proxy only works while Alembic runs

    connection = context.config.attributes["connection"]
    context.configure(connection=connection, target_metadata=metadata, render_as_batch=True)
    context.run_migrations()
