"""The peer that Data Integrity is compared with: @digitalbazaar/vc of npm with eddsa-rdfc-2022, on our own documents."""

import json
import shutil
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from schemas import catalogue
from tests.benchmarks.measuring import Effort
from tests.conformance.peers import PEERS, run


def is_installed() -> bool:
    """Whether Node.js and the packages of the peers are there."""
    return shutil.which("node") is not None and (PEERS / "node_modules").exists()


def seconds(
    unsigned: Mapping[str, Any],
    signed: Mapping[str, Any],
    did_documents: Mapping[str, Any],
    now: datetime,
    effort: Effort,
) -> tuple[float, float]:
    """Return its processor seconds for issuing and for verifying once, after it has warmed up."""
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
