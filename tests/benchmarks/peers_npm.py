"""The peers of npm that formats are compared with, on our own documents: @digitalbazaar/vc (eddsa-rdfc-2022) and @owf/mdoc.

Both return processor seconds, after warming up: for issuing once and for verifying once.
"""

import json
import shutil
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec

from schemas import catalogue
from tegata.codec import base64url, dates
from tegata.keys import jwk
from tegata.keys.software import SoftwareSigner
from tests.benchmarks.measuring import Effort
from tests.conformance.peers import PEERS, private_jwk, run


def is_installed() -> bool:
    """Whether Node.js and the packages of the peers are there."""
    return shutil.which("node") is not None and (PEERS / "node_modules").exists()


def w3c_seconds(
    unsigned: Mapping[str, Any],
    signed: Mapping[str, Any],
    did_documents: Mapping[str, Any],
    now: datetime,
    effort: Effort,
) -> tuple[float, float]:
    """Measure @digitalbazaar/vc."""
    request = {
        "contexts": {url: json.loads(content) for url, content in catalogue.contexts().items()},
        "didDocuments": dict(did_documents),
        "now": now.isoformat(),
        "seconds": effort.slice_seconds * effort.rounds,
        "unsigned": dict(unsigned),
        "signed": dict(signed),
    }
    found = run("speed_w3c.mjs", request)
    return found["issue"], found["verify"]


def mdoc_seconds(
    namespaces: Mapping[str, Mapping[str, Any]], issued: bytes, now: datetime, effort: Effort
) -> tuple[float, float]:
    """Measure @owf/mdoc, the format alone: certificates are not looked at."""
    secret = ec.generate_private_key(ec.SECP256R1())
    at = dates.format_instant(now.replace(microsecond=0))
    wanted = {
        "doctype": "org.example.1",
        "namespaces": {name: dict(elements) for name, elements in namespaces.items()},
        "signed": at,
        "validFrom": at,
        "validUntil": dates.format_instant((now + timedelta(days=300)).replace(microsecond=0)),
        "signingKey": private_jwk(secret),
        "deviceKey": jwk.to_jwk(SoftwareSigner.from_private_key(secret).public_key),
        "certificates": [base64url.encode(b"x" * 700)],
    }
    request = {
        "wanted": wanted,
        "data": base64url.encode(issued),
        "now": at,
        "seconds": effort.slice_seconds * effort.rounds,
    }
    found = run("speed_mdoc.mjs", request)
    return found["issue"], found["verify"]
