"""Bitstring lists as other issuers make them: messages of several bits, several purposes, and each error by its name."""

import gzip
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from schemas import catalogue
from tegata.codec import base64url, json
from tegata.formats import data_integrity
from tegata.formats.jose_cose import Form
from tegata.formats.jose_cose.issue import Prepared, seal
from tegata.keys.software import SoftwareSigner
from tegata.status import bitstring_status_list as bsl
from tegata.status.bitstring_entry import ClaimedEntry
from tegata.status.entries import MIN_SIZE
from tegata.status.values import Values
from tests.verifier.verification.bench import SCHOOL, Bench
from verifier.oid4vp.dcql import LDP_VC
from verifier.verification import texts
from verifier.verification.list_forms import lifetime_of, published_at
from verifier.verification.report import Check, CheckName, Outcome
from verifier.verification.status import Fetched

WORDS = {0: "pending_review", 1: "accepted", 2: "rejected", 3: "undefined"}
SL = "https://www.w3.org/ns/credentials/status-list#"
VCDM = "https://www.w3.org/TR/vc-data-model#"


@pytest.fixture
def bench() -> Bench:
    found = Bench.set_up(LDP_VC)
    found.policy = replace(found.policy, requires_holder_binding=False, accepts_unbound=True)
    return found


def _signed(bench: Bench, document: Mapping[str, Any], signer: SoftwareSigner) -> dict[str, Any]:
    created = (bench.now - timedelta(minutes=1)).replace(microsecond=0)
    method = f"{bench.school.did}#{signer.public_key.key_id}"
    return data_integrity.secure(dict(document), signer, method, created, catalogue.contexts())


def _credential(bench: Bench, *statuses: Any) -> bytes:
    """Return a certificate with these status entries."""
    sealed = json.loads(bench.school.w3c(bench.document(), None))
    stated = list(statuses) if len(statuses) != 1 else statuses[0]
    bare = {name: value for name, value in sealed.items() if name != "proof"} | {"credentialStatus": stated}
    return json.dumps(_signed(bench, bare, bench.school.document_signer))


def _put(bench: Bench, name: str, values: Values, *purposes: str, **subject: Any) -> str:
    """Publish a list under the school's address; `subject` replaces members of it."""
    begin = bench.now.replace(microsecond=0) - timedelta(minutes=1)
    url = f"{SCHOOL}/{name}"
    terms = bsl.Terms(url, bench.school.did, begin, begin + timedelta(days=1), timedelta(hours=1))
    document = bsl.render_values(values, purposes, terms)
    document["credentialSubject"] |= subject
    body = json.dumps(_signed(bench, document, bench.school.status_signer))
    bench.lists.found[url] = Fetched(body, bench.now, timedelta(hours=12))
    return url


def _status(bench: Bench, credential: bytes) -> Check:
    (found,) = bench.assessor().check_file(credential, bench.policy, bench.now).credentials
    others = {check.name for check in found.checks if check.outcome in {Outcome.FAILED, Outcome.UNDECIDED}}
    assert others <= {CheckName.STATUS}
    return next(check for check in found.checks if check.name is CheckName.STATUS)


REVOCATION = ClaimedEntry("revocation", 0, f"{SCHOOL}/revocation").stated()


def _message(bench: Bench, value: int, index: int = 3) -> dict[str, Any]:
    url = _put(bench, "message", Values.zero(2).changed({index: value}), "message")
    return ClaimedEntry("message", index, url, 2, WORDS, ("https://issuer.example/words",)).stated()


@pytest.mark.clause("Bitstring Status List 1.0 §3.2 step 13")
@pytest.mark.parametrize("value", WORDS)
def test_a_message_is_shown_and_decides_nothing(bench: Bench, value: int) -> None:
    check = _status(bench, _credential(bench, REVOCATION, _message(bench, value)))
    assert (check.outcome, check.reason) == (Outcome.PASSED, texts.STATUS_NOTED)
    assert check.evidence["message"] == f"{value:#x} {WORDS[value]} (https://issuer.example/words)"
    assert check.evidence["list"] == f"{SCHOOL}/revocation"


def test_what_is_revoked_stays_revoked_and_shows_its_message(bench: Bench) -> None:
    revoked = ClaimedEntry("revocation", 5_000, f"{SCHOOL}/revocation").stated()
    check = _status(bench, _credential(bench, _message(bench, 1), revoked))
    assert (check.outcome, check.reason) == (Outcome.FAILED, texts.STATUS_REVOKED)
    assert check.evidence["message"].startswith("0x1 accepted")


def test_a_message_alone_says_nothing_about_revocation(bench: Bench) -> None:
    check = _status(bench, _credential(bench, _message(bench, 1)))
    assert (check.outcome, check.reason) == (Outcome.UNDECIDED, texts.STATUS_MISSING)
    assert check.evidence["message"].startswith("0x1 accepted")


