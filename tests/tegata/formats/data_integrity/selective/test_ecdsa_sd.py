"""ecdsa-sd-2023: the W3C's vectors, the journey from issuer to verifier, and what is refused."""

import secrets

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tegata.codec import base64url, cbor
from tegata.errors import TegataError
from tegata.formats import data_integrity
from tegata.formats.credential import FormatRefused, SignatureRefused
from tegata.formats.data_integrity import suites
from tegata.formats.data_integrity.selective import ecdsa_sd
from tegata.formats.data_integrity.selective.pointers import PointerRefused
from tegata.keys import multikey
from tegata.keys.signer import Algorithm
from tests.tegata.formats.data_integrity.selective.vectors import (
    COMPILED,
    ECDSA_VECTORS,
    HMAC_KEY,
    KEYS,
    apart,
)
from tests.tegata.formats.data_integrity.support import (
    CONTEXTS,
    HOLDER,
    ISSUED,
    ISSUER,
    SIGNER,
    SIGNERS,
    check,
    check_presentation,
    issue,
    present,
)

_EACH = pytest.mark.parametrize("vector", ECDSA_VECTORS.values(), ids=ECDSA_VECTORS)
_KEY = multikey.decode(KEYS["baseKeyPair"]["publicKeyMultibase"])
_UNSIGNED, _ = apart(issue())
_CHOSEN = ("/credentialSubject/family_name", "/credentialSubject/courses/1")


def _secure(credential=_UNSIGNED, signer=SIGNER, **options):
    method = f"{ISSUER}#document-1"
    return data_integrity.secure_selectively(
        credential, signer, method, ISSUED, CONTEXTS, secrets.token_bytes, **options
    )


def _derive(credential, pointers=_CHOSEN):
    return data_integrity.derive(credential, pointers, CONTEXTS, secrets.token_bytes)


_BASE = _secure()
_DERIVED = _derive(_BASE)


@_EACH
@pytest.mark.clause("ECDSA Cryptosuites 1.0 §3.6.4")
def test_what_is_signed_is_what_the_vector_signs(vector):
    document, proof = vector.signed()
    base, hashes = ecdsa_sd.read_base(proof), vector.step("addHashData")
    assert suites.options_digest(proof, document, COMPILED).hex() == hashes["proofHash"]
    once = base.public_key
    data = bytes.fromhex(hashes["proofHash"]) + once + bytes.fromhex(hashes["mandatoryHash"])
    assert multikey.encode(multikey.from_bytes(once)) == KEYS["proofKeyPair"]["publicKeyMultibase"]
    _KEY.verify(base.signature, data)
    assert base.hmac_key == HMAC_KEY
    assert list(base.mandatory_pointers) == vector.mandatory


@_EACH
@pytest.mark.clause("ECDSA Cryptosuites 1.0 §3.6.6")
def test_what_is_derived_is_what_the_vector_derives(vector):
    document, proof = vector.signed()
    shown, derived = ecdsa_sd.derive(document, proof, vector.selective, COMPILED)
    assert {**shown, "proof": derived} == vector.step("derivedRevealDocument")


@_EACH
@pytest.mark.clause("ECDSA Cryptosuites 1.0 §3.6.7")
def test_what_the_vector_derives_holds(vector):
    document, proof = apart(vector.step("derivedRevealDocument"))
    ecdsa_sd.verify_derived(suites.Secured(document, COMPILED), proof, _KEY)
    lines = vector.step("verifyNQuads")
    assert lines
    for name in ("name", "description"):
        changed = suites.Secured({**document, name: "changed"}, COMPILED)
        with pytest.raises((SignatureRefused, FormatRefused)):
            ecdsa_sd.verify_derived(changed, proof, _KEY)


def test_a_school_signs_a_learner_shows_some_of_it_and_a_university_verifies():
    verified = check(_DERIVED)
    assert verified.claims.keys() == {"family_name", "courses"}
    assert len(verified.claims["courses"]) == 1
    assert verified.algorithm == "ES256"
    assert _DERIVED["issuer"] == _UNSIGNED["issuer"]
    assert _DERIVED["credentialStatus"] == _UNSIGNED["credentialStatus"]


def test_what_was_derived_is_presented_by_its_holder():
    (verified,) = check_presentation(present(_DERIVED, holder=HOLDER))
    assert verified.holder_proven
    assert "department" not in verified.claims


def test_everything_may_be_shown():
    shown = _derive(_BASE, [""])
    assert check(shown).claims == check(issue()).claims


def test_more_may_be_mandatory_and_nothing_selected():
    base = _secure(mandatory_pointers=["/issuer", "/credentialSubject/graduation_date"])
    shown = _derive(base, [])
    assert check(shown).claims == {"graduation_date": "2026-03-01"}
    assert "validFrom" not in shown


@pytest.mark.clause("ECDSA Cryptosuites 1.0 §3.5.8")
def test_a_base_proof_is_refused_by_a_verifier():
    with pytest.raises(FormatRefused, match="another kind"):
        check(_BASE)


def test_what_was_derived_is_not_derived_from_again():
    with pytest.raises(FormatRefused):
        _derive(_DERIVED)
    with pytest.raises(FormatRefused, match="no proof"):
        _derive(issue())


