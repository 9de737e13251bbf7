"""Named places where a test may kill the process, to prove that nothing is lost or done twice.

A failpoint stands at every commit and file boundary that matters. Settings refuse them in production.
"""

import os
import signal
from dataclasses import dataclass


@dataclass
class _Armed:
    name: str = ""
    passes_left: int = 0


_armed = _Armed()
_known: set[str] = set()


def define(name: str) -> str:
    """Register a failpoint, so that tests can enumerate them; returns its name."""
    _known.add(name)
    return name


def known() -> frozenset[str]:
    """Every failpoint of the modules imported so far."""
    return frozenset(_known)


def arm(setting: str) -> None:
    """Arm from a setting `name` or `name:n`: the n-th passing (1 is the first) kills this process."""
    name, _, count = setting.partition(":")
    _armed.name, _armed.passes_left = name, int(count or 1)


def passing(name: str) -> None:
    """Die here by SIGKILL, as a power cut would have it, if a test armed this point."""
    if name != _armed.name:
        return
    _armed.passes_left -= 1
    if _armed.passes_left == 0:
        os.kill(os.getpid(), signal.SIGKILL)
