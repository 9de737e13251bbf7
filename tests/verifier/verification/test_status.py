"""Check 9: revoked, suspended, or nothing said; and every reason for saying nothing is its own."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from tegata.codec import json
from tegata.errors import Text
from tegata.keys.software import SoftwareSigner
from tegata.status import status_list_cwt
from tegata.status.entries import Status
from tests.simulators.issuer import School
from tests.verifier.verification.bench import DAY, FORMATS, SCHOOL, Bench, checks, not_passed
from verifier.oid4vp.dcql import SD_JWT_VC
from verifier.verification import texts
from verifier.verification.list_forms import lifetime_of, published_at
from verifier.verification.report import CheckName, Outcome, Verdict

Change = Callable[[Bench], None]


@pytest.fixture(params=FORMATS)
def bench(request: pytest.FixtureRequest) -> Bench:
    return Bench.set_up(request.param)


def republish(bench: Bench, **arguments: object) -> None:
    """Publish lists made in another way."""
    token = {key: value for key, value in arguments.items() if key in {"signer", "expires_at", "issued_at"}}
    w3c: dict[str, object] = {"signer": token["signer"]} if "signer" in token else {}
    if "expires_at" in token:
        w3c["valid_until"] = token["expires_at"]
    if "issued_at" in token:
        w3c["valid_from"] = token["issued_at"]
    bench.publish(
        status=bench.school.status_token(**token),  # type: ignore[arg-type]
        revocation=bench.school.bitstring("revocation", **w3c),  # type: ignore[arg-type]
        suspension=bench.school.bitstring("suspension", **w3c),  # type: ignore[arg-type]
    )


def revoked(bench: Bench) -> None:
    bench.school.set_status(0, Status.INVALID)
    bench.publish()


def suspended(bench: Bench) -> None:
    bench.school.set_status(0, Status.SUSPENDED)
    bench.publish()


def unreachable(bench: Bench) -> None:
    bench.lists.found.clear()


def old_copy(bench: Bench) -> None:
    bench.publish(fetched_at=bench.now - DAY)


def expired(bench: Bench) -> None:
    republish(bench, issued_at=bench.now - 2 * DAY, expires_at=bench.now - DAY)


def of_the_future(bench: Bench) -> None:
    republish(bench, issued_at=bench.now + DAY, expires_at=bench.now + 2 * DAY)


def signed_by_a_stranger(bench: Bench) -> None:
    republish(bench, signer=SoftwareSigner.generate())


def signed_by_a_document_key(bench: Bench) -> None:
    republish(bench, signer=bench.school.document_signer)


def signed_by_a_retired_key(bench: Bench) -> None:
    copy, status = bench.entry.keys
    bench.relist(keys=(copy, replace(status, active_until=bench.now - DAY / 2)))


def another_list_in_its_place(bench: Bench) -> None:
    bench.publish(
        status=bench.school.status_token(uri=f"{SCHOOL}/other"),
        revocation=bench.school.bitstring("revocation", url=f"{SCHOOL}/other"),
        suspension=bench.school.bitstring("suspension", url=f"{SCHOOL}/other"),
    )


def tampered(bench: Bench) -> None:
    def altered(name: str) -> bytes:
        document = json.loads(bench.school.bitstring(name))
        document["validUntil"] = "2099-01-01T00:00:00Z"
        return json.dumps(document)

    header, payload, signature = bench.school.status_token().split(b".")
    flipped = signature[:-2] + (b"AA" if signature[-2:] != b"AA" else b"BB")
    bench.publish(
        status=b".".join((header, payload, flipped)),
        revocation=altered("revocation"),
        suspension=altered("suspension"),
    )


def not_a_list(bench: Bench) -> None:
    bench.publish(status=b"<html>", revocation=b"<html>", suspension=b"<html>")


CASES: dict[str, tuple[Change, Outcome, Text]] = {
    "revoked": (revoked, Outcome.FAILED, texts.STATUS_REVOKED),
    "suspended": (suspended, Outcome.FAILED, texts.STATUS_SUSPENDED),
    "unreachable": (unreachable, Outcome.UNDECIDED, texts.STATUS_UNREACHABLE),
    "an old copy": (old_copy, Outcome.UNDECIDED, texts.STATUS_STALE),
    "expired": (expired, Outcome.UNDECIDED, texts.STATUS_EXPIRED),
    "of the future": (of_the_future, Outcome.UNDECIDED, texts.STATUS_EXPIRED),
    "signed by a stranger": (signed_by_a_stranger, Outcome.UNDECIDED, texts.STATUS_REFUSED),
    "signed by a document key": (signed_by_a_document_key, Outcome.UNDECIDED, texts.STATUS_REFUSED),
    "signed by a retired key": (signed_by_a_retired_key, Outcome.UNDECIDED, texts.STATUS_REFUSED),
    "another list in its place": (another_list_in_its_place, Outcome.UNDECIDED, texts.STATUS_REFUSED),
    "tampered": (tampered, Outcome.UNDECIDED, texts.STATUS_REFUSED),
    "not a list": (not_a_list, Outcome.UNDECIDED, texts.STATUS_MALFORMED),
}


@pytest.mark.parametrize("name", CASES)
@pytest.mark.clause("Token Status List §8.3")
@pytest.mark.clause("Bitstring Status List 1.0 §3.2")
def test_only_the_status_check_fails_or_stays_open(bench: Bench, name: str) -> None:
    change, outcome, reason = CASES[name]
    change(bench)
    report = bench.report()
    assert not_passed(report) == {CheckName.STATUS: outcome}
    assert checks(report)[CheckName.STATUS].reason == reason
    assert report.verdict is (Verdict.INVALID if outcome is Outcome.FAILED else Verdict.UNDECIDED)


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if case[1] is Outcome.UNDECIDED])
def test_what_cannot_be_used_is_never_called_revoked(bench: Bench, name: str) -> None:
    bench.school.set_status(0, Status.INVALID)
    bench.publish()
    CASES[name][0](bench)
    check = checks(bench.report())[CheckName.STATUS]
    assert check.outcome is Outcome.UNDECIDED
    assert check.reason not in {texts.STATUS_REVOKED, texts.STATUS_SUSPENDED}


def test_an_unusable_list_is_asked_for_again(bench: Bench) -> None:
    tampered(bench)
    bench.report()
    assert bench.lists.unused


def test_an_index_beyond_the_list_says_nothing(bench: Bench) -> None:
    sealed = bench.seal(bench.document(index=10_000_000))
    report = bench.report(bench.present(sealed))
    assert not_passed(report) == {CheckName.STATUS: Outcome.UNDECIDED}
    assert checks(report)[CheckName.STATUS].reason == texts.STATUS_OUT_OF_RANGE


def test_a_slot_that_was_given_to_nobody_is_not_valid(bench: Bench) -> None:
    report = bench.report(bench.present(bench.seal(bench.document(index=5000))))
    assert not_passed(report) == {CheckName.STATUS: Outcome.FAILED}


def test_a_type_with_status_that_names_no_list_is_undecided(bench: Bench) -> None:
    report = bench.report(bench.present(bench.seal(bench.document(index=None))))
    assert not_passed(report) == {CheckName.STATUS: Outcome.UNDECIDED}
    assert checks(report)[CheckName.STATUS].reason == texts.STATUS_MISSING


def test_a_short_lived_type_needs_no_list(bench: Bench) -> None:
    bench.document_name = "student-id"
    bench.claims = bench.paths = (("family_name",), ("birthdate",))
    ends = (bench.now + DAY).replace(microsecond=0)
    report = bench.report(bench.present(bench.seal(bench.document(index=None, valid_until=ends))))
    assert checks(report)[CheckName.STATUS].reason == texts.STATUS_NONE
    assert checks(report)[CheckName.STATUS].outcome is Outcome.PASSED


def publish_by(successor: School, bench: Bench) -> None:
    """Let another school publish the list at the old addresses."""
    successor.entries = bench.school.entries
    bench.publish(
        status=successor.status_token(uri=f"{SCHOOL}/status"),
        revocation=successor.bitstring("revocation", url=f"{SCHOOL}/revocation"),
        suspension=successor.bitstring("suspension", url=f"{SCHOOL}/suspension"),
    )


def test_a_closed_schools_list_is_believed_from_its_successor(bench: Bench) -> None:
    successor = School.enrol(bench.scheme, "https://issuer.example/s/successor", bench.now)
    bench.others = (successor.trusted(school_code="D100299999912"),)
    bench.relist(successor=successor.identifier, closed_on="2026-03-31")
    publish_by(successor, bench)
    assert bench.report().verdict is Verdict.VALID


def test_a_list_by_another_school_is_not_believed(bench: Bench) -> None:
    other = School.enrol(bench.scheme, "https://issuer.example/s/other", bench.now)
    bench.others = (other.trusted(school_code="D100299999912"),)
    publish_by(other, bench)
    assert checks(bench.report())[CheckName.STATUS].reason == texts.STATUS_REFUSED


def test_a_list_says_itself_how_long_to_keep_it(bench: Bench) -> None:
    assert lifetime_of(bench.school.status_token()) == timedelta(hours=1)
    assert lifetime_of(bench.school.status_cwt()) == timedelta(hours=1)
    assert lifetime_of(bench.school.bitstring("revocation")) == timedelta(hours=1)
    for body in (bench.school.status_token(), bench.school.status_token() + b"\n", as_cwt(bench)):
        assert published_at(body) == f"{SCHOOL}/status"
    assert published_at(bench.school.bitstring("revocation")) == f"{SCHOOL}/revocation"
    assert lifetime_of(b"{}") is None
    assert lifetime_of(b"nothing") is None
    assert lifetime_of(b"\xd2\x84") is None


def as_cwt(bench: Bench, signer: SoftwareSigner | None = None) -> bytes:
    return status_list_cwt.sign(
        bench.school.entries,
        uri=f"{SCHOOL}/status",
        issued_at=bench.now - timedelta(minutes=1),
        expires_at=bench.now + DAY,
        ttl=timedelta(hours=2),
        signer=signer or bench.school.status_signer,
    )


@pytest.mark.clause("Token Status List §5.2")
@pytest.mark.parametrize("status", [Status.VALID, Status.INVALID, Status.SUSPENDED])
def test_a_list_may_come_as_a_cwt_and_says_the_same(status: Status) -> None:
    bench = Bench.set_up(SD_JWT_VC)
    bench.school.set_status(0, status)
    expected = {Status.VALID: Outcome.PASSED}.get(status, Outcome.FAILED)
    reasons = []
    for body in (bench.school.status_token(), as_cwt(bench)):
        bench.publish(status=body)
        check = checks(bench.report())[CheckName.STATUS]
        assert check.outcome is expected
        reasons.append(check.reason)
    assert reasons[0] == reasons[1]
    assert lifetime_of(as_cwt(bench)) == timedelta(hours=2)


@pytest.mark.clause("Token Status List §8.3")
def test_a_cwt_by_a_stranger_or_cut_off_says_nothing() -> None:
    bench = Bench.set_up(SD_JWT_VC)
    bench.publish(status=as_cwt(bench, SoftwareSigner.generate()))
    assert checks(bench.report())[CheckName.STATUS].reason == texts.STATUS_REFUSED
    bench.publish(status=as_cwt(bench)[:-1])
    check = checks(bench.report())[CheckName.STATUS]
    assert check.reason == texts.STATUS_MALFORMED
    assert check.evidence["problem_type"].endswith("#STATUS_RETRIEVAL_ERROR")


def test_a_certificate_that_was_used_up_is_called_used(bench: Bench) -> None:
    bench.document_name = "fare-discount"
    bench.claims = bench.paths = (("family_name",), ("redemption_code",))
    bench.school.set_status(0, Status.USED)
    bench.publish()
    report = bench.report(bench.present(bench.seal(bench.document())))
    assert checks(report)[CheckName.STATUS].outcome is Outcome.FAILED
    assert "使用済み" in checks(report)[CheckName.STATUS].reason.ja


def test_a_value_that_the_type_gives_no_meaning_never_passes(bench: Bench) -> None:
    bench.school.set_status(0, Status.USED)
    bench.publish()
    assert checks(bench.report())[CheckName.STATUS].outcome is not Outcome.PASSED