def test_only_keys_on_p_256_sign():
    with pytest.raises(FormatRefused):
        _secure(signer=SIGNERS[Algorithm.EDDSA])


def test_another_school_s_key_does_not_verify():
    with pytest.raises(SignatureRefused):
        check(_DERIVED, HOLDER)
    with pytest.raises(SignatureRefused):
        check(_DERIVED, SIGNERS[Algorithm.EDDSA])


@pytest.mark.parametrize("pointers", [["/credentialSubject/nickname"], ["credentialSubject"], ["/issuer/0"]])
def test_a_pointer_at_nothing_is_refused(pointers):
    with pytest.raises(PointerRefused):
        _derive(_BASE, pointers)
    with pytest.raises(PointerRefused):
        _secure(mandatory_pointers=pointers)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("credentialSubject", "family_name"), "高橋"),
        (("credentialSubject", "courses"), [{"credits": 4}]),
        (("credentialSubject", "courses"), [{"credits": 3}, {"credits": 4}]),
        (("credentialSubject", "id"), "did:key:zDnaepBuvsQ8cpsWrVKw8fbpGpvPeNSjVPTWoq6cRqaYzBKVP"),
        (("credentialSubject", "department"), "普通科"),
        (("validUntil",), "2030-01-01T00:00:00Z"),
        (("proof", "created"), "2026-03-01T00:00:01Z"),
        (("proof", "challenge"), "x"),
    ],
)
def test_whatever_is_changed_is_refused(path, value):
    changed = {**_DERIVED, path[0]: value} if len(path) == 1 else None
    changed = changed or {**_DERIVED, path[0]: {**_DERIVED[path[0]], path[1]: value}}
    with pytest.raises((SignatureRefused, FormatRefused)):
        check(changed)


@pytest.mark.parametrize("missing", ["validUntil", "credentialStatus"])
def test_what_is_mandatory_cannot_be_left_out(missing):
    less = {name: value for name, value in _DERIVED.items() if name != missing}
    with pytest.raises((SignatureRefused, FormatRefused)):
        check(less)


def _with_elements(change):
    data = base64url.decode(_DERIVED["proof"]["proofValue"][1:])
    elements = cbor.loads(data[3:])
    changed = change(elements)
    value = "u" + base64url.encode(data[:3] + cbor.dumps(elements if changed is None else changed))
    return {**_DERIVED, "proof": {**_DERIVED["proof"], "proofValue": value}}


@pytest.mark.parametrize(
    "change",
    [
        lambda elements: elements.pop(),
        lambda elements: elements.append(1),
        lambda elements: elements.__setitem__(0, bytes(64)),
        lambda elements: elements.__setitem__(0, bytes(63)),
        lambda elements: elements.__setitem__(1, bytes(35)),
        lambda elements: elements.__setitem__(1, bytes(36)),
        lambda elements: elements[2].pop(),
        lambda elements: elements[2].reverse(),
        lambda elements: elements[2].append(elements[2][0]),
        lambda elements: elements[2].__setitem__(0, "x"),
        lambda elements: elements[3].popitem(),
        lambda elements: elements[3].__setitem__(99, bytes(32)),
        lambda elements: elements[3].__setitem__("0", bytes(32)),
        lambda elements: elements[3].__setitem__(0, elements[3][1]),
        lambda elements: elements[3].__setitem__(0, bytes(31)),
        lambda elements: elements[4].reverse(),
        lambda elements: elements[4].append(elements[4][-1]),
        lambda elements: elements[4].append(4_095),
        lambda elements: elements[4].append(-1),
        lambda elements: elements[4].pop(),
        lambda elements: elements.__setitem__(4, [True]),
        lambda elements: cbor.Tag(64, elements[0]),
        lambda elements: {0: elements},
    ],
)
def test_a_proof_with_other_elements_is_refused(change):
    with pytest.raises((SignatureRefused, FormatRefused)):
        check(_with_elements(change))


_DATA = base64url.decode(_DERIVED["proof"]["proofValue"][1:])


@given(st.integers(0, len(_DATA) - 1), st.integers(1, 255))
def test_no_byte_of_a_proof_may_change(place, change):
    data = bytearray(_DATA)
    data[place] ^= change
    proof = {**_DERIVED["proof"], "proofValue": "u" + base64url.encode(bytes(data))}
    with pytest.raises(TegataError):
        check({**_DERIVED, "proof": proof})


@given(
    st.one_of(st.text(max_size=80), st.binary(max_size=80).map(lambda data: "u2V0B" + base64url.encode(data)))
)
def test_whatever_is_no_proof_value_is_refused_with_an_error_of_ours(value):
    with pytest.raises(TegataError):
        check({**_DERIVED, "proof": {**_DERIVED["proof"], "proofValue": value}})


def test_two_credentials_of_one_document_have_no_label_in_common():
    first, second = (_derive(_secure())["proof"]["proofValue"] for _ in range(2))
    labels = [
        set(ecdsa_sd.read_derived({"proofValue": value}).label_map.values()) for value in (first, second)
    ]
    assert labels[0].isdisjoint(labels[1])
