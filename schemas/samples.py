"""One invented example of each document's claims, marked as a test. Not for issuing: pages, demonstrations and tests."""

import json
from collections.abc import Mapping
from typing import Any

from schemas.catalogue import DocumentDefinition
from schemas.dictionary import DATA


def load(document: DocumentDefinition) -> Mapping[str, Any]:
    """Return the claims of the sample document; nobody and no school in it exists."""
    claims: Mapping[str, Any] = json.loads((DATA / document.name / "sample.json").read_bytes())
    return claims
