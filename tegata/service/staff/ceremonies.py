"""Passkey ceremonies: each begins with a stored challenge and ends with the one answer that uses it up.

A challenge is bound to a purpose, an account, a session and a context. A refused answer leaves it open until it
expires, because a refusal rolls the caller's transaction back; an accepted one uses it up in the same transaction as
what follows from it.
"""

import logging
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from tegata.codec import base64url
from tegata.service.staff import evidence, store, webauthn
from tegata.service.staff.context import StaffContext
from tegata.service.staff.errors import PasskeyCloned, PasskeyNeeded, PasskeyRefused
from tegata.service.staff.evidence import ApprovalEvidence
from tegata.service.staff.principal import Principal
from tegata.service.staff.store import Account, Passkey

LIFETIME = timedelta(minutes=5)
REGISTER, SIGN_IN = "register", "sign_in"
logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Binding:
    """What a challenge counts for. An account of None is not known yet: signing in with a discoverable passkey."""

    purpose: str
    account_id: str | None = None
    session_id: str | None = None
    context_id: str = ""


class Ceremonies:
    """Registration, sign-in and approval with passkeys."""

    def __init__(self, context: StaffContext) -> None:
        self._context = context
        self._table = context.tables.challenge

    def begin_registration(
        self, connection: Connection, owner: Account, binding: Binding, now: datetime
    ) -> dict[str, Any]:
        """Return creation options for one more passkey of a person."""
        challenge = base64url.encode(secrets.token_bytes(32))
        self._remember(connection, binding, b"", challenge, owner.tenant_id, now)
        known = [item.credential_id for item in store.passkeys(connection, self._context.tables, owner.id)]
        return webauthn.creation_options(
            self._context.party, challenge, owner.id, owner.login, owner.name, known
        )

    def finish_registration(
        self,
        connection: Connection,
        owner: Account,
        binding: Binding,
        answer: Any,
        label: str,
        now: datetime,
    ) -> str:
        """Store the passkey that was made; returns its id; raises `PasskeyRefused`."""
        registration = webauthn.parse_registration(answer)
        self._use_up(connection, registration.challenge, binding, now)
        made = webauthn.check_registration(registration, registration.challenge, self._context.party)
        passkey_id = store.add_passkey(connection, self._context.tables, owner, made, label, now)
        if passkey_id is None:
            raise PasskeyRefused("the credential is registered already", clause="WebAuthn §7.1 step 26")
        self._context.record(connection, now, owner.id, "passkey.added", passkey_id, owner.tenant_id)
        return passkey_id

    def begin_sign_in(
        self, connection: Connection, allowed: tuple[str, ...], account_id: str | None, now: datetime
    ) -> dict[str, Any]:
        """Return request options for signing in; `allowed` is empty for discoverable passkeys."""
        challenge = base64url.encode(secrets.token_bytes(32))
        self._remember(connection, Binding(SIGN_IN, account_id), b"", challenge, None, now)
        return webauthn.request_options(self._context.party, challenge, allowed)

    def finish_sign_in(self, connection: Connection, answer: Any, now: datetime) -> Passkey:
        """Return the passkey that answered; raises `PasskeyRefused`, or `PasskeyCloned`."""
        assertion = webauthn.parse_assertion(answer)
        passkey = self._known(connection, assertion)
        held = self._challenge(connection, assertion.challenge)
        account_id = None if held is None else held.account_id
        if account_id is not None and account_id != passkey.account_id:
            raise PasskeyRefused("the challenge was for somebody else")
        self._use_up(connection, assertion.challenge, Binding(SIGN_IN, account_id), now)
        self._check(connection, passkey, assertion, now)
        return passkey

    def begin_assertion(
        self,
        connection: Connection,
        principal: Principal,
        purpose: str,
        context_id: str,
        message: bytes,
        now: datetime,
    ) -> dict[str, Any]:
        """Return request options whose challenge covers `message`; raises `PasskeyNeeded` for other sign-ins.

        `purpose` names the kind of step (`approve_batch`), `context_id` the object it is about.
        """
        if not principal.can_approve:
            raise PasskeyNeeded("signed in without a passkey")
        mine = store.passkeys(connection, self._context.tables, principal.account_id)
        nonce = secrets.token_bytes(evidence.NONCE_BYTES)
        challenge = base64url.encode(evidence.challenge_for(nonce, message))
        binding = _binding_of(principal, purpose, context_id)
        self._remember(connection, binding, nonce, challenge, principal.tenant_id, now)
        allowed = [item.credential_id for item in mine]
        if not allowed:
            # An empty list would let any discoverable passkey answer.
            raise PasskeyNeeded("the person has no passkey any more")
        return webauthn.request_options(self._context.party, challenge, allowed)

    def finish_assertion(
        self,
        connection: Connection,
        principal: Principal,
        purpose: str,
        context_id: str,
        message: bytes,
        answer: Any,
        now: datetime,
    ) -> ApprovalEvidence:
        """Check the answer over `message`, which the caller computes anew; raises `PasskeyRefused`.

        1. The person signed in with a passkey, and it is one of their own passkeys that answers.
        2. The challenge is ours, open, and for this purpose, object, account and session; it is used up.
        3. It covers the message as it is now: what changed since the ceremony began is not approved.
        4. The answer holds (origin, relying party, user verified, signature) and the counter grew.
        """
        if not principal.can_approve:
            raise PasskeyNeeded("signed in without a passkey")
        assertion = webauthn.parse_assertion(answer)
        passkey = self._known(connection, assertion)
        if passkey.account_id != principal.account_id:
            raise PasskeyRefused("a passkey of somebody else")
        binding = _binding_of(principal, purpose, context_id)
        nonce = self._use_up(connection, assertion.challenge, binding, now)
        challenge = evidence.challenge_for(nonce, message)
        if base64url.encode(challenge) != assertion.challenge:
            raise PasskeyRefused("the content changed since the ceremony began")
        self._check(connection, passkey, assertion, now)
        return ApprovalEvidence(
            credential_id=base64url.decode(assertion.credential_id),
            authenticator_data=assertion.authenticator_data,
            client_data_json=assertion.client_data,
            signature=assertion.signature,
            nonce=nonce,
            challenge=challenge,
        )

    def public_key(self, connection: Connection, evidence_of: ApprovalEvidence) -> bytes | None:
        """Return the public key that evidence was made with, also after the passkey was removed."""
        credential_id = base64url.encode(evidence_of.credential_id)
        return store.public_key(connection, self._context.tables, credential_id)

    def _remember(
        self,
        connection: Connection,
        binding: Binding,
        nonce: bytes,
        challenge: str,
        tenant_id: str | None,
        now: datetime,
    ) -> None:
        connection.execute(delete(self._table).where(self._table.c.expires_at < now))
        values = {
            "id": secrets.token_hex(16),
            "tenant_id": tenant_id,
            "purpose": binding.purpose,
            "account_id": binding.account_id,
            "session_id": binding.session_id,
            "context_id": binding.context_id,
            "nonce": nonce,
            "challenge": challenge,
            "created_at": now,
            "expires_at": now + LIFETIME,
        }
        connection.execute(insert(self._table).values(values))

    def _challenge(self, connection: Connection, challenge: str) -> Binding | None:
        table = self._table
        row = connection.execute(select(table).where(table.c.challenge == challenge[:64])).mappings().first()
        if row is None:
            return None
        return Binding(row["purpose"], row["account_id"], row["session_id"], row["context_id"])

    def _use_up(self, connection: Connection, challenge: str, binding: Binding, now: datetime) -> bytes:
        """Mark the challenge as used, if it is open and bound exactly so; returns its nonce."""
        table = self._table
        if self._challenge(connection, challenge) != binding:
            raise PasskeyRefused("the challenge is unknown or for another step")
        done = connection.execute(
            update(table)
            .where(table.c.challenge == challenge, table.c.used_at.is_(None), table.c.expires_at > now)
            .values(used_at=now)
            .returning(table.c.nonce)
        ).scalar()
        if done is None:
            raise PasskeyRefused("the challenge was used before or is over")
        return bytes(done)

    def _known(self, connection: Connection, assertion: webauthn.Assertion) -> Passkey:
        passkey = store.passkey_by_credential(connection, self._context.tables, assertion.credential_id)
        if passkey is None:
            raise PasskeyRefused("no such credential", clause="WebAuthn §7.2 step 6")
        if assertion.user_handle not in {None, passkey.account_id.encode("ascii")}:
            raise PasskeyRefused("the user handle is somebody else's", clause="WebAuthn §7.2 step 6")
        return passkey

    def _check(
        self, connection: Connection, passkey: Passkey, assertion: webauthn.Assertion, now: datetime
    ) -> None:
        checked = webauthn.check_assertion(
            assertion, passkey.public_key_cose, assertion.challenge, self._context.party
        )
        try:
            webauthn.check_counter(passkey.sign_count, checked.sign_count)
            if not store.use_passkey(
                connection,
                self._context.tables,
                passkey,
                checked.sign_count,
                now,
                backed_up=checked.backed_up,
            ):
                raise PasskeyCloned("used twice at once", clause="WebAuthn §7.2 step 22")
        except PasskeyCloned:
            logger.warning("passkey %s may have been copied", passkey.id)
            raise


def _binding_of(principal: Principal, purpose: str, context_id: str) -> Binding:
    if purpose in {REGISTER, SIGN_IN} or not purpose:
        raise PasskeyRefused("a purpose that belongs to signing in")
    return Binding(purpose, principal.account_id, principal.session_id, context_id)
