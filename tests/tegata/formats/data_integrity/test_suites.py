"""The cryptosuites: the W3C vectors with every intermediate value, and each way a proof can be wrong."""

import json

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from tegata.codec import base58, jcs
from tegata.formats.credential import FormatRefused, SignatureRefused
from tegata.formats.data_integrity import suites
from tegata.formats.linked_data import rdfc
from tegata.formats.linked_data.dataset import to_dataset
from tegata.formats.linked_data.json_ld import DataLoss
from tegata.keys import multikey
from tegata.keys.signer import Algorithm
from tegata.keys.software import SoftwareSigner
from tests.tegata.formats.data_integrity.support import COMPILED, SIGNERS, UNDEFINED_TERMS, VECTORS, issue

_W3C = VECTORS / "w3c"
_FOLDERS = {
    "eddsa": ("vc-di-eddsa/eddsa-rdfc-2022", "DataInt"),
    "eddsa employ": ("vc-di-eddsa/eddsa-rdfc-2022/employ", "DataInt"),
    "ecdsa": ("vc-di-ecdsa/ecdsa-rdfc-2019-p256", "ECDSAP256"),
    "ecdsa employ": ("vc-di-ecdsa/ecdsa-rdfc-2019-p256/employ", "ECDSAP256"),
    "ecdsa p384": ("vc-di-ecdsa/ecdsa-rdfc-2019-p384", "ECDSAP384"),
    "ecdsa p384 employ": ("vc-di-ecdsa/ecdsa-rdfc-2019-p384/employ", "ECDSAP384"),
    "eddsa jcs": ("vc-di-eddsa/eddsa-jcs-2022", "JCS"),
    "ecdsa jcs": ("vc-di-ecdsa/ecdsa-jcs-2019-p256", "JCSECDSAP256"),
    "ecdsa jcs p384": ("vc-di-ecdsa/ecdsa-jcs-2019-p384", "JCSECDSAP384"),
}


class Vector:
    def __init__(self, folder, ending) -> None:
        self.folder, self.ending = _W3C / folder, ending
        self.signed = self.json("signed")
        self.proof = self.signed["proof"]
        self.secured = suites.Secured(self.signed, COMPILED)
        self.key = multikey.decode(self.proof["verificationMethod"].partition("#")[2])
        self.suite = suites.suite_for(self.key, self.proof["cryptosuite"])

    def canonical(self, value):
        """The canonical text of a document or of options, as the vector's suite has it."""
        if self.suite.transformation == suites.JCS:
            return jcs.canonicalize(value).decode("utf-8")
        return rdfc.canonicalize(to_dataset(value, COMPILED).quads, self.suite.hash_factory).text

    def text(self, name):
        return (self.folder / f"{name}{self.ending}.txt").read_text("utf-8")

    def json(self, name):
        return json.loads((self.folder / f"{name}{self.ending}.json").read_text("utf-8"))


@pytest.fixture(params=_FOLDERS.values(), ids=_FOLDERS)
def vector(request):
    return Vector(*request.param)


def test_the_canonical_document_is_the_official_one(vector):
    document = {name: value for name, value in vector.signed.items() if name != "proof"}
    assert vector.canonical(document) == vector.text("canonDoc")


def test_the_canonical_options_are_the_official_ones(vector):
    assert vector.canonical(vector.json("proofConfig")) == vector.text("proofCanon")


@pytest.mark.clause("VC Data Integrity 1.0 §4.4")
def test_the_hashes_are_the_official_ones(vector):
    combined = suites.hash_data(vector.secured, vector.proof, vector.suite).hex()
    assert combined == vector.text("combinedHash") == vector.text("proofHash") + vector.text("docHash")


def test_the_proof_value_is_the_official_signature(vector):
    assert base58.decode(vector.proof["proofValue"][1:]).hex() == vector.text("sigHex")


@pytest.mark.clause("VC Data Integrity 1.0 §4.4")
def test_the_official_proof_holds(vector):
    suites.check_proof(vector.proof)
    assert suites.verify_proof(vector.secured, vector.proof, vector.key) is None


def test_a_changed_byte_of_the_signature_is_refused(vector):
    signature = base58.decode(vector.proof["proofValue"][1:])
    for index in range(0, len(signature), 3):
        changed = signature[:index] + bytes([signature[index] ^ 1]) + signature[index + 1 :]
        with pytest.raises(SignatureRefused):
            suites.verify_proof(
                vector.secured, vector.proof | {"proofValue": "z" + base58.encode(changed)}, vector.key
            )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("created", "2023-02-24T23:36:39Z"),
        ("verificationMethod", "did:key:z6Mk#other"),
        ("proofPurpose", "authentication"),
        ("expires", "2033-02-24T23:36:38Z"),
        ("domain", "a.example"),
        ("challenge", "x"),
        ("nonce", "x"),
        ("id", "urn:uuid:1"),
    ],
)
def test_a_changed_or_added_option_is_refused(vector, name, value):
    with pytest.raises(SignatureRefused):
        suites.verify_proof(vector.secured, vector.proof | {name: value}, vector.key)


