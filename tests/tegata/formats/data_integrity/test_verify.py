"""Verifying: each check fails alone, for a credential and for the holder's proof."""

import copy
import json
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from tegata.errors import MalformedInput
from tegata.formats.credential import (
    Expected,
    FormatRefused,
    HolderBindingRefused,
    NotValidNow,
    SignatureRefused,
)
from tegata.formats.data_integrity import suites
from tegata.identity.did import did_jwk, did_key
from tegata.keys import jwk
from tegata.keys.signer import Algorithm
from tegata.keys.software import SoftwareSigner
from tests.tegata.formats.data_integrity.support import (
    CLIENT,
    COMPILED,
    DOCUMENT,
    EXPECTED,
    HOLDER,
    ISSUED,
    ISSUER,
    NONCE,
    NOW,
    SIGNER,
    SIGNERS,
    VOCABULARY,
    check,
    check_presentation,
    holder_keys,
    issue,
    present,
)

STRANGER = SoftwareSigner.generate(Algorithm.ES256, "document-1")


def resigned(document, signer=SIGNER, **options):
    """Sign a document again with other options."""
    proof = {name: value for name, value in document["proof"].items() if name != "proofValue"} | options
    proof = {name: value for name, value in proof.items() if value is not None}
    del proof["type"], proof["cryptosuite"]
    return document | {"proof": suites.add_proof(suites.Secured(document, COMPILED), proof, signer)}


# --- credentials ---


@pytest.mark.parametrize("signer", SIGNERS.values(), ids=SIGNERS)
def test_a_sealed_credential_verifies(signer):
    verified = check(issue(signer), signer)
    assert verified.format == "ldp_vc"
    assert verified.issuer == ISSUER
    assert verified.types == (
        "https://www.w3.org/2018/credentials#VerifiableCredential",
        f"{VOCABULARY}GraduationCredential",
    )
    assert verified.claims == DOCUMENT.claims
    assert verified.key_id == f"{ISSUER}#document-1"
    assert (verified.issued_at, verified.valid_from, verified.valid_until) == (
        ISSUED,
        ISSUED,
        DOCUMENT.valid_until,
    )
    assert isinstance(verified.status, tuple)
    assert [entry["statusPurpose"] for entry in verified.status] == ["revocation", "suspension"]
    assert verified.raw["credentialSubject"]["family_name"] == "髙橋"
    assert jwk.thumbprint(verified.holder_key) == jwk.thumbprint(HOLDER.public_key)
    assert not verified.holder_proven


def test_without_a_way_to_read_dids_no_holder_is_named():
    assert check(issue(), holder_keys=None).holder_key is None


def test_a_subject_that_is_named_by_no_key_is_bound_to_none():
    credential = issue()
    credential["credentialSubject"]["id"] = "urn:uuid:1"
    assert check(resigned(credential)).holder_key is None


def test_of_several_subjects_none_is_the_subject():
    credential = issue()
    credential["credentialSubject"] = [{"family_name": "a"}, {"family_name": "b"}]
    verified = check(resigned(credential))
    assert verified.claims == {}
    assert len(verified.raw["credentialSubject"]) == 2


def test_another_key_is_refused():
    with pytest.raises(SignatureRefused):
        check(issue(), STRANGER)


def test_an_algorithm_that_is_not_allowed_is_refused():
    with pytest.raises(SignatureRefused, match="allowed"):
        check(issue(), algorithms=frozenset({Algorithm.EDDSA}))


@pytest.mark.parametrize(
    "path",
    [
        ("validFrom",),
        ("validUntil",),
        ("issuer", "name"),
        ("credentialSubject", "family_name"),
        ("credentialSubject", "courses"),
        ("credentialSubject", "viewpoints"),
        ("credentialSubject", "id"),
        ("credentialStatus",),
        ("id",),
        ("proof", "created"),
    ],
)
def test_a_member_that_was_removed_is_noticed(path):
    credential = issue()
    parent = credential
    for part in path[:-1]:
        parent = parent[part]
    del parent[path[-1]]
    with pytest.raises(SignatureRefused):
        check(credential)


_IRI = "https://www.w3.org/2018/credentials#"
_TIME = "http://www.w3.org/2001/XMLSchema#dateTime"


