"""bbs-2023: the W3C's vectors byte for byte, the journey from issuer to verifier, and what is refused."""

import secrets

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tegata.codec import base64url, cbor
from tegata.errors import Forbidden, LimitExceeded, TegataError
from tegata.formats import data_integrity
from tegata.formats.credential import FormatRefused, SignatureRefused
from tegata.formats.data_integrity import suites
from tegata.formats.data_integrity.selective import bbs
from tegata.keys import bls
from tegata.keys.bls import BbsPublicKey, SoftwareBbsSigner
from tegata.keys.signer import DEFAULT_ALGORITHMS
from tests.tegata.formats.data_integrity.selective.vectors import (
    BBS_KEYS,
    BBS_VECTORS,
    COMPILED,
    DERIVING,
    HMAC_KEY,
    apart,
)
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
from tests.tegata.keys.bbs.support import mocked_random

_EACH = pytest.mark.parametrize("vector", BBS_VECTORS.values(), ids=BBS_VECTORS)
_VECTOR_SIGNER = SoftwareBbsSigner(bytes.fromhex(BBS_KEYS["privateKeyHex"]), secrets.token_bytes)
_SIGNER = SoftwareBbsSigner.generate(secrets.token_bytes, "document-1")
_UNSIGNED, _ = apart(issue())
_CHOSEN = ("/credentialSubject/family_name", "/credentialSubject/courses/1")
_HEADER = b"nonce"


def _secure(**options):
    options = {"allow_bbs": True, **options}
    return data_integrity.secure_selectively(
        _UNSIGNED, _SIGNER, f"{ISSUER}#document-1", ISSUED, CONTEXTS, secrets.token_bytes, **options
    )


def _derive(credential, pointers=_CHOSEN):
    return data_integrity.derive(
        credential, pointers, CONTEXTS, secrets.token_bytes, presentation_header=_HEADER
    )


def _check(credential, key=_SIGNER.public_key, algorithms=DEFAULT_ALGORITHMS | {bls.BBS}):
    parsed = data_integrity.parse(encoded(credential), CONTEXTS)
    return data_integrity.verify(parsed, key, algorithms, now=NOW, holder_keys=holder_keys)


_BASE = _secure()
_DERIVED = _derive(_BASE)


@_EACH
@pytest.mark.clause("BBS Cryptosuites 1.0 §3.4.5")
def test_the_base_proof_is_the_vector_s_byte_for_byte(vector):
    document, proof = vector.signed()
    options = {
        name: value for name, value in proof.items() if name not in ("type", "cryptosuite", "proofValue")
    }
    made = bbs.add_base_proof(
        document, options, _VECTOR_SIGNER, COMPILED, vector.mandatory, lambda _: HMAC_KEY, is_allowed=True
    )
    assert made == proof
    hashes = vector.step("addHashData")
    assert bbs.read_base(proof).header.hex() == hashes["proofHash"] + hashes["mandatoryHash"]


@_EACH
@pytest.mark.clause("BBS Cryptosuites 1.0 §3.4.6")
def test_the_derived_proof_is_the_vector_s_byte_for_byte(vector):
    document, proof = vector.signed()
    indexes, adjusted = vector.step("derivedGroupIndexes"), vector.step("derivedAdjIndexes")
    hidden = len(indexes["nonMandatoryIndexes"]) - len(adjusted["adjSelectiveIndexes"])
    # The vectors' randomness has the tag of the interface alone.
    seed = bytes.fromhex(DERIVING["pseudoRandSeedHex"])
    random = mocked_random("bls12-381-sha-256", 5 + hidden, seed, tag=b"")
    header = bytes.fromhex(DERIVING["presentationHeaderHex"])
    shown, derived = bbs.derive(document, proof, vector.selective, COMPILED, header, random)
    assert {**shown, "proof": derived} == vector.step("derivedRevealDocument")


@_EACH
@pytest.mark.clause("BBS Cryptosuites 1.0 §3.4.7")
def test_what_the_vector_derives_holds(vector):
    document, proof = apart(vector.step("derivedRevealDocument"))
    key = BbsPublicKey(bytes.fromhex(BBS_KEYS["publicKeyHex"]))
    bbs.verify_derived(suites.Secured(document, COMPILED), proof, key)
    with pytest.raises(SignatureRefused):
        bbs.verify_derived(suites.Secured(document, COMPILED), proof, _SIGNER.public_key)


def test_a_school_signs_a_learner_shows_some_of_it_and_a_university_verifies():
    verified = _check(_DERIVED)
    assert verified.claims.keys() == {"family_name", "courses"}
    assert verified.algorithm == "BBS"
    assert bbs.read_derived(_DERIVED["proof"]).presentation_header == _HEADER


