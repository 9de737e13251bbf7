"""Fixtures: an issuer on both databases, and one on SQLite where the database does not matter."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.issuer.installation import Installation, installed


@pytest.fixture
def issuer(database_url: str, tmp_path: Path) -> Iterator[Installation]:
    """An issuer on an empty database, on SQLite and on PostgreSQL."""
    with installed(database_url, tmp_path) as installation:
        yield installation


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Installation]:
    """An issuer on SQLite."""
    with installed(f"sqlite:///{tmp_path}/small.sqlite3", tmp_path) as installation:
        yield installation
