"""Our badges and learner records, judged by @digitalbazaar/vc."""

import json

import pytest

from schemas.education import clr
from schemas.education.open_badge import open_badge
from tegata.keys import multikey
from tests.conformance.peers import run
from tests.schemas.education.support import CONTEXTS, ISSUER
from tests.schemas.education.test_clr import TRANSCRIPTS
from tests.schemas.education.test_open_badge import BADGES, SIGNER, signed

pytestmark = pytest.mark.node

_METHOD = f"{ISSUER}#{SIGNER.public_key.key_id}"


def _verify(*documents: object) -> list[dict[str, object]]:
    method = {
        "id": _METHOD,
        "type": "Multikey",
        "controller": ISSUER,
        "publicKeyMultibase": multikey.encode(SIGNER.public_key),
    }
    request = {
        "contexts": {url: json.loads(content) for url, content in CONTEXTS.items()},
        "didDocuments": {
            ISSUER: {
                "@context": ["https://www.w3.org/ns/did/v1", "https://w3id.org/security/multikey/v1"],
                "id": ISSUER,
                "verificationMethod": [method],
                "assertionMethod": [_METHOD],
            }
        },
        "cases": [{"now": "2026-03-02T09:00:00Z", "document": document} for document in documents],
    }
    found: list[dict[str, object]] = run("verify_w3c.mjs", request)
    return found


@pytest.mark.parametrize("name", BADGES)
def test_a_badge_holds_and_a_changed_one_does_not(name: str) -> None:
    badge = signed(open_badge(BADGES[name]))
    changed = json.loads(json.dumps(badge))
    changed["credentialSubject"]["achievement"]["name"] = "Another achievement"
    results = _verify(badge, changed)
    assert results[0] == {"verified": True, "error": ""}
    assert results[1]["verified"] is False


def test_each_course_of_a_record_holds() -> None:
    courses = [signed(course) for course in clr.courses(TRANSCRIPTS["credits"])]
    assert [result["verified"] for result in _verify(*courses)] == [True] * len(courses)