def test_it_is_neither_signed_nor_accepted_unless_somebody_says_so():
    with pytest.raises(Forbidden):
        _secure(allow_bbs=False)
    with pytest.raises(SignatureRefused):
        _check(_DERIVED, algorithms=DEFAULT_ALGORITHMS)


def test_keys_and_suites_are_not_mixed():
    with pytest.raises(SignatureRefused):
        _check(_DERIVED, SIGNER.public_key)
    with pytest.raises(SignatureRefused):
        _check(issue())


@pytest.mark.clause("BBS Cryptosuites 1.0 §3.3.6")
def test_a_base_proof_is_refused_by_a_verifier_and_a_derived_one_by_a_holder():
    with pytest.raises(FormatRefused, match="another kind"):
        _check(_BASE)
    with pytest.raises(FormatRefused, match="another kind"):
        _derive(_DERIVED)


def test_two_proofs_of_one_credential_share_nothing_but_what_they_show():
    first, second = (bbs.read_derived(_derive(_BASE)["proof"]).proof for _ in range(2))
    assert {first[index : index + 16] for index in range(0, len(first), 16)}.isdisjoint(
        second[index : index + 16] for index in range(0, len(second), 16)
    )


@pytest.mark.parametrize("head", range(4, 10))
def test_options_that_are_not_here_are_refused_by_name(head):
    value = "u" + base64url.encode(bytes([0xD9, 0x5D, head]) + cbor.dumps([b"x"]))
    with pytest.raises(FormatRefused, match=r"holder binding|pseudonym"):
        _check({**_DERIVED, "proof": {**_DERIVED["proof"], "proofValue": value}})


def _with_elements(change):
    data = base64url.decode(_DERIVED["proof"]["proofValue"][1:])
    elements = cbor.loads(data[3:])
    change(elements)
    value = "u" + base64url.encode(data[:3] + cbor.dumps(elements))
    return {**_DERIVED, "proof": {**_DERIVED["proof"], "proofValue": value}}


@pytest.mark.parametrize(
    "change",
    [
        lambda elements: elements.pop(),
        lambda elements: elements.append(1),
        lambda elements: elements.__setitem__(0, elements[0][:-32]),
        lambda elements: elements.__setitem__(0, elements[0][:-1]),
        lambda elements: elements.__setitem__(0, b""),
        lambda elements: elements[1].popitem(),
        lambda elements: elements[1].__setitem__(99, 99),
        lambda elements: elements[1].__setitem__(0, elements[1][1]),
        lambda elements: elements[1].__setitem__(0, -1),
        lambda elements: elements[1].__setitem__(0, 77),
        lambda elements: elements[1].__setitem__(0, b"0"),
        lambda elements: elements[2].pop(),
        lambda elements: elements[2].append(4_000),
        lambda elements: elements[3].pop(),
        lambda elements: elements[3].reverse(),
        lambda elements: elements[3].__setitem__(0, 2_048),
        lambda elements: elements.__setitem__(4, b"other"),
    ],
)
def test_a_proof_with_other_elements_is_refused(change):
    with pytest.raises((SignatureRefused, FormatRefused)):
        _check(_with_elements(change))


_DATA = base64url.decode(_DERIVED["proof"]["proofValue"][1:])


@given(st.integers(0, len(_DATA) - 1), st.integers(1, 255))
def test_no_byte_of_a_proof_may_change(place, change):
    data = bytearray(_DATA)
    data[place] ^= change
    proof = {**_DERIVED["proof"], "proofValue": "u" + base64url.encode(bytes(data))}
    with pytest.raises(TegataError):
        _check({**_DERIVED, "proof": proof})


@given(
    st.one_of(st.text(max_size=80), st.binary(max_size=80).map(lambda data: "u2V0D" + base64url.encode(data)))
)
def test_whatever_is_no_proof_value_is_refused_with_an_error_of_ours(value):
    with pytest.raises(TegataError):
        _check({**_DERIVED, "proof": {**_DERIVED["proof"], "proofValue": value}})


def test_a_long_proof_value_is_not_read():
    with pytest.raises(LimitExceeded):
        _check({**_DERIVED, "proof": {**_DERIVED["proof"], "proofValue": "u" + "A" * 300_000}})


def test_whatever_is_shown_cannot_be_changed():
    changed = {**_DERIVED, "credentialSubject": {**_DERIVED["credentialSubject"], "family_name": "高橋"}}
    with pytest.raises(SignatureRefused):
        _check(changed)
    less = {name: value for name, value in _DERIVED.items() if name != "validUntil"}
    with pytest.raises((SignatureRefused, FormatRefused)):
        _check(less)
