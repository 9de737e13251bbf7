"""Wallets' answers against the request: forms, encryption, shape."""

from typing import Any

import pytest

from tegata.codec import json
from tegata.envelope import jwe
from tegata.errors import LimitExceeded
from tests.verifier.oid4vp.test_transaction import TERMS
from verifier.oid4vp.dcql import CredentialQuery, Query
from verifier.oid4vp.errors import ResponseRefused
from verifier.oid4vp.response import MAX_PRESENTATIONS, Refusal, Submission, parse_response, parse_vp_token
from verifier.oid4vp.transaction import ResponseMode, Terms

KEY = jwe.generate_encryption_key("k1")
QUERY = Query(
    (
        CredentialQuery("a", "dc+sd-jwt", (("urn:x",),)),
        CredentialQuery("w", "ldp_vc", (("X",),)),
        CredentialQuery("m", "dc+sd-jwt", (("urn:x",),), multiple=True),
    )
)


def terms(mode: ResponseMode) -> Terms:
    fields = {name: getattr(TERMS, name) for name in Terms.__slots__}
    return Terms(**{**fields, "response_mode": mode, "query": QUERY})


PLAIN, ENCRYPTED = terms(ResponseMode.DIRECT_POST), terms(ResponseMode.DIRECT_POST_JWT)
TOKEN = {"a": ["x~"]}


def encrypted(body: Any, key: jwe.EncryptionKey = KEY) -> dict[str, str]:
    return {"response": jwe.encrypt(json.dumps(body), key.public_jwk)}


def test_a_plain_answer() -> None:
    form = {"vp_token": json.dumps(TOKEN).decode(), "state": "z"}
    found = parse_response(form, PLAIN)
    assert isinstance(found, Submission)
    assert [item.as_bytes() for item in found.presentations] == [b"x~"]


@pytest.mark.clause("OID4VP 1.0 §8.3")
def test_an_encrypted_answer() -> None:
    found = parse_response(encrypted({"vp_token": TOKEN, "state": "z"}), ENCRYPTED, KEY.private_jwk)
    assert isinstance(found, Submission)
    assert found.vp_token == TOKEN


@pytest.mark.parametrize(
    "form",
    [
        {"vp_token": "{}", "state": "z"},
        {},
        {"response": "x", "vp_token": "{}"},
        {"response": "not a JWE"},
        encrypted([1]),
        encrypted({"vp_token": TOKEN}),
        encrypted({"vp_token": TOKEN, "state": "other"}),
        encrypted({"state": "z"}),
        encrypted({"vp_token": TOKEN, "state": "z"}, jwe.generate_encryption_key("k2")),
        encrypted({"vp_token": TOKEN, "state": "z"}, jwe.generate_encryption_key("k1")),
    ],
    ids=[
        "plain",
        "empty",
        "both",
        "garbage",
        "no object",
        "no state",
        "another state",
        "no token",
        "another key's name",
        "another key",
    ],
)
def test_where_encryption_was_asked_for_nothing_else_is_taken(form: dict[str, str]) -> None:
    with pytest.raises(ResponseRefused):
        parse_response(form, ENCRYPTED, KEY.private_jwk)


def test_without_its_key_nothing_is_read() -> None:
    with pytest.raises(ResponseRefused):
        parse_response(encrypted({"vp_token": TOKEN, "state": "z"}), ENCRYPTED, None)


def test_encryption_that_was_not_asked_for_is_refused() -> None:
    with pytest.raises(ResponseRefused):
        parse_response({"response": "x", "state": "z"}, PLAIN)


@pytest.mark.clause("OID4VP 1.0 §8.3")
def test_a_wallet_that_cannot_encrypt_may_send_an_error() -> None:
    form = {"error": "access_denied", "error_description": "x" * 900, "state": "z"}
    found = parse_response(form, ENCRYPTED, KEY.private_jwk)
    assert isinstance(found, Refusal)
    assert (found.code, len(found.description)) == ("access_denied", 500)


def test_an_error_needs_the_state_as_well() -> None:
    with pytest.raises(ResponseRefused):
        parse_response({"error": "access_denied"}, ENCRYPTED, KEY.private_jwk)


@pytest.mark.parametrize(
    "token",
    [
        "no json",
        "[]",
        {},
        {"b": ["x~"]},
        {"a": []},
        {"a": "x~"},
        {"a": ["x~", "y~"]},
        {"a": [{}]},
        {"w": ["x"]},
        {"a": [None]},
    ],
)
@pytest.mark.clause("OID4VP 1.0 §8.1")
def test_a_token_that_does_not_fit_the_query_is_refused(token: Any) -> None:
    with pytest.raises(ResponseRefused):
        parse_vp_token(token, QUERY)


def test_several_are_taken_where_several_were_asked_for() -> None:
    assert len(parse_vp_token({"m": ["x~", "y~"], "w": [{"a": 1}]}, QUERY).presentations) == 3


def test_there_is_a_limit_to_presentations() -> None:
    with pytest.raises(LimitExceeded):
        parse_vp_token({"m": ["x~"] * (MAX_PRESENTATIONS + 1)}, QUERY)


def test_depth_is_limited() -> None:
    with pytest.raises(LimitExceeded):
        parse_vp_token('{"w":[' + '{"a":' * 40 + "1" + "}" * 40 + "]}", QUERY)
