"""The life of a request, as types; what each state allows and refuses."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from verifier.oid4vp.dcql import CredentialQuery, Query
from verifier.oid4vp.errors import AlreadyAnswered, NotFetched, RequestExpired, ResponseCodeRefused
from verifier.oid4vp.transaction import (
    Created,
    Decided,
    Declined,
    Expired,
    Flow,
    RequestFetched,
    ResponseMode,
    Submitted,
    Terms,
    Transaction,
    at_time,
    digest_of,
    new_secret,
    to_answer,
    to_fetch,
)

NOW = datetime(2027, 3, 5, 5, 2, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
LATE = NOW + 10 * MINUTE
TERMS = Terms(
    transaction_id="t",
    request_id="r",
    same_device_id="s",
    tenant_id="x",
    client_id="x509_hash:a",
    nonce="n",
    state="z",
    response_base="https://v.example/response",
    response_mode=ResponseMode.DIRECT_POST_JWT,
    query=Query((CredentialQuery("a", "dc+sd-jwt", (("urn:x",),)),)),
    created_at=NOW,
    expires_at=LATE,
)


def test_each_way_has_its_own_address() -> None:
    assert TERMS.response_uri(Flow.CROSS_DEVICE) == "https://v.example/response/r"
    assert TERMS.response_uri(Flow.SAME_DEVICE) == "https://v.example/response/s"


def test_from_made_to_decided() -> None:
    fetched = Created(TERMS).fetched(NOW)
    assert fetched.fetched(NOW + MINUTE) is fetched
    submitted = to_answer(fetched, NOW).submitted(NOW + MINUTE, Flow.CROSS_DEVICE)
    decided = submitted.decided(NOW + 2 * MINUTE, "valid")
    assert (decided.received_at, decided.decided_at, decided.verdict) == (
        NOW + MINUTE,
        NOW + 2 * MINUTE,
        "valid",
    )


@pytest.mark.clause("OID4VP 1.0 §13.3")
def test_on_the_same_device_code_and_session_belong_together() -> None:
    started = Created(TERMS).started_in("browser", NOW).fetched(NOW)
    submitted = started.submitted(NOW, Flow.SAME_DEVICE, "code")
    assert submitted.awaits_return
    with pytest.raises(ResponseCodeRefused):
        submitted.decided(NOW, "valid")
    for code, session in (("code", "other"), ("other", "browser"), ("other", "other"), ("", "")):
        with pytest.raises(ResponseCodeRefused):
            submitted.returned(code, session, NOW)
    returned = submitted.returned("code", "browser", NOW)
    assert not returned.awaits_return
    with pytest.raises(ResponseCodeRefused):
        returned.returned("code", "browser", NOW)
    assert returned.decided(NOW, "valid").verdict == "valid"


def test_the_last_browser_to_start_counts() -> None:
    state = Created(TERMS).started_in("one", NOW).fetched(NOW).started_in("two", NOW)
    submitted = state.submitted(NOW, Flow.SAME_DEVICE, "code")
    with pytest.raises(ResponseCodeRefused):
        submitted.returned("code", "one", NOW)
    assert submitted.returned("code", "two", NOW)


def test_an_answer_on_the_same_device_needs_a_browser_and_a_code() -> None:
    with pytest.raises(NotFetched):
        Created(TERMS).fetched(NOW).submitted(NOW, Flow.SAME_DEVICE, "code")
    with pytest.raises(NotFetched):
        Created(TERMS).started_in("one", NOW).fetched(NOW).submitted(NOW, Flow.SAME_DEVICE)


FETCHED = RequestFetched(TERMS, NOW, digest_of("browser"))
WAITING = Submitted(TERMS, NOW, digest_of("browser"), digest_of("code"))


@pytest.mark.parametrize(
    "step",
    [
        lambda: Created(TERMS).fetched(LATE),
        lambda: Created(TERMS).started_in("b", LATE),
        lambda: FETCHED.fetched(LATE),
        lambda: FETCHED.started_in("b", LATE),
        lambda: FETCHED.submitted(LATE, Flow.CROSS_DEVICE),
        lambda: FETCHED.declined(LATE, "access_denied"),
        lambda: WAITING.returned("code", "browser", LATE),
        lambda: to_fetch(Created(TERMS), LATE),
        lambda: to_answer(FETCHED, LATE),
    ],
)
def test_nothing_happens_after_its_time(step: Callable[[], object]) -> None:
    with pytest.raises(RequestExpired):
        step()


CLOSED: tuple[Transaction, ...] = (
    Submitted(TERMS, NOW),
    Decided(TERMS, NOW, NOW, "valid"),
    Declined(TERMS, NOW, "access_denied"),
)


@pytest.mark.parametrize("state", CLOSED)
def test_what_is_answered_is_neither_fetched_nor_answered(state: Transaction) -> None:
    with pytest.raises(AlreadyAnswered):
        to_fetch(state, NOW)
    with pytest.raises(AlreadyAnswered):
        to_answer(state, NOW)


@pytest.mark.parametrize("state", CLOSED)
def test_what_is_closed_does_not_expire(state: Transaction) -> None:
    assert at_time(state, LATE) is state


@pytest.mark.parametrize("state", [Created(TERMS), FETCHED, WAITING])
def test_what_waits_expires_at_its_time_and_not_before(state: Transaction) -> None:
    assert at_time(state, LATE - timedelta(microseconds=1)) is state
    assert at_time(state, LATE) == Expired(TERMS)


def test_only_a_fetched_request_is_answered() -> None:
    with pytest.raises(NotFetched):
        to_answer(Created(TERMS), NOW)


@pytest.mark.parametrize(
    ("code", "kept"), [("access_denied", "access_denied"), ("<script>", "invalid_request")]
)
@pytest.mark.clause("OID4VP 1.0 §8.5")
def test_only_the_protocols_error_codes_are_kept(code: str, kept: str) -> None:
    assert FETCHED.declined(NOW, code).error == kept


def test_secrets_have_256_bits() -> None:
    assert new_secret(lambda count: b"\xff" * count) == "_" * 42 + "8"
