"""Sources of every kind, the standards' own schemas, and contexts that others have as well."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jsonschema

from schemas import catalogue
from schemas.education.source import Source
from tests.schemas.claims import definition, sample

SHARED = Path(__file__).parents[4] / "shared" / "schemas"
CONTEXTS = catalogue.contexts()
START = datetime(2026, 3, 2, tzinfo=UTC)
ISSUER = "did:web:issuer.example:s:7"
SUBJECT = "did:key:zDnaepBuvsQ8cpsWrVKw8fbpGpvPeNSjVPTWoq6cRqaYzBKVP"
STATUS = {
    "type": "BitstringStatusListEntry",
    "statusPurpose": "revocation",
    "statusListIndex": "77",
    "statusListCredential": "https://issuer.example/s/7/status/1/revocation",
}


def source(name: str, **changes: Any) -> Source:
    """The sample of a document on its way into another form; `claims` are changed as told."""
    claims = sample(name) | changes.pop("claims", {})
    claims = {claim: value for claim, value in claims.items() if value is not ...}
    options = {"subject": SUBJECT, "status": STATUS, **changes}
    return Source(
        definition(name), claims, "urn:uuid:6f6fa1a5-6b8e-4b3c-9c8e-3f6f7a3c1d2e", ISSUER,
        "https://issuer.example/s/7", START, **options,
    )  # fmt: skip


def standard(folder: str, file: str) -> Any:
    """A validator of a schema that 1EdTech publishes, read where it lies: it may not be copied."""
    schema = json.loads((SHARED / folder / file).read_bytes())
    return jsonschema.Draft201909Validator(schema, format_checker=jsonschema.FormatChecker())


def errors(validator: Any, credential: Any) -> list[str]:
    """What a validator has against a credential."""
    return [f"{list(error.path)}: {error.message[:120]}" for error in validator.iter_errors(credential)]
