"""ecdsa-sd-2023 and bbs-2023 with the suites of Digital Bazaar: each signs, derives and verifies what the other made."""

import json
import secrets

import pytest

from tegata.formats import data_integrity
from tegata.keys import bls, multikey
from tegata.keys.bls import SoftwareBbsSigner
from tegata.keys.signer import DEFAULT_ALGORITHMS
from tests.conformance.peers import run
from tests.conformance.test_digitalbazaar import _contexts
from tests.tegata.formats.data_integrity.support import (
    CONTEXTS,
    ISSUED,
    ISSUER,
    NOW,
    SIGNER,
    encoded,
    holder_keys,
    issue,
)

pytestmark = pytest.mark.node

_METHOD = f"{ISSUER}#key-1"
_BBS_SIGNER = SoftwareBbsSigner.generate(secrets.token_bytes)
_SIGNERS = {"ecdsa-sd-2023": SIGNER, "bbs-2023": _BBS_SIGNER}
_UNSIGNED = {name: value for name, value in issue().items() if name != "proof"}
_MANDATORY = ["/issuer", "/validFrom", "/credentialSubject/id"]
_SELECTED = ["/credentialSubject/family_name", "/credentialSubject/courses/1"]
_EACH = pytest.mark.parametrize("suite", _SIGNERS)


def _ask(suite, *cases: object, public_key=None):
    key = public_key or (
        bls.encode(_BBS_SIGNER.public_key) if suite == "bbs-2023" else multikey.encode(SIGNER.public_key)
    )
    method = {"id": _METHOD, "type": "Multikey", "controller": ISSUER, "publicKeyMultibase": key}
    document = {
        "@context": ["https://www.w3.org/ns/did/v1", "https://w3id.org/security/multikey/v1"],
        "id": ISSUER,
        "verificationMethod": [method],
        "assertionMethod": [_METHOD],
    }
    request = {
        "contexts": _contexts(),
        "didDocuments": {ISSUER: document},
        "now": "2026-03-02T09:00:00Z",
        "cases": cases,
    }
    return run("selective_w3c.mjs", request)


def _ours(suite):
    return data_integrity.secure_selectively(
        _UNSIGNED,
        _SIGNERS[suite],
        _METHOD,
        ISSUED,
        CONTEXTS,
        secrets.token_bytes,
        mandatory_pointers=_MANDATORY,
        allow_bbs=True,
    )


def _derived(credential):
    return data_integrity.derive(credential, _SELECTED, CONTEXTS, secrets.token_bytes)


def _verified(credential, key):
    parsed = data_integrity.parse(encoded(credential), CONTEXTS)
    algorithms = DEFAULT_ALGORITHMS | {bls.BBS}
    return data_integrity.verify(parsed, key, algorithms, now=NOW, holder_keys=holder_keys)


@_EACH
def test_what_we_derive_they_verify_and_what_was_changed_they_refuse(suite):
    derived = _derived(_ours(suite))
    changed = json.loads(json.dumps(derived))
    changed["credentialSubject"]["family_name"] = "高橋"
    base = _ours(suite)
    results = _ask(suite, *({"do": "verify", "document": item} for item in (derived, changed, base)))
    assert results[0] == {"verified": True, "error": ""}
    assert [result["verified"] for result in results[1:]] == [False, False]


@_EACH
def test_what_they_derive_from_our_proof_holds(suite):
    (result,) = _ask(suite, {"do": "derive", "document": _ours(suite), "pointers": _SELECTED})
    verified = _verified(result["document"], _SIGNERS[suite].public_key)
    assert verified.claims.keys() == {"family_name", "courses"}


@_EACH
def test_what_they_sign_we_derive_from_and_both_verify(suite):
    case = {"do": "sign", "suite": suite, "document": _UNSIGNED, "pointers": _MANDATORY, "method": _METHOD}
    (signed,) = _ask(suite, case)
    key = (bls if suite == "bbs-2023" else multikey).decode(signed["publicKey"])
    derived = _derived(signed["document"])
    assert _verified(derived, key).claims.keys() == {"family_name", "courses"}
    (result,) = _ask(suite, {"do": "verify", "document": derived}, public_key=signed["publicKey"])
    assert result == {"verified": True, "error": ""}
