"""Runs an app on a free loopback port, so that a real browser can visit it.

The app runs in a thread of this process with its own event loop; the port is known before the app is made, because
the app's settings need its origin.
"""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import uvicorn
from fastapi import FastAPI

_PATIENCE = 20.0


class _Stuck(RuntimeError):
    """The server did not start or did not stop in time."""


@contextmanager
def serving(create_app: Callable[[str], FastAPI]) -> Iterator[str]:
    """Serve what `create_app(origin)` returns, and give that origin: `http://localhost:49153`."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        origin = f"http://localhost:{listening.getsockname()[1]}"
        with running(create_app(origin), listening):
            yield origin


@contextmanager
def running(app: FastAPI, listening: socket.socket) -> Iterator[None]:
    """Serve an app on a bound socket; for tests that need several origins before they make any app."""
    config = uvicorn.Config(app, log_level="warning", ws="none", server_header=False, access_log=False)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    until = time.monotonic() + _PATIENCE
    while not server.started:
        if not thread.is_alive() or time.monotonic() > until:
            raise _Stuck("the server did not start")
        thread.join(0.01)
    try:
        yield
    finally:
        server.should_exit = True
        thread.join(_PATIENCE)
        if thread.is_alive():
            raise _Stuck("the server did not stop")
