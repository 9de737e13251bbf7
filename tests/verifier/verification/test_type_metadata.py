"""A credential is compared with the description of its type: the very bytes, and what has to be selectable."""

from dataclasses import replace

import pytest

from tests.verifier.verification.bench import Bench, checks, not_passed
from verifier.oid4vp.dcql import SD_JWT_VC
from verifier.verification import texts
from verifier.verification.report import CheckName, Outcome, Report


@pytest.fixture
def bench() -> Bench:
    return Bench.set_up(SD_JWT_VC)


def _report(bench: Bench, **changes: object) -> Report:
    document = bench.document()
    names = replace(document.names, **changes)  # type: ignore[arg-type]  # by name
    return bench.report(bench.present(bench.seal(replace(document, names=names))))


def _schema(report: Report):
    return checks(report)[CheckName.SCHEMA]


@pytest.mark.clause("SD-JWT VC §6")
def test_metadata_other_than_the_bytes_that_were_signed_for_fails_the_check(bench):
    report = _report(bench, vct_integrity="sha256-" + "A" * 43 + "=")
    assert not_passed(report) == {CheckName.SCHEMA: Outcome.FAILED}
    assert _schema(report).evidence["problem"] == "integrity_failed"
    assert _schema(report).reason == texts.SCHEMA_FAILED


@pytest.mark.clause("SD-JWT VC §6")
def test_a_claim_in_the_open_that_the_holder_must_be_able_to_hide_fails_the_check(bench):
    document = bench.document()
    selectable = tuple(path for path in document.names.selectable if path != ("birthdate",))
    report = _report(bench, selectable=selectable)
    assert not_passed(report) == {CheckName.SCHEMA: Outcome.FAILED}
    assert _schema(report).evidence["place"] == "/birthdate"


@pytest.mark.clause("SD-JWT VC §6")
def test_a_claim_that_everybody_must_see_may_not_be_hidden(bench):
    document = bench.document()
    report = _report(bench, selectable=(*document.names.selectable, ("date_of_issuance",)))
    assert _schema(report).outcome is Outcome.FAILED


def test_a_school_whose_name_is_sensitive_may_let_the_holder_hide_it(bench):
    document = bench.document()
    report = _report(bench, selectable=(*document.names.selectable, ("school",)))
    assert "type_rule_broken" not in _schema(report).evidence.values()