@pytest.mark.clause("VCDM 2.0 §1.3")
@pytest.mark.parametrize(
    "rename",
    [
        lambda c: c | {f"{_IRI}credentialStatus": c.pop("credentialStatus")},
        lambda c: c | {f"{_IRI}validUntil": {"@value": c.pop("validUntil"), "@type": _TIME}},
        lambda c: (
            c | {"credentialSubject": {"@id": c["credentialSubject"].pop("id"), **c["credentialSubject"]}}
        ),
        lambda c: (
            c | {f"{_IRI}credentialSubject": c.pop("credentialSubject"), "credentialSubject": {"id": ISSUER}}
        ),
        lambda c: {"@context": c.pop("@context"), "@graph": [c]},
    ],
)
def test_what_is_signed_cannot_be_hidden_by_calling_it_by_its_iri(rename):
    """Each of these has the same quads as before, so the signature alone would hold."""
    with pytest.raises(FormatRefused):
        check(rename(issue()))


@pytest.mark.parametrize(
    "rewrite",
    [
        lambda c: c | {"credentialStatus": [c["credentialStatus"]]},
        lambda c: c | {"validUntil": {"@value": c["validUntil"], "@type": _TIME}},
        lambda c: c | {"validUntil": [c["validUntil"]]},
        lambda c: c | {"type": [c["type"]]},
        lambda c: c | {"credentialSubject": [[c["credentialSubject"]]]},
        lambda c: c | {"credentialSubject": [c["credentialSubject"], {"id": c["credentialSubject"]["id"]}]},
        lambda c: c | {"credentialSubject": [c["credentialSubject"]["id"], c["credentialSubject"]]},
    ],
)
def test_what_is_signed_cannot_be_hidden_by_wrapping_it(rewrite):
    with pytest.raises(FormatRefused):
        check(rewrite(issue()))


def test_an_issuer_that_was_exchanged_is_refused():
    credential = issue()
    credential["issuer"]["id"] = "did:web:other.example"
    with pytest.raises(SignatureRefused, match="issuer"):
        check(credential)


@pytest.mark.clause("VC Data Integrity 1.0 §5.9")
def test_a_proof_by_somebody_else_than_the_issuer_is_refused():
    credential = resigned(issue(), STRANGER, verificationMethod="did:web:other.example#document-1")
    with pytest.raises(SignatureRefused, match="no proof is by the issuer"):
        check(credential, STRANGER)


@pytest.mark.clause("VC Data Integrity 1.0 §4.5")
def test_every_proof_with_the_key_of_the_issuer_has_to_hold():
    credential = issue()
    second = resigned(credential, created="2026-03-01T01:00:00Z")["proof"]
    credential["proof"] = [credential["proof"], second]
    assert check(credential).issued_at == ISSUED
    credential["proof"][1] = second | {"created": "2026-03-01T02:00:00Z"}
    with pytest.raises(SignatureRefused):
        check(credential)


def test_a_proof_of_somebody_else_beside_the_own_is_not_judged():
    credential = issue()
    notary = credential["proof"] | {"verificationMethod": "did:web:notary.example#1"}
    credential["proof"] = [notary, credential["proof"]]
    assert check(credential).key_id == f"{ISSUER}#document-1"


def test_a_proof_of_an_unknown_suite_beside_the_own_is_refused():
    credential = issue()
    credential["proof"] = [credential["proof"], credential["proof"] | {"cryptosuite": "unknown-2030"}]
    with pytest.raises(FormatRefused, match="cryptosuite"):
        check(credential)


@pytest.mark.clause("VC Data Integrity 1.0 §4.4")
def test_a_proof_for_another_purpose_is_refused():
    with pytest.raises(SignatureRefused, match="purpose"):
        check(resigned(issue(), proofPurpose="authentication"))


@pytest.mark.clause("VC Data Integrity 1.0 §2.1")
def test_a_proof_that_was_not_made_yet_or_is_over_is_refused():
    skew = timedelta(seconds=60)
    soon = (NOW + skew).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert check(resigned(issue(), created=soon)).issued_at == NOW + skew
    with pytest.raises(SignatureRefused, match="time"):
        check(resigned(issue(), created=soon), now=NOW - timedelta(seconds=1))
    ending = (NOW - skew).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert check(resigned(issue(), expires=ending))
    with pytest.raises(SignatureRefused, match="time"):
        check(resigned(issue(), expires=ending), now=NOW + timedelta(seconds=1))


