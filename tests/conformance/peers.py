"""Runs the scripts of `tests/peers`: software that nobody here wrote."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

PEERS = Path(__file__).parents[1] / "peers"
_PATIENCE_SECONDS = 120


def run(script: str, request: object) -> Any:
    """Give a script its request as JSON and return its answer; skips the test only where Node.js is missing."""
    if shutil.which("node") is None:
        pytest.skip("Node.js is not installed")
    assert (PEERS / "node_modules").exists(), "the packages of the peers are not installed: `make peers`"
    done = subprocess.run(
        ["node", script],
        cwd=PEERS,
        input=json.dumps(request),
        capture_output=True,
        text=True,
        check=False,
        timeout=_PATIENCE_SECONDS,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
