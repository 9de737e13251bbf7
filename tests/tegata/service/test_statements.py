"""Statements compiled once: the same rows, conversions and errors as SQLAlchemy's own, on both databases."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from sqlalchemy import (
    Boolean,
    Column,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    bindparam,
    insert,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError

from tegata.service.columns import Instant, JsonBytes
from tegata.service.database import Database
from tegata.service.statements import Statement

METADATA = MetaData()
THING = Table(
    "thing",
    METADATA,
    Column("id", String(32), primary_key=True),
    Column("at", Instant()),
    Column("is_good", Boolean, nullable=False),
    Column("content", JsonBytes()),
    Column("raw", LargeBinary()),
    Column("count", Integer, nullable=False, default=0),
)
AT = datetime(2026, 4, 1, 3, 4, 5, 678901, tzinfo=UTC)
ROW = {"id": "a", "at": AT, "is_good": True, "content": {"氏名": ["青葉"]}, "raw": b"\x00\xff", "count": 1}

ADD = Statement(insert(THING), tuple(ROW))
FIND = Statement(select(THING).where(THING.c.id == bindparam("b_id"), THING.c.is_good.is_(True)))
FIND_AT = Statement(select(THING.c.id).where(THING.c.at == bindparam("b_at")).order_by(THING.c.id))
COUNT = Statement(
    update(THING)
    .where(THING.c.id == bindparam("b_id"), THING.c.count < 2)
    .values(count=THING.c.count + bindparam("b_more"))
    .returning(THING.c.count, THING.c.at)
)
SPOIL = Statement(update(THING).where(THING.c.id == bindparam("b_id")).values(is_good=False))


class Stopped(Exception):
    """Ends a transaction."""


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    made = Database(database_url, schema="public", package="issuer")
    with made.writing() as connection:
        METADATA.create_all(connection)
    yield made
    made.dispose()


def test_what_is_written_is_read_as_it_was(database: Database) -> None:
    with database.writing() as connection:
        assert ADD.run(connection, ROW) == 1
    with database.reading() as connection:
        assert FIND.first(connection, {"b_id": "a"}) == tuple(ROW.values())
        assert connection.execute(select(THING)).mappings().one() == ROW
        assert FIND.first(connection, {"b_id": "b"}) is None
        assert FIND_AT.scalar(connection, {"b_at": AT}) == "a"
        assert FIND_AT.scalar(connection, {"b_at": AT.replace(year=2027)}) is None


def test_nothing_is_nothing_in_every_type(database: Database) -> None:
    empty = {**ROW, "at": None, "content": None, "raw": None}
    with database.writing() as connection:
        ADD.run(connection, empty)
        assert FIND.first(connection, {"b_id": "a"}) == tuple(empty.values())


def test_many_rows_are_written_at_once_and_read_in_order(database: Database) -> None:
    with database.writing() as connection:
        ADD.run_many(connection, [{**ROW, "id": name} for name in "cab"])
        assert FIND_AT.all(connection, {"b_at": AT}) == [("a",), ("b",), ("c",)]
        assert FIND_AT.all(connection, {"b_at": AT.replace(year=2027)}) == []


def test_a_change_says_how_many_rows_it_met_and_returns_what_was_asked(database: Database) -> None:
    with database.writing() as connection:
        ADD.run(connection, ROW)
        assert COUNT.first(connection, {"b_id": "a", "b_more": 1}) == (2, AT)
        assert COUNT.first(connection, {"b_id": "a", "b_more": 1}) is None
        assert SPOIL.run(connection, {"b_id": "a"}) == 1
        assert SPOIL.run(connection, {"b_id": "b"}) == 0
        assert FIND.first(connection, {"b_id": "a"}) is None


def test_it_stands_in_the_callers_transaction(database: Database) -> None:
    def stop() -> None:
        with database.writing() as connection:
            ADD.run(connection, ROW)
            raise Stopped

    with pytest.raises(Stopped):
        stop()
    with database.reading() as connection:
        assert connection.execute(select(THING)).all() == []


@pytest.mark.parametrize("many", [False, True])
def test_a_drivers_error_is_sqlalchemys_and_tells_no_value(database: Database, many: bool) -> None:
    with database.writing() as connection:
        ADD.run(connection, ROW)

    def again() -> None:
        with database.writing() as connection:
            if many:
                ADD.run_many(connection, [{**ROW, "id": "z"}, ROW])
            else:
                ADD.run(connection, ROW)

    with pytest.raises(IntegrityError) as refused:
        again()
    assert "青葉" not in str(refused.value)
    with database.reading() as connection:
        assert connection.execute(select(THING.c.id)).scalars().all() == ["a"]


def test_a_parameter_that_is_missing_is_named(database: Database) -> None:
    with database.reading() as connection, pytest.raises(KeyError, match="b_id"):
        FIND.first(connection, {})
