"""Runs the scripts of `tests/peers`: software that nobody here wrote."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from tegata.codec import base64url
from tegata.keys import jwk
from tegata.keys.software import SoftwareSigner

PEERS = Path(__file__).parents[1] / "peers"
_PATIENCE_SECONDS = 120
_P256_BYTES = 32


def private_jwk(secret: ec.EllipticCurvePrivateKey) -> dict[str, Any]:
    """Return a P-256 key as a private JWK, for a script that signs with it."""
    number = secret.private_numbers().private_value.to_bytes(_P256_BYTES, "big")
    public = jwk.to_jwk(SoftwareSigner.from_private_key(secret).public_key)
    return {**public, "alg": "ES256", "d": base64url.encode(number)}


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
