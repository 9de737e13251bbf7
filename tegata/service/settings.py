"""Settings that every service has, read from the environment, checked once at start-up.

A service subclasses `ServiceSettings` with its own `env_prefix`. Production is the default mode, and it refuses
every switch that only a demo or a test may turn on.
"""

import base64
from enum import StrEnum
from pathlib import Path
from typing import Self, TypeVar
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict, SettingsError

from tegata.errors import Misconfigured, Text

LOOPBACK_HOSTS = frozenset({"localhost", "127.0.0.1", "::1"})


class Mode(StrEnum):
    """What the installation is for."""

    PRODUCTION = "production"
    DEMO = "demo"
    TEST = "test"


class ServiceSettings(BaseSettings):
    """Common settings. `public_origin` is what the world calls the service; it is fixed once documents exist.

    `insecure_loopback` allows http origins on the loopback host, and nothing else. `test_identifiers` allows
    school codes and corporate numbers of the impossible prefecture 00. `failpoint` (`name` or `name:n`) kills the
    process at the n-th passing of that point. `key_encryption_key` is 32 bytes in base64, or comes from
    `key_encryption_key_file`.
    """

    # What is refused may stand beside a key: an error never shows the values that it was given.
    model_config = SettingsConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)

    mode: Mode = Mode.PRODUCTION
    public_origin: str
    database_url: str
    data_directory: Path = Path("var")
    insecure_loopback: bool = False
    loopback_origins: tuple[str, ...] = ()
    test_identifiers: bool = False
    failpoint: str = ""
    key_encryption_key: SecretStr | None = None
    key_encryption_key_file: Path | None = None
    threads: int = Field(default=16, ge=1, le=200)
    log_level: str = "INFO"

    @field_validator("public_origin")
    @classmethod
    def _origin_has_no_path(cls, value: str) -> str:
        parts = urlsplit(value)
        if not parts.hostname or parts.scheme not in {"http", "https"} or parts.path or parts.query:
            raise ValueError("an origin is scheme, host and port, without a path or a trailing slash")
        return value

    @model_validator(mode="after")
    def _production_is_strict(self) -> Self:
        host = urlsplit(self.public_origin).hostname or ""
        if self.public_origin.startswith("http:") and not (self.insecure_loopback and host in LOOPBACK_HOSTS):
            raise ValueError("http is allowed only on the loopback host with insecure_loopback switched on")
        if self.mode is Mode.PRODUCTION:
            refused = [
                name
                for name in ("insecure_loopback", "loopback_origins", "test_identifiers", "failpoint")
                if getattr(self, name)
            ]
            if refused:
                raise ValueError(f"refused in production: {', '.join(refused)}")
        return self

    @property
    def host(self) -> str:
        """The host name of the public origin, without its port."""
        return urlsplit(self.public_origin).hostname or ""

    @property
    def is_secure(self) -> bool:
        """Whether the public origin is https; cookies are then marked Secure."""
        return self.public_origin.startswith("https:")

    def key_encryption_bytes(self) -> bytes:
        """Return the 32-byte key that private keys are encrypted with at rest; raises `Misconfigured`."""
        if self.key_encryption_key is not None:
            text = self.key_encryption_key.get_secret_value()
        elif self.key_encryption_key_file is not None and self.key_encryption_key_file.is_file():
            text = self.key_encryption_key_file.read_text("utf-8", "replace").strip()
        else:
            raise Misconfigured(
                "no key-encryption key",
                public=Text(
                    "鍵を暗号化する鍵が設定されていません（key_encryption_key_file）。",
                    "No key-encryption key is configured (key_encryption_key_file).",
                ),
            )
        try:
            key = base64.b64decode(text, validate=True)
        except ValueError:
            key = b""
        if len(key) != 32:  # noqa: PLR2004  AES-256
            raise Misconfigured(
                "the key-encryption key is not 32 bytes in base64",
                public=Text(
                    "鍵を暗号化する鍵が32バイトのbase64ではありません（key_encryption_key_file）。",
                    "The key-encryption key is not 32 bytes in base64 (key_encryption_key_file).",
                ),
            )
        return key


Read = TypeVar("Read", bound=ServiceSettings)
_NOT_RIGHT = Text("設定（環境変数）が正しくありません。", "A setting (environment variable) is not right.")


def read(kind: type[Read]) -> Read:
    """Read a service's settings from the environment.

    Raises `Misconfigured`, whose detail names each variable and what is wrong with it, and none of the values.
    """
    try:
        return kind()  # type: ignore[call-arg]  # pydantic fills it from the environment
    except ValidationError as error:
        raise Misconfigured("; ".join(_told(kind, error)), public=_NOT_RIGHT) from None
    except SettingsError as error:
        raise Misconfigured(f"{_prefix(kind)}*: {error}", public=_NOT_RIGHT) from None


def _told(kind: type[ServiceSettings], error: ValidationError) -> list[str]:
    found = []
    for item in error.errors(include_input=False, include_url=False):
        name = "_".join(map(str, item["loc"])).upper() or "*"
        found.append(f"{_prefix(kind)}{name}: {item['msg'].removeprefix('Value error, ')}")
    return found


def _prefix(kind: type[ServiceSettings]) -> str:
    return kind.model_config.get("env_prefix", "")
