"""Each check of the report, in a case in which only it fails or stays open."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from tegata.errors import Text
from tegata.identity.certificates import KeyUse
from tegata.identity.trust_list import Right
from tegata.keys.software import SoftwareSigner
from tests.simulators.issuer import School, sample_claims
from tests.verifier.verification.bench import DAY, FORMATS, SCHOOL, Bench, checks, not_passed
from verifier.oid4vp.dcql import LDP_VC, MSO_MDOC, SD_JWT_VC
from verifier.verification import texts
from verifier.verification.report import CHECK_TEXT, Binding, CheckName, Outcome, Report, Verdict

Case = Callable[[Bench], Report]


@pytest.fixture(params=FORMATS)
def bench(request: pytest.FixtureRequest) -> Bench:
    return Bench.set_up(request.param)


def not_a_credential(bench: Bench) -> Report:
    raw = b'{"@context": []}' if bench.is_w3c else b"eyJhbGciOiJub25lIn0.e30.x~"
    return bench.report(raw)


def another_key_under_the_same_name(bench: Bench) -> Report:
    name = bench.school.document_signer.public_key.key_id
    forger = SoftwareSigner.generate()
    forged = SoftwareSigner.from_private_key(forger._private, name, bench.school.document_signer.certificates)
    return bench.report(bench.present(bench.seal(signer=forged)))


def no_list(bench: Bench) -> Report:
    bench.has_list = False
    return bench.report()


def old_list(bench: Bench) -> Report:
    bench.list_age = 8 * DAY
    return bench.report()


def unknown_issuer(bench: Bench) -> Report:
    bench.relist(identifier="https://other.example/s/1", did="did:web:other.example:s:1")
    return bench.report()


def key_not_listed(bench: Bench) -> Report:
    bench.relist(keys=bench.entry.keys[1:])
    return bench.report()


def key_retired_before(bench: Bench) -> Report:
    copy, status = bench.entry.keys
    bench.relist(keys=(replace(copy, active_until=bench.now - 3 * timedelta(hours=1)), status))
    return bench.report()


def key_compromised_before(bench: Bench) -> Report:
    copy, status = bench.entry.keys
    bench.relist(keys=(replace(copy, compromised_from=bench.now - DAY), status))
    return bench.report()


def a_test_school(bench: Bench) -> Report:
    bench.policy = replace(bench.policy, accepts_test_identifiers=False)
    return bench.report()


def status_key_signs_documents(bench: Bench) -> Report:
    return bench.report(bench.present(bench.seal(signer=bench.school.status_signer)))


def no_right(bench: Bench) -> Report:
    bench.relist(rights=())
    return bench.report()


def right_ended(bench: Bench) -> Report:
    bench.relist(
        rights=tuple(replace(right, valid_until=bench.now - DAY / 2) for right in bench.entry.rights)
    )
    return bench.report()


def right_about_another_school(bench: Bench) -> Report:
    bench.relist(rights=tuple(replace(right, school=f"{SCHOOL}-2") for right in bench.entry.rights))
    return bench.report()


def another_nonce(bench: Bench) -> Report:
    return bench.report(bench.present(nonce="m" * 43))


def another_audience(bench: Bench) -> Report:
    return bench.report(bench.present(audience="x509_hash:somebody-else"))


def another_holder(bench: Bench) -> Report:
    return bench.report(bench.present(signer=SoftwareSigner.generate()))


def old_proof(bench: Bench) -> Report:
    return bench.report(bench.present(made_at=bench.now - timedelta(minutes=12)))


def proof_of_the_future(bench: Bench) -> Report:
    return bench.report(bench.present(made_at=bench.now + timedelta(minutes=2)))


def no_proof(bench: Bench) -> Report:
    return bench.report(bench.present(with_proof=False))


def bound_to_nobody(bench: Bench) -> Report:
    return bench.report(bench.present(bench.seal(is_bound=False), with_proof=False))


def content_against_the_rules(bench: Bench) -> Report:
    # A mobile document has no place for a day that does not exist; this one is after the day of issue.
    day = "2026-03-31" if bench.is_mobile else "2026-02-30"
    claims = sample_claims("graduation") | {"graduation_date": day}
    return bench.report(bench.present(bench.seal(bench.document(claims=claims))))


def expired(bench: Bench) -> Report:
    ended = (bench.now - timedelta(minutes=10)).replace(microsecond=0)
    return bench.report(bench.present(bench.seal(bench.document(valid_until=ended))))


def something_missing(bench: Bench) -> Report:
    # W3C credentials show everything: only what the document does not have can be missing.
    bench.claims = (*bench.claims, ("degree",))
    return bench.report()


CASES: dict[str, tuple[Case, CheckName, Outcome, Text | None]] = {
    "not a credential": (not_a_credential, CheckName.FORMAT, Outcome.FAILED, texts.FORMAT_FAILED),
    "another key under the same name": (
        another_key_under_the_same_name,
        CheckName.SIGNATURE,
        Outcome.FAILED,
        texts.SIGNATURE_FAILED,
    ),
    "unknown issuer": (unknown_issuer, CheckName.ORGANISATION, Outcome.FAILED, texts.ORGANISATION_UNKNOWN),
    "key not listed": (key_not_listed, CheckName.ORGANISATION, Outcome.FAILED, texts.ORGANISATION_NO_KEY),
    "a status key signs documents": (
        status_key_signs_documents,
        CheckName.ORGANISATION,
        Outcome.FAILED,
        texts.ORGANISATION_NO_KEY,
    ),
    "key retired before": (
        key_retired_before,
        CheckName.ORGANISATION,
        Outcome.FAILED,
        texts.ORGANISATION_KEY_NOT_GOOD,
    ),
    "key compromised before": (
        key_compromised_before,
        CheckName.ORGANISATION,
        Outcome.FAILED,
        texts.ORGANISATION_KEY_NOT_GOOD,
    ),
    "a test school": (a_test_school, CheckName.ORGANISATION, Outcome.FAILED, texts.ORGANISATION_TEST),
    "no right": (no_right, CheckName.PERMISSION, Outcome.FAILED, texts.PERMISSION_FAILED),
    "right ended": (right_ended, CheckName.PERMISSION, Outcome.FAILED, texts.PERMISSION_FAILED),
    "right about another school": (
        right_about_another_school,
        CheckName.PERMISSION,
        Outcome.FAILED,
        texts.PERMISSION_FAILED,
    ),
    "another nonce": (another_nonce, CheckName.HOLDER_BINDING, Outcome.FAILED, texts.BINDING_FAILED),
    "another audience": (another_audience, CheckName.HOLDER_BINDING, Outcome.FAILED, texts.BINDING_FAILED),
    "another holder": (another_holder, CheckName.HOLDER_BINDING, Outcome.FAILED, texts.BINDING_FAILED),
    "old proof": (old_proof, CheckName.HOLDER_BINDING, Outcome.FAILED, texts.BINDING_FAILED),
    "proof of the future": (
        proof_of_the_future,
        CheckName.HOLDER_BINDING,
        Outcome.FAILED,
        texts.BINDING_FAILED,
    ),
    "no proof": (no_proof, CheckName.HOLDER_BINDING, Outcome.FAILED, texts.BINDING_MISSING),
    "bound to nobody": (
        bound_to_nobody,
        CheckName.HOLDER_BINDING,
        Outcome.FAILED,
        texts.BINDING_UNBOUND_REFUSED,
    ),
    "content against the rules": (
        content_against_the_rules,
        CheckName.SCHEMA,
        Outcome.FAILED,
        texts.SCHEMA_FAILED,
    ),
    "expired": (expired, CheckName.VALIDITY, Outcome.FAILED, texts.VALIDITY_EXPIRED),
    "something missing": (something_missing, CheckName.REQUEST, Outcome.FAILED, texts.REQUEST_FAILED),
}


#: A device's proof says no time, and a mobile document is always bound to a device.
NOT_OF_MOBILE = {"old proof", "proof of the future", "bound to nobody"}


@pytest.mark.parametrize(
    ("bench", "name"),
    [
        (format_name, name)
        for format_name in FORMATS
        for name in CASES
        if format_name != MSO_MDOC or name not in NOT_OF_MOBILE
    ],
    indirect=["bench"],
)
def test_only_this_check_fails(bench: Bench, name: str) -> None:
    case, check, outcome, reason = CASES[name]
    report = case(bench)
    assert not_passed(report) == {check: outcome}
    assert checks(report)[check].reason == reason
    assert report.verdict is Verdict.INVALID


def test_when_nothing_is_wrong_every_check_passes(bench: Bench) -> None:
    report = bench.report()
    assert {check.name: check.outcome for check in report.all_checks()} == dict.fromkeys(
        CheckName, Outcome.PASSED
    )
    assert report.verdict is Verdict.VALID
    assert report.credentials[0].binding is Binding.PROVEN


def test_every_check_has_a_case() -> None:
    # Status has its own table, in test_status.
    assert {check for _, check, _, _ in CASES.values()} | {CheckName.STATUS} == set(CheckName)


def test_without_a_list_of_issuers_nothing_can_be_decided(bench: Bench) -> None:
    report = no_list(bench)
    assert report.verdict is Verdict.UNDECIDED
    assert checks(report)[CheckName.ORGANISATION].reason == texts.ORGANISATION_NO_LIST
    assert Outcome.FAILED not in {check.outcome for check in report.all_checks()}


def test_an_old_list_leaves_issuer_and_permission_open(bench: Bench) -> None:
    report = old_list(bench)
    assert not_passed(report) == dict.fromkeys(
        (CheckName.ORGANISATION, CheckName.PERMISSION), Outcome.UNDECIDED
    )
    assert report.verdict is Verdict.UNDECIDED


def test_a_key_that_was_retired_later_breaks_nothing(bench: Bench) -> None:
    copy, status = bench.entry.keys
    bench.relist(keys=(replace(copy, active_until=bench.now - timedelta(minutes=1)), status))
    assert bench.report().verdict is Verdict.VALID


def test_a_key_that_was_compromised_later_breaks_nothing_before(bench: Bench) -> None:
    copy, status = bench.entry.keys
    bench.relist(keys=(replace(copy, compromised_from=bench.now - timedelta(minutes=1)), status))
    assert bench.report().verdict is Verdict.VALID


def test_a_custodian_may_issue_and_the_report_says_so(bench: Bench) -> None:
    vct = next(right.document_type for right in bench.entry.rights if "/graduation/" in right.document_type)
    bench.relist(rights=(Right(vct, SCHOOL, bench.now - DAY, as_custodian=True),))
    report = bench.report()
    assert report.verdict is Verdict.VALID
    assert checks(report)[CheckName.PERMISSION].reason == texts.PERMISSION_PASSED_CUSTODIAN


def test_a_certificate_of_one_school_under_the_name_of_another_is_refused() -> None:
    bench = Bench.set_up("dc+sd-jwt")
    other = School.enrol(bench.scheme, "https://issuer.example/s/other", bench.now)
    key = bench.school.document_signer
    # The key is the named school's, the certificate beside it is another's.
    mixed = key.with_certificates(other.document_signer.certificates)
    report = bench.report(bench.present(bench.seal(signer=mixed)))
    assert not_passed(report) == {CheckName.ORGANISATION: Outcome.FAILED}
    assert checks(report)[CheckName.ORGANISATION].reason == texts.ORGANISATION_CERTIFICATE


def test_school_a_cannot_sign_in_the_name_of_school_b(bench: Bench) -> None:
    other = School.enrol(bench.scheme, "https://issuer.example/s/other", bench.now)
    report = bench.report(bench.present(bench.seal(signer=other.document_signer)))
    assert not_passed(report) == {CheckName.ORGANISATION: Outcome.FAILED}
    # A mobile document has no other name than its certificate's.
    reason = texts.ORGANISATION_UNKNOWN if bench.is_mobile else texts.ORGANISATION_NO_KEY
    assert checks(report)[CheckName.ORGANISATION].reason == reason


def test_a_certificate_for_another_use_is_refused() -> None:
    bench = Bench.set_up("dc+sd-jwt")
    key = bench.school.document_signer
    wrong = bench.scheme.certify(key, KeyUse.METADATA, uris=(SCHOOL,))
    report = bench.report(bench.present(bench.seal(signer=wrong)))
    assert checks(report)[CheckName.ORGANISATION].reason == texts.ORGANISATION_CERTIFICATE


@pytest.mark.parametrize("bench", [SD_JWT_VC, LDP_VC], indirect=True)  # a mobile document is always bound
@pytest.mark.clause("OID4VP 1.0 §6.1")
def test_an_original_is_taken_where_the_request_says_so_and_the_report_says_whose_it_is(bench: Bench) -> None:
    asked = bench.query
    query = replace(asked, credentials=(replace(asked.credentials[0], holder_binding=False),))
    shown = bench.present(bench.seal(is_bound=False), with_proof=False)
    report = bench.report(shown, query)
    assert report.verdict is Verdict.VALID
    assert report.credentials[0].binding is Binding.NOT_BOUND
    assert checks(report)[CheckName.HOLDER_BINDING].outcome is Outcome.SKIPPED


def test_claims_are_unproven_when_the_signature_does_not_hold(bench: Bench) -> None:
    report = another_key_under_the_same_name(bench)
    credential = report.credentials[0]
    assert not credential.is_proven
    assert credential.claims == {}
    assert credential.issuer is None


def test_a_report_survives_storage(bench: Bench) -> None:
    for report in (bench.report(), expired(bench), no_list(bench)):
        assert Report.from_json(report.to_json()).to_json() == report.to_json()


def test_no_claim_of_the_person_is_in_the_evidence(bench: Bench) -> None:
    values = {"青葉", "はるか", "2007-04-14", "2026-02-30"}
    for case in (content_against_the_rules, something_missing, expired):
        for check in case(bench).all_checks():
            shown = " ".join((*check.evidence, *check.evidence.values()))
            assert not [value for value in values if value in shown]


def test_every_check_has_its_words_in_both_languages() -> None:
    assert set(CHECK_TEXT) == set(CheckName)
    for name, question in CHECK_TEXT.values():
        assert name.ja
        assert name.en
        assert question.ja
        assert question.en
