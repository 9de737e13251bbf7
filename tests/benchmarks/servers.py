"""Servers as they run outside tests, two workers each, and the processor time that they take.

`python -m tests.benchmarks.servers <port>` serves the echo that endpoints are compared with: FastAPI, a raw body in, its
JSON parsed and written again, a `Response` out.
"""

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import orjson
import uvicorn
from fastapi import FastAPI, Request
from starlette.responses import Response

from tests.simulators.application import free_socket

WORKERS = 2
_PATIENCE_SECONDS = 60.0
_TICKS = os.sysconf("SC_CLK_TCK")
ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Server:
    """A running program with its workers."""

    process_id: int
    port: int

    def seconds(self) -> float:
        """Return the processor time that the program and its workers have taken so far."""
        children = Path(f"/proc/{self.process_id}/task/{self.process_id}/children").read_text("ascii").split()
        return sum(_seconds_of(int(one)) for one in (self.process_id, *children))


def _seconds_of(process_id: int) -> float:
    fields = Path(f"/proc/{process_id}/stat").read_text("utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def free_port() -> int:
    """Return a port that nobody uses."""
    with free_socket() as found:
        return int(found.getsockname()[1])


@contextmanager
def service(name: str, port: int, environment: Mapping[str, str]) -> Iterator[Server]:
    """Run `tegata serve` for one service with its settings in the environment."""
    options = ["serve", "--only", name, "--workers", str(WORKERS), "--port", f"{name}={port}"]
    begin = "from tegata.command import main; main()"
    with _running([sys.executable, "-c", begin, *options], port, environment) as server:
        yield server


@contextmanager
def echo() -> Iterator[Server]:
    """Run the echo."""
    port = free_port()
    with _running([sys.executable, "-m", __name__, str(port)], port, {}) as server:
        yield server


def settings_in(prefix: str, values: Mapping[str, object]) -> dict[str, str]:
    """Write settings as environment variables."""
    return {
        f"TEGATA_{prefix}_{name.upper()}": value if isinstance(value, str) else json.dumps(value, default=str)
        for name, value in values.items()
    }


@contextmanager
def _running(command: list[str], port: int, environment: Mapping[str, str]) -> Iterator[Server]:
    # To a file: a pipe that nobody reads would stop the server once its log filled it.
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(
            command, cwd=ROOT, env={**os.environ, **environment}, stdout=subprocess.DEVNULL, stderr=log
        )
        try:
            _wait(process, port)
            yield Server(process.pid, port)
        finally:
            process.terminate()
            process.wait()


def _wait(process: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError(f"{process.args!r} did not start")


def echo_app() -> FastAPI:
    """Build the echo."""
    app = FastAPI()

    @app.post("/")
    async def answer(request: Request) -> Response:
        content = orjson.loads(await request.body())
        return Response(orjson.dumps(content), media_type="application/json")

    return app


def main(port: int) -> None:
    """Serve the echo."""
    uvicorn.run(
        "tests.benchmarks.servers:echo_app", factory=True, port=port, workers=WORKERS, log_level="critical"
    )


if __name__ == "__main__":
    main(int(sys.argv[1]))
