"""One request from its making to its end. Each state is a type that only the state before can make.

    Created ──fetched──▶ RequestFetched ──submitted──▶ Submitted ──decided──▶ Decided
       │                      │    │                      ▲ │
       └──────expired─────────┴────┼──▶ Expired ◀─────────┼─┘ same device, never came back
                                   └──declined──▶ Declined

Rules kept here:

- A request may be fetched again until it is answered (wallets retry), never after its time.
- Only a fetched request can be answered, once, before its time.
- On the same device, nothing is decided before the browser that started came back with the response code (OID4VP 1.0
  §13.3, HAIP 1.0 §5.1); code, session and transaction have to belong together, and the code works once.
- `state` and the request's address open nothing: the result is for the asking organisation alone (§14.4.3).
"""

import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from tegata.codec import base64url
from verifier.oid4vp.dcql import Query
from verifier.oid4vp.errors import (
    WALLET_ERRORS,
    AlreadyAnswered,
    NotFetched,
    RequestExpired,
    ResponseCodeRefused,
)

SECRET_BYTES = 32
#: `random(n)` returns n unpredictable bytes.
Random = Callable[[int], bytes]


class Flow(StrEnum):
    """Where the wallet is: on the device that shows the request, or on another one that reads its QR code.

    Each flow has an address of its own, so that a wallet's answer says which way it came.
    """

    CROSS_DEVICE = "cross_device"
    SAME_DEVICE = "same_device"


class ResponseMode(StrEnum):
    """How the wallet answers (§8.2, §8.3)."""

    DIRECT_POST = "direct_post"
    DIRECT_POST_JWT = "direct_post.jwt"


def new_secret(random: Random) -> str:
    """Return 256 unpredictable bits in URL-safe ASCII: nonces, states, response codes."""
    return base64url.encode(random(SECRET_BYTES))


def digest_of(secret: str) -> str:
    """Return what is stored of a secret that its owner brings back."""
    return hashlib.sha256(secret.encode("utf-8")).hexdigest()


@dataclass(frozen=True, slots=True)
class Terms:
    """What was fixed when the request was made.

    `transaction_id` never leaves the verifier; the addresses' ids are in the links, one for each flow; `state` and
    `nonce` are in the Request Object. `client_id` carries its prefix. `response_base` is the response address without
    its id.
    """

    transaction_id: str
    request_id: str
    same_device_id: str
    tenant_id: str
    client_id: str
    nonce: str
    state: str
    response_base: str
    response_mode: ResponseMode
    query: Query
    created_at: datetime
    expires_at: datetime

    def response_uri(self, flow: Flow) -> str:
        """Return the address that the wallet answers to."""
        identifier = self.same_device_id if flow is Flow.SAME_DEVICE else self.request_id
        return f"{self.response_base}/{identifier}"

    def check_time(self, now: datetime) -> None:
        """Raise `RequestExpired` after the request's time."""
        if now >= self.expires_at:
            raise RequestExpired(f"expired on {self.expires_at.isoformat()}")


@dataclass(frozen=True, slots=True)
class Created:
    """Made, and nobody has fetched it. `session_digest` is empty until a browser on the same device starts."""

    terms: Terms
    session_digest: str = ""

    def fetched(self, now: datetime) -> "RequestFetched":
        """Hand the request out; raises `RequestExpired`."""
        self.terms.check_time(now)
        return RequestFetched(self.terms, now, self.session_digest)

    def started_in(self, session: str, now: datetime) -> "Created":
        """Bind the request to the browser that starts it on this device; the last one to start counts."""
        self.terms.check_time(now)
        return Created(self.terms, digest_of(session))


