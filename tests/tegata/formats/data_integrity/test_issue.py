"""Issuing: what a sealed credential says, and what is refused before anything is signed."""

import json
import secrets
from dataclasses import replace
from datetime import timedelta

import pytest

from schemas import catalogue, samples
from tegata.codec import base64url
from tegata.errors import LimitExceeded
from tegata.formats import data_integrity
from tegata.formats.credential import FormatRefused, TypeNames
from tegata.formats.data_integrity import ContextRefused, DataLoss, suites
from tegata.identity.did import did_jwk, did_key
from tegata.keys.signer import Algorithm, PublicKey
from tegata.keys.software import SoftwareSigner
from tests.tegata.formats.data_integrity.support import (
    CONTEXTS,
    DOCUMENT,
    HOLDER,
    ISSUED,
    ISSUER,
    NOW,
    SCHOOL_CONTEXT,
    SIGNER,
    SIGNERS,
    V2,
    check,
    holder_keys,
    issue,
)


def test_a_sealed_credential_says_what_the_document_says():
    credential = issue()
    proof = credential.pop("proof")
    assert credential == {
        "@context": [V2, SCHOOL_CONTEXT],
        "id": DOCUMENT.identifier,
        "type": ["VerifiableCredential", "GraduationCredential"],
        "issuer": {
            "id": ISSUER,
            "name": [
                {"@value": "見本高等学校", "@language": "ja"},
                {"@value": "Sample High School", "@language": "en"},
            ],
        },
        "validFrom": "2026-03-01T00:00:00Z",
        "validUntil": "2026-05-30T00:00:00Z",
        "credentialStatus": [
            {
                "type": "BitstringStatusListEntry",
                "statusPurpose": "revocation",
                "statusListIndex": "94567",
                "statusListCredential": "https://school.example/r",
            },
            {
                "type": "BitstringStatusListEntry",
                "statusPurpose": "suspension",
                "statusListIndex": "94567",
                "statusListCredential": "https://school.example/s",
            },
        ],
        "credentialSubject": {"id": did_key(HOLDER.public_key), **DOCUMENT.claims},
    }
    assert proof.pop("proofValue").startswith("z")
    assert proof == {
        "type": "DataIntegrityProof",
        "cryptosuite": "ecdsa-rdfc-2019",
        "created": "2026-03-01T00:00:00Z",
        "verificationMethod": f"{ISSUER}#document-1",
        "proofPurpose": "assertionMethod",
    }


@pytest.mark.parametrize(
    ("algorithm", "suite"), [(Algorithm.ES256, "ecdsa-rdfc-2019"), (Algorithm.EDDSA, "eddsa-rdfc-2022")]
)
def test_the_signer_decides_the_suite(algorithm, suite):
    credential = issue(SIGNERS[algorithm])
    assert credential["proof"]["cryptosuite"] == suite
    assert check(credential, SIGNERS[algorithm]).algorithm == algorithm.value


def test_a_master_is_bound_to_nobody():
    credential = issue(holder=None)
    assert "id" not in credential["credentialSubject"]
    assert check(credential).holder_key is None


def test_what_a_document_does_not_have_is_left_out():
    credential = issue(identifier=None, status=None, valid_until=None, issuer_name={})
    assert credential.keys() == {
        "@context",
        "type",
        "issuer",
        "validFrom",
        "credentialSubject",
        "proof",
    }
    assert credential["issuer"] == {"id": ISSUER}


def test_a_holder_that_is_named_by_the_did_jwk_of_its_key_keeps_that_name():
    did = did_jwk(HOLDER.public_key)
    key = holder_keys(f"{did}#0")
    prepared = data_integrity.prepare(DOCUMENT, key, secrets.token_bytes, NOW, CONTEXTS)
    assert prepared.credential["credentialSubject"]["id"] == did


@pytest.mark.parametrize(
    "name",
    [
        did_jwk(SoftwareSigner.generate().public_key),
        did_key(SoftwareSigner.generate().public_key),
        "did:jwk:" + base64url.encode(b'{"kty":"EC"}'),
        "did:jwk:!",
        "did:jwk:" + base64url.encode(b"{"),
        "key-1",
    ],
    ids=lambda name: name[:8],
)
def test_a_key_that_calls_itself_by_another_name_is_bound_by_its_own(name):
    key = PublicKey(HOLDER.public_key.algorithm, HOLDER.public_key.material, name)
    prepared = data_integrity.prepare(DOCUMENT, key, secrets.token_bytes, NOW, CONTEXTS)
    assert prepared.credential["credentialSubject"]["id"] == did_key(HOLDER.public_key)


