"""A service's ground for tests: settings in test mode, and a database with a schema of its own."""

import base64
from collections.abc import Iterator

import pytest
from pydantic_settings import SettingsConfigDict
from sqlalchemy import text

from tegata.service.database import Database
from tegata.service.settings import Mode, ServiceSettings

ORIGIN = "http://localhost:8001"


class ExampleSettings(ServiceSettings):
    """Settings of a service that exists in tests only."""

    model_config = SettingsConfigDict(env_prefix="TEGATA_EXAMPLE_", extra="ignore", frozen=True)


def example_settings(**changes: object) -> ExampleSettings:
    """Settings in test mode on the loopback host, with some changed."""
    values = {
        "mode": Mode.TEST,
        "public_origin": ORIGIN,
        "database_url": "sqlite://",
        "insecure_loopback": True,
        "key_encryption_key": base64.b64encode(bytes(range(32))).decode("ascii"),
    }
    return ExampleSettings(**values | changes)


@pytest.fixture
def settings() -> ExampleSettings:
    return example_settings()


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """An empty database, on SQLite and on PostgreSQL, in the schema `example`."""
    opened = Database(database_url, schema="example", package="issuer")
    if not opened.is_sqlite:
        with opened.engine.begin() as connection:
            connection.execute(text('CREATE SCHEMA "example"'))
    yield opened
    opened.dispose()
