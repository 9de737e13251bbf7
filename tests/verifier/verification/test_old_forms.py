"""Documents and signatures of before VCDM 2.0: the same report for what the policy accepts, and a reason for what it does not."""

from dataclasses import replace

import pytest

from schemas import catalogue
from tegata.codec import dates, json
from tegata.envelope import jws
from tegata.formats import data_integrity
from tegata.formats.vcdm import model
from tegata.formats.vcdm.legacy import Legacy
from tests.verifier.verification.bench import Bench, not_passed
from verifier.oid4vp.dcql import LDP_VC
from verifier.verification.detecting import detect
from verifier.verification.report import CheckName, Outcome, Verdict
from verifier.verification.texts import FORMAT_OLD

_VC_JWT = frozenset({Legacy.VC_JWT})
_DATA_INTEGRITY = "https://w3id.org/security/data-integrity/v2"


@pytest.fixture
def bench() -> Bench:
    found = Bench.set_up(LDP_VC)
    found.policy = replace(found.policy, requires_holder_binding=False, accepts_unbound=True)
    return found


def _check(bench, data):
    return bench.assessor().check_file(data, bench.policy, bench.now)


def _document_1_1(bench):
    """The school's graduation certificate, as a document of VCDM 1.1: its terms are the same, its dates are not."""
    sealed = json.loads(bench.seal(is_bound=False))
    del sealed["proof"]
    document = {name: value for name, value in sealed.items() if name not in {"validFrom", "validUntil"}}
    document["@context"] = [model.BASE_CONTEXT_1_1, *sealed["@context"][1:]]
    document["issuer"] = model.identifier_of(sealed["issuer"])
    document["issuanceDate"] = sealed["validFrom"]
    # Bitstring entries are of 2.0; without one, nothing can have been revoked.
    document.pop("credentialStatus", None)
    document.pop("credentialSchema", None)
    document.pop("name", None)
    document.pop("description", None)
    return document


def _token(bench):
    document = _document_1_1(bench)
    issuer = document.pop("issuer")
    issued = dates.instant(document.pop("issuanceDate"))
    claims = {"iss": issuer, "jti": "urn:uuid:1", "nbf": int(issued.timestamp()), "vc": document}
    signer = bench.school.document_signer
    header = {"typ": "JWT", "kid": f"{issuer}#{signer.public_key.key_id}"}
    return jws.sign(header, json.dumps(claims), signer).encode()


def _secured(bench):
    document = _document_1_1(bench)
    document["@context"] = [*document["@context"], _DATA_INTEGRITY]
    signer = bench.school.document_signer
    method = f"{document['issuer']}#{signer.public_key.key_id}"
    created = dates.instant(document["issuanceDate"])
    secured = data_integrity.secure(
        document, signer, method, created, catalogue.contexts(), legacy=frozenset({Legacy.VCDM_1_1})
    )
    return json.dumps(secured)


@pytest.mark.clause("VCDM 1.1 §4.1")
def test_a_document_of_1_1_gets_the_same_report(bench):
    report = _check(bench, _secured(bench))
    (credential,) = report.credentials
    assert credential.outcome(CheckName.SIGNATURE) is Outcome.PASSED
    assert credential.outcome(CheckName.PERMISSION) is Outcome.PASSED
    assert credential.outcome(CheckName.VALIDITY) is Outcome.PASSED
    assert credential.document == "graduation"


def test_a_document_of_1_1_that_was_changed_is_invalid(bench):
    changed = json.loads(_secured(bench))
    changed["credentialSubject"]["family_name"] = "別人"
    report = _check(bench, json.dumps(changed))
    assert report.verdict is Verdict.INVALID
    assert report.credentials[0].outcome(CheckName.SIGNATURE) is Outcome.FAILED


def test_a_verifier_that_reads_only_2_0_refuses_it(bench):
    bench.policy = replace(bench.policy, legacy=frozenset())
    report = _check(bench, _secured(bench))
    assert report.verdict is Verdict.INVALID
    assert report.credentials[0].outcome(CheckName.FORMAT) is Outcome.FAILED


@pytest.mark.clause("VCDM 1.1 §6.3.1")
def test_a_credential_in_an_old_jwt_is_refused_with_its_reason_unless_the_policy_accepts_it(bench):
    data = _token(bench)
    assert detect(data) == "jwt_vc_json"
    report = _check(bench, data)
    assert report.verdict is Verdict.INVALID
    (check,) = [item for item in report.credentials[0].checks if item.name is CheckName.FORMAT]
    assert check.reason == FORMAT_OLD
    assert check.evidence == {"problem": "old_form_refused"}


def test_a_credential_in_an_old_jwt_is_verified_where_the_policy_accepts_it(bench):
    bench.policy = replace(bench.policy, legacy=_VC_JWT)
    (credential,) = _check(bench, _token(bench)).credentials
    assert credential.format == "jwt_vc_json"
    assert credential.outcome(CheckName.SIGNATURE) is Outcome.PASSED
    assert credential.outcome(CheckName.ORGANISATION) is Outcome.PASSED
    assert credential.document == "graduation"


def test_an_old_jwt_with_another_key_is_invalid(bench):
    bench.policy = replace(bench.policy, legacy=_VC_JWT)
    head, _, tail = _token(bench).rpartition(b".")
    report = _check(bench, head + b"." + (b"B" if tail[:1] == b"A" else b"A") + tail[1:])
    assert CheckName.SIGNATURE in not_passed(report)
    assert report.verdict is Verdict.INVALID