def test_a_credential_is_not_made_before_its_start():
    with pytest.raises(FormatRefused, match="start"):
        issue(valid_from=NOW + timedelta(seconds=1))


@pytest.mark.parametrize(
    ("claims", "error"),
    [
        ({"id": "did:x:y"}, FormatRefused),
        ({"type": "GraduationCredential"}, FormatRefused),
        ({"nickname": "x"}, DataLoss),
        ({"family_name": None}, DataLoss),
        ({"courses": []}, DataLoss),
        ({"courses": [4.3]}, DataLoss),
        ({"family_name": "a\x00"}, FormatRefused),
        ({"@context": "https://unknown.example/"}, ContextRefused),
        ({}, FormatRefused),
        ({"courses": [{"credits": n} for n in range(6_000)]}, LimitExceeded),
    ],
)
def test_claims_that_would_not_be_signed_as_they_are_are_refused(claims, error):
    document = replace(DOCUMENT, claims=claims)
    with pytest.raises(error):
        data_integrity.seal(
            data_integrity.prepare(document, None, secrets.token_bytes, NOW, CONTEXTS), SIGNER
        )


@pytest.mark.parametrize(
    ("names", "error"),
    [
        (TypeNames("", "", (), ("VerifiableCredential",), ()), FormatRefused),
        (TypeNames("", "", (SCHOOL_CONTEXT, V2), ("VerifiableCredential",), ()), FormatRefused),
        (TypeNames("", "", (V2, "https://unknown.example/1"), ("VerifiableCredential",), ()), ContextRefused),
        (TypeNames("", "", (V2, SCHOOL_CONTEXT), ("GraduationCredential",), ()), FormatRefused),
        (TypeNames("", "", (V2, SCHOOL_CONTEXT), ("VerifiableCredential", "Unmapped"), ()), DataLoss),
    ],
)
def test_names_that_are_wrong_are_refused(names, error):
    with pytest.raises(error):
        issue(names=names)


def test_an_issuer_that_is_no_url_and_dates_in_the_wrong_order_are_refused():
    with pytest.raises(FormatRefused, match="issuer"):
        issue(issuer_did="school")
    with pytest.raises(FormatRefused, match="validUntil"):
        issue(valid_until=ISSUED - timedelta(seconds=1))


def test_a_p384_key_seals_with_its_longer_hash():
    sealed = issue(SoftwareSigner.generate(Algorithm.ES384))
    assert sealed["proof"]["cryptosuite"] == "ecdsa-rdfc-2019"
    assert suites.algorithm_of(sealed["proof"]) == "ES384"


def test_another_credential_is_secured_the_same_way():
    unsecured = issue()
    del unsecured["proof"]
    secured = data_integrity.secure(unsecured, SIGNER, f"{ISSUER}#document-1", ISSUED, CONTEXTS)
    assert {name: value for name, value in secured.items() if name != "proof"} == unsecured
    assert check(secured).issuer == ISSUER
    with pytest.raises(FormatRefused):
        data_integrity.secure({**unsecured, "issuer": "x"}, SIGNER, f"{ISSUER}#document-1", ISSUED, CONTEXTS)


@pytest.mark.parametrize("name", [document.name for document in catalogue.load().documents])
def test_every_document_of_the_catalogue_is_sealed_and_verified(name):
    definition = catalogue.load().get(name)
    names = TypeNames("", "", definition.contexts, definition.types, ())
    document = replace(DOCUMENT, names=names, claims=samples.load(definition))
    contexts = catalogue.contexts()
    sealed = data_integrity.seal(
        data_integrity.prepare(document, HOLDER.public_key, secrets.token_bytes, NOW, contexts), SIGNER
    )
    verified = data_integrity.verify(data_integrity.parse(sealed, contexts), SIGNER.public_key, now=NOW)
    assert verified.claims == samples.load(definition)
    assert catalogue.load().find_by_types(verified.types) == definition
    assert json.loads(sealed)["credentialSubject"]["id"].startswith("did:key:")
