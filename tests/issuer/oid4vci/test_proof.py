"""Key proofs (OID4VCI 1.0 §F.1): each rule broken alone, and what wallets legitimately vary."""

import base64
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from issuer.oid4vci.errors import InvalidNonce, InvalidProof
from issuer.oid4vci.proof import MAX_BYTES, SKEW, WINDOW, Proof, check, check_all
from tegata.codec import base64url, json
from tegata.envelope import jws
from tegata.identity import certificates, did
from tegata.keys import jwk
from tegata.keys.signer import Algorithm
from tegata.keys.software import SoftwareSigner

ISSUER = "https://issuer.example/jp/reiji/s/abc"
NOW = datetime(2026, 4, 1, 3, 20, 5, tzinfo=UTC)
SIGNER = SoftwareSigner.generate()
OTHER = SoftwareSigner.generate()
NONE = object()

pytestmark = pytest.mark.clause("OID4VCI 1.0 §F.1")


def _without(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not NONE}


def made(
    header: Mapping[str, Any] | None = None,
    claims: Mapping[str, Any] | None = None,
    signer: SoftwareSigner = SIGNER,
) -> str:
    """Return a proof; members given replace those of a good one, `NONE` takes one away."""
    full_header = {"typ": "openid4vci-proof+jwt", "jwk": jwk.to_jwk(signer.public_key)} | dict(header or {})
    content = {"aud": ISSUER, "iat": int(NOW.timestamp()), "nonce": "n"} | dict(claims or {})
    return jws.sign(_without(full_header), json.dumps(_without(content)), signer, name_key=False)


def _forged(header: Mapping[str, Any], signature: bytes) -> str:
    """Return a JWS with whatever header and signature."""
    full = {"typ": "openid4vci-proof+jwt", "jwk": jwk.to_jwk(SIGNER.public_key)} | dict(header)
    payload = json.dumps({"aud": ISSUER, "iat": int(NOW.timestamp()), "nonce": "n"})
    return ".".join(base64url.encode(part) for part in (json.dumps(full), payload, signature))


@pytest.mark.parametrize("algorithm", [Algorithm.ES256, Algorithm.ES384, Algorithm.EDDSA])
def test_a_proof_shows_the_key_that_signed_it(algorithm: Algorithm) -> None:
    signer = SoftwareSigner.generate(algorithm)
    found = check(made(signer=signer), ISSUER, NOW)
    assert isinstance(found, Proof)
    assert jwk.thumbprint(found.key) == jwk.thumbprint(signer.public_key)
    assert found.nonce == "n"


@pytest.mark.parametrize("identifier", [did.did_key, did.did_jwk], ids=["did:key", "did:jwk"])
def test_a_key_may_be_named_by_a_did_that_is_the_key(identifier: Any) -> None:
    url = did.resolve_key_did(identifier(SIGNER.public_key)).public_key.key_id
    found = check(made({"jwk": NONE, "kid": url}), ISSUER, NOW)
    assert jwk.thumbprint(found.key) == jwk.thumbprint(SIGNER.public_key)


def _certificate(signer: SoftwareSigner) -> str:
    der = certificates.self_signed_root(
        signer, "wallet", now=NOW, valid_for=timedelta(days=365), random=lambda count: b"\x01" * count
    )
    return base64.b64encode(der).decode("ascii")


def test_a_key_may_come_in_a_certificate() -> None:
    found = check(made({"jwk": NONE, "x5c": [_certificate(SIGNER)]}), ISSUER, NOW)
    assert jwk.thumbprint(found.key) == jwk.thumbprint(SIGNER.public_key)


