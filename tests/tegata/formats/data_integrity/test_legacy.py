"""Old forms: read by who was told to, byte for byte as the W3C's vector has it, and never written."""

import json

import pytest

from tegata.codec import base58
from tegata.formats import data_integrity
from tegata.formats.credential import Expected, FormatRefused, NotValidNow, SignatureRefused
from tegata.formats.data_integrity import Contexts, suites
from tegata.formats.linked_data import rdfc
from tegata.formats.linked_data.dataset import to_dataset
from tegata.formats.vcdm import model
from tegata.formats.vcdm.legacy import Legacy
from tegata.identity.did import did_key, resolve_key_did
from tegata.keys import multikey
from tegata.keys.signer import Algorithm
from tegata.keys.software import SoftwareSigner
from tests.tegata.formats.data_integrity.support import CONTEXTS, ISSUED, NOW, PINNED, VECTORS

_FOLDER = VECTORS / "w3c" / "vc-di-eddsa" / "Ed25519Signature2020"
_OLD_TERMS = "https://w3id.org/security/suites/ed25519-2020/v1"
_DATA_INTEGRITY = "https://w3id.org/security/data-integrity/v2"
_ALL = Contexts.of(
    {
        **CONTEXTS,
        model.BASE_CONTEXT_1_1: (PINNED / "credentials-v1.jsonld").read_bytes(),
        _OLD_TERMS: (PINNED / "ed25519-2020-v1.jsonld").read_bytes(),
        _DATA_INTEGRITY: (PINNED / "data-integrity-v2.jsonld").read_bytes(),
    }
)
_ED25519 = frozenset({Legacy.ED25519_SIGNATURE_2020})
_VCDM_1_1 = frozenset({Legacy.VCDM_1_1})
_SIGNED = json.loads((_FOLDER / "signedEdSig.json").read_text("utf-8"))
_KEY = multikey.decode(_SIGNED["proof"]["verificationMethod"].partition("#")[2])


def _bytes(document):
    return json.dumps(document).encode()


def _text(name):
    return (_FOLDER / f"{name}EdSig.txt").read_text("utf-8")


def _parse(document, legacy=_ED25519):
    return data_integrity.parse(_bytes(document), _ALL, legacy=legacy)


@pytest.mark.clause("EdDSA Cryptosuites 1.0 §B.1")
def test_every_value_on_the_way_is_the_official_one():
    parsed = _parse(_SIGNED)
    suite = suites.suite_for(_KEY, Legacy.ED25519_SIGNATURE_2020)
    options = json.loads((_FOLDER / "proofConfigEdSig.json").read_text("utf-8"))
    assert rdfc.canonicalize(parsed.secured.quads, suite.hash_factory).text == _text("canonDoc")
    assert rdfc.canonicalize(to_dataset(options, _ALL).quads, suite.hash_factory).text == _text("proofCanon")
    combined = suites.hash_data(parsed.secured, parsed.proofs[0], suite).hex()
    assert combined == _text("combinedHash") == _text("proofHash") + _text("docHash")
    assert base58.decode(_SIGNED["proof"]["proofValue"][1:]).hex() == _text("sigHex")
    suites.verify_proof(parsed.secured, parsed.proofs[0], _KEY)


def test_the_key_that_it_names_is_of_ed25519():
    reference = _parse(_SIGNED).key_reference
    assert reference.algorithm == Algorithm.EDDSA.value
    assert reference.verification_method == _SIGNED["proof"]["verificationMethod"]


def test_an_old_proof_is_refused_by_who_was_not_told_to_read_it():
    for legacy in (frozenset(), _VCDM_1_1):
        with pytest.raises(FormatRefused, match="PROOF_TRANSFORMATION_ERROR"):
            _parse(_SIGNED, legacy)


