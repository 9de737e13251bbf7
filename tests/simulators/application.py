"""Serves an application on a free port of this machine, as it is served outside tests."""

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread

import uvicorn
from fastapi import FastAPI

_PATIENCE_SECONDS = 20.0


@contextmanager
def free_socket() -> Iterator[socket.socket]:
    """Bind a port that nobody uses; known before the application is built, which needs its own address."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as listener:
        listener.bind(("127.0.0.1", 0))
        yield listener


@contextmanager
def served(app: FastAPI, listener: socket.socket) -> Iterator[None]:
    """Serve until the block ends."""
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="on"))
    thread = Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while not server.started and thread.is_alive() and time.monotonic() < deadline:
        thread.join(0.01)
    try:
        assert server.started, "the application did not start"
        yield
    finally:
        server.should_exit = True
        thread.join()