@pytest.mark.parametrize("added", [{"nickname": "x"}, {"proofPurpose": "unmapped"}, {"id": "relative"}])
def test_an_option_that_would_not_be_signed_is_refused(added):
    credential = issue()
    secured = suites.Secured(credential, COMPILED)
    with pytest.raises(DataLoss):
        suites.verify_proof(secured, credential["proof"] | added, SIGNERS[Algorithm.ES256].public_key)


def test_an_unsigned_document_changes_nothing_but_its_digest(vector):
    changed = suites.Secured(vector.signed | {"name": "Another"}, COMPILED)
    with pytest.raises(SignatureRefused):
        suites.verify_proof(changed, vector.proof, vector.key)


@pytest.mark.clause("EdDSA Cryptosuites 1.0 §3.2")
@pytest.mark.parametrize("name", ["eddsa", "eddsa employ", "eddsa jcs"])
def test_the_official_ed25519_signature_is_made_again(name):
    vector = Vector(*_FOLDERS[name])
    pair = json.loads((_W3C / "vc-di-eddsa" / "keyPair.json").read_text("utf-8"))
    if pair["publicKeyMultibase"] != vector.proof["verificationMethod"].partition("#")[2]:
        pytest.fail("the vectors are made with another key")
    secret = base58.decode(pair["privateKeyMultibase"][1:])
    signer = SoftwareSigner.from_private_key(ed25519.Ed25519PrivateKey.from_private_bytes(secret[2:]))
    options = {
        key: value
        for key, value in vector.proof.items()
        if key not in {"type", "cryptosuite", "proofValue", "@context"}
    }
    assert suites.add_proof(vector.secured, options, signer, vector.proof["cryptosuite"]) == vector.proof


@pytest.mark.clause("ECDSA Cryptosuites 1.0 §3.3")
@pytest.mark.parametrize(
    ("name", "pair", "curve"),
    [
        ("ecdsa", "p256KeyPair", ec.SECP256R1()),
        ("ecdsa jcs", "p256KeyPair", ec.SECP256R1()),
        ("ecdsa p384 employ", "p384KeyPair", ec.SECP384R1()),
        ("ecdsa jcs p384", "p384KeyPair", ec.SECP384R1()),
    ],
)
def test_the_official_ecdsa_keys_sign_what_verifies(name, pair, curve):
    vector = Vector(*_FOLDERS[name])
    pair = json.loads((_W3C / "vc-di-ecdsa" / f"{pair}.json").read_text("utf-8"))
    secret = base58.decode(pair["secretKeyMultibase"][1:])
    signer = SoftwareSigner.from_private_key(ec.derive_private_key(int.from_bytes(secret[2:], "big"), curve))
    options = {"verificationMethod": vector.proof["verificationMethod"], "proofPurpose": "assertionMethod"}
    proof = suites.add_proof(vector.secured, options, signer, vector.proof["cryptosuite"])
    assert suites.algorithm_of(proof) == signer.public_key.algorithm.value
    assert suites.verify_proof(vector.secured, proof, vector.key) is None


@pytest.mark.clause("EdDSA Cryptosuites 1.0 §3.3.2")
@pytest.mark.parametrize("name", ["eddsa jcs", "ecdsa jcs"])
def test_contexts_that_were_added_behind_the_signed_ones_change_nothing_and_others_everything(name):
    vector = Vector(*_FOLDERS[name])
    contexts = vector.signed["@context"]
    more = suites.Secured({**vector.signed, "@context": [*contexts, UNDEFINED_TERMS]}, COMPILED)
    assert suites.verify_proof(more, vector.proof, vector.key) is None
    shorter = {**vector.proof, "@context": contexts[:1]}
    with pytest.raises(SignatureRefused):
        suites.verify_proof(vector.secured, shorter, vector.key)
    with pytest.raises(SignatureRefused, match="other contexts"):
        suites.verify_proof(vector.secured, {**vector.proof, "@context": contexts[::-1]}, vector.key)
    without = {key: value for key, value in vector.proof.items() if key != "@context"}
    with pytest.raises(SignatureRefused):
        suites.verify_proof(vector.secured, without, vector.key)


@pytest.mark.clause("VC Data Integrity 1.0 §4.5")
@pytest.mark.parametrize("number", [1, 2])
def test_every_proof_of_an_official_set_holds(number):
    signed = json.loads(
        (_W3C / f"vc-di-eddsa/proof-set-chain/signedProofSet{number}.json").read_text("utf-8")
    )
    secured = suites.Secured(signed, COMPILED)
    proofs = signed["proof"] if isinstance(signed["proof"], list) else [signed["proof"]]
    for proof in proofs:
        suites.check_proof(proof)
        suites.verify_proof(secured, proof, multikey.decode(proof["verificationMethod"].partition("#")[2]))
    assert len(proofs) == number


