"""did:key, did:jwk, did:web: made, read, refused."""

import pytest

from tegata.codec import base64url, json
from tegata.identity.did import (
    DidRefused,
    did_document,
    did_jwk,
    did_key,
    did_web,
    did_web_url,
    resolve_key_did,
    verification_key,
)
from tegata.keys import jwk, multikey
from tegata.keys.signer import DEFAULT_ALGORITHMS, Algorithm
from tegata.keys.software import SoftwareSigner

#: From the did:key specification: an Ed25519 and a P-256 key.
ED25519 = "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK"
P256 = "did:key:zDnaerDaTF5BXEavCrfRZEk316dpbLsfPDZ3WJ5hRTPFU2169"
#: From the did:jwk specification: a P-256 key.
JWK = (
    "did:jwk:eyJjcnYiOiJQLTI1NiIsImt0eSI6IkVDIiwieCI6ImFjYklRaXVNczNpOF91c3pFakoydHBUdFJNNEVVM3l6OTFQSDZDZEgyVjAiLCJ5Ijoi"
    "X0tjeUxqOXZXTXB0bm1LdG00NkdxRHo4d2Y3NEk1TEtncmwyR3pIM25TRSJ9"
)
DID = "did:web:issuer.example:s:0123"


@pytest.mark.clause("did:key §3.1")
@pytest.mark.parametrize(("did", "algorithm"), [(ED25519, Algorithm.EDDSA), (P256, Algorithm.ES256)])
def test_published_did_keys_are_read(did: str, algorithm: Algorithm) -> None:
    found = resolve_key_did(did)
    assert found.public_key.algorithm is algorithm
    assert found.did == did
    assert found.verification_method == f"{did}#{did.removeprefix('did:key:')}"
    assert did_key(found.public_key) == did


def test_a_published_did_jwk_is_read() -> None:
    found = resolve_key_did(JWK)
    assert found.public_key.algorithm is Algorithm.ES256
    assert found.verification_method == f"{JWK}#0"
    assert found.public_key.key_id == f"{JWK}#0"


@pytest.mark.parametrize("algorithm", sorted(DEFAULT_ALGORITHMS))
def test_every_kind_of_key_returns_from_its_did(algorithm: Algorithm) -> None:
    signer = SoftwareSigner.generate(algorithm)
    for did in (did_key(signer.public_key), did_jwk(signer.public_key)):
        key = resolve_key_did(did).public_key
        key.verify(signer.sign(b"x"), b"x")


def test_the_url_of_the_own_verification_method_is_read() -> None:
    assert resolve_key_did(f"{P256}#{P256.removeprefix('did:key:')}").did == P256
    assert resolve_key_did(f"{JWK}#0").did == JWK


@pytest.mark.clause("CID 1.0 §3.3")
@pytest.mark.parametrize(
    "identifier", [f"{P256}#x", f"{P256}#{ED25519.removeprefix('did:key:')}", f"{JWK}#1", f"{JWK}#0#0"]
)
def test_another_fragment_is_refused(identifier: str) -> None:
    with pytest.raises(DidRefused):
        resolve_key_did(identifier)


def _jwk_did(value: object) -> str:
    return f"did:jwk:{base64url.encode(json.dumps(value))}"


@pytest.mark.parametrize(
    "identifier",
    [
        "",
        "did:key:",
        "did:jwk:",
        "did:web:issuer.example",
        "did:example:123",
        "https://issuer.example",
        "did:key:z",
        "did:key:zzzz",
        "did:key:m" + P256[9:],
        P256 + "x",
        "did:key:" + "z" * 3_000,
        "did:jwk:!!!",
        "did:jwk:e30",
        _jwk_did([]),
        _jwk_did({"kty": "oct", "k": "AAAA"}),
        _jwk_did({"kty": "RSA", "n": "AAAA", "e": "AQAB"}),
        _jwk_did({"kty": "OKP", "crv": "X25519", "x": "A" * 43}),
        _jwk_did({**jwk.to_jwk(SoftwareSigner.generate().public_key), "d": "A" * 43}),
        _jwk_did({**jwk.to_jwk(SoftwareSigner.generate().public_key), "use": "enc"}),
        _jwk_did({**jwk.to_jwk(SoftwareSigner.generate().public_key), "alg": "ES384"}),
        "DID:KEY:" + P256[8:],
    ],
)
def test_what_holds_no_key_of_ours_is_refused(identifier: str) -> None:
    with pytest.raises(DidRefused):
        resolve_key_did(identifier)


@pytest.mark.clause("did:web §3.2")
@pytest.mark.parametrize(
    ("url", "did", "document"),
    [
        ("https://issuer.example", "did:web:issuer.example", "https://issuer.example/.well-known/did.json"),
        ("https://issuer.example/s/0123", DID, "https://issuer.example/s/0123/did.json"),
        (
            "https://issuer.example:8443/s/0123",
            "did:web:issuer.example%3A8443:s:0123",
            "https://issuer.example:8443/s/0123/did.json",
        ),
        (
            "https://issuer.example/jp/reiji/s/0123",
            "did:web:issuer.example:jp:reiji:s:0123",
            "https://issuer.example/jp/reiji/s/0123/did.json",
        ),
        (
            "https://issuer.example/a%20b",
            "did:web:issuer.example:a%20b",
            "https://issuer.example/a%20b/did.json",
        ),
    ],
)
def test_a_did_web_says_where_its_document_stands(url: str, did: str, document: str) -> None:
    assert did_web(url) == did
    assert did_web_url(did) == document


def test_a_trailing_slash_makes_no_other_did() -> None:
    assert did_web("https://issuer.example/s/0123/") == DID


