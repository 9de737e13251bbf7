"""Mobile documents: every way in which one comes, and what only they can get wrong."""

from dataclasses import replace
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas import catalogue
from tegata.codec import base64url, cbor, json
from tegata.formats import mdoc
from tegata.formats.credential import MdocElement, MdocNames
from tegata.formats.mdoc.session import openid4vp_transcript
from tegata.identity.certificates import KeyUse
from tegata.keys.software import SoftwareSigner
from tegata.status.entries import Status
from tests.simulators.issuer import School, mdoc_names, sample_claims
from tests.verifier.verification.bench import (
    AUDIENCE,
    NONCE,
    RESPONSE_URI,
    SCHOOL,
    THUMBPRINT,
    Bench,
    checks,
    not_passed,
)
from verifier.oid4vp.dcql import MSO_MDOC, SD_JWT_VC
from verifier.oid4vp.response import Presentation
from verifier.verification import texts
from verifier.verification.detecting import UnknownFormat, detect
from verifier.verification.report import Binding, CheckName, Outcome, Report, Verdict
from verifier.verification.service import Challenge

SPACE = "org.w3id.tegata.graduation.1"


@pytest.fixture
def bench() -> Bench:
    return Bench.set_up(MSO_MDOC)


def _file(bench: Bench, data: bytes) -> Report:
    policy = replace(bench.policy, requires_holder_binding=False)
    return bench.assessor().check_file(data, policy, bench.now)


@pytest.mark.clause("OID4VCI 1.0 §A.2.4")
def test_a_file_is_what_an_issuer_hands_out_as_bytes_or_as_text(bench: Bench) -> None:
    sealed = bench.seal()
    for data in (sealed, base64url.encode(sealed).encode("ascii"), base64url.encode(sealed).encode() + b"\n"):
        assert detect(data) == MSO_MDOC
        report = _file(bench, data)
        assert report.verdict is Verdict.VALID, not_passed(report)
        assert report.credentials[0].title.ja == "卒業証明書"
        assert report.credentials[0].claims == sample_claims("graduation")
        assert report.credentials[0].binding is Binding.NOT_PROVEN


def test_a_file_with_a_response_shows_what_was_chosen_and_proves_nobody(bench: Bench) -> None:
    report = _file(bench, base64url.decode(bench.present().decode("ascii")))
    assert report.verdict is Verdict.VALID, not_passed(report)
    assert "given_name" not in report.credentials[0].claims
    assert report.credentials[0].binding is Binding.NOT_PROVEN


@pytest.mark.parametrize("data", [b"\xa1\x01\x02", b"omFhYWI", b"\xd2\x84", b"x" * 40], ids=repr)
def test_other_bytes_are_not_taken_for_one(data: bytes) -> None:
    with pytest.raises(UnknownFormat):
        detect(data)


def test_what_only_looks_like_one_fails_by_its_format(bench: Bench) -> None:
    for data in (bench.seal()[:-9], cbor.dumps({"issuerAuth": []}), b"omppc3N1ZXJBdXRo"):
        report = _file(bench, data)
        assert checks(report)[CheckName.FORMAT].outcome is Outcome.FAILED


def test_names_of_elements_come_back_as_the_catalogues(bench: Bench) -> None:
    bench.document_name = "student-id"
    picture = "data:image/jpeg;base64,/9j/4A=="
    claims = sample_claims("student-id") | {"portrait": picture}
    report = _file(bench, bench.seal(bench.document(claims=claims, status=None)))
    assert report.credentials[0].document == "student-id"
    found = report.credentials[0].claims
    assert found["age_equal_or_over"] == {"18": True, "20": False}
    assert (found["portrait"], found["birthdate"]) == (picture, "2007-04-14")
    assert json.loads(json.dumps(report.to_json()))


@pytest.mark.clause("OID4VP 1.0 §B.2.6.1")
@pytest.mark.parametrize(
    "challenge",
    [
        Challenge(NONCE, AUDIENCE, "https://other.example/response/1", THUMBPRINT),
        Challenge(NONCE, AUDIENCE, RESPONSE_URI, b"u" * 32),
        Challenge(NONCE, AUDIENCE, RESPONSE_URI),
        Challenge(NONCE, AUDIENCE),
    ],
    ids=["another address", "another key", "not encrypted", "neither"],
)
def test_a_proof_for_another_session_is_refused(bench: Bench, challenge: Challenge) -> None:
    query = bench.query
    answer = (Presentation(query.credentials[0], bench.present().decode("ascii")),)
    assessor = bench.assessor()
    assessment = assessor.examine_answer(answer, challenge, bench.now)
    assert assessment.holder_proof_failed
    report = assessor.report(assessment, query, bench.now)
    assert not_passed(report) == {CheckName.HOLDER_BINDING: Outcome.FAILED}


def test_a_copy_key_signs_no_mobile_document_and_a_document_signer_nothing_else() -> None:
    for format_name, use in ((MSO_MDOC, KeyUse.COPY), (SD_JWT_VC, KeyUse.MDOC_DS)):
        found = Bench.set_up(format_name)
        school = School.enrol(found.scheme, SCHOOL, found.now, use=use)
        found.school, found.entry = school, school.trusted()
        found.publish()
        report = found.report()
        assert checks(report)[CheckName.ORGANISATION].reason == texts.ORGANISATION_NO_KEY


