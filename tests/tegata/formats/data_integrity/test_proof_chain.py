"""Proof chains: the official ones, our own, and each way in which one is broken."""

import json
from datetime import UTC, datetime

import pytest

from tegata.formats import data_integrity
from tegata.formats.credential import FormatRefused, SignatureRefused
from tegata.formats.data_integrity import suites
from tegata.formats.data_integrity.proof_chain import verify_with_previous
from tegata.identity.did import resolve_key_did
from tegata.keys import multikey
from tegata.keys.signer import Algorithm
from tegata.keys.software import SoftwareSigner
from tests.tegata.formats.data_integrity.support import COMPILED, VECTORS, issue

_FOLDER = VECTORS / "w3c" / "vc-di-eddsa" / "proof-set-chain"
NOW = datetime(2026, 4, 1, 3, tzinfo=UTC)
FIRST, SECOND = (
    "urn:uuid:11111111-1111-4111-8111-111111111111",
    "urn:uuid:22222222-2222-4222-8222-222222222222",
)


def _key(method):
    return multikey.decode(method.partition("#")[2])


def _verify(signed, proof=None):
    secured = suites.Secured(signed, COMPILED)
    for item in signed["proof"] if proof is None else [proof]:
        verify_with_previous(secured, signed["proof"], item, _key)


def _official(number):
    return json.loads((_FOLDER / f"signedProofChain{number}.json").read_text("utf-8"))


@pytest.mark.clause("VC Data Integrity 1.0 §4.5")
@pytest.mark.parametrize("number", [1, 2])
def test_every_proof_of_an_official_chain_holds(number):
    signed = _official(number)
    assert any("previousProof" in proof for proof in signed["proof"])
    assert _verify(signed) is None


@pytest.mark.clause("VC Data Integrity 1.0 §2.1.2")
@pytest.mark.parametrize("number", [1, 2])
def test_a_chain_without_one_of_its_proofs_is_refused(number):
    signed = _official(number)
    last = signed["proof"][-1]
    for missing in suites.previous_of(last):
        shorter = {**signed, "proof": [proof for proof in signed["proof"] if proof.get("id") != missing]}
        with pytest.raises(SignatureRefused, match="missing"):
            _verify(shorter, last)


def test_a_proof_holds_only_if_those_that_it_follows_do():
    signed = _official(2)
    first, *others = signed["proof"]
    other = issue()["proof"]["proofValue"]
    broken = {**signed, "proof": [{**first, "proofValue": other}, *others]}
    for proof in broken["proof"][-1:]:
        with pytest.raises((SignatureRefused, FormatRefused)):
            _verify(broken, proof)


def _signer(algorithm=Algorithm.EDDSA):
    made = SoftwareSigner.generate(algorithm)
    return made, f"did:key:{multikey.encode(made.public_key)}#{multikey.encode(made.public_key)}"


def _secure(credential, signer, method, cryptosuite="", **options):
    return data_integrity.secure(
        credential, signer, method, NOW, COMPILED, cryptosuite=cryptosuite, options=options
    )


@pytest.mark.parametrize("cryptosuite", ["eddsa-rdfc-2022", "eddsa-jcs-2022"])
@pytest.mark.clause("VC Data Integrity 1.0 §4.3")
def test_a_chain_of_our_own_is_made_and_verifies_with_every_key(cryptosuite):
    notary, method = _signer()
    credential = {key: value for key, value in issue().items() if key != "proof"}
    (issuer, issuer_method) = _signer()
    credential["issuer"] = issuer_method.partition("#")[0]
    once = _secure(credential, notary, method, cryptosuite, id=FIRST)
    twice = _secure(once, issuer, issuer_method, cryptosuite, id=SECOND, previousProof=FIRST)
    assert [proof.get("previousProof") for proof in twice["proof"]] == [None, FIRST]
    assert _verify(twice) is None
    parsed = data_integrity.parse(json.dumps(twice).encode(), COMPILED)
    keys = {"now": NOW, "holder_keys": lambda did: resolve_key_did(did).public_key}
    assert data_integrity.verify(parsed, issuer.public_key, **keys).key_id == issuer_method
    with pytest.raises(SignatureRefused, match="not known"):
        data_integrity.verify(parsed, issuer.public_key, now=NOW)
    first = {**twice["proof"][0], "created": "2026-04-01T03:00:01Z"}
    changed = json.dumps({**twice, "proof": [first, twice["proof"][1]]}).encode()
    with pytest.raises(SignatureRefused):
        data_integrity.verify(data_integrity.parse(changed, COMPILED), issuer.public_key, **keys)


def test_a_second_proof_without_a_reference_makes_a_set_and_covers_the_document_alone():
    signer, method = _signer(Algorithm.ES384)
    together = _secure(issue(), signer, method)
    assert len(together["proof"]) == 2
    assert suites.algorithm_of(together["proof"][1]) == "ES384"
    alone = {**together, "proof": [together["proof"][1]]}
    assert _verify(alone) is None


def test_a_proof_to_follow_that_is_not_there_is_refused_when_signing():
    signer, method = _signer()
    with pytest.raises(FormatRefused, match="PROOF_GENERATION_ERROR"):
        _secure(issue(), signer, method, previousProof=FIRST)


def test_proofs_that_follow_each_other_in_a_circle_are_refused():
    signer, method = _signer()
    one = _secure({**issue()}, signer, method, id=FIRST)
    circle = {**one["proof"][-1], "previousProof": FIRST}
    with pytest.raises(SignatureRefused):
        _verify({**one, "proof": [one["proof"][0], circle]}, circle)