def test_a_proof_without_a_date_has_no_time_of_issue():
    assert check(resigned(issue(), created=None)).issued_at is None


def test_validity_is_judged_unless_told_otherwise():
    credential = issue()
    late = DOCUMENT.valid_until + timedelta(seconds=61)
    with pytest.raises(NotValidNow):
        check(credential, now=late)
    assert check(credential, now=late, expected=Expected(enforce_validity=False)).valid_until < late


def test_a_bare_credential_has_no_proof_of_its_holder():
    with pytest.raises(HolderBindingRefused, match="missing"):
        check(issue(), expected=Expected(holder_binding_required=True))


def test_a_signature_of_another_suite_with_the_same_key_length_is_refused():
    credential = issue()
    credential["proof"]["cryptosuite"] = "eddsa-rdfc-2022"
    with pytest.raises(SignatureRefused, match="kind"):
        check(credential)


# --- presentations ---


@pytest.mark.clause("OID4VP 1.0 §B.1.3.2")
@pytest.mark.parametrize("holder", [SoftwareSigner.generate(algorithm) for algorithm in SIGNERS])
def test_a_presentation_proves_its_holder(holder):
    credential = issue(holder=holder)
    presentation = present(credential, holder=holder)
    (verified,) = check_presentation(presentation)
    assert verified.holder_proven
    assert jwk.thumbprint(verified.holder_key) == jwk.thumbprint(holder.public_key)
    assert presentation["holder"] == credential["credentialSubject"]["id"] == did_key(holder.public_key)


def test_a_holder_may_be_a_did_jwk():
    did = did_jwk(HOLDER.public_key)
    credential = issue()
    credential["credentialSubject"]["id"] = did
    presentation = present(resigned(credential))
    assert presentation["proof"]["verificationMethod"] == f"{did}#0"
    assert check_presentation(presentation)[0].holder_proven


def test_several_credentials_are_each_bound_to_the_holder():
    verified = check_presentation(present(issue(), issue(identifier=None)))
    assert [item.holder_proven for item in verified] == [True, True]


def test_copies_that_say_the_same_are_no_poison():
    verified = check_presentation(present(*[issue(identifier=None) for _ in range(16)]))
    assert len(verified) == 16


def test_a_master_in_a_presentation_is_reported_as_not_bound():
    expected = replace(EXPECTED, holder_binding_required=False)
    presentation = present(issue(), issue(holder=None))
    bound, master = check_presentation(presentation, expected=expected)
    assert bound.holder_proven
    assert (master.holder_key, master.holder_proven) == (None, False)
    with pytest.raises(HolderBindingRefused, match="nobody"):
        check_presentation(presentation)


def test_a_credential_about_somebody_else_is_refused():
    other = issue(holder=STRANGER)
    with pytest.raises(HolderBindingRefused, match="somebody else"):
        check_presentation(present(issue(), other))


def test_a_stolen_credential_is_refused():
    presentation = present(issue())
    stolen = resigned(presentation, STRANGER)
    with pytest.raises(HolderBindingRefused):
        check_presentation(stolen)
    renamed = presentation | {"holder": did_key(STRANGER.public_key)}
    method = holder_keys(renamed["holder"]).key_id
    with pytest.raises(HolderBindingRefused, match="somebody else"):
        check_presentation(resigned(renamed, STRANGER, verificationMethod=method))


def test_without_a_proof_nothing_is_proven():
    presentation = present(issue(), holder=None)
    assert "holder" not in presentation
    with pytest.raises(HolderBindingRefused, match="missing"):
        check_presentation(presentation)
    (verified,) = check_presentation(presentation, expected=Expected())
    assert not verified.holder_proven
    assert verified.holder_key is not None


