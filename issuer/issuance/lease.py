"""Who holds a lease on a batch: one process, named so that others on its machine can tell whether it still runs.

A lease ends by itself after a while, whoever holds it. A process that was killed should not make its batch wait that
long: whoever starts on the same machine asks the kernel. Of another machine's processes nothing is concluded.
"""

import hashlib
import os
import secrets
from collections.abc import Iterable
from pathlib import Path

_PROC = Path("/proc")
_HERE = 8
#: After the name in brackets, which may hold anything: the state is the first field, the start time the twentieth.
_STATE, _STARTED = 0, 19
_DEAD_STATES = frozenset("ZXx")


def new_owner() -> str:
    """Return a name for this process in leases, at most 32 characters: machine, process, its start, a random end."""
    process = os.getpid()
    return f"{_machine()}-{process:x}-{_started(process) or 0:x}-{secrets.token_hex(2)}"


def dead(owners: Iterable[str]) -> list[str]:
    """Return those of the owners that were processes of this machine and run no more."""
    return [owner for owner in owners if _is_dead(owner)]


def _is_dead(owner: str) -> bool:
    parts = owner.split("-")
    if len(parts) != 4 or parts[0] != _machine():  # noqa: PLR2004  as `new_owner` writes them
        return False
    try:
        process, started = int(parts[1], 16), int(parts[2], 16)
    except ValueError:
        return False
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False
    now = _started(process)
    # A number that was given to another process since has another start.
    return now is not None and now != started


def _machine() -> str:
    """Name the machine since its last start, and the space of process numbers: containers have their own."""
    try:
        boot = (_PROC / "sys/kernel/random/boot_id").read_text("ascii")
        space = str((_PROC / "self/ns/pid").readlink())
    except OSError:
        # No such kernel: a name that is never found again, so that leases end by their time alone.
        return secrets.token_hex(_HERE // 2)
    return hashlib.sha256(f"{boot}{space}".encode()).hexdigest()[:_HERE]


def _started(process: int) -> int | None:
    """Return when a process started, in ticks since the machine did; 0 if it only waits to be buried, None if unknown."""
    try:
        line = (_PROC / str(process) / "stat").read_text("utf-8", "replace")
    except OSError:
        return None
    fields = line.rpartition(")")[2].split()
    return 0 if fields[_STATE] in _DEAD_STATES else int(fields[_STARTED])
