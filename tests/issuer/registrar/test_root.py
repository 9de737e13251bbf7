"""The root key's file: sealed by passphrase or installation, written once, readable by its owner alone."""

import stat
from pathlib import Path

import pytest

from issuer.registrar import root
from issuer.registrar.errors import RootKeyMissing, RootKeyNeedsPassphrase
from issuer.settings import IssuerSettings
from tests.issuer.installation import settings_for


@pytest.fixture
def settings(tmp_path: Path) -> IssuerSettings:
    return settings_for(f"sqlite:///{tmp_path}/x.sqlite3", tmp_path)


def production(folder: Path) -> IssuerSettings:
    return settings_for(f"sqlite:///{folder}/x.sqlite3", folder, mode="production", test_identifiers=False)


def test_a_root_key_is_opened_again(settings: IssuerSettings, tmp_path: Path) -> None:
    made = root.create(tmp_path / "deep" / "root.json", settings)
    found = root.load(tmp_path / "deep" / "root.json", settings)
    assert found.public_key.key_id == made.public_key.key_id


def test_only_its_owner_may_read_the_file_and_nothing_else_is_left(
    settings: IssuerSettings, tmp_path: Path
) -> None:
    path = tmp_path / "deep" / "root.json"
    root.create(path, settings)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert list(path.parent.iterdir()) == [path]


def test_an_existing_root_key_is_never_overwritten(settings: IssuerSettings, tmp_path: Path) -> None:
    made = root.create(tmp_path / "root.json", settings)
    with pytest.raises(RootKeyMissing):
        root.create(tmp_path / "root.json", settings)
    assert root.load(tmp_path / "root.json", settings).public_key.key_id == made.public_key.key_id
    assert list(tmp_path.iterdir()) == [tmp_path / "root.json"]


def test_a_passphrase_opens_the_file_on_another_installation(
    settings: IssuerSettings, tmp_path: Path
) -> None:
    made = root.create(tmp_path / "root.json", settings, "正しい馬 battery")
    elsewhere = settings_for(settings.database_url, tmp_path, key_encryption_key="B" * 43 + "=")
    found = root.load(tmp_path / "root.json", elsewhere, "正しい馬 battery")
    assert found.public_key.key_id == made.public_key.key_id
    for wrong in ("wrong", ""):
        with pytest.raises(RootKeyMissing):
            root.load(tmp_path / "root.json", settings, wrong)


def test_a_passphrase_where_none_is_expected_is_refused(settings: IssuerSettings, tmp_path: Path) -> None:
    root.create(tmp_path / "root.json", settings)
    with pytest.raises(RootKeyMissing):
        root.load(tmp_path / "root.json", settings, "something")


def test_production_asks_for_a_passphrase(tmp_path: Path) -> None:
    with pytest.raises(RootKeyNeedsPassphrase):
        root.create(tmp_path / "root.json", production(tmp_path))
    assert not (tmp_path / "root.json").exists()
    assert root.create(tmp_path / "root.json", production(tmp_path), "long and secret")


@pytest.mark.parametrize(
    "content",
    [b"", b"{}", b"[]", b'{"version": 2}', b"\xff", b'{"version":1,"sealed_by":"x","salt":5,"sealed":""}'],
)
def test_a_damaged_file_is_refused(settings: IssuerSettings, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "root.json").write_bytes(content)
    with pytest.raises(RootKeyMissing):
        root.load(tmp_path / "root.json", settings)


def test_a_missing_file_is_refused(settings: IssuerSettings, tmp_path: Path) -> None:
    with pytest.raises(RootKeyMissing):
        root.load(tmp_path / "root.json", settings)


def test_a_folder_that_cannot_be_written_is_refused(settings: IssuerSettings, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(RootKeyMissing):
        root.create(tmp_path / "file" / "root.json", settings)


def test_the_default_place_is_below_the_data_directory(settings: IssuerSettings) -> None:
    assert root.default_path(settings) == settings.data_directory / "registrar" / "root.json"