@pytest.mark.clause("ISO/IEC 18013-5 §9.3.3")
def test_a_signer_under_an_iaca_that_is_not_on_the_list_is_refused(bench: Bench) -> None:
    other = Bench.set_up(MSO_MDOC).scheme
    bench.scheme = replace(bench.scheme, iaca_certificate=other.iaca_certificate)
    report = bench.report()
    assert not_passed(report) == {CheckName.ORGANISATION: Outcome.FAILED}
    assert checks(report)[CheckName.ORGANISATION].reason == texts.ORGANISATION_CERTIFICATE


def test_without_its_certificate_nobody_issued_it(bench: Bench) -> None:
    bare = SoftwareSigner.from_private_key(bench.school.document_signer._private, "bare")
    report = _file(bench, bench.seal(signer=bare))
    assert checks(report)[CheckName.ORGANISATION].reason == texts.ORGANISATION_UNKNOWN


def test_the_same_list_in_its_other_envelope_is_believed_as_well(bench: Bench) -> None:
    bench.publish(status=bench.school.status_token())
    assert bench.report().verdict is Verdict.VALID
    bench.school.set_status(0, Status.INVALID)
    bench.publish(status=bench.school.status_token())
    assert checks(bench.report())[CheckName.STATUS].reason == texts.STATUS_REVOKED


def test_a_type_that_nobody_knows_is_shown_by_its_own_names_and_not_permitted(bench: Bench) -> None:
    names = MdocNames(
        "org.iso.18013.5.1.mDL", (MdocElement(("portrait",), "org.iso.18013.5.1", "portrait", "picture"),)
    )
    document = bench.document(mdoc=names, claims={"portrait": "data:image/png;base64,iVBORw=="})
    report = _file(bench, bench.seal(document))
    assert not_passed(report)[CheckName.PERMISSION] is Outcome.FAILED
    assert not_passed(report)[CheckName.SCHEMA] is Outcome.UNDECIDED
    assert report.credentials[0].claims == {"portrait": "iVBORw"}
    assert json.dumps(report.to_json())


def test_numbers_that_json_has_no_room_for_are_written_as_texts(bench: Bench) -> None:
    space = "org.example.1"
    elements = tuple(MdocElement((name,), space, name) for name in ("most", "least", "small"))
    claims = {"most": 2**64 - 1, "least": [-(2**64)], "small": {"n": -5}}
    document = bench.document(mdoc=MdocNames(space, elements), claims=claims)
    report = _file(bench, bench.seal(document))
    assert report.credentials[0].claims == {
        "most": "18446744073709551615",
        "least": ["-18446744073709551616"],
        "small": {"n": -5},
    }
    assert json.dumps(report.to_json())


def test_an_element_that_its_type_does_not_have_breaks_its_rules(bench: Bench) -> None:
    names = mdoc_names(catalogue.load().get("graduation"))
    assert names is not None
    more = (*names.elements, MdocElement(("nationality",), SPACE, "nationality"))
    claims = sample_claims("graduation") | {"nationality": "JP"}
    document = bench.document(mdoc=MdocNames(names.doctype, more), claims=claims)
    report = _file(bench, bench.seal(document))
    assert not_passed(report) == {CheckName.SCHEMA: Outcome.FAILED}


def test_a_response_with_a_second_document_that_nobody_asked_for_is_not_what_was_asked(bench: Bench) -> None:
    def response(name: str, elements: list[tuple[str, str]]) -> dict[str, Any]:
        bench.document_name = name
        transcript = openid4vp_transcript(AUDIENCE, NONCE, RESPONSE_URI, THUMBPRINT)
        shown = mdoc.present(bench.seal(), elements, bench.holder, transcript=transcript)
        return dict(cbor.loads(shown))

    extra = response("completion", [("org.w3id.tegata.completion.1", "family_name")])
    bench.document_name = "graduation"
    good = dict(cbor.loads(base64url.decode(bench.present().decode("ascii"))))
    both = cbor.dumps({**good, "documents": [*good["documents"], *extra["documents"]]})
    report = bench.report(base64url.encode(both).encode("ascii"))
    assert len(report.credentials) == 2
    assert not_passed(report) == {CheckName.REQUEST: Outcome.FAILED}


@pytest.mark.clause("OID4VP 1.0 §6.3")
def test_a_value_that_was_not_among_those_asked_for_is_told(bench: Bench) -> None:
    query = bench.query
    claims = query.credentials[0].claims
    for values, verdict in ((("青葉",), Verdict.VALID), (("山田",), Verdict.INVALID)):
        asked = (replace(claims[0], values=values), *claims[1:])
        narrowed = replace(query, credentials=(replace(query.credentials[0], claims=asked),))
        assert bench.report(query=narrowed).verdict is verdict


_EDIT = st.tuples(st.integers(0, 9_999), st.integers(0, 3), st.binary(max_size=4))


@pytest.mark.filterwarnings("ignore:Parsed a serial number")
@settings(max_examples=100, deadline=None)
@given(st.lists(_EDIT, min_size=1, max_size=3))
def test_a_damaged_file_is_reported_on_and_never_crashes(edits: list[tuple[int, int, bytes]]) -> None:
    bench, sealed = _shared()
    raw = bytearray(sealed)
    for place, length, put in edits:
        start = place % len(raw)
        raw[start : start + length] = put
    report = _file(bench, bytes(raw))
    assert json.dumps(report.to_json())
    assert report.verdict is not Verdict.VALID or bytes(raw) == sealed


@cache
def _shared() -> tuple[Bench, bytes]:
    """One document for all examples: making one takes longer than looking at it."""
    bench = Bench.set_up(MSO_MDOC)
    return bench, bench.seal()
