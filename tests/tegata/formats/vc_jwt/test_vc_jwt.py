"""Credentials of VCDM 1.1 in JWTs: read by who was told to, and every contradiction refused."""

import json
from datetime import UTC, datetime

import pytest

from tegata.envelope import jws
from tegata.errors import LimitExceeded
from tegata.formats import vc_jwt
from tegata.formats.credential import (
    Expected,
    FormatRefused,
    HolderBindingRefused,
    Limits,
    NotValidNow,
    SignatureRefused,
)
from tegata.formats.linked_data.json_ld import ContextRefused
from tegata.formats.vc_jwt import OldFormRefused
from tegata.formats.vcdm import model
from tegata.formats.vcdm.legacy import Legacy
from tegata.keys.software import SoftwareSigner
from tests.tegata.formats.data_integrity.support import CONTEXTS, PINNED

_CONTEXTS = {**CONTEXTS, model.BASE_CONTEXT_1_1: (PINNED / "credentials-v1.jsonld").read_bytes()}
_LEGACY = frozenset({Legacy.VC_JWT})
_SIGNER = SoftwareSigner.generate()
_ISSUER = "did:web:school.example"
_NOW = datetime(2026, 3, 2, tzinfo=UTC)
_START, _END = 1772323200, 1775001600  # the first of March and of April 2026
_VC = {
    "@context": [model.BASE_CONTEXT_1_1],
    "type": ["VerifiableCredential"],
    "credentialSubject": {"id": "did:example:taro"},
}
_CLAIMS = {
    "iss": _ISSUER,
    "sub": "did:example:taro",
    "jti": "urn:uuid:1",
    "nbf": _START,
    "exp": _END,
    "vc": _VC,
}


def _token(changes=None, *, header=None, signer=_SIGNER, **vc):
    claims = {**_CLAIMS, "vc": {**_VC, **vc}, **(changes or {})}
    claims = {name: value for name, value in claims.items() if value is not ...}
    full = {"typ": "JWT", "kid": f"{_ISSUER}#1", **(header or {})}
    return jws.sign(full, json.dumps(claims).encode(), signer).encode()


def _parse(token, **options):
    return vc_jwt.parse(token, _CONTEXTS, **{"legacy": _LEGACY, **options})


def _verify(token, now=_NOW, expected=Expected()):  # noqa: B008  frozen
    return vc_jwt.verify(_parse(token), _SIGNER.public_key, now=now, expected=expected)


@pytest.mark.clause("VCDM 1.1 §6.3.1")
def test_claims_and_credential_are_read_as_one_document():
    verified = _verify(_token())
    assert verified.format == "jwt_vc_json"
    assert verified.issuer == _ISSUER
    assert verified.raw["id"] == "urn:uuid:1"
    assert verified.raw["issuanceDate"] == "2026-03-01T00:00:00Z"
    assert verified.raw["expirationDate"] == "2026-04-01T00:00:00Z"
    assert verified.key_id == f"{_ISSUER}#1"
    assert verified.types == ("https://www.w3.org/2018/credentials#VerifiableCredential",)


def test_it_is_refused_by_who_was_not_told_to_read_it():
    for legacy in (frozenset(), frozenset({Legacy.VCDM_1_1})):
        with pytest.raises(OldFormRefused):
            _parse(_token(), legacy=legacy)


def test_members_that_say_the_same_as_the_claims_are_read():
    token = _token(
        id="urn:uuid:1",
        issuer={"id": _ISSUER, "name": "School"},
        issuanceDate="2026-03-01T09:00:00+09:00",
        expirationDate="2026-04-01T00:00:00Z",
    )
    assert _verify(token).raw["issuer"] == {"id": _ISSUER, "name": "School"}


