"""docs/reference/settings.md: every setting of every service, from the classes that read them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, get_args, get_origin

from pydantic import SecretStr
from pydantic.fields import FieldInfo

from issuer.settings import IssuerSettings
from tegata.service.settings import ServiceSettings
from tests.docs.markdown import table
from tests.docs.settings_texts import MEANINGS
from verifier.settings import VerifierSettings
from wallet_bridge.settings import BridgeSettings

#: Title, class, in the order of the page.
SERVICES: tuple[tuple[str, type[ServiceSettings]], ...] = (
    ("Issuer · 発行", IssuerSettings),
    ("Verifier · 検証", VerifierSettings),
    ("Wallet bridge · 本人確認の橋渡し", BridgeSettings),
)
_COLUMNS = ("Name", "意味 · Meaning", "Values", "Default")
_INTRODUCTION = """# Settings · 設定

設定は環境変数から、起動のときに1回読みます。名前はサービスごとの前置きと、下の表の名前です。まちがった値では起動しません。
Settings are environment variables, read once at the start. A name is the service's prefix and the name below. A service
with a setting that is not right does not start. This page is made from the code by `make docs`.

{prefixes}

`MODE=production` が既定です。本番では、デモと試験のための設定（★）を断ります。
`MODE=production` is the default, and refuses what is only for demos and tests (★). Lists are JSON: `["a","b"]`.

To look at what a running environment holds, use `tegata doctor`; what to set in production stands in
[running it yourself](../start/running-it.md).
"""
_ONLY_FOR_TESTS = frozenset({"insecure_loopback", "loopback_origins", "test_identifiers", "failpoint"})
_KINDS: Mapping[Any, str] = {
    str: "text",
    int: "number",
    bool: "`true` or `false`",
    Path: "path",
    SecretStr: "text, secret",
    tuple[str, ...]: "JSON list",
}


@dataclass(frozen=True)
class Setting:
    """One setting of one service."""

    variable: str
    field: str
    info: FieldInfo


def settings_of(service: type[ServiceSettings]) -> list[Setting]:
    """Return the settings of a service, in the order of its class."""
    prefix = service.model_config["env_prefix"]
    return [Setting(f"{prefix}{name.upper()}", name, info) for name, info in service.model_fields.items()]


def content() -> str:
    """Return the page."""
    prefixes = [(title, f"`{service.model_config['env_prefix']}…`") for title, service in SERVICES]
    lines = [_INTRODUCTION.format(prefixes=table(("Service", "Prefix"), prefixes))]
    shared = set(ServiceSettings.model_fields)
    lines += ["## Every service · すべてのサービス", "", _rows(ServiceSettings, shared), ""]
    for title, service in SERVICES:
        own = set(service.model_fields) - shared
        lines += [
            f"## {title}",
            "",
            _rows(service, own) if own else "None of its own. 固有の設定はありません。",
            "",
        ]
    return "\n".join(lines).rstrip() + "\n"


def _rows(service: type[ServiceSettings], names: set[str]) -> str:
    rows = []
    for setting in settings_of(service):
        if setting.field in names:
            meaning = MEANINGS[setting.field]
            star = " ★" if setting.field in _ONLY_FOR_TESTS else ""
            says = f"{meaning.ja}<br>{meaning.en}"
            name = setting.variable if service is not ServiceSettings else f"…{setting.field.upper()}"
            rows.append((f"`{name}`{star}", says, _values(setting.info), _default(setting.info)))
    return table(_COLUMNS, rows)


def _values(info: FieldInfo) -> str:
    kind: Any = info.annotation
    if get_origin(kind) is UnionType:
        (kind,) = (item for item in get_args(kind) if item is not NoneType)
    if get_origin(kind) is Literal:
        return " ".join(f"`{item}`" for item in get_args(kind))
    if get_origin(kind) is frozenset:
        (kind,) = get_args(kind)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return " ".join(f"`{item.value}`" for item in kind)
    limits = {
        name: getattr(rule, name) for rule in info.metadata for name in ("ge", "le") if hasattr(rule, name)
    }
    if not limits:
        return _KINDS[kind]
    return f"{limits['ge']} to {limits['le']}" if "le" in limits else f"{limits['ge']} or more"


def _default(info: FieldInfo) -> str:
    if info.is_required():
        return "required 必須"
    found = info.default
    if found in (None, "", (), frozenset()):
        return ""
    if isinstance(found, Enum):
        return f"`{found.value}`"
    return f"`{found}`" if isinstance(found, str | Path) else f"`{json.dumps(found)}`"