@pytest.mark.parametrize(
    "change",
    [
        {"name": "Another Credential"},
        {"credentialSubject": {"id": "did:example:abcdefgh", "alumniOf": "Another School"}},
        {"proof": {**_SIGNED["proof"], "created": "2023-02-24T23:36:39Z"}},
    ],
    ids=["name", "subject", "date of the proof"],
)
def test_whatever_is_changed_after_signing_is_refused(change):
    parsed = _parse({**_SIGNED, **change})
    with pytest.raises(SignatureRefused):
        suites.verify_proof(parsed.secured, parsed.proofs[0], _KEY)


def test_an_old_proof_with_a_cryptosuite_is_neither_of_the_two():
    with pytest.raises(FormatRefused, match="cryptosuite"):
        _parse({**_SIGNED, "proof": {**_SIGNED["proof"], "cryptosuite": "eddsa-rdfc-2022"}})


def test_nothing_is_ever_signed_the_old_way():
    signer = SoftwareSigner.generate(Algorithm.EDDSA)
    with pytest.raises(FormatRefused, match="PROOF_GENERATION_ERROR"):
        data_integrity.secure(
            {name: value for name, value in _SIGNED.items() if name != "proof"},
            signer,
            f"{did_key(signer.public_key)}#x",
            ISSUED,
            _ALL,
            cryptosuite=Legacy.ED25519_SIGNATURE_2020,
        )


# --- VCDM 1.1 with a proof of today ---

_SIGNER = SoftwareSigner.generate(Algorithm.EDDSA)
_DID = did_key(_SIGNER.public_key)
_METHOD = f"{_DID}#{_DID.removeprefix('did:key:')}"
_CREDENTIAL_1_1 = {
    "@context": [model.BASE_CONTEXT_1_1, _DATA_INTEGRITY],
    "id": "urn:uuid:58172aac-d8ba-11ed-83dd-0b3aef56cc33",
    "type": ["VerifiableCredential"],
    "issuer": _DID,
    "issuanceDate": "2026-03-01T00:00:00Z",
    "expirationDate": "2026-04-01T00:00:00Z",
    "credentialSubject": {"id": "did:example:abcdefgh"},
}


def _secure_1_1(**changes):
    document = {**_CREDENTIAL_1_1, **changes}
    return data_integrity.secure(document, _SIGNER, _METHOD, ISSUED, _ALL, legacy=_VCDM_1_1)


def _verify(document, now=NOW, expected=Expected()):  # noqa: B008  frozen
    parsed = _parse(document, _VCDM_1_1)
    key = resolve_key_did(parsed.key_reference.verification_method).public_key
    return data_integrity.verify(parsed, key, now=now, expected=expected)


@pytest.mark.clause("VCDM 1.1 §4.6")
def test_a_credential_of_1_1_is_verified_with_its_own_dates():
    verified = _verify(_secure_1_1())
    assert verified.valid_from is not None
    assert verified.valid_until is not None
    assert (verified.valid_from.month, verified.valid_until.month) == (3, 4)
    with pytest.raises(NotValidNow):
        _verify(_secure_1_1(), now=NOW.replace(month=5))


def test_a_credential_of_1_1_is_refused_by_who_was_not_told_to_read_it():
    secured = _secure_1_1()
    with pytest.raises(FormatRefused, match="credentials/v2"):
        _parse(secured, frozenset())
    with pytest.raises(FormatRefused, match="credentials/v2"):
        data_integrity.secure(_CREDENTIAL_1_1, _SIGNER, _METHOD, ISSUED, _ALL)


def test_nothing_of_a_credential_of_1_1_is_dropped_silently():
    with pytest.raises(FormatRefused):
        _secure_1_1(validFrom="2026-03-01T00:00:00Z", unheardOf="x")


def test_presentations_hold_credentials_of_1_1_for_who_reads_them():
    presentation = {
        "@context": [model.BASE_CONTEXT],
        "type": ["VerifiablePresentation"],
        "verifiableCredential": [_secure_1_1()],
    }
    data = _bytes(presentation)
    _, parsed = data_integrity.parse_mixed_presentation(data, _ALL, legacy=_VCDM_1_1)
    assert [item.issuer for item in parsed] == [_DID]
    with pytest.raises(FormatRefused):
        data_integrity.parse_mixed_presentation(data, _ALL)
