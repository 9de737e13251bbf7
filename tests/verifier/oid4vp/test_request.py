"""Requests as wallets receive them."""

import hashlib
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import pytest

from tegata.codec import base64url, json
from tegata.envelope import jwe, jws
from tegata.errors import Misconfigured
from tegata.identity.certificates import KeyUse
from tegata.keys.software import SoftwareSigner
from tests.simulators.issuer import Scheme
from tests.verifier.oid4vp.test_transaction import NOW, TERMS
from verifier.oid4vp.errors import ResponseRefused
from verifier.oid4vp.request import (
    Metadata,
    Prefix,
    WalletPost,
    client_identifier,
    link_by_reference,
    link_by_value,
    parse_wallet_post,
    request_claims,
    sign_request,
)
from verifier.oid4vp.transaction import Flow

URI = "https://v.example/response/r"


@pytest.fixture(scope="module")
def scheme() -> Scheme:
    return Scheme.start(datetime.now(UTC))


@pytest.fixture(scope="module")
def signer(scheme: Scheme) -> SoftwareSigner:
    return scheme.certify(SoftwareSigner.generate(), KeyUse.REQUEST_SIGNING, dns_names=("v.example",))


@pytest.mark.clause("OID4VP 1.0 §5.9.3")
def test_client_identifiers_carry_their_prefix(signer: SoftwareSigner) -> None:
    chain = signer.certificates
    digest = base64url.encode(hashlib.sha256(chain[0]).digest())
    found = {prefix: client_identifier(prefix, response_uri=URI, certificates=chain) for prefix in Prefix}
    assert found == {
        Prefix.X509_HASH: f"x509_hash:{digest}",
        Prefix.X509_SAN_DNS: "x509_san_dns:v.example",
        Prefix.REDIRECT_URI: f"redirect_uri:{URI}",
    }


@pytest.mark.clause("OID4VP 1.0 §5.9.3")
def test_the_certificate_has_to_name_the_host(signer: SoftwareSigner) -> None:
    with pytest.raises(Misconfigured):
        client_identifier(
            Prefix.X509_SAN_DNS, response_uri="https://other.example/r", certificates=signer.certificates
        )


@pytest.mark.clause("HAIP 1.0 §5")
def test_the_anchor_in_the_chain_is_refused(scheme: Scheme, signer: SoftwareSigner) -> None:
    for chain in ((), (*signer.certificates, scheme.root_certificate), (scheme.root_certificate,), (b"x",)):
        with pytest.raises(Misconfigured):
            client_identifier(Prefix.X509_HASH, response_uri=URI, certificates=chain)


@pytest.mark.clause("OID4VP 1.0 §5.1")
def test_a_request_object_has_what_the_protocol_wants(signer: SoftwareSigner) -> None:
    key = jwe.generate_encryption_key("k")
    claims = request_claims(TERMS, Flow.SAME_DEVICE, Metadata("例示大学", key.public_jwk), NOW)
    parsed = jws.parse(sign_request(claims, signer, WalletPost("wn")))
    jws.verify(parsed, signer.public_key)
    found = json.loads(parsed.payload)
    assert parsed.header["typ"] == "oauth-authz-req+jwt"
    assert len(parsed.header["x5c"]) == 2
    assert found["aud"] == "https://self-issued.me/v2"
    assert found["response_uri"] == "https://v.example/response/s"
    assert found["response_mode"] == "direct_post.jwt"
    assert found["wallet_nonce"] == "wn"
    assert found["exp"] - found["iat"] == 600
    metadata = found["client_metadata"]
    assert metadata["encrypted_response_enc_values_supported"] == ["A128GCM", "A256GCM"]
    assert metadata["jwks"]["keys"][0]["alg"] == "ECDH-ES"
    assert "d" not in metadata["jwks"]["keys"][0]
    assert list(metadata["vp_formats_supported"]) == ["dc+sd-jwt"]
    assert "redirect_uri" not in found


def test_without_a_wallets_nonce_there_is_none(signer: SoftwareSigner) -> None:
    claims = request_claims(TERMS, Flow.CROSS_DEVICE, Metadata(""), NOW)
    found = json.loads(jws.parse(sign_request(claims, signer)).payload)
    assert "wallet_nonce" not in found
    assert "client_name" not in found["client_metadata"]


def test_links_carry_what_wallets_need() -> None:
    by_reference = parse_qs(urlsplit(link_by_reference("x509_hash:a", "https://v.example/request/r")).query)
    assert by_reference == {
        "client_id": ["x509_hash:a"],
        "request_uri": ["https://v.example/request/r"],
        "request_uri_method": ["post"],
    }
    claims = request_claims(TERMS, Flow.CROSS_DEVICE, Metadata(""), NOW)
    by_value = parse_qs(urlsplit(link_by_value(claims)).query)
    assert not {"aud", "iat", "exp"} & by_value.keys()
    assert json.loads(by_value["dcql_query"][0]) == TERMS.query.to_json()


@pytest.mark.parametrize(
    "form",
    [
        {"wallet_nonce": "a b"},
        {"wallet_nonce": "x" * 513},
        {"wallet_metadata": "x"},
        {"wallet_metadata": "[]"},
        {
            "wallet_metadata": json.dumps(
                {
                    "jwks": {"keys": [dict(jwe.generate_encryption_key().public_jwk)]},
                    "request_object_encryption_enc_values_supported": ["A256CBC-HS512"],
                }
            ).decode()
        },
    ],
    ids=["a space", "too long", "no JSON", "no object", "no encryption in common"],
)
@pytest.mark.clause("OID4VP 1.0 §5.10")
def test_a_malformed_post_of_a_wallet_is_refused(form: dict[str, str]) -> None:
    with pytest.raises(ResponseRefused):
        parse_wallet_post(form)


def test_a_wallet_need_not_say_anything() -> None:
    assert parse_wallet_post({}) == WalletPost()
    assert parse_wallet_post({"wallet_metadata": '{"jwks":{"keys":[{"kty":"RSA"},1]}}'}) == WalletPost()