@pytest.mark.parametrize(
    "header",
    [
        {"jwk": NONE},
        {"kid": did.resolve_key_did(did.did_key(SIGNER.public_key)).public_key.key_id},
        {"x5c": [_certificate(SIGNER)]},
        {"jwk": NONE, "kid": did.did_key(SIGNER.public_key), "x5c": [_certificate(SIGNER)]},
        {"jwk": NONE, "kid": "did:web:wallet.example#1"},
        {"jwk": NONE, "kid": "key-1"},
        {"jwk": NONE, "kid": 7},
        {"jwk": NONE, "kid": did.did_key(OTHER.public_key)},
        {"jwk": NONE, "x5c": []},
        {"jwk": NONE, "x5c": _certificate(SIGNER)},
        {"jwk": NONE, "x5c": [_certificate(SIGNER)] * 6},
        {"jwk": NONE, "x5c": [_certificate(OTHER), _certificate(SIGNER)]},
        {"jwk": NONE, "x5c": ["AAAA"]},
        {"jwk": NONE, "x5c": [_certificate(SIGNER).replace("+", "-").replace("/", "_") + "-"]},
        {"jwk": NONE, "x5c": [7]},
        {"jwk": jwk.to_jwk(OTHER.public_key)},
        {"jwk": "key"},
        {"jwk": {}},
        {"trust_chain": ["eyJ"]},
    ],
    ids=[
        "no key",
        "jwk and kid",
        "jwk and x5c",
        "kid and x5c",
        "a did that is no key",
        "no did",
        "kid is a number",
        "another key's did",
        "no certificate",
        "x5c is a string",
        "too many certificates",
        "the leaf is another",
        "no certificate in base64",
        "base64url",
        "x5c of numbers",
        "another key",
        "jwk is a string",
        "an empty jwk",
        "trust chain",
    ],
)
def test_exactly_one_key_that_signed_is_named(header: dict[str, Any]) -> None:
    with pytest.raises(InvalidProof):
        check(made(header), ISSUER, NOW)


def test_a_private_key_in_the_header_is_refused() -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    signer = SoftwareSigner.from_private_key(key)
    secret = base64url.encode(key.private_numbers().private_value.to_bytes(32, "big"))
    assert check(made(signer=signer), ISSUER, NOW).nonce == "n"
    with pytest.raises(InvalidProof):
        check(made({"jwk": jwk.to_jwk(signer.public_key) | {"d": secret}}, signer=signer), ISSUER, NOW)


@pytest.mark.parametrize("typ", [NONE, "JWT", "openid4vci-proof", "kb+jwt", "OPENID4VCI-PROOF+JWT", 1])
def test_a_token_of_another_type_is_no_proof(typ: object) -> None:
    with pytest.raises(InvalidProof):
        check(made({"typ": typ}), ISSUER, NOW)


@pytest.mark.clause("RFC 8725 §3.1")
@pytest.mark.parametrize(
    "algorithm", ["none", "None", "NONE", "HS256", "HS512", "RS256", "", None, ["ES256"]]
)
def test_algorithms_that_prove_nothing_are_refused(algorithm: object) -> None:
    """eudi-lib-ios-wallet-kit#472: alg none was accepted."""
    public = json.dumps(jwk.to_jwk(SIGNER.public_key))
    for signature in (b"", hmac.digest(public, b"x", "sha256")):
        with pytest.raises(InvalidProof):
            check(_forged({"alg": algorithm}, signature), ISSUER, NOW)


def test_a_mac_with_the_public_key_as_secret_is_refused() -> None:
    header = {"alg": "HS256"}
    unsigned = _forged(header, b"").rpartition(".")[0]
    mac = hmac.new(json.dumps(jwk.to_jwk(SIGNER.public_key)), unsigned.encode(), sha256).digest()
    with pytest.raises(InvalidProof):
        check(f"{unsigned}.{base64url.encode(mac)}", ISSUER, NOW)


def test_an_algorithm_that_is_not_allowed_here_is_refused() -> None:
    with pytest.raises(InvalidProof):
        check(made(), ISSUER, NOW, frozenset({Algorithm.EDDSA}))


def test_critical_extensions_are_refused() -> None:
    with pytest.raises(InvalidProof):
        check(made({"crit": ["exp"]}), ISSUER, NOW)


