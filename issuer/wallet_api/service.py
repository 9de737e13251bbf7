"""What a wallet may do at a school: fetch the offer, trade the code for a token, take copies, report back.

Each use case loads, lets `issuer.oid4vci` decide, and stores, in one transaction. A copy is prepared, recorded with
its status entry, and only then signed.
"""

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from issuer.issuance.entitlements import entitlement_id_of
from issuer.oid4vci import credential, nonce, notification, offer, proof, token
from issuer.oid4vci.errors import (
    InvalidGrant,
    InvalidNonce,
    InvalidRequest,
    InvalidToken,
    RequestDenied,
    TransactionCodeLocked,
    UnknownNotification,
    WrongTransactionCode,
)
from issuer.oid4vci.token import TokenRequest
from issuer.organisations.school import School
from issuer.wallet_api import store
from issuer.wallet_api.copies import CopyMaker
from issuer.wallet_api.store import HeldAuthorization, HeldEntitlement
from tegata.errors import Conflict, NotFound, Text
from tegata.service import failpoints
from tegata.service.audit import AuditTables, Entry, append
from tegata.service.database import Database

CODE_LIFETIME = timedelta(minutes=10)
TOKEN_LIFETIME = timedelta(minutes=5)
#: A code that is about to end is not handed out any more.
CODE_REST = timedelta(minutes=3)
MAX_INSTANCES = 40
AFTER_RECORD = failpoints.define("claim.after_record")


class InvitationEnded(Conflict):
    """The claim link is over: too late, withdrawn, or every place is taken."""

    kind = "invitation_ended"
    text = Text(
        "このリンクの期限は終わりました。証明書がなくなったわけではありません。学校に「案内をもう一度」と伝えてください。",
        "This link has ended. Your certificate is not lost. Ask your school to send the link again.",
    )