@pytest.mark.parametrize(
    "vc",
    [
        {"id": "urn:uuid:2"},
        {"issuer": "did:web:other.example"},
        {"issuer": {"id": "did:web:other.example"}},
        {"issuanceDate": "2026-03-01T00:00:01Z"},
        {"expirationDate": "2027-04-01T00:00:00Z"},
        {"credentialSubject": {"id": "did:example:hanako"}},
        {"credentialSubject": [{"id": "did:example:taro"}, {"id": "did:example:hanako"}]},
    ],
    ids=["id", "issuer", "issuer's id", "start", "end", "subject", "two subjects"],
)
def test_members_that_say_something_else_are_refused(vc):
    with pytest.raises(FormatRefused):
        _parse(_token(**vc))


@pytest.mark.parametrize(
    ("changes", "header"),
    [
        ({"vc": ...}, {}),
        ({"vc": "x"}, {}),
        ({"vp": {}}, {}),
        ({"iss": ...}, {}),
        ({"iss": 5}, {}),
        ({"nbf": "today"}, {}),
        ({"nbf": ...}, {}),
        ({"exp": True}, {}),
        ({"sub": ["x"]}, {}),
        ({}, {"typ": "vc+jwt"}),
        ({}, {"kid": 5}),
        ({}, {"x5c": "x"}),
    ],
    ids=[
        *(
            "no vc",
            "vc is text",
            "vp as well",
            "no iss",
            "iss is a number",
            "nbf is text",
            "no date of issue",
        ),
        *("exp is true", "sub is a list", "typ of today", "kid is a number", "x5c is text"),
    ],
)
def test_what_is_no_credential_in_a_jwt_is_refused(changes, header):
    with pytest.raises(FormatRefused):
        _parse(_token(changes, header=header))


def test_a_credential_of_2_0_does_not_belong_in_a_claim():
    with pytest.raises(FormatRefused):
        _parse(_token(**{"@context": [model.BASE_CONTEXT]}))


def test_a_proof_beside_the_signature_is_refused():
    with pytest.raises(FormatRefused, match="beside"):
        _parse(_token(proof={"type": "DataIntegrityProof"}))


def test_contexts_that_are_not_known_are_refused():
    with pytest.raises(ContextRefused):
        _parse(_token(**{"@context": [model.BASE_CONTEXT_1_1, "https://unknown.example/v1"]}))


@pytest.mark.parametrize("data", [b"", b"x", b"a.b.c", b"\xff\xfe", b"eyJhbGciOiJub25lIn0.e30."])
def test_what_is_no_jwt_is_refused(data):
    with pytest.raises(FormatRefused):
        _parse(data)


def test_a_key_that_is_not_the_issuers_is_refused():
    with pytest.raises(SignatureRefused, match="issuer"):
        _verify(_token(header={"kid": "did:web:other.example#1"}))


def test_a_relative_kid_is_the_issuers():
    assert _parse(_token(header={"kid": "#1"})).key_reference.verification_method == f"{_ISSUER}#1"
    assert _parse(_token(header={"kid": "1"})).key_reference.key_id == "1"


def test_another_signature_is_refused():
    with pytest.raises(SignatureRefused):
        _verify(_token(signer=SoftwareSigner.generate()))


def test_dates_are_judged():
    with pytest.raises(NotValidNow):
        _verify(_token(), now=_NOW.replace(month=5))
    with pytest.raises(NotValidNow):
        _verify(_token(), now=_NOW.replace(month=1))


def test_no_holder_can_prove_anything_with_it():
    with pytest.raises(HolderBindingRefused):
        _verify(_token(), expected=Expected(holder_binding_required=True))


def test_the_signing_time_is_the_claims_or_the_start():
    assert _verify(_token()).issued_at == datetime(2026, 3, 1, tzinfo=UTC)
    assert _verify(_token({"iat": _START + 60})).issued_at == datetime(2026, 3, 1, 0, 1, tzinfo=UTC)
    assert _verify(_token({"iat": "now"})).issued_at == datetime(2026, 3, 1, tzinfo=UTC)


def test_size_is_bounded():
    with pytest.raises(LimitExceeded, match="bytes"):
        _parse(_token(), limits=Limits(max_bytes=100))
