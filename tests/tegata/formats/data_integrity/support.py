"""What the tests of this format share: contexts, a school's document, keys, and one signed credential."""

import json
import secrets
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any

from tegata.formats import data_integrity
from tegata.formats.credential import Document, Expected, StatusReference, TypeNames, Verified
from tegata.identity.did import resolve_key_did
from tegata.keys.signer import Algorithm, PublicKey
from tegata.keys.software import SoftwareSigner

VECTORS = Path(__file__).parents[3] / "vectors"
PINNED = Path(__file__).parents[4] / "schemas" / "contexts"
V2 = "https://www.w3.org/ns/credentials/v2"
EXAMPLES = "https://www.w3.org/ns/credentials/examples/v2"
CITIZENSHIP = "https://w3id.org/citizenship/v4rc1"
UNDEFINED_TERMS = "https://www.w3.org/ns/credentials/undefined-terms/v2"
SCHOOL_CONTEXT = "https://school.example/contexts/1"
VOCABULARY = "https://school.example/vocab#"

#: A context with each kind of term that Tegata's own contexts have.
SCHOOL_TERMS: dict[str, Any] = {
    "@version": 1.1,
    "@protected": True,
    "GraduationCredential": {"@id": f"{VOCABULARY}GraduationCredential"},
    "family_name": {"@id": f"{VOCABULARY}family_name"},
    "department": {"@id": f"{VOCABULARY}department", "@language": "ja"},
    "graduation_date": {
        "@id": f"{VOCABULARY}graduation_date",
        "@type": "http://www.w3.org/2001/XMLSchema#date",
    },
    "credits": {"@id": f"{VOCABULARY}credits", "@type": "http://www.w3.org/2001/XMLSchema#integer"},
    "share": {"@id": f"{VOCABULARY}share", "@type": "http://www.w3.org/2001/XMLSchema#double"},
    "viewpoints": {"@id": f"{VOCABULARY}viewpoints", "@type": "@json"},
    "courses": {"@id": f"{VOCABULARY}courses", "@container": "@set"},
    "steps": {"@id": f"{VOCABULARY}steps", "@container": "@list"},
    "indexed": {"@id": f"{VOCABULARY}indexed", "@container": "@index"},
    "titles": {"@id": f"{VOCABULARY}titles", "@container": "@language"},
    "website": {"@id": f"{VOCABULARY}website", "@type": "@id"},
    "kind": {"@id": f"{VOCABULARY}kind", "@type": "@vocab"},
    "school": {
        "@id": f"{VOCABULARY}school",
        "@context": {"@protected": True, "title": {"@id": f"{VOCABULARY}title", "@language": "ja"}},
    },
}

CONTEXTS: Mapping[str, bytes] = MappingProxyType(
    {
        V2: (PINNED / "credentials-v2.jsonld").read_bytes(),
        UNDEFINED_TERMS: (PINNED / "credentials-undefined-terms-v2.jsonld").read_bytes(),
        EXAMPLES: (VECTORS / "contexts" / "credentials-examples-v2.jsonld").read_bytes(),
        CITIZENSHIP: (VECTORS / "contexts" / "citizenship-v4rc1.jsonld").read_bytes(),
        SCHOOL_CONTEXT: json.dumps({"@context": SCHOOL_TERMS}).encode(),
    }
)
COMPILED = data_integrity.Contexts.of(CONTEXTS)

NOW = datetime(2026, 3, 2, 9, 0, 0, tzinfo=UTC)
ISSUED = datetime(2026, 3, 1, 0, 0, 0, tzinfo=UTC)
ISSUER = "did:web:school.example:s:7"
CLIENT = "x509_hash:abc"
NONCE = "n-0S6_WzA2Mj"
EXPECTED = Expected(nonce=NONCE, audience=CLIENT, holder_binding_required=True)

DOCUMENT = Document(
    issuer="https://school.example/s/7",
    issuer_did=ISSUER,
    issuer_name={"ja": "見本高等学校", "en": "Sample High School"},
    names=TypeNames("", "", (V2, SCHOOL_CONTEXT), ("VerifiableCredential", "GraduationCredential"), ()),
    claims={
        "family_name": "髙橋",
        "department": "普通科",
        "graduation_date": "2026-03-01",
        "courses": [{"credits": 4}, {"credits": 3}],
        "viewpoints": {"knowledge": ["A", None, []], "attitude": 1.5},
        "school": {"title": "見本高等学校"},
    },
    valid_from=ISSUED,
    valid_until=ISSUED + timedelta(days=90),
    identifier="urn:uuid:6f6fa1a5-6b8e-4b3c-9c8e-3f6f7a3c1d2e",
    status=StatusReference(
        94567, "https://school.example/t", "https://school.example/r", "https://school.example/s"
    ),
)

SIGNERS = {
    algorithm: SoftwareSigner.generate(algorithm, "document-1")
    for algorithm in (Algorithm.ES256, Algorithm.EDDSA)
}
SIGNER = SIGNERS[Algorithm.ES256]
HOLDER = SoftwareSigner.generate(Algorithm.ES256)


def holder_keys(identifier: str) -> PublicKey:
    """The key of a did:key or did:jwk, as the verifier resolves it."""
    return resolve_key_did(identifier).public_key


def issue(
    signer: SoftwareSigner = SIGNER, holder: SoftwareSigner | None = HOLDER, **changes: Any
) -> dict[str, Any]:
    """Issue the document, with some of its fields changed."""
    key = None if holder is None else holder.public_key
    prepared = data_integrity.prepare(replace(DOCUMENT, **changes), key, secrets.token_bytes, NOW, CONTEXTS)
    credential: dict[str, Any] = json.loads(data_integrity.seal(prepared, signer))
    return credential


def check(credential: Any, signer: SoftwareSigner = SIGNER, **options: Any) -> Verified:
    """Verify a bare credential with the signer's public key."""
    parsed = data_integrity.parse(encoded(credential), CONTEXTS)
    options = {"now": NOW, "holder_keys": holder_keys, **options}
    return data_integrity.verify(parsed, signer.public_key, **options)


def present(
    *credentials: Mapping[str, Any], holder: SoftwareSigner | None = HOLDER, **options: Any
) -> dict[str, Any]:
    """Present credentials to the client of these tests."""
    options = {"challenge": NONCE, "domain": CLIENT, "now": NOW, "contexts": CONTEXTS, **options}
    return data_integrity.present(credentials, holder, **options)


def check_presentation(
    presentation: Any, signer: SoftwareSigner = SIGNER, **options: Any
) -> tuple[Verified, ...]:
    """Verify every credential of a presentation."""
    options = {"now": NOW, "expected": EXPECTED, "holder_keys": holder_keys, **options}
    return tuple(
        data_integrity.verify_presentation(parsed, signer.public_key, **options)
        for parsed in data_integrity.parse_presentation(encoded(presentation), CONTEXTS)
    )


def encoded(value: Any) -> bytes:
    """The value as JSON; bytes stay what they are."""
    return value if isinstance(value, bytes) else json.dumps(value, ensure_ascii=False).encode()
