"""What the issuer's doctor finds, and that each finding says what to do."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, update

from issuer.base import AUDIT
from issuer.database import open_database
from issuer.doctor import SOON, findings
from issuer.organisations import key_store
from issuer.organisations.tables import SigningKey
from tegata.service import audit
from tests.simulators.school import NOW, ReadySchool, build, settings_for

_key = SigningKey.__table__  # type: ignore[attr-defined]  # SQLModel sets it on tables


@pytest.fixture
def ready(tmp_path: Path) -> Iterator[ReadySchool]:
    settings = settings_for(f"sqlite:///{tmp_path}/issuer.sqlite3", tmp_path)
    open_database(settings).upgrade()
    made = build(settings, with_register=False)
    yield made
    made.workshop.database.dispose()


def unwell(ready: ReadySchool, **later: float) -> list[str]:
    found = findings(ready.settings, ready.workshop.database, NOW + timedelta(**later))
    assert all(item.advice for item in found if not item.is_well)
    return [item.subject for item in found if not item.is_well]


def test_a_well_installation_has_nothing_to_say(ready: ReadySchool) -> None:
    assert unwell(ready) == []


def test_a_database_without_tables_ends_the_look_there(tmp_path: Path) -> None:
    settings = settings_for(f"sqlite:///{tmp_path}/empty.sqlite3", tmp_path)
    found = findings(settings, open_database(settings), NOW)
    assert [(item.subject, item.is_well) for item in found] == [
        ("key-encryption key", True),
        ("database", False),
    ]
    assert found[1].advice == "tegata db upgrade"


def test_a_key_that_is_none_is_found_with_the_name_of_its_setting(tmp_path: Path) -> None:
    settings = settings_for(f"sqlite:///{tmp_path}/x.sqlite3", tmp_path, key_encryption_key="AAAA")
    [found, *_] = findings(settings, open_database(settings), NOW)
    assert not found.is_well
    assert "key_encryption_key" in found.advice


def test_a_clock_behind_the_audit_trail_is_found(ready: ReadySchool) -> None:
    assert unwell(ready, days=-700) == ["clock"]


def test_a_changed_audit_row_is_found_as_evidence(ready: ReadySchool) -> None:
    audit.seal_all(ready.workshop.database, AUDIT)
    with ready.workshop.database.writing() as connection:
        connection.execute(update(AUDIT.row).values(actor="somebody else"))
    assert unwell(ready) == ["audit trail"]


def test_a_lost_audit_row_is_found_too(ready: ReadySchool) -> None:
    audit.seal_all(ready.workshop.database, AUDIT)
    with ready.workshop.database.writing() as connection:
        connection.execute(delete(AUDIT.row))
    assert unwell(ready) == ["audit trail"]


def test_a_list_of_issuers_past_its_next_update_is_found(ready: ReadySchool) -> None:
    assert "trust list" in unwell(ready, days=400)


def test_keys_that_end_within_a_month_are_named_with_their_school(ready: ReadySchool) -> None:
    with ready.workshop.database.writing() as connection:
        [first, *_] = key_store.of_organisation(
            connection, ready.school.id, states=(key_store.KeyState.ACTIVE,)
        )
        soon = update(_key).where(_key.c.id == first.id).values(active_until=NOW + SOON - timedelta(days=1))
        connection.execute(soon)
    found = {item.subject: item for item in findings(ready.settings, ready.workshop.database, NOW)}
    finding = found["certificates of schools"]
    assert not finding.is_well
    assert f"{ready.school.code} {first.use.value}" in finding.advice
