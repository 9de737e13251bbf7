"""Folders, ports and settings of a demo. Everything lies in one folder, and nothing outside it is touched."""

import base64
import os
import secrets
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tegata.codec import json
from tegata.errors import Misconfigured

#: The services in the order in which they are shown, with the prefix of their settings.
PREFIXES: Mapping[str, str] = {
    "issuer": "TEGATA_ISSUER_",
    "verifier": "TEGATA_VERIFIER_",
    "wallet_bridge": "TEGATA_BRIDGE_",
}
DEFAULT_PORTS = (8001, 8002, 8003)
_DONE = "done"


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


def prepare(folder: Path, ports: Sequence[int], *, fresh: bool) -> Place:
    """Make the folder, its keys and the environment of this process and its children.

    A folder in which a demo began and did not end is cleared: a demo is played whole or not at all. Raises
    `Misconfigured` unless there is one port for each service, and for a folder that is not a demo's.
    """
    if len(ports) != len(PREFIXES):
        raise Misconfigured(f"{len(PREFIXES)} ports are needed, one for each service")
    place = Place(folder.resolve(), dict(zip(PREFIXES, ports, strict=True)))
    if place.folder.exists() and (fresh or not place.is_done):
        _clear(place.folder)
    place.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    (place.folder / ".tegata-demo").touch()
    os.environ.update(settings_of(place))
    return place


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
    if any(folder.iterdir()) and not (folder / ".tegata-demo").is_file():
        raise Misconfigured(f"{folder.name} is not a demo's folder; choose an empty one")
    shutil.rmtree(folder)
