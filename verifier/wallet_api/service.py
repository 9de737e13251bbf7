"""The use cases of a request: make it, hand it out, take the answer, welcome the browser back, judge.

Each loads a state, lets `verifier.oid4vp.transaction` decide, and stores the next one with a compare-and-swap, so that
of two who answer at once one wins. What a wallet sends is sealed before anything is decided on it.
"""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from tegata.codec import base64url
from tegata.envelope import jwe
from tegata.errors import Conflict, NotFound, Text
from tegata.formats.credential import HolderBindingRefused
from tegata.keys import jwk
from tegata.service import failpoints
from tegata.service.audit import AuditTables, Entry, append
from tegata.service.database import Database
from tegata.service.vault import Vault
from verifier.oid4vp import request as requests
from verifier.oid4vp.dcql import Query
from verifier.oid4vp.errors import AlreadyAnswered, RequestExpired, ResponseCodeRefused
from verifier.oid4vp.request import Metadata, Prefix, WalletPost
from verifier.oid4vp.response import Refusal, Submission, parse_response, parse_vp_token
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
from verifier.settings import VerifierSettings
from verifier.signing.service import SigningService
from verifier.tenants import store as tenants
from verifier.tenants.store import Tenant
from verifier.verification.assessing import Assessment, Assessor
from verifier.verification.report import Report, Verdict
from verifier.verification.service import Challenge
from verifier.wallet_api import store
from verifier.wallet_api.store import Stored

BEFORE_STORE = failpoints.define("answer.before_store")
AFTER_STORE = failpoints.define("answer.after_store")
BEFORE_REPORT = failpoints.define("answer.before_report")
#: An answer that could not be decided is looked at again this often.
CHECK_AGAIN = timedelta(minutes=30)
#: No request is open for longer.
LONGEST = timedelta(days=30)
#: Called inside the transaction that closes a request, with its tenant and id: to tell somebody.
OnClosed = Callable[[Connection, str, str, datetime], None]


@dataclass(frozen=True, slots=True)
class Order:
    """What an organisation wants to ask. `purpose` is shown to the person, `reference` is the organisation's own."""

    tenant_id: str
    query: Query
    purpose: str
    template: str = ""
    reference: str = ""
    created_by: str = ""
    lifetime: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Links:
    """Where the person begins: `same_device` on this phone, `cross_device` as a link or QR code for another one.

    `page` is for people: it says who asks and why, and has both ways on it. An unsigned request (tests only) has neither
    `same_device` nor `page`: its client identifier is one address.
    """

    same_device: str
    cross_device: str
    page: str = ""


