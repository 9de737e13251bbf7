"""Folders, ports and settings of a demo. Everything lies in one folder, and nothing outside it is touched."""

import base64
import os
import secrets
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tegata.codec import json
from tegata.errors import Misconfigured, TegataError, Text

#: The services in the order in which they are shown, with the prefix of their settings.
PREFIXES: Mapping[str, str] = {
    "issuer": "TEGATA_ISSUER_",
    "verifier": "TEGATA_VERIFIER_",
    "wallet_bridge": "TEGATA_BRIDGE_",
}
DEFAULT_PORTS = (8001, 8002, 8003)
_DONE = "done"
#: Marks a folder as a demo's, and holds the ports that are part of what was issued in it.
_MARK = ".tegata-demo"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a demo lives, and on which ports its services listen."""

    folder: Path
    ports: Mapping[str, int]

    def origin(self, service: str) -> str:
        """Return what a browser on this machine calls the service."""
        return f"http://localhost:{self.ports[service]}"

    @property
    def is_done(self) -> bool:
        """Whether a demo was played here to its end."""
        return (self.folder / _DONE).is_file()

    def mark_done(self) -> None:
        """Note that the demo was played to its end."""
        (self.folder / _DONE).touch()

    @property
    def log(self) -> Path:
        """Where the services write their log."""
        return self.folder / "services.log"


def prepare(folder: Path, ports: Sequence[int] | None, *, fresh: bool) -> Place:
    """Make the folder, its keys and the environment of this process and its children.

    A folder in which a demo began and did not end is cleared: a demo is played whole or not at all. Without `ports`,
    those of the demo that was played there are taken, or the usual ones. Raises `Misconfigured` unless there is one
    port for each service, for a folder that is not a demo's, and for one whose demo was played on other ports.
    """
    if ports and not len(ports) == len(set(ports)) == len(PREFIXES):
        raise Misconfigured(
            f"{len(ports)} ports",
            public=Text(
                "ポートは3つ、別々の番号で指定してください（--port を3回）。",
                "Give three ports, each another one (--port three times).",
            ),
        )
    folder = folder.resolve()
    if folder.exists() and (fresh or not (folder / _DONE).is_file()):
        _clear(folder)
    played = _ports_of(folder)
    chosen = list(ports or played or DEFAULT_PORTS)
    if played and chosen != played:
        numbers = " ".join(f"--port {port}" for port in played)
        raise Misconfigured(
            f"played with {numbers}",
            public=Text(
                "このフォルダーのデモは別のポートで行われました。同じポートで始めるか、--fresh で初めからやり直してください。",
                "The demo in this folder was played on other ports. Use those, or begin anew with --fresh.",
            ),
        )
    place = Place(folder, dict(zip(PREFIXES, chosen, strict=True)))
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    (folder / _MARK).write_bytes(json.dumps(chosen))
    os.environ.update(settings_of(place))
    return place


def _ports_of(folder: Path) -> list[int] | None:
    """Return the ports on which a folder's demo was played, if there is one."""
    try:
        found = json.loads((folder / _MARK).read_bytes())
    except (OSError, TegataError):
        return None
    return found if isinstance(found, list) and len(found) == len(PREFIXES) else None


def settings_of(place: Place) -> dict[str, str]:
    """Return the settings of the three services as environment variables."""
    origins = json.dumps([place.origin(name) for name in PREFIXES]).decode("ascii")
    found: dict[str, str] = {}
    for name, prefix in PREFIXES.items():
        own = {
            "MODE": "demo",
            "PUBLIC_ORIGIN": place.origin(name),
            "DATABASE_URL": f"sqlite:///{place.folder / name}.sqlite3",
            "DATA_DIRECTORY": str(place.folder / name),
            "INSECURE_LOOPBACK": "true",
            "LOOPBACK_ORIGINS": origins,
            "TEST_IDENTIFIERS": "true",
            "KEY_ENCRYPTION_KEY_FILE": str(_key_file(place.folder, name)),
            "LOG_LEVEL": "INFO",
        }
        found |= {prefix + key: value for key, value in own.items()}
    found["TEGATA_VERIFIER_TRUST_ANCHOR_FILE"] = str(place.folder / "trust-anchor.pem")
    found["TEGATA_VERIFIER_TRUST_LIST_URL"] = f"{place.origin('issuer')}/trust-list"
    return found


def _key_file(folder: Path, name: str) -> Path:
    path = folder / f"{name}.key"
    if not path.exists():
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(base64.b64encode(secrets.token_bytes(32)))
    return path


def _clear(folder: Path) -> None:
    if not folder.is_dir() or (any(folder.iterdir()) and not (folder / _MARK).is_file()):
        raise Misconfigured(
            f"not a demo's folder: {folder.name}",
            public=Text(
                "このフォルダーにはデモのものではないファイルがあります。空のフォルダーを --folder で指定してください。",
                "This folder holds files that are not a demo's. Choose an empty one with --folder.",
            ),
        )
    shutil.rmtree(folder)
