"""Debian's PostgreSQL for tests: own data folder, private port, unprivileged user."""

import os
import pwd
import secrets
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

USER = "tegata_test"


def _binaries() -> Path | None:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return found[-1].parent if found else None


def is_installed() -> bool:
    """Whether the server's programs are on this machine."""
    return _binaries() is not None


@dataclass(frozen=True)
class Server:
    """A running server; `url` reaches its maintenance database."""

    port: int

    def url(self, database: str) -> str:
        return f"postgresql://{USER}@127.0.0.1:{self.port}/{database}"

    @contextmanager
    def fresh_database(self) -> Iterator[str]:
        """Create a database and drop it afterwards, whoever is still connected."""
        name = f"test_{secrets.token_hex(6)}"
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}"')
            try:
                yield self.url(name)
            finally:
                connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _as_unprivileged(command: list[str], folder: Path) -> None:
    """Run a command as a user that initdb accepts: it refuses root."""
    if os.geteuid() == 0:
        try:
            pwd.getpwnam(USER)
        except KeyError:
            subprocess.run(["useradd", "--system", "--no-create-home", USER], check=True, capture_output=True)
        command = ["setpriv", f"--reuid={USER}", f"--regid={USER}", "--clear-groups", *command]
    subprocess.run(command, check=True, capture_output=True, cwd=folder)


@contextmanager
def running(parent: Path) -> Iterator[Server]:
    """Run a server in a folder that is removed afterwards."""
    binaries = _binaries()
    assert binaries is not None
    # A short path of its own: the unprivileged user must be able to reach it.
    folder = Path(f"/tmp/tegata-pg-{secrets.token_hex(4)}")  # noqa: S108  random name, removed below
    folder.mkdir(mode=0o755)
    data = folder / "data"
    try:
        if os.geteuid() == 0:
            _as_unprivileged(["true"], Path("/"))
            shutil.chown(folder, USER, USER)
        port = _free_port()
        _as_unprivileged(
            [
                str(binaries / "initdb"),
                "-D",
                str(data),
                "-U",
                USER,
                "-A",
                "trust",
                "-E",
                "UTF8",
                "--locale=C.UTF-8",
                "--no-sync",
            ],
            folder,
        )
        options = (
            f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c max_connections=200"
        )
        control = [str(binaries / "pg_ctl"), "-D", str(data), "-w"]
        _as_unprivileged([*control, "-l", str(folder / "log"), "-o", options, "start"], folder)
        try:
            yield Server(port)
        finally:
            _as_unprivileged([*control, "-m", "immediate", "stop"], folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