class WalletService:
    """The use cases of one issuer installation."""

    def __init__(self, database: Database, audit: AuditTables, secret: bytes, copies: CopyMaker) -> None:
        self._database = database
        self._audit = audit
        self._secret = secret
        self._copies = copies

    def offer(self, school: School, claim_token: str, now: datetime) -> dict[str, Any]:
        """Return the Credential Offer behind a claim link; asking twice gives the same code (OID4VCI §4.1.3)."""
        with self._database.writing() as connection:
            entitlement_id = entitlement_id_of(self._secret, claim_token)
            held = self._open(store.entitlement(connection, entitlement_id, lock=True), school, now)
            code_id = store.current_code(connection, held.id, now + CODE_REST)
            if code_id is None:
                code_id = secrets.token_hex(16)
                store.add_code(connection, code_id, held, now=now, expires_at=now + CODE_LIFETIME)
            names = self._copies.configuration_ids(connection, school, held.document_id)
        transaction_code = offer.TransactionCode() if held.tx_code_digest else None
        return offer.credential_offer(
            school.issuer, names, token.make_code(self._secret, code_id), transaction_code
        )

    def token(self, school: School, form: dict[str, str], now: datetime) -> dict[str, Any]:
        """Trade a pre-authorized code for an access token (OID4VCI §6).

        The 確認番号 is judged before the code is touched, so that a stranger's guess burns nothing; wrong ones are
        counted for the entitlement and make the invitation rest.
        """
        request = token.parse_request(form, self._secret, school.issuer)
        with self._database.writing() as connection:
            held = store.entitlement_of_code(connection, request.code_id, lock=True)
            if held is None or held.school_id != school.id:
                raise InvalidGrant("unknown code")
            self._usable(held, now)
            token.check_presence(request, expected=held.tx_code_digest is not None)
            refusal = self._judge_transaction_code(connection, held, request.transaction_code, now)
            if refusal is None:
                return self._authorize(connection, school, held, request, now)
        # Raised outside the block: the wrong attempt has to be committed.
        raise refusal

    def nonce(self, school: School, now: datetime) -> str:
        """Return a fresh c_nonce (OID4VCI §7)."""
        return nonce.make(self._secret, school.issuer, now, secrets.token_bytes)

    def credential(self, school: School, access_token: str, body: Any, now: datetime) -> dict[str, Any]:
        """Sign copies of the document for the wallet's keys (OID4VCI §8).

        1. The access token is ours, for this school, and not expired.
        2. The request names a configuration that the token covers, with 1 to 10 key proofs.
        3. Every proof holds; their nonce is ours, fresh and unused.
        4. A place for one more wallet is free; the document may still be given out.
        5. Copies are prepared and recorded with status entries of their own, in one transaction.
        6. Then, and only then, they are signed.
        """
        with self._database.reading() as connection:
            authorization = self._authorization(connection, access_token, school, now)
        request = credential.parse_request(
            body,
            authorised=authorization.configuration_ids,
            identifiers_were_named=authorization.identifiers_named,
        )
        proofs = proof.check_all(request.proofs, school.issuer, now)
        nonce_ends = nonce.check(proofs[0].nonce, self._secret, school.issuer, now)
        notification_id = secrets.token_hex(16)
        with self._database.writing(durable=True) as connection:
            if not store.use_nonce(connection, nonce.digest(proofs[0].nonce), nonce_ends):
                raise InvalidNonce("the nonce was used before")
            held = store.entitlement(connection, authorization.entitlement_id, lock=True)
            if held is None or held.state != "open":
                raise RequestDenied("the entitlement is closed")
            if not store.take_place(connection, authorization, now):
                raise RequestDenied("every wallet's place is taken")
            if store.instances_of(connection, authorization.id) + len(proofs) > MAX_INSTANCES:
                raise RequestDenied("too many copies under one token")
            prepared = self._copies.prepare(
                connection,
                school,
                held.document_id,
                request.configuration_id,
                [item.key for item in proofs],
                now,
            )
            rows = [
                copy.row | {"authorization_id": authorization.id, "notification_id": notification_id}
                for copy in prepared
            ]
            store.add_instances(connection, rows)
            entries = [Entry(held.tenant_id, "wallet", "copy.recorded", row["id"]) for row in rows]
            append(connection, self._audit, now, *entries)
        failpoints.passing(AFTER_RECORD)
        return credential.response([copy.seal() for copy in prepared], notification_id)

    def notify(self, school: School, access_token: str, body: Any, now: datetime) -> None:
        """Record what the wallet says became of the copies (OID4VCI §11); saying it twice changes nothing."""
        message = notification.parse(body)
        with self._database.writing() as connection:
            authorization = self._authorization(connection, access_token, school, now)
            known = store.record_event(
                connection, authorization.id, message.notification_id, message.event, now
            )
            if not known:
                raise UnknownNotification("nothing was issued under this id")

    def _open(self, held: HeldEntitlement | None, school: School, now: datetime) -> HeldEntitlement:
        if held is None or held.school_id != school.id:
            raise NotFound("no such claim link")
        if held.state != "open" or now > held.claim_until or held.wallets_claimed >= held.wallets_allowed:
            raise InvitationEnded(f"entitlement {held.id} is {held.state}")
        return held

    def _usable(self, held: HeldEntitlement, now: datetime) -> None:
        if held.state != "open" or now > held.claim_until:
            raise InvalidGrant("the entitlement is closed")
        if held.locked_until is not None and now < held.locked_until:
            raise TransactionCodeLocked("the entitlement rests after wrong tx_codes")

    def _judge_transaction_code(
        self, connection: Connection, held: HeldEntitlement, given: str | None, now: datetime
    ) -> InvalidGrant | None:
        if held.tx_code_digest is None:
            return None
        digest = token.transaction_code_digest(self._secret, held.id, given or "")
        if secrets.compare_digest(digest, held.tx_code_digest):
            store.clear_attempts(connection, held)
            return None
        attempts = held.wrong_attempts + 1
        is_last = attempts >= token.TRIES
        locked_until = token.rest_until(now, held.lock_count) if is_last else None
        store.record_wrong_attempt(connection, held, attempts=attempts, locked_until=locked_until)
        append(connection, self._audit, now, Entry(held.tenant_id, "wallet", "tx_code.wrong", held.id))
        return (
            TransactionCodeLocked("too many wrong tx_codes")
            if is_last
            else WrongTransactionCode(token.TRIES - attempts)
        )

    def _authorize(
        self,
        connection: Connection,
        school: School,
        held: HeldEntitlement,
        request: TokenRequest,
        now: datetime,
    ) -> dict[str, Any]:
        offered = self._copies.configuration_ids(connection, school, held.document_id)
        names = offered if request.configuration_ids is None else request.configuration_ids
        if not set(names) <= set(offered):
            raise InvalidRequest("authorization_details names a configuration that was not offered")
        if not store.consume_code(connection, request.code_id, now):
            raise InvalidGrant("the code was used before or has ended")
        access_token = secrets.token_urlsafe(32)
        values = {
            "id": secrets.token_hex(16),
            "tenant_id": held.tenant_id,
            "school_id": held.school_id,
            "entitlement_id": held.id,
            "code_id": request.code_id,
            "token_digest": digest_of(access_token),
            "configuration_ids": " ".join(names),
            "identifiers_named": request.configuration_ids is not None,
            "created_at": now,
            "expires_at": now + TOKEN_LIFETIME,
        }
        store.add_authorization(connection, values)
        append(connection, self._audit, now, Entry(school.tenant_id, "wallet", "code.consumed", held.id))
        return token.token_response(access_token, TOKEN_LIFETIME, request.configuration_ids)

    @staticmethod
    def _authorization(
        connection: Connection, access_token: str, school: School, now: datetime
    ) -> HeldAuthorization:
        found = store.authorization_by_token(connection, digest_of(access_token))
        if found is None or found.school_id != school.id or now > found.expires_at:
            raise InvalidToken("unknown or expired access token", clause="RFC 6750 §3.1")
        return found


def digest_of(secret: str) -> str:
    """Return the digest under which an unguessable token is kept."""
    return hashlib.sha256(secret.encode("utf-8")).hexdigest()