@dataclass(frozen=True, slots=True)
class Taken:
    """What a wallet is answered, which request it answered, as it was stored, and what was found on its answer.

    `stored` is None if there is nothing to judge now.
    """

    body: Mapping[str, str]
    tenant_id: str
    identifier: str
    assessment: Assessment | None = field(default=None, repr=False)
    stored: Stored | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class RequestView:
    """A request as its organisation sees it; `state` is the one that it is in now."""

    id: str
    state: str
    template: str
    purpose: str
    reference: str
    created_at: datetime
    expires_at: datetime
    received_at: datetime | None
    closed_at: datetime | None
    wallet_error: str
    next_check_at: datetime | None
    links: Links | None
    query: Query
    report: Report | None = field(repr=False)
    organisation: Text
    created_by: str


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as the person who is asked sees it: who asks, why, for what; never what came of it.

    `state` is `open`, `answered`, `declined` or `expired`; `links` are there while it is open.
    """

    organisation: Text
    purpose: str
    query: Query
    state: str
    expires_at: datetime
    links: Links | None


_STATE_NAMES: tuple[tuple[type[Transaction], str], ...] = (
    (Created, "created"),
    (RequestFetched, "fetched"),
    (Submitted, "submitted"),
    (Decided, "decided"),
    (Declined, "declined"),
    (Expired, "expired"),
)
#: How a request that is not open has ended, for the person who was asked; anything else is an answer.
_ENDS: Mapping[type[Transaction], str] = {Declined: "declined", Expired: "expired"}


class PresentationService:
    """The use cases, for one installation."""

    def __init__(
        self,
        settings: VerifierSettings,
        database: Database,
        signing: SigningService,
        assessor: Assessor,
        audit: AuditTables,
        on_closed: OnClosed,
    ) -> None:
        self._settings = settings
        self._database = database
        self._signing = signing
        self._assessor = assessor
        self._audit = audit
        self._on_closed = on_closed
        self._vault = Vault(settings.key_encryption_bytes(), "verifier presentations")

    # --- the organisation's side ---

    def create(self, order: Order, now: datetime) -> RequestView:
        """Make a request; raises `NotFound` for an unknown tenant, `NoRequestCertificate` if none can be signed."""
        terms = self._terms(order, now)
        key = jwe.generate_encryption_key() if self._settings.encrypt_answers else None
        transaction: Transaction = Created(terms)
        if self._is_unsigned:
            # It stands in the link, so that it is handed out by being made.
            transaction = Created(terms).fetched(now)
        stored = Stored(
            transaction=transaction,
            version=0,
            template=order.template,
            purpose=order.purpose,
            reference=order.reference,
            created_by=order.created_by,
            encryption_key=None if key is None else self._seal_key(key, terms.transaction_id),
        )
        with self._database.writing() as connection:
            if tenants.by_id(connection, order.tenant_id) is None:
                raise NotFound("no such tenant")
            store.add(connection, stored, now + self._settings.keeping)
            if self._is_unsigned:
                store.save(connection, stored, transaction)
            actor = order.created_by or "system"
            self._record(connection, terms, actor, "request.created", now)
        return self.find(order.tenant_id, terms.transaction_id, now)

    def find(self, tenant_id: str, identifier: str, now: datetime) -> RequestView:
        """Return a tenant's request; raises `NotFound`, also for another tenant's."""
        with self._database.reading() as connection:
            stored = self._owned(connection, tenant_id, identifier)
            tenant = tenants.by_id(connection, tenant_id)
        return self._view(stored, _names(tenant), now)

    def extend(self, tenant_id: str, identifier: str, actor: str, now: datetime) -> RequestView:
        """Give an open request as much time again as requests usually have, up to 30 days from now.

        Raises `NotFound`, `RequestExpired`, `AlreadyAnswered`.
        """
        more = timedelta(seconds=self._settings.request_lifetime)
        with self._database.writing() as connection:
            stored = self._owned(connection, tenant_id, identifier)
            to_fetch(stored.transaction, now)
            until = min(stored.terms.expires_at + more, now + LONGEST)
            if until > stored.terms.expires_at:
                store.extend(connection, tenant_id, identifier, until, until + self._settings.keeping)
                self._record(connection, stored.terms, actor, "request.extended", now)
        return self.find(tenant_id, identifier, now)

    def find_all(
        self, tenant_id: str, now: datetime, *, limit: int = 100, before: datetime | None = None
    ) -> tuple[RequestView, ...]:
        """Return a tenant's requests, newest first."""
        with self._database.reading() as connection:
            found = store.of_tenant(connection, tenant_id, limit=limit, before=before)
            tenant = tenants.by_id(connection, tenant_id)
        return tuple(self._view(item, _names(tenant), now) for item in found)

    def decide(
        self, tenant_id: str, identifier: str, now: datetime, assessment: Assessment | None = None
    ) -> RequestView:
        """Judge an answer that waits for it, or one again that could not be decided; anything else stays as it is.

        Called after the answer was taken, by whoever looks, and by the worker: it may happen twice, and is stored once.
        `assessment` is what `respond` found on this answer just now: it saves verifying every signature twice.
        """
        self.judge(tenant_id, identifier, now, assessment)
        return self.find(tenant_id, identifier, now)

    def judge(
        self, tenant_id: str, identifier: str, now: datetime, assessment: Assessment | None = None
    ) -> None:
        """Do what `decide` does, for a caller who does not look at the request; raises `NotFound`."""
        with self._database.reading() as connection:
            stored = self._owned(connection, tenant_id, identifier)
        state = stored.transaction
        waits = isinstance(state, Submitted) and not state.awaits_return
        is_open = isinstance(state, Decided) and state.verdict == Verdict.UNDECIDED
        if (waits or is_open) and stored.answer is not None:
            assert isinstance(state, Submitted | Decided)  # noqa: S101  what the two lines above asked
            self._judge(stored, state, now, assessment if waits else None)

    def judge_taken(self, taken: Taken, now: datetime) -> None:
        """Judge the answer that `respond` just took, without reading it again; if somebody was faster, nothing is done."""
        stored = taken.stored
        if stored is not None and isinstance(stored.transaction, Submitted):
            self._judge(stored, stored.transaction, now, taken.assessment)

    def waiting(self) -> tuple[tuple[str, str], ...]:
        """Return tenant and id of answers that were taken and not judged, say because a process died."""
        with self._database.reading() as connection:
            return store.waiting(connection)

    def undecided(self, now: datetime) -> tuple[tuple[str, str], ...]:
        """Return tenant and id of answers that could not be decided and are due to be looked at again."""
        with self._database.reading() as connection:
            return store.undecided(connection, now - CHECK_AGAIN)

    def forget(self, now: datetime) -> int:
        """Delete what need not be kept: requests after their time, answers whose browser never came back."""
        with self._database.writing() as connection:
            for stored in store.never_returned(connection, now):
                store.save(connection, stored, Expired(stored.terms))
            return store.forget(connection, now)

    # --- the wallet's side ---

    def request_object(self, address: str, post: WalletPost, now: datetime) -> str:
        """Hand out the signed request behind an address (OID4VP 1.0 §5.10); it may be asked for again.

        Raises `NotFound`, `RequestExpired`, `AlreadyAnswered`, `NoRequestCertificate`.
        """
        with self._database.writing() as connection:
            stored, flow = self._addressed(connection, address)
            state = to_fetch(stored.transaction, now)
            if isinstance(state, Created) and not store.save(connection, stored, state.fetched(now)):
                # Fetched at the same time, or started, or answered by now: what it is now decides.
                stored, flow = self._addressed(connection, address)
                to_fetch(stored.transaction, now)
            tenant = tenants.by_id(connection, stored.terms.tenant_id)
        signer = self._signing.signer(now)
        terms = stored.terms
        current = requests.client_identifier(
            self._settings.client_id_prefix,
            response_uri=terms.response_uri(flow),
            certificates=signer.certificates,
        )
        if current != terms.client_id:
            raise RequestExpired("the certificate was replaced after the request was made")
        metadata = self._metadata(stored, "" if tenant is None else tenant.names.ja)
        return requests.sign_request(requests.request_claims(terms, flow, metadata, now), signer, post)

    def respond(self, address: str, form: Mapping[str, str], now: datetime) -> Taken:
        """Take a wallet's answer (OID4VP 1.0 §8.2).

        1. The request waits for an answer. 2. The form is one, and fits the query. 3. Every holder's proof is for this
        request (§14.2.2); else the request stays open. 4. The answer is stored, sealed, if nobody was faster.

        Raises `NotFound`, `RequestExpired`, `AlreadyAnswered`, `NotFetched` (1), `ResponseRefused` (2),
        `HolderBindingRefused` (3), `AlreadyAnswered` (4).
        """
        with self._database.reading() as connection:
            stored, flow = self._addressed(connection, address)
        terms = stored.terms
        state = to_answer(stored.transaction, now)
        answer = parse_response(form, terms, self._private_key(stored))
        if isinstance(answer, Refusal):
            self._close(stored, state.declined(now, answer.code), "answer.declined", now)
            return Taken({}, terms.tenant_id, terms.transaction_id)
        challenge = self._challenge(stored, flow)
        assessment = self._assessor.examine_answer(answer.presentations, challenge, now)
        if assessment.holder_proof_failed:
            raise HolderBindingRefused("a proof for another request, or none", clause="OID4VP 1.0 §14.2.2")
        code = new_secret(secrets.token_bytes) if flow is Flow.SAME_DEVICE else ""
        sealed = self._vault.seal(_kept(answer, challenge), f"answer/{terms.transaction_id}")
        submitted = state.submitted(now, flow, code)
        with self._database.writing(durable=True) as connection:
            if not store.save(connection, stored, submitted, answer=sealed):
                raise AlreadyAnswered("another answer was faster")
            self._record(connection, terms, "wallet", "answer.taken", now)
            failpoints.passing(BEFORE_STORE)
        failpoints.passing(AFTER_STORE)
        if code:
            back = f"{self._settings.public_origin}/return?response_code={code}"
            return Taken({"redirect_uri": back}, terms.tenant_id, terms.transaction_id)
        after = replace(
            stored, transaction=submitted, version=stored.version + 1, answer=sealed, encryption_key=None
        )
        return Taken({}, terms.tenant_id, terms.transaction_id, assessment, after)

    # --- the browser's side ---

    def look(self, address: str, now: datetime) -> Asked:
        """Return a request for the person who is asked, by the address that their link has; raises `NotFound`."""
        with self._database.reading() as connection:
            stored, flow = self._addressed(connection, address)
            tenant = tenants.by_id(connection, stored.terms.tenant_id)
        if flow is not Flow.SAME_DEVICE or self._is_unsigned:
            raise NotFound("not an address to start from")
        state = at_time(stored.transaction, now)
        is_open = isinstance(state, Created | RequestFetched)
        names = _names(tenant)
        return Asked(
            organisation=names,
            purpose=stored.purpose,
            query=stored.terms.query,
            state="open" if is_open else _ENDS.get(type(state), "answered"),
            expires_at=stored.terms.expires_at,
            links=self._links(stored, names.ja, now) if is_open else None,
        )

    def start(self, address: str, session: str, now: datetime) -> str:
        """Bind a request to the browser that starts it on this device; returns the link for its wallet.

        Raises `NotFound`, `RequestExpired`, `AlreadyAnswered`.
        """
        with self._database.writing() as connection:
            stored, flow = self._addressed(connection, address)
            if flow is not Flow.SAME_DEVICE or self._is_unsigned:
                raise NotFound("not an address to start from")
            state = to_fetch(stored.transaction, now).started_in(session, now)
            if not store.save(connection, stored, state):
                raise Conflict("somebody else was faster; start again")
        return requests.link_by_reference(stored.terms.client_id, self._request_uri(address))

    def came_back(self, response_code: str, session: str, now: datetime) -> RequestView:
        """Accept the browser that comes back with its code, and judge what its wallet sent (OID4VP 1.0 §13.3).

        Raises `ResponseCodeRefused`, `RequestExpired`.
        """
        with self._database.writing() as connection:
            stored = store.by_response_code(connection, digest_of(response_code))
            if stored is None or not isinstance(stored.transaction, Submitted):
                raise ResponseCodeRefused("no return is awaited", clause="OID4VP 1.0 §13.3")
            if not store.save(connection, stored, stored.transaction.returned(response_code, session, now)):
                raise ResponseCodeRefused("the code was used just now", clause="OID4VP 1.0 §13.3")
            self._record(connection, stored.terms, "wallet", "return.accepted", now)
        return self.decide(stored.terms.tenant_id, stored.terms.transaction_id, now)

    # --- parts ---

    @property
    def _is_unsigned(self) -> bool:
        return self._settings.client_id_prefix is Prefix.REDIRECT_URI

    def _terms(self, order: Order, now: datetime) -> Terms:
        origin = self._settings.public_origin
        request_id = new_secret(secrets.token_bytes)
        response_base = f"{origin}/response"
        certificates = () if self._is_unsigned else self._signing.signer(now).certificates
        lifetime = order.lifetime or timedelta(seconds=self._settings.request_lifetime)
        encrypts = self._settings.encrypt_answers
        return Terms(
            transaction_id=secrets.token_hex(16),
            request_id=request_id,
            same_device_id=new_secret(secrets.token_bytes),
            tenant_id=order.tenant_id,
            client_id=requests.client_identifier(
                self._settings.client_id_prefix,
                response_uri=f"{response_base}/{request_id}",
                certificates=certificates,
            ),
            nonce=new_secret(secrets.token_bytes),
            state=new_secret(secrets.token_bytes),
            response_base=response_base,
            response_mode=ResponseMode.DIRECT_POST_JWT if encrypts else ResponseMode.DIRECT_POST,
            query=order.query,
            created_at=now,
            expires_at=now + lifetime,
        )

    def _challenge(self, stored: Stored, flow: Flow) -> Challenge:
        """Return what the holders' proofs of an answer that came this way have to be made for."""
        terms = stored.terms
        key = self._open_key(stored) if terms.response_mode is ResponseMode.DIRECT_POST_JWT else None
        thumbprint = None if key is None else jwk.encryption_thumbprint(key["public"])
        return Challenge(terms.nonce, terms.client_id, terms.response_uri(flow), thumbprint)

    def _examine(self, stored: Stored, received_at: datetime, now: datetime) -> Assessment:
        terms = stored.terms
        kept = self._vault.open(stored.answer or b"", f"answer/{terms.transaction_id}")
        presentations = parse_vp_token(kept["vp_token"], terms.query).presentations
        thumbprint = kept["encryption_thumbprint"]
        challenge = Challenge(
            terms.nonce,
            terms.client_id,
            kept["response_uri"],
            None if thumbprint is None else base64url.decode(thumbprint),
        )
        return self._assessor.examine_answer(presentations, challenge, now, received_at=received_at)

    def _judge(
        self, stored: Stored, state: Submitted | Decided, now: datetime, assessment: Assessment | None
    ) -> None:
        terms = stored.terms
        assessment = assessment or self._examine(stored, state.received_at, now)
        report = self._assessor.report(assessment, terms.query, now)
        verdict = report.verdict.value
        decided = (
            state.decided(now, verdict)
            if isinstance(state, Submitted)
            else Decided(terms, state.received_at, now, verdict)
        )
        self._close(stored, decided, "request.decided", now, report)

    def _close(
        self,
        stored: Stored,
        state: Decided | Declined,
        action: str,
        now: datetime,
        report: Report | None = None,
    ) -> None:
        terms = stored.terms
        place = f"report/{terms.transaction_id}"
        sealed = None if report is None else self._vault.seal(report.to_json(), place)
        with self._database.writing() as connection:
            if not store.save(connection, stored, state, report=sealed):
                if isinstance(state, Declined):
                    raise AlreadyAnswered("another answer was faster")
                return  # somebody else judged the same answer
            before = stored.transaction
            if isinstance(before, Decided) and isinstance(state, Decided) and before.verdict == state.verdict:
                return  # looked at again, with nothing new to tell
            actor = "system" if report is not None else "wallet"
            self._record(connection, terms, actor, action, now)
            self._on_closed(connection, terms.tenant_id, terms.transaction_id, now)
            failpoints.passing(BEFORE_REPORT)

    def _view(self, stored: Stored, names: Text, now: datetime) -> RequestView:
        terms = stored.terms
        state = at_time(stored.transaction, now)
        is_open = isinstance(state, Created | RequestFetched)
        report = None
        if stored.report is not None:
            report = Report.from_json(self._vault.open(stored.report, f"report/{terms.transaction_id}"))
        closed_at = None
        if isinstance(state, Decided):
            closed_at = state.decided_at
        elif isinstance(state, Declined):
            closed_at = state.declined_at
        return RequestView(
            id=terms.transaction_id,
            state=next(name for kind, name in _STATE_NAMES if isinstance(state, kind)),
            template=stored.template,
            purpose=stored.purpose,
            reference=stored.reference,
            created_at=terms.created_at,
            expires_at=terms.expires_at,
            received_at=state.received_at if isinstance(state, Submitted | Decided) else None,
            closed_at=closed_at,
            wallet_error=state.error if isinstance(state, Declined) else "",
            next_check_at=_next_check(state),
            links=self._links(stored, names.ja, now) if is_open else None,
            query=terms.query,
            report=report,
            organisation=names,
            created_by=stored.created_by,
        )

    def _links(self, stored: Stored, client_name: str, now: datetime) -> Links:
        terms = stored.terms
        if self._is_unsigned:
            metadata = self._metadata(stored, client_name)
            claims = requests.request_claims(terms, Flow.CROSS_DEVICE, metadata, now)
            return Links("", requests.link_by_value(claims))
        return Links(
            f"{self._settings.public_origin}/start/{terms.same_device_id}",
            requests.link_by_reference(terms.client_id, self._request_uri(terms.request_id)),
            f"{self._settings.public_origin}/ask/{terms.same_device_id}",
        )

    def _request_uri(self, address: str) -> str:
        return f"{self._settings.public_origin}/request/{address}"

    def _metadata(self, stored: Stored, client_name: str) -> Metadata:
        key = self._open_key(stored)
        return Metadata(client_name, None if key is None else key["public"])

    def _seal_key(self, key: jwe.EncryptionKey, identifier: str) -> bytes:
        pair = {"public": dict(key.public_jwk), "private": dict(key.private_jwk)}
        return self._vault.seal(pair, f"encryption_key/{identifier}")

    def _open_key(self, stored: Stored) -> Mapping[str, Any] | None:
        if stored.encryption_key is None:
            return None
        place = f"encryption_key/{stored.terms.transaction_id}"
        opened: Mapping[str, Any] = self._vault.open(stored.encryption_key, place)
        return opened

    def _private_key(self, stored: Stored) -> Mapping[str, Any] | None:
        key = self._open_key(stored)
        return None if key is None else key["private"]

    def _record(self, connection: Connection, terms: Terms, actor: str, action: str, now: datetime) -> None:
        append(connection, self._audit, now, Entry(terms.tenant_id, actor, action, terms.transaction_id))

    @staticmethod
    def _owned(connection: Connection, tenant_id: str, identifier: str) -> Stored:
        stored = store.by_id(connection, tenant_id, identifier)
        if stored is None:
            raise NotFound("no such request")
        return stored

    @staticmethod
    def _addressed(connection: Connection, address: str) -> tuple[Stored, Flow]:
        found = store.by_address(connection, address)
        if found is None:
            raise NotFound("no request at this address")
        return found


def _kept(answer: Submission, challenge: Challenge) -> dict[str, Any]:
    """Return what is kept of an answer: the tokens, and what devices signed for, which cannot be had again later."""
    thumbprint = challenge.encryption_thumbprint
    return {
        "vp_token": dict(answer.vp_token),
        "response_uri": challenge.response_uri,
        "encryption_thumbprint": None if thumbprint is None else base64url.encode(thumbprint),
    }


def _names(tenant: Tenant | None) -> Text:
    return Text("", "") if tenant is None else tenant.names


def _next_check(state: Transaction) -> datetime | None:
    is_open = isinstance(state, Decided) and state.verdict == Verdict.UNDECIDED
    return state.decided_at + CHECK_AGAIN if is_open and isinstance(state, Decided) else None
