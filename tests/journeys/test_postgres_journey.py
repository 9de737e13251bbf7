"""The whole journey on PostgreSQL, each service in two processes and with a database of its own."""

import os
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import psycopg
import pytest
from psycopg.sql import SQL, Identifier
from rich.console import Console

from tegata.command.demo.environment import PREFIXES, Place
from tegata.command.demo.story import Story
from tests.journeys.places import new_place
from tests.journeys.test_serve import serving, until
from tests.simulators import postgres

pytestmark = pytest.mark.xdist_group("demo")


@pytest.fixture
def databases(postgres_server: postgres.Server) -> Iterator[dict[str, str]]:
    """An empty database for each service."""
    with ExitStack() as stack:
        yield {name: stack.enter_context(postgres_server.fresh_database()) for name in PREFIXES}


@pytest.fixture
def place(tmp_path: Path, databases: dict[str, str]) -> Iterator[Place]:
    with new_place(tmp_path / "place") as found:
        for name, prefix in PREFIXES.items():
            os.environ[f"{prefix}DATABASE_URL"] = databases[name]
        yield found


def count(database: str, schema: str, table: str) -> int:
    with psycopg.connect(database) as connection:
        query = SQL("SELECT count(*) FROM {}").format(Identifier(schema, table))
        (found,) = connection.execute(query).fetchone() or (0,)
        return int(found)


def test_the_whole_journey_is_the_same_on_postgresql_in_two_processes(
    place: Place, databases: dict[str, str]
) -> None:
    story = Story(place, Console(quiet=True))
    story.set_up()
    with story, serving(place) as running:
        assert until(lambda: len(running.workers()) == 2)
        story.play()
    outcome = story.outcome
    assert (outcome.issued, outcome.claimed, outcome.presented) == (76, 3, 2)
    assert outcome.verdicts == ["valid", "valid"]
    assert [check for check in outcome.checks if check["outcome"] != "passed"] == []
    assert list(place.folder.glob("*.sqlite3*")) == []
    assert running.process.returncode == 0
    assert "Traceback" not in place.log.read_text("utf-8")
    assert count(databases["issuer"], "issuer", "document") == 76
    assert count(databases["verifier"], "verifier", "presentation_request") == 2
