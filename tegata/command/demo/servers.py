"""The three services of a demo, in one process of their own, as `tegata serve` runs them."""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import httpx

from tegata.command.demo.environment import Place
from tegata.errors import Misconfigured, Text, Unavailable

_START_SECONDS = 40.0
_POLL_SECONDS = 0.1
_STOP_SECONDS = 15.0
_SERVE = "from tegata.command import main; main()"


def require_free_ports(place: Place) -> None:
    """Raise `Misconfigured` if another program listens where a service has to.

    Asked before anything is set up: whoever listens there may well answer as a service does.
    """
    for port in place.ports.values():
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError as error:
                raise Misconfigured(
                    f"port {port}: {error.strerror}",
                    public=Text(
                        f"ポート{port}が使えません。別の番号を --port で3つ指定してください。",
                        f"Port {port} cannot be used. Choose three others with --port.",
                    ),
                ) from None


@contextmanager
def serving(place: Place) -> Iterator["subprocess.Popen[bytes]"]:
    """Start the services, wait until each answers, and stop them at the end.

    Raises `Unavailable` if they do not come up; their log says why.
    """
    ports = [part for name, port in place.ports.items() for part in ("--port", f"{name}={port}")]
    command = [sys.executable, "-c", _SERVE, "serve", *ports]
    with place.log.open("ab") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)  # noqa: S603  our own command
    try:
        _wait(place, process)
        yield process
    finally:
        process.terminate()
        try:
            process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait(place: Place, process: "subprocess.Popen[bytes]") -> None:
    end = time.monotonic() + _START_SECONDS
    waiting = list(place.ports)
    while waiting and time.monotonic() < end and process.poll() is None:
        waiting = [name for name in waiting if not _is_up(place.origin(name))]
        if waiting:
            time.sleep(_POLL_SECONDS)
    if waiting:
        raise Unavailable(f"{', '.join(waiting)} did not start; see {place.log.name} in the demo's folder")


def _is_up(origin: str) -> bool:
    try:
        return httpx.get(f"{origin}/healthz", timeout=5, trust_env=False).is_success
    except httpx.HTTPError:
        return False