@pytest.mark.clause("VC Data Integrity 1.0 §2.1")
@pytest.mark.parametrize(
    "changes",
    [
        {"type": "Ed25519Signature2020"},
        {"type": None},
        {"type": ["DataIntegrityProof"]},
        {"cryptosuite": "ecdsa-sd-2099"},
        {"cryptosuite": None},
        {"cryptosuite": ["ecdsa-rdfc-2019"]},
        {"@context": ["https://www.w3.org/ns/credentials/v2"]},
        {"previousProof": 5},
        {"previousProof": {"id": "urn:uuid:1"}},
        {"previousProof": ["urn:uuid:1", 5]},
        {"verificationMethod": None},
        {"verificationMethod": "relative#key"},
        {"verificationMethod": "did:x:y"},
        {"verificationMethod": {"id": "did:x:y#1"}},
        {"proofPurpose": None},
        {"proofPurpose": ["assertionMethod"]},
        {"created": "yesterday"},
        {"created": 5},
        {"expires": "2026-02-30T00:00:00Z"},
        {"challenge": 5},
        {"nonce": ["x"]},
        {"domain": 5},
        {"domain": ["a.example", 5]},
        {"proofValue": None},
        {"proofValue": ""},
        {"proofValue": "z"},
        {"proofValue": "u" + "A" * 86},
        {"proofValue": "z0OIl"},
        {"proofValue": "z" + base58.encode(b"\x01" * 63)},
        {"proofValue": "z" + base58.encode(b"\x01" * 65)},
        {"proofValue": "z" + "1" * 10_000},
    ],
)
def test_a_malformed_proof_is_refused(changes):
    with pytest.raises(FormatRefused):
        suites.check_proof(issue()["proof"] | changes)


@pytest.mark.parametrize("proof", [None, "x", []])
def test_a_proof_that_is_no_object_is_refused(proof):
    with pytest.raises(FormatRefused, match="PARSING_ERROR"):
        suites.check_proof(proof)


def test_a_date_without_an_offset_is_read_as_utc():
    assert suites.check_proof(issue()["proof"] | {"created": "2026-03-01T00:00:00"}) is None


def test_a_signature_in_der_is_refused():
    credential = issue()
    secured = suites.Secured(credential, COMPILED)
    der = "z" + base58.encode(b"\x30" * 70)
    with pytest.raises(FormatRefused, match="length"):
        suites.verify_proof(
            secured, credential["proof"] | {"proofValue": der}, SIGNERS[Algorithm.ES256].public_key
        )


def test_a_key_of_another_kind_than_the_suite_is_refused():
    credential = issue()
    with pytest.raises(SignatureRefused, match="another kind"):
        suites.verify_proof(
            suites.Secured(credential, COMPILED), credential["proof"], SIGNERS[Algorithm.EDDSA].public_key
        )


def test_a_key_without_a_suite_signs_nothing():
    secured = suites.Secured(issue(), COMPILED)
    with pytest.raises(FormatRefused, match="no cryptosuite"):
        suites.add_proof(secured, {}, SoftwareSigner.generate(Algorithm.ES384), "eddsa-rdfc-2022")


@pytest.mark.clause("VC Data Integrity 1.0 §4.2")
@pytest.mark.parametrize("missing", ["verificationMethod", "proofPurpose"])
def test_a_proof_is_not_made_from_incomplete_options(missing):
    options = {"verificationMethod": "did:x:y#1", "proofPurpose": "assertionMethod"}
    del options[missing]
    with pytest.raises(FormatRefused, match="PROOF_GENERATION_ERROR"):
        suites.add_proof(suites.Secured(issue(), COMPILED), options, SIGNERS[Algorithm.ES256])


def test_the_digest_of_options_is_made_once_and_only_some_are_kept():
    kept = suites._Configurations()
    suite = suites.suite_for(SIGNERS[Algorithm.ES256].public_key)
    context = {"@context": ["https://www.w3.org/ns/credentials/v2"], "type": "DataIntegrityProof"}
    first = kept.digest(context | {"challenge": "0"}, COMPILED, suite)
    assert kept.digest(context | {"challenge": "0"}, COMPILED, suite) is first
    for number in range(suites._KEPT_CONFIGURATIONS + 10):
        kept.digest(context | {"challenge": str(number)}, COMPILED, suite)
    kept.digest(context | {"challenge": "x" * 10_000}, COMPILED, suite)
    assert len(kept._digests) == suites._KEPT_CONFIGURATIONS
