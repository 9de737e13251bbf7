"""What a configuration may say, and what production refuses."""

import base64
from pathlib import Path

import pytest
from pydantic import ValidationError

from tegata.errors import Misconfigured
from tegata.service.settings import Mode, read
from tests.tegata.service.conftest import ExampleSettings, example_settings

KEY = bytes(range(32))
PRODUCTION = {
    "mode": Mode.PRODUCTION,
    "public_origin": "https://issuer.example.jp",
    "insecure_loopback": False,
}


def test_production_is_the_default() -> None:
    found = ExampleSettings(public_origin="https://issuer.example.jp", database_url="sqlite://")
    assert found.mode is Mode.PRODUCTION
    assert found.is_secure
    assert found.host == "issuer.example.jp"


@pytest.mark.parametrize(
    "switch",
    [
        {"insecure_loopback": True},
        {"loopback_origins": ("http://localhost:8002",)},
        {"test_identifiers": True},
        {"failpoint": "claim.after_record"},
    ],
)
def test_production_refuses_what_is_for_tests(switch: dict[str, object]) -> None:
    with pytest.raises(ValidationError, match=next(iter(switch))):
        example_settings(**PRODUCTION | switch)
    assert example_settings(**switch).mode is Mode.TEST


@pytest.mark.parametrize(
    "origin",
    [
        "issuer.example.jp",
        "https://",
        "https://issuer.example.jp/",
        "https://issuer.example.jp/s",
        "https://issuer.example.jp?x",
        "ftp://issuer.example.jp",
        "",
    ],
)
def test_an_origin_is_scheme_host_and_port_only(origin: str) -> None:
    with pytest.raises(ValidationError):
        example_settings(public_origin=origin)


@pytest.mark.parametrize(
    ("origin", "insecure_loopback"),
    [
        ("http://issuer.example.jp", True),
        ("http://localhost:8001", False),
        ("http://localhost.evil.example", True),
    ],
)
def test_http_is_for_the_loopback_host_and_only_where_switched_on(
    origin: str, insecure_loopback: bool
) -> None:
    with pytest.raises(ValidationError, match="loopback"):
        example_settings(public_origin=origin, insecure_loopback=insecure_loopback)


def test_settings_come_from_the_environment_and_cannot_be_changed_later(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TEGATA_EXAMPLE_PUBLIC_ORIGIN", "https://issuer.example.jp:8443")
    monkeypatch.setenv("TEGATA_EXAMPLE_DATABASE_URL", "sqlite://")
    monkeypatch.setenv("TEGATA_EXAMPLE_THREADS", "3")
    found = ExampleSettings()
    assert (found.host, found.threads) == ("issuer.example.jp", 3)
    with pytest.raises(ValidationError):
        found.threads = 4


def test_the_key_comes_from_the_setting_or_from_a_file(tmp_path: Path) -> None:
    text = base64.b64encode(KEY).decode("ascii")
    path = tmp_path / "key"
    path.write_text(text + "\n", "ascii")
    assert example_settings(key_encryption_key=text).key_encryption_bytes() == KEY
    from_file = example_settings(key_encryption_key=None, key_encryption_key_file=path)
    assert from_file.key_encryption_bytes() == KEY
    assert text not in repr(example_settings(key_encryption_key=text))


@pytest.mark.parametrize("text", ["", "AAAA", base64.b64encode(KEY[:31]).decode(), "not base64!", "é"])
def test_a_key_that_is_no_key_stops_the_service(text: str) -> None:
    with pytest.raises(Misconfigured):
        example_settings(key_encryption_key=text).key_encryption_bytes()


def test_a_file_that_holds_no_text_stops_the_service(tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.write_bytes(bytes(range(128, 160)))
    with pytest.raises(Misconfigured):
        example_settings(key_encryption_key=None, key_encryption_key_file=path).key_encryption_bytes()


def test_a_missing_key_is_said_in_words(tmp_path: Path) -> None:
    found = example_settings(key_encryption_key=None, key_encryption_key_file=tmp_path / "missing")
    with pytest.raises(Misconfigured) as refused:
        found.key_encryption_bytes()
    assert "key_encryption_key_file" in refused.value.public.ja


def test_a_setting_that_is_missing_or_wrong_is_named_as_the_variable_it_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TEGATA_EXAMPLE_PUBLIC_ORIGIN", "https://issuer.example.jp/")
    with pytest.raises(Misconfigured) as refused:
        read(ExampleSettings)
    assert refused.value.detail == (
        "TEGATA_EXAMPLE_PUBLIC_ORIGIN: an origin is scheme, host and port, without a path or a trailing slash; "
        "TEGATA_EXAMPLE_DATABASE_URL: Field required"
    )


def test_a_list_that_is_no_json_is_refused_with_the_name_of_the_setting(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TEGATA_EXAMPLE_LOOPBACK_ORIGINS", "http://localhost")
    with pytest.raises(Misconfigured, match="loopback_origins"):
        read(ExampleSettings)


def test_what_is_refused_is_told_without_the_keys_beside_it(monkeypatch: pytest.MonkeyPatch) -> None:
    key = base64.b64encode(KEY).decode("ascii")
    for name, value in {
        "PUBLIC_ORIGIN": "https://issuer.example.jp",
        "DATABASE_URL": "sqlite://",
        "KEY_ENCRYPTION_KEY": key,
        "FAILPOINT": "seal.after_sign",
    }.items():
        monkeypatch.setenv(f"TEGATA_EXAMPLE_{name}", value)
    with pytest.raises(ValidationError) as raised:
        ExampleSettings()
    assert key not in str(raised.value)
    with pytest.raises(Misconfigured) as refused:
        read(ExampleSettings)
    assert refused.value.detail == "TEGATA_EXAMPLE_*: refused in production: failpoint"
