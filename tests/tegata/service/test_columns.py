"""Columns that mean the same on both databases."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from sqlalchemy import Column, Integer, MetaData, Table, insert, select
from sqlalchemy.exc import StatementError

from tegata.errors import MalformedInput
from tegata.service.columns import Instant, JsonBytes
from tegata.service.database import Database

METADATA = MetaData()
TABLE = Table(
    "example",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("at", Instant(), nullable=True),
    Column("content", JsonBytes(), nullable=True),
)


@pytest.fixture
def table(database: Database) -> Database:
    METADATA.create_all(database.engine)
    return database


def stored(database: Database, **values: Any) -> Any:
    with database.writing() as connection:
        connection.execute(insert(TABLE).values(id=1, **values))
    with database.reading() as connection:
        return connection.execute(select(TABLE)).one()


@pytest.mark.parametrize(
    "moment",
    [
        datetime(2026, 6, 1, 3, 0, 0, 123456, UTC),
        datetime(1970, 1, 1, tzinfo=UTC),
        datetime(1969, 12, 31, 23, 59, 59, 999999, UTC),
        datetime(1, 1, 1, tzinfo=UTC),
        datetime(9999, 12, 31, 23, 59, 59, 999999, UTC),
    ],
)
def test_an_instant_comes_back_to_the_microsecond(table: Database, moment: datetime) -> None:
    assert stored(table, at=moment).at == moment


def test_an_instant_comes_back_in_utc_whatever_zone_it_was_given_in(table: Database) -> None:
    tokyo = datetime(2026, 6, 1, 12, 0, tzinfo=timezone(timedelta(hours=9)))
    found = stored(table, at=tokyo).at
    assert found == tokyo
    assert found.tzinfo is UTC


def test_an_instant_without_a_zone_is_refused(table: Database) -> None:
    with pytest.raises(StatementError, match="time zone"):
        stored(table, at=datetime(2026, 6, 1))  # noqa: DTZ001  the mistake under test


def test_instants_sort_and_compare_in_the_database(table: Database) -> None:
    moments = [datetime(2026, 6, 1, 3, 0, 0, microsecond, UTC) for microsecond in (5, 1, 3)]
    with table.writing() as connection:
        connection.execute(insert(TABLE), [{"id": index, "at": at} for index, at in enumerate(moments)])
    with table.reading() as connection:
        later = connection.execute(select(TABLE.c.at).where(TABLE.c.at > moments[1]).order_by(TABLE.c.at))
        assert [row.at.microsecond for row in later] == [3, 5]


@pytest.mark.parametrize("value", [{"氏名": "青葉　はるか", "n": [1, 2.5, None, True]}, [], "text", 0, {}])
def test_json_comes_back_as_it_was(table: Database, value: Any) -> None:
    assert stored(table, content=value).content == value


def test_nothing_stays_nothing(table: Database) -> None:
    row = stored(table, at=None, content=None)
    assert (row.at, row.content) == (None, None)


def test_what_json_cannot_say_is_refused(table: Database) -> None:
    with pytest.raises((StatementError, MalformedInput)):
        stored(table, content={"n": float("nan")})