@dataclass(frozen=True, slots=True)
class RequestFetched:
    """In the wallet's hands."""

    terms: Terms
    fetched_at: datetime
    session_digest: str = ""

    def fetched(self, now: datetime) -> "RequestFetched":
        """Hand the same request out again; raises `RequestExpired`."""
        self.terms.check_time(now)
        return self

    def started_in(self, session: str, now: datetime) -> "RequestFetched":
        """Bind the request to the browser that starts it again on this device."""
        self.terms.check_time(now)
        return RequestFetched(self.terms, self.fetched_at, digest_of(session))

    def submitted(self, now: datetime, flow: Flow, response_code: str = "") -> "Submitted":
        """Take the answer; on the same device `response_code` goes back with the browser.

        Raises `RequestExpired`; `NotFetched` for an answer on the same device that no browser started.
        """
        self.terms.check_time(now)
        if flow is Flow.CROSS_DEVICE:
            return Submitted(self.terms, now)
        if not self.session_digest or not response_code:
            raise NotFetched("no browser started this request on its device", clause="HAIP 1.0 §5.1")
        return Submitted(self.terms, now, self.session_digest, digest_of(response_code))

    def declined(self, now: datetime, error: str) -> "Declined":
        """Take the wallet's refusal; codes that the standard does not know are kept as `invalid_request`."""
        self.terms.check_time(now)
        return Declined(self.terms, now, error if error in WALLET_ERRORS else "invalid_request")


@dataclass(frozen=True, slots=True)
class Submitted:
    """Answered. `response_code_digest` is not empty while the browser has still to come back."""

    terms: Terms
    received_at: datetime
    session_digest: str = ""
    response_code_digest: str = ""

    @property
    def awaits_return(self) -> bool:
        """Whether nothing may be decided yet, because the browser has not come back."""
        return bool(self.response_code_digest)

    def returned(self, response_code: str, session: str, now: datetime) -> "Submitted":
        """Accept the browser that comes back; raises `ResponseCodeRefused`, `RequestExpired`."""
        self.terms.check_time(now)
        if not self.awaits_return:
            raise ResponseCodeRefused("no return is awaited", clause="OID4VP 1.0 §13.3")
        # Both are compared before either answers, so that the answer does not say which was wrong.
        code_fits = hmac.compare_digest(digest_of(response_code), self.response_code_digest)
        session_fits = hmac.compare_digest(digest_of(session), self.session_digest)
        if not (code_fits and session_fits):
            raise ResponseCodeRefused("another code or another browser", clause="OID4VP 1.0 §13.3")
        return Submitted(self.terms, self.received_at, self.session_digest)

    def decided(self, now: datetime, verdict: str) -> "Decided":
        """Close with a verdict; raises `ResponseCodeRefused` before the browser came back."""
        if self.awaits_return:
            raise ResponseCodeRefused("the browser has not come back", clause="HAIP 1.0 §5.1")
        return Decided(self.terms, self.received_at, now, verdict)


@dataclass(frozen=True, slots=True)
class Decided:
    """Verified, with a verdict. An undecided one may be looked at again."""

    terms: Terms
    received_at: datetime
    decided_at: datetime
    verdict: str


@dataclass(frozen=True, slots=True)
class Declined:
    """The wallet, or its owner, said no; `error` is one of the protocol's codes."""

    terms: Terms
    declined_at: datetime
    error: str


@dataclass(frozen=True, slots=True)
class Expired:
    """Nobody answered in time, or the browser did not come back in time."""

    terms: Terms


Transaction = Created | RequestFetched | Submitted | Decided | Declined | Expired
Open = Created | RequestFetched


def at_time(transaction: Transaction, now: datetime) -> Transaction:
    """Return the transaction as it is now: what was still waiting after its time is expired."""
    waits = isinstance(transaction, Open) or (
        isinstance(transaction, Submitted) and transaction.awaits_return
    )
    return Expired(transaction.terms) if waits and now >= transaction.terms.expires_at else transaction


def to_fetch(transaction: Transaction, now: datetime) -> Open:
    """Return the transaction if its request may be handed out; raises `RequestExpired` or `AlreadyAnswered`."""
    current = at_time(transaction, now)
    if isinstance(current, Expired):
        raise RequestExpired("the request has expired")
    if not isinstance(current, Open):
        raise AlreadyAnswered("the request has been answered")
    return current


def to_answer(transaction: Transaction, now: datetime) -> RequestFetched:
    """Return the transaction if it may be answered; raises as `to_fetch`, or `NotFetched`."""
    current = to_fetch(transaction, now)
    if isinstance(current, Created):
        raise NotFetched("the request was never handed out")
    return current
