"""`tegata registrar …` as an operator types it, each command twice."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from typer.testing import CliRunner, Result

from issuer import settings
from issuer.database import Base, open_database
from issuer.organisations.errors import UnknownSchool
from issuer.registrar.commands import app
from issuer.registrar.errors import GrantRefused, RootKeyMissing
from tegata.errors import MalformedInput, NotFound
from tegata.identity.certificates import OrganisationSubject
from tegata.keys.software import SoftwareSigner
from tests.issuer.installation import KEY_ENCRYPTION_KEY, other_school, profile

CODE, OTHER = "D100299999903", "D100299999912"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder with an installation that the environment describes."""
    environment = {
        "MODE": "test",
        "PUBLIC_ORIGIN": "https://issuer.example",
        "DATABASE_URL": f"sqlite:///{tmp_path}/issuer.sqlite3",
        "DATA_DIRECTORY": str(tmp_path),
        "TEST_IDENTIFIERS": "true",
        "KEY_ENCRYPTION_KEY": KEY_ENCRYPTION_KEY,
    }
    for name, value in environment.items():
        monkeypatch.setenv(f"TEGATA_ISSUER_{name}", value)
    settings.load.cache_clear()
    database = open_database(settings.load())
    Base.metadata.create_all(database.engine)
    database.dispose()
    (tmp_path / "profile.json").write_text(json.dumps(profile()), "utf-8")
    (tmp_path / "other.json").write_text(json.dumps(other_school()), "utf-8")
    yield tmp_path
    settings.load.cache_clear()


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, arguments)


def say(*arguments: str) -> str:
    result = run(*arguments)
    assert result.exception is None, result.exception
    return result.stdout


@pytest.fixture
def ready(folder: Path) -> Path:
    """A registrar that is set up, with two schools."""
    say("init", "--operator", "例示運営機構")
    for name in ("profile", "other"):
        say("enrol", str(folder / f"{name}.json"))
    return folder


def test_the_whole_way_from_nothing_to_a_list_may_be_walked_twice(folder: Path) -> None:
    for turn in range(2):
        assert "レジストラ" in say("init", "--operator", "例示運営機構", "--operator-latin", "Example")
        assert f"{'登録済み' if turn else '登録'} {CODE} https://issuer.example/s/" in say(
            "enrol", str(folder / "profile.json")
        )
        assert f"{0 if turn else 8} new keys" in say("certify", CODE)
        assert say("grant", CODE, "graduation", "transcript").count("許可") == (0 if turn else 2)
        assert "No. 1" in say("publish")
    assert (folder / "registrar" / "root.json").is_file()


def test_show_names_schools_keys_rights_and_the_list(ready: Path) -> None:
    assert "no list has been published yet" in say("show")
    say("certify", CODE)
    say("grant", CODE, "all")
    say("publish")
    shown = say("show")
    assert "例示県立みらい台高等学校" in shown
    assert "document" in shown
    assert "https://w3id.org/tegata/vct/graduation/1" in shown
    assert "No. 1" in shown


def test_a_request_is_certified_to_a_file_or_to_standard_output(ready: Path) -> None:
    der = SoftwareSigner.generate().certificate_request(OrganisationSubject("例示大学").name())
    (ready / "request.pem").write_bytes(x509.load_der_x509_csr(der).public_bytes(Encoding.PEM))
    asked = ("certify-request", str(ready / "request.pem"), "--dns", "verifier.example")
    named = ("--organisation", "例示大学", "--corporate-number", "1000000999998")
    printed = say(*asked, *named)
    say(*asked, *named, "--out", str(ready / "chain.pem"))
    assert printed.count("BEGIN CERTIFICATE") == 2
    assert (ready / "chain.pem").read_text("ascii") == printed


def test_a_key_is_rotated_and_cut_off(ready: Path) -> None:
    say("certify", CODE)
    rotated = say("certify", CODE, "--rotate", "copy")
    assert "1 new keys" in rotated
    key_id = rotated.split()[2]
    say("compromised", CODE, key_id, "2026-04-01T09:00:00+09:00")
    assert "compromised" in say("show")
    for instant in ("yesterday", "2026-04-01T09:00:00"):
        assert isinstance(run("compromised", CODE, key_id, instant).exception, MalformedInput)


def test_a_school_is_closed_with_its_custodian(ready: Path) -> None:
    say("grant", CODE, "graduation")
    say("close", CODE, "2026-12-31", "--custodian", OTHER)
    shown = say("show")
    assert "閉校 2026-12-31" in shown
    assert "2027-01-01– https://w3id.org/tegata/vct/graduation/1 承継 custodian" in shown


def test_a_right_is_granted_for_a_period_and_about_another_school(ready: Path) -> None:
    say("grant", CODE, "graduation", "--about", OTHER, "--since", "2026-04-01", "--until", "2027-03-31")
    assert "2026-04-01–2027-03-31 https://w3id.org/tegata/vct/graduation/1 承継 custodian" in say("show")


def test_what_is_not_there_or_not_understood_is_refused(ready: Path) -> None:
    refusals: list[tuple[type[Exception], tuple[str, ...]]] = [
        (UnknownSchool, ("certify", "D100299999999")),
        (NotFound, ("enrol", str(ready / "nothing.json"))),
        (GrantRefused, ("grant", CODE, "diploma")),
        (MalformedInput, ("grant", CODE, "graduation", "--since", "1 April")),
        (MalformedInput, ("close", CODE, "")),
        (RootKeyMissing, ("init", "--passphrase-file", str(ready / "nothing"))),
    ]
    for kind, arguments in refusals:
        assert isinstance(run(*arguments).exception, kind), arguments


def test_an_empty_passphrase_file_is_refused(folder: Path) -> None:
    (folder / "empty").write_text("\n")
    assert isinstance(run("init", "--passphrase-file", str(folder / "empty")).exception, RootKeyMissing)


def test_a_passphrase_from_a_file_seals_the_root_key(folder: Path) -> None:
    (folder / "passphrase").write_text("とても長い言葉\n", "utf-8")
    say("init", "--passphrase-file", str(folder / "passphrase"), "--root-file", str(folder / "offline.json"))
    assert json.loads((folder / "offline.json").read_text())["sealed_by"] == "scrypt"
