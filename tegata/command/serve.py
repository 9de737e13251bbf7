"""`tegata serve`: one socket and one app for each service, in N processes that share nothing but the sockets."""

import asyncio
import multiprocessing
import signal
import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from multiprocessing.context import ForkProcess
from multiprocessing.queues import SimpleQueue
from types import FrameType
from typing import Annotated

import typer
import uvicorn

from tegata.errors import Misconfigured, TegataError, Text
from tegata.service.description import ServiceDescription, installed_services

BACKLOG = 2048
LOOPBACK = "127.0.0.1"
_ENDING = (signal.SIGINT, signal.SIGTERM)
_LOOK_SECONDS = 0.5


def serve(
    only: Annotated[list[str] | None, typer.Option(help="Serve only these services (repeatable).")] = None,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = LOOPBACK,
    workers: Annotated[int, typer.Option(min=1, help="Processes; each serves every chosen service.")] = 1,
    port: Annotated[list[str] | None, typer.Option(help="issuer=8101: another port (repeatable).")] = None,
) -> None:
    """Serve issuer, verifier and wallet bridge, each on its own port (8001, 8002, 8003)."""
    services = chosen(only or [])
    ports = _ports(port or [])
    for service in services:
        service.upgrade_database()
    sockets = [_listen(host, ports.get(service.name, service.default_port)) for service in services]
    if workers == 1:
        run(services, sockets)
        return
    _supervise(services, sockets, workers)


def _ports(given: Sequence[str]) -> dict[str, int]:
    """Read `issuer=8101`; raises `Misconfigured` for anything else."""
    found = {}
    for item in given:
        name, _, number = item.partition("=")
        chosen([name])
        if not number.isascii() or not number.isdigit() or not 0 < int(number) < 65_536:  # noqa: PLR2004  TCP's ports
            raise Misconfigured(f"not a service and its port: {item[:80]}")
        found[name] = int(number)
    return found


def chosen(names: Sequence[str]) -> tuple[ServiceDescription, ...]:
    """Return the named services, or all; raises `Misconfigured` for a name that is not installed."""
    services = installed_services()
    unknown = set(names) - {service.name for service in services}
    if unknown:
        raise Misconfigured(f"no such service: {', '.join(sorted(unknown))}")
    return tuple(service for service in services if not names or service.name in names)


def run(services: Sequence[ServiceDescription], sockets: Sequence[socket.socket]) -> None:
    """Serve every service in this process until a signal ends it."""
    asyncio.run(_serve_all(services, sockets))


async def _serve_all(services: Sequence[ServiceDescription], sockets: Sequence[socket.socket]) -> None:
    servers = [
        _Server(uvicorn.Config(service.create_app(), log_config=None, access_log=False, server_header=False))
        for service in services
    ]

    def stop() -> None:
        for server in servers:
            server.should_exit = True

    loop = asyncio.get_running_loop()
    for name in _ENDING:
        loop.add_signal_handler(name, stop)
    tasks = [server.serve(sockets=[own]) for server, own in zip(servers, sockets, strict=True)]
    await asyncio.gather(*tasks)


class _Server(uvicorn.Server):
    """A server that leaves the process's signals to `_serve_all`, which has several to stop."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise Misconfigured(f"port {port} cannot be used: {error.strerror}") from None
    listener.listen(BACKLOG)
    listener.set_inheritable(True)
    return listener


def _supervise(
    services: Sequence[ServiceDescription], sockets: Sequence[socket.socket], workers: int
) -> None:
    """Keep `workers` processes running; one that dies is replaced, until a signal ends all.

    Raises `Misconfigured` if one refuses to start: the next would as well.
    """
    context = multiprocessing.get_context("fork")
    refusals: SimpleQueue[tuple[Text, str]] = context.SimpleQueue()
    processes: list[ForkProcess] = []
    stopping = False

    def stop(_signal: int = 0, _frame: FrameType | None = None) -> None:
        nonlocal stopping
        stopping = True
        for process in processes:
            process.terminate()

    def start() -> ForkProcess:
        process = context.Process(target=_work, args=(services, sockets, refusals))
        process.start()
        return process

    for name in _ENDING:
        signal.signal(name, stop)
    with _held():
        processes += [start() for _ in range(workers)]
    while not stopping:
        for position, process in enumerate(processes):
            process.join(_LOOK_SECONDS)
            with _held():
                if not process.is_alive() and refusals.empty() and not stopping:
                    processes[position] = start()
        if not refusals.empty():
            stop()
    for process in processes:
        process.join()
    if not refusals.empty():
        public, detail = refusals.get()
        raise Misconfigured(detail, public=public)


@contextmanager
def _held() -> Iterator[None]:
    """Let signals that end wait, so that each process that was started is told of them."""
    signal.pthread_sigmask(signal.SIG_BLOCK, _ENDING)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _ENDING)


def _work(
    services: Sequence[ServiceDescription],
    sockets: Sequence[socket.socket],
    refusals: "SimpleQueue[tuple[Text, str]]",
) -> None:
    """Serve in a process of its own; until its servers listen to signals, one ends it at once."""
    for name in _ENDING:
        signal.signal(name, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _ENDING)
    try:
        run(services, sockets)
    except TegataError as error:
        refusals.put((error.public, error.detail))
