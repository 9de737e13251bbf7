"""`tegata issuer …` at a terminal: staff and numbering of a school."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select
from typer.testing import CliRunner, Result

from issuer import settings as configuration
from issuer.base import AUDIT, STAFF
from issuer.commands import ACTOR, app
from issuer.database import open_database
from issuer.issuance.numbers import Numbering, PatternRefused, numbering_of
from issuer.organisations.errors import UnknownSchool
from issuer.register import practice as practices
from issuer.register.errors import PracticeRefused
from issuer.vc_api.keys import Scope, api_keys
from tegata.codec import json
from tegata.codec.dates import today
from tegata.errors import TegataError
from tegata.service.api_keys.keys import ApiKeyMissing
from tegata.service.staff import store as staff
from tegata.service.staff.principal import Role
from tests.simulators.school import KEK, ORIGIN, ReadySchool, build


@pytest.fixture
def ready(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ReadySchool]:
    values = {
        "MODE": "test",
        "PUBLIC_ORIGIN": ORIGIN,
        "DATABASE_URL": f"sqlite:///{tmp_path}/issuer.sqlite3",
        "DATA_DIRECTORY": str(tmp_path),
        "INSECURE_LOOPBACK": "true",
        "LOOPBACK_ORIGINS": json.dumps([ORIGIN]).decode("ascii"),
        "TEST_IDENTIFIERS": "true",
        "KEY_ENCRYPTION_KEY": KEK,
    }
    for name, value in values.items():
        monkeypatch.setenv(f"TEGATA_ISSUER_{name}", value)
    configuration.load.cache_clear()
    settings = configuration.load()
    open_database(settings).upgrade()
    made = build(settings, with_register=False)
    yield made
    made.workshop.database.dispose()
    configuration.load.cache_clear()


def run(*arguments: str) -> Result:
    result = CliRunner().invoke(app, arguments)
    if isinstance(result.exception, TegataError):
        raise result.exception
    return result


def _audited(ready: ReadySchool) -> list[tuple[str, str]]:
    with ready.workshop.database.reading() as connection:
        rows = connection.execute(
            select(AUDIT.row.c.action, AUDIT.row.c.object_id).where(AUDIT.row.c.actor == ACTOR)
        )
        return [(row.action, row.object_id) for row in rows]


def _person(ready: ReadySchool, *roles: str, school: str = "") -> Result:
    options = [part for role in roles for part in ("--role", role)]
    code = school or ready.school.code
    return run("staff-add", "--login", "new@school.example", "--name", "例示 新", "--school", code, *options)


def test_a_person_is_added_with_a_one_time_link_and_the_roles_at_that_school(ready: ReadySchool) -> None:
    printed = _person(ready, "clerk", "approver").output.strip()
    assert printed.startswith(f"{ORIGIN}/invitations/")
    token = printed.rpartition("/")[2]
    with ready.workshop.database.reading() as connection:
        account = staff.account_by_login(connection, STAFF, "new@school.example")
        assert account is not None
        grants = staff.grants_on(connection, STAFF, account, today(datetime.now(UTC)))
    assert {(grant.role, grant.tenant_id, grant.school_id) for grant in grants} == {
        (role, ready.school.tenant_id, ready.school.id) for role in (Role.CLERK, Role.APPROVER)
    }
    assert token not in str(_audited(ready))


def test_a_school_that_is_not_enrolled_has_no_staff(ready: ReadySchool) -> None:
    with pytest.raises(UnknownSchool):
        _person(ready, "clerk", school="D100299999999")
    assert _audited(ready) == []


def test_a_role_that_there_is_not_is_told_with_those_that_there_are(ready: ReadySchool) -> None:
    refused = _person(ready, "emperor")
    assert refused.exit_code == 2
    assert "clerk" in refused.output


def _set(folder: Path, ready: ReadySchool, prefix: str, pattern: str) -> Result:
    profile = folder / "profile.json"
    profile.write_bytes(json.dumps({"school": {"numbering": {"prefix": prefix, "pattern": pattern}}}))
    return run("numbering", "--school", ready.school.code, "--profile", str(profile))


def test_numbering_is_set_shown_and_written_down(ready: ReadySchool, tmp_path: Path) -> None:
    printed = _set(tmp_path, ready, "例", "{prefix}{schoolYear}-{number:05d}").output
    assert printed.strip() == f"{ready.school.code}: 例2026-00001 …"
    with ready.workshop.database.reading() as connection:
        assert numbering_of(connection, ready.school.id) == Numbering(
            "例", "{prefix}{schoolYear}-{number:05d}"
        )
    assert _audited(ready) == [("numbering.set", ready.school.id)]


def _decide(folder: Path, ready: ReadySchool, content: object) -> Result:
    profile = folder / "profile.json"
    profile.write_bytes(json.dumps({"school": content}))
    return run("practice", "--school", ready.school.code, "--profile", str(profile))


def test_a_schools_practice_is_set_shown_and_written_down(ready: ReadySchool, tmp_path: Path) -> None:
    practice = {
        "grading": ["shu-yu-ryo-ka-fuka"],
        "creditsRequired": 124,
        "english": ["transcript-he"],
        "fareDiscount": {"perYear": 10, "yearBegins": 5},
    }
    printed = _decide(tmp_path, ready, {"practice": practice}).output
    assert printed.strip() == f"{ready.school.code}: shu-yu-ryo-ka-fuka"
    with ready.workshop.database.reading() as connection:
        found = practices.load(connection, ready.school.id)
    assert (found.credits_required, found.english) == (124, frozenset({"transcript-he"}))
    assert (found.travel.per_year, found.travel.year_begins) == (10, 5)
    assert _audited(ready) == [("practice.set", ready.school.id)]


@pytest.mark.parametrize("content", [{}, {"practice": {"grading": ["unheard-of"]}}])
def test_a_practice_that_is_not_understood_changes_nothing(
    ready: ReadySchool, tmp_path: Path, content: object
) -> None:
    with pytest.raises(PracticeRefused):
        _decide(tmp_path, ready, content)
    assert _audited(ready) == []


def test_a_pattern_that_would_not_tell_numbers_apart_changes_nothing(
    ready: ReadySchool, tmp_path: Path
) -> None:
    with ready.workshop.database.reading() as connection:
        before = numbering_of(connection, ready.school.id)
    with pytest.raises(PatternRefused):
        _set(tmp_path, ready, "例", "{prefix}{schoolYear}")
    with ready.workshop.database.reading() as connection:
        assert numbering_of(connection, ready.school.id) == before


def _keys(*arguments: str, ready: ReadySchool) -> str:
    return run("api-key", *arguments, "--school", ready.school.code).output.strip()


def test_a_key_is_printed_once_listed_without_its_secret_and_ended(ready: ReadySchool) -> None:
    key = _keys("create", "--name", "校務システム", "--scope", "credentials:issue", ready=ready)
    keys = api_keys(ready.settings, ready.workshop.database)
    caller = keys.recognise(f"Bearer {key}", Scope.ISSUE, datetime.now(UTC))
    assert caller.tenant_id == ready.school.tenant_id
    listed = _keys("list", ready=ready)
    _, prefix, secret = key.split("_", 2)
    assert listed.startswith(f"{prefix}  校務システム  credentials:issue  until ")
    assert secret not in listed
    assert _keys("revoke", prefix, ready=ready) == "revoked"
    assert "revoked" in _keys("list", ready=ready)
    with pytest.raises(ApiKeyMissing):
        keys.recognise(f"Bearer {key}", Scope.ISSUE, datetime.now(UTC))
    assert [action for action, _ in _audited(ready)] == ["api_key.created", "api_key.revoked"]


def test_status_lists_are_written_as_files(ready: ReadySchool, tmp_path: Path) -> None:
    assert run("publish-lists", str(tmp_path / "lists")).output.strip() == "0 lists, 0 files changed"
    assert json.loads((tmp_path / "lists" / "status-lists.json").read_bytes())["files"] == []
