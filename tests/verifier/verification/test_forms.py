"""Open Badges and learner records: the same report as for any other credential, and every course looked at."""

from dataclasses import replace
from typing import Any

import pytest

from schemas import catalogue
from schemas.education import clr
from schemas.education.open_badge import open_badge
from schemas.education.source import Source
from tegata.codec import json
from tegata.formats import data_integrity
from tegata.formats.vcdm.subject import subject_identifier
from tegata.identity.certificates import KeyUse
from tegata.identity.trust_list import ListedKey
from tegata.keys.signer import Algorithm
from tegata.keys.software import SoftwareSigner
from tegata.status.entries import Status
from tests.simulators.issuer import sample_claims
from tests.verifier.verification.bench import SCHOOL, Bench
from verifier.console.views import content
from verifier.oid4vp.dcql import LDP_VC
from verifier.verification.report import CheckName, CredentialReport, Outcome, Verdict

_SIGNER = SoftwareSigner.generate(Algorithm.EDDSA, "form-1")


@pytest.fixture
def bench() -> Bench:
    found = Bench.set_up(LDP_VC)
    listed = ListedKey(_SIGNER.public_key, KeyUse.FORM, found.scheme.started_at)
    found.entry = replace(found.entry, keys=(*found.entry.keys, listed))
    found.policy = replace(found.policy, requires_holder_binding=False, accepts_unbound=True)
    return found


def _source(bench: Bench, name: str, **changes: Any) -> Source:
    claims = sample_claims(name)
    claims = {**claims, "school": {**claims["school"], "code": bench.school.code}}
    source = Source(
        document=catalogue.load().get(name),
        claims=claims,
        identifier="urn:uuid:6f6fa1a5-6b8e-4b3c-9c8e-3f6f7a3c1d2e",
        issuer=bench.school.did,
        issuer_url=bench.school.identifier,
        valid_from=bench.now.replace(microsecond=0),
        subject=subject_identifier(bench.holder.public_key),
        status={
            "type": "BitstringStatusListEntry",
            "statusPurpose": "revocation",
            "statusListIndex": "7",
            "statusListCredential": f"{SCHOOL}/revocation",
        },
    )
    return replace(source, **changes)


def _signed(bench: Bench, credential: Any, signer: SoftwareSigner = _SIGNER) -> dict[str, Any]:
    created = bench.now.replace(microsecond=0)
    method = f"{bench.school.did}#{signer.public_key.key_id}"
    found = data_integrity.secure(credential, signer, method, created, catalogue.contexts())
    return {**found, "proof": [found["proof"]]}


def _badge(bench: Bench, name: str = "graduation", **changes: Any) -> dict[str, Any]:
    return _signed(bench, open_badge(_source(bench, name, **changes)))


def _courses(bench: Bench) -> list[dict[str, Any]]:
    return [_signed(bench, item) for item in clr.courses(_source(bench, "transcript"))]


