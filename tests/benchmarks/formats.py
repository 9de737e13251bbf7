"""Issue and verify of both documents in both formats, as the product does it: content checked, disclosed, bound."""

import secrets
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from schemas import catalogue
from schemas.validation import validate, validate_disclosed
from tegata.codec import json
from tegata.formats import data_integrity, sd_jwt_vc
from tegata.formats.credential import Expected
from tegata.identity.did import resolve_key_did
from tegata.keys.signer import DEFAULT_ALGORITHMS
from tegata.keys.software import SoftwareSigner
from tests.benchmarks.measure import Pace, Row, compare, references
from tests.simulators.issuer import Scheme, School

#: Targets to the raw limit for SD-JWT VC; Data Integrity stands on pyld's expansion and has none yet.
TARGETS = {
    ("issue", "transcript"): 0.10,
    ("issue", "graduation"): 0.24,
    ("verify", "transcript"): 0.11,
    ("verify", "graduation"): 0.20,
}
NONCE, AUDIENCE = "n" * 43, "x509_hash:benchmark"


def rows(pace: Pace) -> Iterator[Row]:
    """Measure every combination."""
    now = datetime.now(UTC)
    school = School.enrol(Scheme.start(now), "https://issuer.example/s/abc", now)
    for name in ("graduation", "transcript"):
        yield from _sd_jwt_vc(school, name, now, pace)
        yield from _w3c(school, name, now, pace)


def _sd_jwt_vc(school: School, name: str, now: datetime, pace: Pace) -> Iterator[Row]:
    raw = references()
    definition, document = catalogue.load().get(name), school.document(name)
    holder, signer = SoftwareSigner.generate(), school.document_signer

    def issue() -> bytes:
        assert not validate(definition, document.claims)
        prepared = sd_jwt_vc.prepare(document, holder.public_key, secrets.token_bytes, now)
        return sd_jwt_vc.seal(prepared, signer)

    paths = [(claim,) for claim in document.claims]
    presented = sd_jwt_vc.present(issue(), paths, holder, audience=AUDIENCE, nonce=NONCE, now=now)
    expected = _expected()

    def verify() -> None:
        parsed = sd_jwt_vc.parse(presented)
        verified = sd_jwt_vc.verify_presentation(
            parsed, signer.public_key, DEFAULT_ALGORITHMS, now=now, expected=expected
        )
        assert not validate_disclosed(definition, verified.claims)

    label = f"SD-JWT VC {name}"
    yield compare(f"issue {label}", issue, raw["sign"], pace, TARGETS["issue", name])
    yield compare(f"verify {label} + KB", verify, raw["verify"], pace, TARGETS["verify", name])


def _w3c(school: School, name: str, now: datetime, pace: Pace) -> Iterator[Row]:
    raw = references()
    contexts = catalogue.contexts()
    definition, document = catalogue.load().get(name), school.document(name)
    holder, signer = SoftwareSigner.generate(), school.document_signer

    def issue() -> bytes:
        assert not validate(definition, document.claims)
        prepared = data_integrity.prepare(document, holder.public_key, secrets.token_bytes, now, contexts)
        return data_integrity.seal(prepared, signer)

    credential = json.loads(issue())
    presented = json.dumps(
        data_integrity.present(
            [credential], holder, challenge=NONCE, domain=AUDIENCE, now=now, contexts=contexts
        )
    )
    expected = _expected()

    def verify() -> None:
        (parsed,) = data_integrity.parse_presentation(presented, contexts)
        data_integrity.verify_presentation(
            parsed,
            signer.public_key,
            DEFAULT_ALGORITHMS,
            now=now,
            expected=expected,
            holder_keys=lambda did: resolve_key_did(did).public_key,
        )

    label = f"W3C ecdsa-rdfc-2019 {name}"
    yield compare(f"issue {label}", issue, raw["sign"], pace)
    yield compare(f"verify {label} in a presentation", verify, raw["verify"], pace)


def _expected() -> Expected:
    day = timedelta(days=1)
    return Expected(nonce=NONCE, audience=AUDIENCE, holder_binding_required=True, max_proof_age=day)
