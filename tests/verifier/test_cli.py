"""`tegata-verifier`: from an empty installation to one that can ask."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from tegata.errors import TegataError
from tegata.identity import certificates
from tegata.service.staff.service import StaffService
from tests.simulators.issuer import Scheme, School
from tests.verifier.conftest import KEK
from verifier import settings as configuration
from verifier.api.keys import Scope
from verifier.app import service
from verifier.assembly import assemble
from verifier.base import AUDIT, STAFF
from verifier.cli import app, main


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    values = {
        "MODE": "test",
        "PUBLIC_ORIGIN": "http://localhost:8002",
        "DATABASE_URL": f"sqlite:///{tmp_path}/v.sqlite3",
        "INSECURE_LOOPBACK": "true",
        "TEST_IDENTIFIERS": "true",
        "KEY_ENCRYPTION_KEY": KEK,
        "TRUST_ANCHOR_FILE": str(tmp_path / "anchor.pem"),
    }
    for name, value in values.items():
        monkeypatch.setenv(f"TEGATA_VERIFIER_{name}", value)
    configuration.load.cache_clear()
    verifier = assemble(configuration.load())
    verifier.database.upgrade()
    verifier.database.dispose()
    yield tmp_path
    configuration.load.cache_clear()


def run(*arguments: str) -> Result:
    result = CliRunner().invoke(app, arguments)
    if isinstance(result.exception, TegataError):
        raise result.exception
    assert result.exit_code == 0, result.output
    return result


def test_from_nothing_to_a_verifier_that_can_ask(folder: Path) -> None:
    now = datetime.now(UTC)
    scheme = Scheme.start(now)
    school = School.enrol(scheme, "https://issuer.example/s/abc", now)
    (folder / "anchor.pem").write_bytes(certificates.to_pem(scheme.anchors))
    (folder / "list.jwt").write_bytes(scheme.trust_list(school.trusted(), now=now))
    request = run("csr", "--organisation", "例示大学").output.encode("ascii")
    (folder / "chain.pem").write_bytes(scheme.request_certificate(request))
    assert "installed" in run("install-certificate", str(folder / "chain.pem")).output
    assert "list 1, 1 organisations" in run("trust", "load", str(folder / "list.jwt")).output
    tenant_id = run("tenant", "create", "例示大学", "--name-en", "Example University").output.strip()
    assert tenant_id in run("tenant", "list").output
    key = run(
        "api-key", "create", "--tenant", tenant_id, "--name", "入試システム", "--scope", "verify"
    ).output.strip()
    verifier = assemble(configuration.load())
    assert verifier.keys.recognise(f"Bearer {key}", Scope.VERIFY, now).tenant_id == tenant_id
    run("api-key", "revoke", key.split("_")[1], "--tenant", tenant_id)
    with pytest.raises(TegataError):
        verifier.keys.recognise(f"Bearer {key}", Scope.VERIFY, now)
    assert "  " in run("webhook", "add", "https://x.example/hook", "--tenant", tenant_id).output


def test_somebody_is_added_who_gets_a_link_to_set_up(folder: Path) -> None:
    tenant_id = run("tenant", "create", "例示大学", "--name-en", "Example University").output.strip()
    arguments = ("--login", "admission@university.example", "--name", "入試 花子", "--tenant", tenant_id)
    link = run("staff-add", *arguments, "--name-latin", "NYUSHI Hanako").output.strip()
    assert link.startswith("http://localhost:8002/invitations/")
    verifier = assemble(configuration.load())
    staff = StaffService(verifier.settings, verifier.database, STAFF, AUDIT)
    invited = staff.invitations.look(link.rsplit("/", 1)[1], datetime.now(UTC))
    assert "入試 花子" in str(invited)
    with pytest.raises(TegataError):
        run("staff-add", *arguments[:-1], "0" * 32)
    with pytest.raises(TegataError):
        run("staff-add", *arguments)


def test_a_refusal_is_told_in_both_languages_without_a_trace(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["tegata-verifier", "api-key", "create", "--tenant", "x", "--name", "y"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 1
    shown = capsys.readouterr().err
    assert "見つかりません" in shown
    assert "Not found" in shown
    assert "Traceback" not in shown


def test_a_file_that_is_no_certificate_is_refused(folder: Path) -> None:
    (folder / "x.pem").write_bytes(b"nothing")
    (folder / "anchor.pem").write_bytes(certificates.to_pem(Scheme.start(datetime.now(UTC)).anchors))
    with pytest.raises(TegataError):
        run("install-certificate", str(folder / "x.pem"))


def test_doctor_says_what_is_missing_and_what_to_do(folder: Path) -> None:
    result = CliRunner().invoke(app, ["doctor"])
    assert result.exit_code == 1
    assert "否 no  trust anchor" in result.output
    assert "tegata-verifier csr" in result.output


def test_the_operators_commands_are_also_those_of_the_common_command(folder: Path) -> None:
    outer = typer.Typer()
    for commands in service.commands:
        outer.add_typer(commands)
    made = CliRunner().invoke(outer, ["verifier", "tenant", "create", "例示大学"])
    assert made.exit_code == 0
    assert made.output.strip() in CliRunner().invoke(outer, ["verifier", "tenant", "list"]).output