def test_http_is_for_loopback_alone_and_only_where_allowed() -> None:
    local = did_web("http://localhost:8001/s/0123")
    assert local == "did:web:localhost%3A8001:s:0123"
    assert did_web_url(local) == "https://localhost:8001/s/0123/did.json"
    assert did_web_url(local, insecure_loopback=True) == "http://localhost:8001/s/0123/did.json"
    for host in ("issuer.example", "localhost.evil.example", "127.0.0.1.evil.example"):
        assert did_web_url(f"did:web:{host}", insecure_loopback=True).startswith("https:")


@pytest.mark.parametrize(
    "did",
    [
        "",
        "did:web:",
        "did:web::s",
        "did:web:issuer.example:",
        "did:web:issuer.example::x",
        "did:web:issuer.example:..:x",
        "did:web:issuer.example:%2e%2E",
        "did:web:issuer.example:.",
        "did:web:issuer.example:a%2Fb",
        "did:web:issuer.example:a%5Cb",
        "did:web:issuer.example:a/b",
        "did:web:issuer.example:a?b",
        "did:web:issuer.example:a#b",
        "did:web:issuer.example:a%00b",
        "did:web:issuer.example:a b",
        "did:web:user%40issuer.example",
        "did:web:issuer.example%2Fx",
        "did:web:issuer.example%3A0",
        "did:web:issuer.example%3A8443%3A1",
        "did:web:issuer.example%3Aport",
        "did:web:校.example",
        "did:web:-issuer.example",
        "did:key:" + P256,
        "did:web:" + "a" * 3_000,
    ],
)
def test_what_is_no_did_web_is_refused(did: str) -> None:
    with pytest.raises(DidRefused):
        did_web_url(did)


def test_a_document_lists_its_keys_as_assertion_methods() -> None:
    signer = SoftwareSigner.generate()
    document = did_document(
        DID, [("k1", signer.public_key)], also_known_as=("https://issuer.example/s/0123",)
    )
    assert document["id"] == DID
    assert document["alsoKnownAs"] == ["https://issuer.example/s/0123"]
    assert document["assertionMethod"] == [f"{DID}#k1"]
    assert document["verificationMethod"][0]["controller"] == DID
    key = verification_key(document, f"{DID}#k1")
    assert key.key_id == f"{DID}#k1"
    key.verify(signer.sign(b"x"), b"x")
    assert "alsoKnownAs" not in did_document(DID, [])


def test_a_json_web_key_method_is_read_as_well() -> None:
    signer = SoftwareSigner.generate(Algorithm.EDDSA)
    document = did_document(DID, [("k1", signer.public_key)])
    method = {
        **document["verificationMethod"][0],
        "type": "JsonWebKey",
        "publicKeyJwk": jwk.to_jwk(signer.public_key),
    }
    verification_key({**document, "verificationMethod": [method]}, f"{DID}#k1").verify(
        signer.sign(b"x"), b"x"
    )


GOOD = did_document(DID, [("k1", resolve_key_did(P256).public_key)])
METHOD = GOOD["verificationMethod"][0]


@pytest.mark.clause("CID 1.0 §3.3")
@pytest.mark.parametrize(
    ("change", "method", "relationship"),
    [
        ({}, f"{DID}#k2", "assertionMethod"),
        ({}, f"{DID}", "assertionMethod"),
        ({}, "did:web:other.example#k1", "assertionMethod"),
        ({"id": "did:web:other.example"}, f"{DID}#k1", "assertionMethod"),
        ({"id": None}, f"{DID}#k1", "assertionMethod"),
        ({}, f"{DID}#k1", "authentication"),
        ({"assertionMethod": None}, f"{DID}#k1", "assertionMethod"),
        ({"assertionMethod": f"{DID}#k1"}, f"{DID}#k1", "assertionMethod"),
        ({"verificationMethod": None}, f"{DID}#k1", "assertionMethod"),
        ({"verificationMethod": ["x"]}, f"{DID}#k1", "assertionMethod"),
        ({"verificationMethod": [METHOD, METHOD]}, f"{DID}#k1", "assertionMethod"),
        ({"verificationMethod": [{**METHOD, "controller": "did:web:x"}]}, f"{DID}#k1", "assertionMethod"),
        ({"verificationMethod": [{**METHOD, "type": "Other"}]}, f"{DID}#k1", "assertionMethod"),
        ({"verificationMethod": [{**METHOD, "publicKeyMultibase": 5}]}, f"{DID}#k1", "assertionMethod"),
        ({"verificationMethod": [{**METHOD, "publicKeyMultibase": "z1"}]}, f"{DID}#k1", "assertionMethod"),
        (
            {"verificationMethod": [{**METHOD, "revoked": "2026-01-01T00:00:00Z"}]},
            f"{DID}#k1",
            "assertionMethod",
        ),
        (
            {"verificationMethod": [{**METHOD, "expires": "2030-01-01T00:00:00Z"}]},
            f"{DID}#k1",
            "assertionMethod",
        ),
        ({"verificationMethod": [{**METHOD, "type": "JsonWebKey"}]}, f"{DID}#k1", "assertionMethod"),
    ],
)
def test_a_method_that_may_not_be_used_is_refused(
    change: dict[str, object], method: str, relationship: str
) -> None:
    assert verification_key(GOOD, f"{DID}#k1")
    with pytest.raises(DidRefused):
        verification_key({**GOOD, **change}, method, relationship)


def test_a_multikey_is_the_end_of_its_did() -> None:
    key = SoftwareSigner.generate().public_key
    assert did_key(key) == f"did:key:{multikey.encode(key)}"
