"""Folders in which a demo's services run for a test: with settings in this process's environment, until it ends."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import issuer.settings
import verifier.settings
import wallet_bridge.settings
from tegata.command.demo.environment import Place, prepare
from tests.journeys.test_demo import free_ports


@contextmanager
def new_place(folder: Path) -> Iterator[Place]:
    """Prepare a folder and free ports; afterwards the environment is what it was, and nobody remembers the settings."""
    before = dict(os.environ)
    _forget()
    try:
        yield prepare(folder, free_ports(3), fresh=True)
    finally:
        os.environ.clear()
        os.environ.update(before)
        _forget()


def _forget() -> None:
    for load in (issuer.settings.load, verifier.settings.load, wallet_bridge.settings.load):
        load.cache_clear()
