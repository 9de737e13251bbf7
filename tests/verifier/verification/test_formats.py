"""One door for all formats: what is opened, and by whose key a holder is proven."""

from dataclasses import replace

import pytest

from tegata.errors import TegataError
from tegata.formats.credential import Expected, FormatRefused, HolderBindingRefused, KeyReference
from tegata.keys.signer import DEFAULT_ALGORITHMS
from tests.tegata.formats.data_integrity.support import (
    CONTEXTS,
    EXPECTED,
    ISSUER,
    NOW,
    SIGNER,
    encoded,
    issue,
    present,
)
from tests.tegata.identity.test_chain import STEP_1, STEP_4
from tests.verifier.verification.bench import Bench
from verifier.verification.detecting import UnknownFormat, detect
from verifier.verification.formats import open_credentials
from verifier.verification.issuers import candidates, claimed_issuer, uses_for


def _open(value):
    return open_credentials(encoded(value), "ldp_vc", CONTEXTS)


def _verify(opened, *, expected=EXPECTED, proof=True):
    return opened.verifying(SIGNER.public_key, DEFAULT_ALGORITHMS, now=NOW, expected=expected, proof=proof)


def test_json_is_taken_for_a_w3c_credential():
    assert detect(b"  " + encoded(issue())) == "ldp_vc"
    with pytest.raises(UnknownFormat):
        detect(b"<xml/>")


def test_a_bare_credential_opens_without_a_proof_of_its_holder():
    (opened,) = _open(issue())
    assert (opened.format, opened.issuer, opened.has_proof) == ("ldp_vc", ISSUER, False)
    assert opened.key_reference.verification_method == f"{ISSUER}#document-1"
    assert not _verify(opened, proof=False).holder_proven


def test_a_presentation_opens_as_each_of_its_credentials():
    opened = _open(present(issue(), issue(identifier=None)))
    assert [item.has_proof for item in opened] == [True, True]
    assert all(_verify(item).holder_proven for item in opened)


def test_a_presentation_without_a_proof_says_so():
    (opened,) = _open(present(issue(), holder=None))
    assert not opened.has_proof
    with pytest.raises(HolderBindingRefused):
        _verify(opened)


def test_the_holders_proof_is_only_judged_when_it_is_asked_for():
    (opened,) = _open(present(issue()))
    other = replace(EXPECTED, nonce="other")
    assert not _verify(opened, expected=other, proof=False).holder_proven
    with pytest.raises(HolderBindingRefused):
        _verify(opened, expected=other)


def test_dates_are_not_judged_here():
    (opened,) = _open(issue(valid_until=issue_start()))
    verified = _verify(opened, expected=Expected(), proof=False)
    assert verified.valid_until == issue_start()


def issue_start():
    return NOW.replace(day=1, hour=0)


@pytest.mark.parametrize("value", [{}, {"@context": []}, [], "x", {"type": "VerifiablePresentation"}])
def test_what_is_neither_credential_nor_presentation_is_refused(value):
    with pytest.raises(FormatRefused):
        _open(value)


def test_a_format_that_is_not_known_is_refused():
    with pytest.raises(TegataError):
        open_credentials(encoded(issue()), "jwt_vc", CONTEXTS)


@pytest.mark.parametrize(
    "name", ["not a certificate", "a name of another shape", "an extension that does not parse"]
)
def test_a_certificate_that_cannot_be_read_names_no_issuer_and_no_key(name):
    leaf = {**STEP_1, **STEP_4}[name]()[0]
    opened = replace(_open(issue())[0], issuer="", key_reference=KeyReference(certificates=(leaf,)))
    assert claimed_issuer(opened) == ""
    assert candidates(Bench.set_up("dc+sd-jwt").entry, opened.key_reference, uses_for(opened)) == ()