def test_a_message_that_cannot_be_read_leaves_it_open(bench: Bench) -> None:
    stated = _message(bench, 1)
    bench.lists.found.pop(stated["statusListCredential"])
    check = _status(bench, _credential(bench, REVOCATION, stated))
    assert (check.outcome, check.reason) == (Outcome.UNDECIDED, texts.STATUS_NOTE_UNREAD)
    assert check.evidence["problem_type"] == SL + "STATUS_RETRIEVAL_ERROR"


def test_a_message_is_shown_in_printable_letters_and_not_without_end(bench: Bench) -> None:
    url = _put(bench, "message", Values.zero(1), "message")
    long = ClaimedEntry("message", 3, url, messages={0: "a\u202eJ" + "x" * 900, 1: "b"}).stated()
    note = _status(bench, _credential(bench, REVOCATION, long)).evidence["message"]
    assert note.startswith("0x0 a Jxxx")
    assert len(note) == 300


@pytest.mark.clause("Bitstring Status List 1.0 §2.2")
def test_one_list_may_serve_several_purposes(bench: Bench) -> None:
    url = _put(bench, "both", Values.zero(1).changed({8: 1}), "revocation", "suspension", "refresh")
    fine = [ClaimedEntry(purpose, 7, url).stated() for purpose in ("revocation", "suspension", "refresh")]
    check = _status(bench, _credential(bench, *fine))
    assert (check.outcome, check.evidence["refresh"]) == (Outcome.PASSED, "0x0 unset")
    newer = [fine[0], ClaimedEntry("refresh", 8, url).stated()]
    check = _status(bench, _credential(bench, *newer))
    assert (check.outcome, check.evidence["refresh"]) == (Outcome.PASSED, "0x1 set")
    suspended = [fine[0], ClaimedEntry("suspension", 8, url).stated()]
    assert _status(bench, _credential(bench, *suspended)).reason == texts.STATUS_SUSPENDED


def test_a_revocation_of_several_bits_is_one_if_any_bit_is_set(bench: Bench) -> None:
    url = _put(bench, "wide", Values.zero(2).changed({3: 2}), "revocation")
    for index, outcome in ((3, Outcome.FAILED), (4, Outcome.PASSED)):
        entry = ClaimedEntry("revocation", index, url, 2, WORDS).stated()
        assert _status(bench, _credential(bench, entry)).outcome is outcome


@pytest.mark.parametrize("entries", [MIN_SIZE + 8, 1_000_000])
def test_a_larger_list_is_read(bench: Bench, entries: int) -> None:
    url = _put(bench, "large", Values.zero(1, entries).changed({entries - 2: 1}), "revocation")
    for index, outcome in ((entries - 1, Outcome.PASSED), (entries - 2, Outcome.FAILED)):
        entry = ClaimedEntry("revocation", index, url).stated()
        assert _status(bench, _credential(bench, entry)).outcome is outcome


def _encoded(bits: bytes) -> str:
    return "u" + base64url.encode(gzip.compress(bits))


def _at(url: str, **changes: Any) -> dict[str, Any]:
    return ClaimedEntry("revocation", 3, url).stated() | changes


def _broken(bench: Bench, **subject: Any) -> dict[str, Any]:
    return _at(_put(bench, "broken", Values.zero(1), "revocation", **subject))


def _no_list(bench: Bench) -> dict[str, Any]:
    url = f"{SCHOOL}/nothing"
    bench.lists.found[url] = Fetched(b'{"hello": "world"}', bench.now, timedelta(hours=12))
    return _at(url)


