"""A document with every kind of structure, and tokens that no honest issuer would sign."""

import hashlib
import itertools
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from tegata.codec import base64url, json
from tegata.envelope import jws
from tegata.formats import sd_jwt_vc
from tegata.formats.credential import (
    ClaimPath,
    Document,
    Expected,
    Limits,
    StatusReference,
    TypeNames,
    Verified,
)
from tegata.keys import jwk
from tegata.keys.signer import PublicKey
from tegata.keys.software import SoftwareSigner

NOW = datetime(2026, 3, 1, tzinfo=UTC)
VCT = "https://names.example/vct/transcript/1"
ISSUER = "https://issuer.example/s/4f2a"
AUDIENCE = "x509_hash:abc"
NONCE = "n-0S6_WzA2Mj"
EXPECTED = Expected(nonce=NONCE, audience=AUDIENCE, holder_binding_required=True)
NO_PROOF = Expected()
DEFAULT_LIMITS = Limits()
SIGNER = SoftwareSigner.generate(key_id="document-1")
HOLDER = SoftwareSigner.generate()

CLAIMS: dict[str, Any] = {
    "family_name": "山田",
    "given_name": "太郎",
    "address": {"region": "東京都", "locality": "千代田区", "country": "JP"},
    "school": {"name": "見本高等学校", "head": {"name": "校長", "title": "校長"}},
    "courses": [
        {"name": "国語", "credits": 4, "rating": 5},
        {"name": "数学", "credits": 3, "rating": 4},
        {"name": "英語", "credits": 4, "rating": None},
    ],
    "languages": ["ja", "en", None, True, 1.5],
    "marks": [[1, 2], [3, 4]],
}


def document(
    selectable: Sequence[ClaimPath] = (),
    claims: dict[str, Any] | None = None,
    decoys: int = 0,
    **changes: Any,
) -> Document:
    """Make a document; `selectable` are the claims that the holder may hide."""
    names = TypeNames(
        vct=VCT,
        vct_integrity="",
        contexts=(),
        types=("Transcript",),
        selectable=tuple(selectable),
        decoys=decoys,
    )
    terms: dict[str, Any] = {
        "issuer": ISSUER,
        "issuer_did": "did:web:issuer.example",
        "issuer_name": {"ja": "見本高等学校"},
        "names": names,
        "claims": CLAIMS if claims is None else claims,
        "valid_from": NOW,
    }
    return Document(**{**terms, **changes})


def random_bytes(seed: int = 0) -> Any:
    """Return a source of distinct bytes that is the same in every run."""
    counter = itertools.count(seed)

    def draw(count: int) -> bytes:
        blocks = (count + 31) // 32
        return b"".join(hashlib.sha256(b"%d" % next(counter)).digest() for _ in range(blocks))[:count]

    return draw


def issue(
    selectable: Sequence[ClaimPath] = (),
    claims: dict[str, Any] | None = None,
    *,
    holder: PublicKey | None = HOLDER.public_key,
    signer: SoftwareSigner = SIGNER,
    decoys: int = 0,
    **changes: Any,
) -> bytes:
    """Issue a credential of the sample document."""
    made = document(selectable, claims, decoys, **changes)
    return sd_jwt_vc.seal(sd_jwt_vc.prepare(made, holder, random_bytes(), NOW), signer)


def check(
    data: bytes, now: datetime = NOW, limits: Limits = DEFAULT_LIMITS, expected: Expected = NO_PROOF
) -> Verified:
    """Verify what an issuer signed with the sample key."""
    return sd_jwt_vc.verify(sd_jwt_vc.parse(data, limits), SIGNER.public_key, now=now, expected=expected)


def show(data: bytes, paths: Sequence[ClaimPath] = (), **changes: Any) -> bytes:
    """Present a credential with the sample holder's proof."""
    terms: dict[str, Any] = {"signer": HOLDER, "audience": AUDIENCE, "nonce": NONCE, "now": NOW}
    merged = {**terms, **changes}
    return sd_jwt_vc.present(data, paths, merged.pop("signer"), **merged)


def check_presentation(data: bytes, now: datetime = NOW, expected: Expected = EXPECTED) -> Verified:
    """Verify a presentation for the sample audience and nonce."""
    return sd_jwt_vc.verify_presentation(sd_jwt_vc.parse(data), SIGNER.public_key, now=now, expected=expected)


# --- what no honest issuer would sign ---


def disclosure(*parts: Any) -> str:
    """Spell one disclosure, whatever its parts are."""
    return base64url.encode(json.dumps(list(parts)))


def digest(text: str) -> str:
    """Return the digest of a disclosure."""
    return base64url.encode(hashlib.sha256(text.encode()).digest())


def forge(
    payload: Any,
    disclosures: Sequence[str] = (),
    *,
    header: dict[str, Any] | None = None,
    signer: SoftwareSigner = SIGNER,
) -> bytes:
    """Sign any payload with the sample key; the registered claims are added, and `...` as a value leaves one out."""
    if isinstance(payload, dict):
        base = {"iss": ISSUER, "vct": VCT, "iat": int(NOW.timestamp())}
        payload = {name: value for name, value in {**base, **payload}.items() if value is not ...}
    raw = payload if isinstance(payload, bytes) else json.dumps(payload)
    full = {name: value for name, value in {"typ": "dc+sd-jwt", **(header or {})}.items() if value is not ...}
    token = jws.sign(full, raw, signer)
    return "~".join((token, *disclosures, "")).encode()


def forge_proof(
    bound: bytes, *, header: dict[str, Any] | None = None, signer: SoftwareSigner = HOLDER, **changes: Any
) -> bytes:
    """Add a holder's proof with these members changed; `...` as a value leaves one out."""
    base = {
        "iat": int(NOW.timestamp()),
        "aud": AUDIENCE,
        "nonce": NONCE,
        "sd_hash": base64url.encode(hashlib.sha256(bound).digest()),
    }
    claims = {name: value for name, value in {**base, **changes}.items() if value is not ...}
    full = {name: value for name, value in {"typ": "kb+jwt", **(header or {})}.items() if value is not ...}
    return bound + jws.sign(full, json.dumps(claims), signer, name_key=False).encode()


def confirmation(signer: SoftwareSigner = HOLDER) -> dict[str, Any]:
    """Return the `cnf` claim for a holder's key."""
    return {"cnf": {"jwk": jwk.to_jwk(signer.public_key)}}


def status(index: int = 7) -> StatusReference:
    """Return a status reference."""
    base = "https://issuer.example/status/1"
    return StatusReference(index, f"{base}/token", f"{base}/revocation", f"{base}/suspension")