@pytest.mark.parametrize(
    "audience",
    [
        NONE,
        None,
        ISSUER + "/",
        ISSUER + "/credential",
        "https://issuer.example/jp/reiji/s/other",
        [ISSUER, "https://other.example"],
        [],
        {"aud": ISSUER},
    ],
)
def test_a_proof_for_another_issuer_is_refused(audience: object) -> None:
    with pytest.raises(InvalidProof):
        check(made(claims={"aud": audience}), ISSUER, NOW)


def test_an_array_of_this_one_audience_is_taken() -> None:
    assert check(made(claims={"aud": [ISSUER]}), ISSUER, NOW).nonce == "n"


@pytest.mark.parametrize("seconds", [0, SKEW.seconds, -WINDOW.seconds, -(WINDOW + SKEW).seconds])
def test_a_proof_made_just_now_is_taken(seconds: int) -> None:
    at = int((NOW + timedelta(seconds=seconds)).timestamp())
    assert check(made(claims={"iat": at}), ISSUER, NOW).nonce == "n"


@pytest.mark.parametrize(
    "iat",
    [
        NONE,
        None,
        True,
        "1775013605",
        int((NOW + SKEW).timestamp()) + 1,
        int((NOW - WINDOW - SKEW).timestamp()) - 1,
        10**18,
        1e300,
        -(10**18),
        0,
    ],
)
def test_a_proof_of_another_time_or_without_one_is_refused(iat: object) -> None:
    with pytest.raises(InvalidProof):
        check(made(claims={"iat": iat}), ISSUER, NOW)


@pytest.mark.clause("OID4VCI 1.0 §8.3.1.2")
def test_without_a_nonce_the_proof_is_invalid_and_not_the_nonce() -> None:
    with pytest.raises(InvalidProof):
        check(made(claims={"nonce": NONE}), ISSUER, NOW)
    with pytest.raises(InvalidNonce):
        check(made(claims={"nonce": 7}), ISSUER, NOW)


@pytest.mark.parametrize("text", ["", "a", "a.b", "a.b.c", "a.b.c.d", "....", "é.é.é", "\x00", "e30.e30.AA"])
def test_what_is_no_jwt_is_refused(text: str) -> None:
    with pytest.raises(InvalidProof):
        check(text, ISSUER, NOW)


def test_a_changed_payload_breaks_the_signature() -> None:
    header, _, signature = made().split(".")
    payload = base64url.encode(json.dumps({"aud": ISSUER, "iat": int(NOW.timestamp()), "nonce": "m"}))
    with pytest.raises(InvalidProof):
        check(f"{header}.{payload}.{signature}", ISSUER, NOW)


def test_claims_that_are_no_object_are_refused() -> None:
    header = {"typ": "openid4vci-proof+jwt", "jwk": jwk.to_jwk(SIGNER.public_key)}
    with pytest.raises(InvalidProof):
        check(jws.sign(header, b"[]", SIGNER, name_key=False), ISSUER, NOW)


def test_an_oversized_proof_is_refused() -> None:
    with pytest.raises(InvalidProof):
        check(made(claims={"pad": "x" * MAX_BYTES}), ISSUER, NOW)


def test_each_proof_of_a_batch_counts() -> None:
    found = check_all([made(), made(signer=OTHER)], ISSUER, NOW)
    assert [jwk.thumbprint(item.key) for item in found] == [
        jwk.thumbprint(signer.public_key) for signer in (SIGNER, OTHER)
    ]
    with pytest.raises(InvalidProof):
        check_all([made(), made({"typ": "JWT"}, signer=OTHER)], ISSUER, NOW)


@pytest.mark.clause("OID4VCI 1.0 §8.3")
def test_one_key_gets_one_copy() -> None:
    named_by_did = made({"jwk": NONE, "kid": did.did_jwk(SIGNER.public_key) + "#0"})
    for second in (made(claims={"iat": int(NOW.timestamp()) - 1}), named_by_did):
        with pytest.raises(InvalidProof):
            check_all([made(), second], ISSUER, NOW)


def test_the_proofs_of_one_request_share_a_nonce() -> None:
    with pytest.raises(InvalidProof):
        check_all([made(), made(claims={"nonce": "m"}, signer=OTHER)], ISSUER, NOW)