@pytest.mark.clause("VC Data Integrity 1.0 §4.4")
@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"challenge": "other"}, "CHALLENGE"),
        ({"challenge": None}, "CHALLENGE"),
        ({"domain": "other"}, "DOMAIN"),
        ({"domain": None}, "DOMAIN"),
        ({"domain": [CLIENT, "other"]}, "DOMAIN"),
        ({"domain": []}, "DOMAIN"),
        ({"proofPurpose": "assertionMethod"}, "purpose"),
        ({"created": "2026-03-02T08:48:59Z"}, "just now"),
        ({"created": "2026-03-02T09:01:01Z"}, "just now"),
        ({"expires": "2026-03-02T08:58:59Z"}, "just now"),
        ({"verificationMethod": "did:key:z6MkOther#z6MkOther"}, "somebody else"),
    ],
)
def test_a_proof_for_something_else_is_refused(options, reason):
    presentation = present(issue())
    if options.get("domain") == []:
        presentation["proof"]["domain"] = []
    else:
        presentation = resigned(presentation, HOLDER, **options)
    with pytest.raises(HolderBindingRefused, match=reason):
        check_presentation(presentation)


@pytest.mark.parametrize(
    "options", [{"created": None}, {"created": "2026-03-02T08:49:00Z"}, {"domain": [CLIENT]}, {"nonce": "x"}]
)
def test_a_proof_for_us_and_of_now_is_accepted(options):
    assert check_presentation(resigned(present(issue()), HOLDER, **options))[0].holder_proven


def test_a_fragment_that_is_not_the_keys_own_is_refused():
    presentation = present(issue())
    with pytest.raises(HolderBindingRefused, match="fragment"):
        check_presentation(
            resigned(presentation, HOLDER, verificationMethod=f"{presentation['holder']}#other")
        )


def test_a_proof_is_never_for_nobody():
    presentation = present(issue())
    for expected in (Expected(nonce=NONCE), Expected(audience=CLIENT), Expected()):
        with pytest.raises(HolderBindingRefused):
            check_presentation(presentation, expected=expected)


def test_a_holder_that_is_no_key_is_refused():
    presentation = present(issue(holder=None))
    presentation["holder"] = "did:web:me.example"
    with pytest.raises(HolderBindingRefused, match="no key"):
        check_presentation(resigned(presentation, HOLDER, verificationMethod="did:web:me.example#1"))


def test_a_holder_with_an_algorithm_that_is_not_allowed_is_refused():
    holder = SoftwareSigner.generate(Algorithm.EDDSA)
    presentation = present(issue(holder=holder), holder=holder)
    with pytest.raises(HolderBindingRefused, match="allowed"):
        check_presentation(presentation, algorithms=frozenset({Algorithm.ES256}))


def test_every_proof_of_the_presentation_has_to_hold():
    presentation = present(issue())
    presentation["proof"] = [
        presentation["proof"],
        presentation["proof"] | {"created": "2026-03-02T08:59:00Z"},
    ]
    with pytest.raises(HolderBindingRefused):
        check_presentation(presentation)


def test_a_credential_that_was_added_or_removed_breaks_the_proof():
    presentation = present(issue(), issue(identifier=None))
    more, fewer = copy.deepcopy(presentation), copy.deepcopy(presentation)
    more["verifiableCredential"].append(issue(identifier=None, valid_until=None))
    fewer["verifiableCredential"].pop()
    for changed in (more, fewer):
        with pytest.raises(HolderBindingRefused):
            check_presentation(changed)


def test_a_presentation_that_was_changed_is_refused():
    presentation = present(issue())
    with pytest.raises(HolderBindingRefused):
        check_presentation(presentation | {"id": "urn:uuid:1"})


def test_an_issuers_proof_is_checked_under_a_good_presentation():
    credential = issue()
    credential["credentialSubject"]["family_name"] = "高橋"
    with pytest.raises(SignatureRefused):
        check_presentation(present(credential))


def test_no_changed_character_of_a_presentation_goes_unnoticed():
    data = json.dumps(present(issue()), ensure_ascii=False)
    noticed = 0
    for index in range(0, len(data), 13):
        changed = data[:index] + ("x" if data[index] != "x" else "y") + data[index + 1 :]
        with pytest.raises((MalformedInput, SignatureRefused, HolderBindingRefused)):
            check_presentation(changed.encode())
        noticed += 1
    assert noticed > 150
    assert datetime.fromisoformat(json.loads(data)["proof"]["created"]) == NOW