#: By the W3C's name: what brings it about.
ERRORS: dict[str, tuple[str, Callable[[Bench], Any]]] = {
    "nothing there": (SL + "STATUS_RETRIEVAL_ERROR", lambda _: _at(f"{SCHOOL}/nowhere")),
    "no credential": (SL + "STATUS_RETRIEVAL_ERROR", _no_list),
    "another purpose": (SL + "STATUS_VERIFICATION_ERROR", lambda _: _at(f"{SCHOOL}/suspension")),
    "a short list": (
        SL + "STATUS_LIST_LENGTH_ERROR",
        lambda bench: _broken(bench, encodedList=_encoded(bytes(MIN_SIZE // 8 - 1))),
    ),
    "two bits in a list for one": (
        SL + "STATUS_LIST_LENGTH_ERROR",
        lambda bench: _broken(bench) | ClaimedEntry("revocation", 3, f"{SCHOOL}/broken", 2, WORDS).stated(),
    ),
    "an index too far": (
        VCDM + "RANGE_ERROR",
        lambda _: _at(f"{SCHOOL}/revocation", statusListIndex="9" * 20),
    ),
    "a list that is none": (
        VCDM + "MALFORMED_VALUE_ERROR",
        lambda bench: _broken(bench, encodedList="uAAAA"),
    ),
    "a list too large to expand": (
        SL + "STATUS_VERIFICATION_ERROR",
        lambda bench: _broken(bench, encodedList=_encoded(bytes(16_000_000))),
    ),
    "an index with a sign": (
        VCDM + "MALFORMED_VALUE_ERROR",
        lambda _: _at(f"{SCHOOL}/revocation", statusListIndex="-3"),
    ),
    "several bits without messages": (
        VCDM + "MALFORMED_VALUE_ERROR",
        lambda _: _at(f"{SCHOOL}/revocation", statusSize=2),
    ),
}


@pytest.mark.clause("Bitstring Status List 1.0 §3.5")
@pytest.mark.parametrize("name", ERRORS)
def test_each_error_has_the_name_of_the_standard_and_is_never_called_revoked(bench: Bench, name: str) -> None:
    problem_type, made = ERRORS[name]
    check = _status(bench, _credential(bench, made(bench)))
    assert check.outcome is Outcome.UNDECIDED
    assert check.evidence["problem_type"] == problem_type
    assert check.to_json()["evidence"]["problem_type"] == problem_type


@pytest.mark.clause("Bitstring Status List 1.0 §2.2")
@pytest.mark.parametrize(
    ("ttl", "kept"), [(0, timedelta()), (1500, timedelta(seconds=1.5)), (-1, None), ("9", None), (True, None)]
)
def test_how_long_a_list_asks_to_be_kept_is_in_milliseconds(
    bench: Bench, ttl: object, kept: timedelta | None
) -> None:
    url = _put(bench, "ttl", Values.zero(1), "revocation", ttl=ttl)
    assert lifetime_of(bench.lists.found[url].body) == kept


FORMS = (Form.VC_JWT, Form.VC_SD_JWT, Form.VC_COSE)


def _put_as(bench: Bench, form: Form, signer: SoftwareSigner, values: Values, *purposes: str) -> str:
    """Publish a list secured with JOSE or COSE."""
    begin = bench.now.replace(microsecond=0) - timedelta(minutes=1)
    url = f"{SCHOOL}/{form.value}"
    terms = bsl.Terms(url, bench.school.did, begin, begin + timedelta(days=1), timedelta(minutes=7))
    document = bsl.render_values(values, purposes, terms)
    body = seal(Prepared(form, json.dumps(document), (), bench.school.did), signer)
    bench.lists.found[url] = Fetched(body, bench.now, timedelta(hours=12))
    return url


@pytest.mark.clause("Bitstring Status List 1.0 §3.6")
@pytest.mark.parametrize("form", FORMS, ids=str)
def test_a_list_may_be_secured_as_its_issuers_credentials_are(bench: Bench, form: Form) -> None:
    values = Values.zero(1).changed({8: 1})
    url = _put_as(bench, form, bench.school.status_signer, values, "revocation")
    for index, outcome in ((7, Outcome.PASSED), (8, Outcome.FAILED)):
        entry = ClaimedEntry("revocation", index, url).stated()
        assert _status(bench, _credential(bench, entry)).outcome is outcome
    body = bench.lists.found[url].body
    assert (lifetime_of(body), published_at(body)) == (timedelta(minutes=7), url)


@pytest.mark.clause("Bitstring Status List 1.0 §3.6")
@pytest.mark.parametrize("form", FORMS, ids=str)
def test_such_a_list_is_believed_no_more_easily(bench: Bench, form: Form) -> None:
    impostor = SoftwareSigner.generate(key_id=bench.school.status_signer.public_key.key_id)
    for signer in (bench.school.document_signer, SoftwareSigner.generate(), impostor):
        url = _put_as(bench, form, signer, Values.zero(1), "revocation")
        check = _status(bench, _credential(bench, ClaimedEntry("revocation", 7, url).stated()))
        assert (check.outcome, check.reason) == (Outcome.UNDECIDED, texts.STATUS_REFUSED)
        assert check.evidence["problem_type"] == SL + "STATUS_VERIFICATION_ERROR"


@pytest.mark.parametrize(
    "body", [b"", b"\x84\x80", b"a.b.c", b"eyJhbGciOiJFUzI1NiJ9.e30.AA", b"{}", b"[]", b"{"]
)
def test_what_is_no_list_in_any_form_is_a_retrieval_error(bench: Bench, body: bytes) -> None:
    url = f"{SCHOOL}/odd"
    bench.lists.found[url] = Fetched(body, bench.now, timedelta(hours=12))
    check = _status(bench, _credential(bench, ClaimedEntry("revocation", 7, url).stated()))
    assert (check.outcome, check.reason) == (Outcome.UNDECIDED, texts.STATUS_MALFORMED)
    assert check.evidence["problem_type"] == SL + "STATUS_RETRIEVAL_ERROR"
    assert (lifetime_of(body), published_at(body)) == (None, "")
