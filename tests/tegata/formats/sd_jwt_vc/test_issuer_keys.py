"""jwt-vc-issuer metadata: where it stands, what it says, which key is chosen."""

import json
from dataclasses import replace
from typing import Any

import pytest

from tegata.errors import LimitExceeded, MalformedInput
from tegata.formats.sd_jwt_vc.issuer_keys import (
    IssuerKeyNotFound,
    IssuerMetadataRefused,
    build_metadata,
    metadata_url,
    select_key,
)
from tegata.keys import jwk
from tegata.keys.signer import Algorithm
from tegata.keys.software import SoftwareSigner

ISSUER = "https://issuer.example/jp/13/s/4f2a"
KEYS = [
    SoftwareSigner.generate(key_id="old").public_key,
    SoftwareSigner.generate(key_id="new").public_key,
    SoftwareSigner.generate(Algorithm.EDDSA, key_id="ed").public_key,
]
DATA = json.dumps(build_metadata(ISSUER, KEYS)).encode()


@pytest.mark.clause("SD-JWT VC §4.1")
@pytest.mark.parametrize(
    ("issuer", "url"),
    [
        ("https://issuer.example", "https://issuer.example/.well-known/jwt-vc-issuer"),
        ("https://issuer.example/", "https://issuer.example/.well-known/jwt-vc-issuer"),
        (ISSUER, "https://issuer.example/.well-known/jwt-vc-issuer/jp/13/s/4f2a"),
        (ISSUER + "/", "https://issuer.example/.well-known/jwt-vc-issuer/jp/13/s/4f2a"),
        ("https://issuer.example:8443/a", "https://issuer.example:8443/.well-known/jwt-vc-issuer/a"),
    ],
)
def test_the_well_known_part_goes_between_host_and_path(issuer: str, url: str) -> None:
    assert metadata_url(issuer) == url


@pytest.mark.parametrize(
    "issuer",
    [
        "", "issuer.example", "http://issuer.example", "did:web:issuer.example", "https://", "https:///a", ISSUER + "?a=1", ISSUER + "#a",
        ISSUER + "?", "https://user@issuer.example", "https://issuer.example:port", "https://学校.example", "ftp://issuer.example",
        "https://issuer.example\\@other.example", "https://[::1", "http://localhost:8000",
    ],
)  # fmt: skip
def test_other_issuers_have_no_metadata(issuer: str) -> None:
    with pytest.raises(IssuerMetadataRefused):
        metadata_url(issuer)


def test_plain_http_is_for_this_machine_and_only_where_it_is_switched_on() -> None:
    assert (
        metadata_url("http://localhost:8000/s/1", insecure_loopback=True)
        == "http://localhost:8000/.well-known/jwt-vc-issuer/s/1"
    )
    with pytest.raises(IssuerMetadataRefused):
        metadata_url("http://issuer.example", insecure_loopback=True)


@pytest.mark.clause("SD-JWT VC §4.2")
def test_the_document_lists_public_keys_with_their_names() -> None:
    document = build_metadata(ISSUER, KEYS)
    assert document.keys() == {"issuer", "jwks"}
    listed = document["jwks"]["keys"]
    assert [(key["kid"], key["alg"], key["use"]) for key in listed] == [
        ("old", "ES256", "sig"),
        ("new", "ES256", "sig"),
        ("ed", "EdDSA", "sig"),
    ]
    assert not any("d" in key for key in listed)
    unnamed = replace(KEYS[0], key_id="")
    assert build_metadata(ISSUER, [unnamed])["jwks"]["keys"][0]["kid"] == jwk.thumbprint(unnamed)


def test_two_keys_with_one_name_are_not_published() -> None:
    with pytest.raises(MalformedInput):
        build_metadata(ISSUER, [KEYS[0], replace(KEYS[1], key_id="old")])


@pytest.mark.clause("SD-JWT VC §4.3")
def test_the_key_that_the_credential_names_is_chosen() -> None:
    assert select_key(DATA, ISSUER, "new", "ES256") == KEYS[1]
    assert select_key(DATA, ISSUER, "ed", "EdDSA") == KEYS[2]
    assert select_key(DATA, ISSUER, "", "EdDSA") == KEYS[2]


@pytest.mark.parametrize(
    ("key_id", "algorithm"),
    [("other", "ES256"), ("new", "EdDSA"), ("new", "none"), ("", "ES256"), ("", "ES384")],
)
def test_no_key_is_guessed(key_id: str, algorithm: str) -> None:
    with pytest.raises(IssuerKeyNotFound):
        select_key(DATA, ISSUER, key_id, algorithm)


def test_two_published_keys_with_one_name_are_none() -> None:
    document = build_metadata(ISSUER, KEYS)
    document["jwks"]["keys"][0]["kid"] = "new"
    with pytest.raises(IssuerKeyNotFound):
        select_key(json.dumps(document).encode(), ISSUER, "new", "ES256")


@pytest.mark.clause("RFC 7517 §5")
def test_keys_of_other_kinds_are_passed_over() -> None:
    document = build_metadata(ISSUER, KEYS[:1])
    document["jwks"]["keys"] += [
        {"kty": "RSA", "kid": "r", "n": "AQ", "e": "AQAB"},
        {"kty": "EC", "crv": "P-521"},
        {},
    ]
    assert select_key(json.dumps(document).encode(), ISSUER, "old", "ES256") == KEYS[0]
    with pytest.raises(IssuerKeyNotFound):
        select_key(json.dumps(document).encode(), ISSUER, "r", "RS256")


def test_a_published_secret_is_not_used() -> None:
    document = build_metadata(ISSUER, KEYS[:1])
    document["jwks"]["keys"][0]["d"] = "AAAA"
    with pytest.raises(IssuerKeyNotFound):
        select_key(json.dumps(document).encode(), ISSUER, "old", "ES256")


@pytest.mark.parametrize("issuer", [ISSUER + "/", ISSUER.upper(), "https://issuer.example", ""])
def test_another_issuers_document_is_refused(issuer: str) -> None:
    with pytest.raises(IssuerMetadataRefused):
        select_key(DATA, issuer, "new", "ES256")


@pytest.mark.clause("SD-JWT VC §4.2")
@pytest.mark.parametrize(
    "change",
    [
        {"jwks": ...}, {"jwks": []}, {"jwks": {}}, {"jwks": {"keys": {}}}, {"jwks": {"keys": ["x"]}}, {"jwks_uri": "https://issuer.example/jwks"},
        {"jwks": ..., "jwks_uri": "https://issuer.example/jwks"}, {"issuer": ...}, {"issuer": [ISSUER]},
    ],
)  # fmt: skip
def test_a_faulty_document_is_refused(change: dict[str, Any]) -> None:
    document = {
        name: value for name, value in {**build_metadata(ISSUER, KEYS), **change}.items() if value is not ...
    }
    with pytest.raises(IssuerMetadataRefused):
        select_key(json.dumps(document).encode(), ISSUER, "new", "ES256")


@pytest.mark.parametrize("data", [b"", b"[]", b"{", b"<html>", b'{"issuer":"a","issuer":"a"}', b"\xff"])
def test_what_is_no_document_is_refused(data: bytes) -> None:
    with pytest.raises(IssuerMetadataRefused):
        select_key(data, ISSUER, "new", "ES256")


def test_sizes_are_limited() -> None:
    many = {"issuer": ISSUER, "jwks": {"keys": [{}] * 101}}
    for data in (b" " * 300_000, json.dumps(many).encode()):
        with pytest.raises(LimitExceeded):
            select_key(data, ISSUER, "new", "ES256")