def _record(bench: Bench, courses: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    return _signed(bench, clr.record(_source(bench, "transcript"), courses or _courses(bench)))


def _check(bench: Bench, credential: dict[str, Any]) -> CredentialReport:
    report = bench.assessor().check_file(json.dumps(credential), bench.policy, bench.now)
    (found,) = report.credentials
    assert found.verdict is report.verdict
    return found


@pytest.mark.parametrize(
    ("name", "title"),
    [("graduation", "卒業証明書（オープンバッジ）"), ("completion", "修了証明書（オープンバッジ）")],
)
def test_a_badge_gets_the_same_report(bench: Bench, name: str, title: str) -> None:
    found = _check(bench, _badge(bench, name))
    assert found.verdict is Verdict.VALID, not_passed_of(found)
    assert found.title.ja == title
    assert found.claims["achievement"]
    assert found.claims["holder_name"]


def not_passed_of(found: CredentialReport) -> dict[str, str]:
    return {check.name: check.reason.en for check in found.checks if check.outcome is not Outcome.PASSED}


def test_a_learner_record_gets_the_same_report_and_shows_its_courses(bench: Bench) -> None:
    found = _check(bench, _record(bench))
    assert found.verdict is Verdict.VALID, not_passed_of(found)
    assert found.title.en == "Learner record (CLR)"
    (courses,) = content(found.claims, None).grids
    assert courses.label.ja == "科目"
    assert len(courses.rows) == len(_courses(bench))


def test_a_course_alone_is_a_badge_of_whoever_may_issue_transcripts(bench: Bench) -> None:
    found = _check(bench, _courses(bench)[0])
    assert found.verdict is Verdict.VALID, not_passed_of(found)


def test_what_was_changed_is_invalid(bench: Bench) -> None:
    badge = _badge(bench)
    badge["credentialSubject"]["achievement"]["name"] = "Another achievement"
    assert _check(bench, badge).outcome(CheckName.SIGNATURE) is Outcome.FAILED


def test_a_course_that_was_replaced_by_another_persons_is_found(bench: Bench) -> None:
    other = _signed(bench, clr.courses(_source(bench, "transcript", subject="did:example:other"))[0])
    record = _record(bench, [other, *_courses(bench)[1:]])
    found = _check(bench, record)
    assert found.outcome(CheckName.SCHEMA) is Outcome.FAILED


def test_a_course_that_was_changed_into_what_another_says_is_found(bench: Bench) -> None:
    """The finding of `docs/standards/open-badges.md`: the signature of the whole does not notice."""
    courses = _courses(bench)
    record = _record(bench, courses)
    first, second = record["credentialSubject"]["verifiableCredential"][:2]
    first["credentialSubject"]["term"] = second["credentialSubject"]["term"] + "x"
    assert _check(bench, record).outcome(CheckName.SIGNATURE) is Outcome.FAILED


def test_a_course_of_another_issuer_is_found(bench: Bench) -> None:
    own = _courses(bench)
    strange = dict(clr.courses(_source(bench, "transcript", issuer="did:web:other.example"))[0])
    signer = SoftwareSigner.generate(Algorithm.EDDSA, "x")
    found = data_integrity.secure(
        strange, signer, "did:web:other.example#x", bench.now.replace(microsecond=0), catalogue.contexts()
    )
    record = _record(bench, [{**found, "proof": [found["proof"]]}, *own[1:]])
    assert _check(bench, record).outcome(CheckName.SIGNATURE) is Outcome.FAILED


def test_a_form_is_revoked_with_its_document(bench: Bench) -> None:
    bench.school.set_status(7, Status.INVALID)
    bench.publish()
    for credential in (_badge(bench), _record(bench)):
        assert _check(bench, credential).outcome(CheckName.STATUS) is Outcome.FAILED


def test_a_school_that_may_not_issue_the_document_may_not_issue_its_form(bench: Bench) -> None:
    vct = catalogue.load().get("graduation").vct
    bench.entry = replace(
        bench.entry, rights=tuple(right for right in bench.entry.rights if right.document_type != vct)
    )
    assert _check(bench, _badge(bench)).outcome(CheckName.PERMISSION) is Outcome.FAILED
    assert _check(bench, _record(bench)).outcome(CheckName.PERMISSION) is Outcome.PASSED


def test_a_badge_of_an_achievement_that_no_school_issues_has_no_permission(bench: Bench) -> None:
    badge = open_badge(_source(bench, "graduation"))
    badge["credentialSubject"]["achievement"]["id"] = f"{SCHOOL}#anything"
    found = _check(bench, _signed(bench, badge))
    assert found.outcome(CheckName.PERMISSION) is Outcome.FAILED


def test_a_badge_that_is_not_as_schools_make_them_breaks_the_rules(bench: Bench) -> None:
    badge = open_badge(_source(bench, "graduation"))
    del badge["credentialSubject"]["achievement"]["criteria"]
    found = _check(bench, _signed(bench, badge))
    assert found.outcome(CheckName.SCHEMA) is Outcome.FAILED


def test_about_another_school_a_right_to_that_school_is_needed(bench: Bench) -> None:
    source = _source(bench, "graduation")
    claims = {**source.claims, "school": {**source.claims["school"], "code": "D113299999902"}}
    found = _check(bench, _signed(bench, open_badge(replace(source, claims=claims))))
    assert found.outcome(CheckName.PERMISSION) is Outcome.FAILED


def test_forms_have_labels_in_both_languages(bench: Bench) -> None:
    lines = content(_check(bench, _badge(bench)).claims, None).lines
    assert {line.label.ja for line in lines} >= {"氏名", "内容", "種類"}
