"""The right to claim a document: claim links for one's own device, and slips for the desk.

A claim link is `entitlement id ‖ MAC`: it can be written again at any time, and the database alone opens nothing. The
確認番号 of a slip is shown once, when the slip is made; a new slip kills the old one at once (DESIGN §5).
"""

import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, insert, select, update

from issuer.base import AUDIT
from issuer.issuance import store
from issuer.issuance.errors import WrongState
from issuer.issuance.states import DocumentState, Sealed, expect
from issuer.issuance.store import StoredDocument
from issuer.issuance.tables import Entitlement
from issuer.issuance.workshop import Workshop
from issuer.oid4vci import offer, token
from issuer.organisations.school import School
from tegata.codec import base64url
from tegata.codec.dates import end_of_day, today
from tegata.errors import MalformedInput, NotFound
from tegata.service.audit import Entry, append

_entitlement = Entitlement.__table__  # type: ignore[attr-defined]  # SQLModel sets it on tables
_LABEL = b"tegata claim link 1"
_ID, _MAC = 16, 16
WALLETS = 3
LINK, SLIP = "link", "slip"
#: What is known about who claims: whoever has the link, or a person whom the desk has seen.
BY_LINK, BY_DESK = "link", "desk"
_TX_CODE_DIGITS = 6


@dataclass(frozen=True, slots=True)
class Invitation:
    """A claim link or slip as it is handed out. `transaction_code` is there once, and only on a slip."""

    entitlement_id: str
    document_id: str
    page: str
    offer_uri: str
    claim_until: datetime
    transaction_code: str = ""

    @property
    def link(self) -> str:
        """The link that opens a wallet, by reference: the form for QR codes (OID4VCI 1.0 §4.1.3)."""
        return offer.by_reference(self.offer_uri)


def claim_token(secret: bytes, entitlement_id: str) -> str:
    """Return the token of a claim link."""
    body = bytes.fromhex(entitlement_id)
    return base64url.encode(body + hmac.digest(secret, _LABEL + body, "sha256")[:_MAC])


def entitlement_id_of(secret: bytes, text: str) -> str:
    """Read a claim link's token; raises `NotFound` for what we never made."""
    try:
        raw = base64url.decode(text)
    except MalformedInput:
        raise NotFound("not a claim link") from None
    body, mac = raw[:_ID], raw[_ID:]
    expected = hmac.digest(secret, _LABEL + body, "sha256")[:_MAC]
    if len(body) != _ID or not hmac.compare_digest(mac, expected):
        raise NotFound("not a claim link")
    return body.hex()


def invitation(
    workshop: Workshop,
    school: School,
    entitlement_id: str,
    document_id: str,
    claim_until: datetime,
    transaction_code: str = "",
) -> Invitation:
    """Write the addresses of an entitlement."""
    text = claim_token(workshop.secret, entitlement_id)
    return Invitation(
        entitlement_id=entitlement_id,
        document_id=document_id,
        page=f"{school.issuer}/claim/{text}",
        offer_uri=f"{school.issuer}/offers/{text}",
        claim_until=claim_until,
        transaction_code=transaction_code,
    )


def invite_batch(
    workshop: Workshop, tenant_id: str, batch_id: str, actor: str, now: datetime
) -> list[Invitation]:
    """Make a claim link for every document of a sealed batch; those that have one keep it, for a new period if it ended."""
    until = claim_end(workshop, now)
    with workshop.database.writing() as connection:
        batch = expect(store.batch(connection, tenant_id, batch_id, lock=True), Sealed)
        school = workshop.school(connection, batch.terms.school_id, today(now))
        open_links = _open_of_batch(connection, batch_id)
        made = []
        rows = []
        ended = []
        for chunk in store.every_document(connection, batch_id):
            for item in chunk:
                held = open_links.get(item.id)
                if held is None:
                    held = (secrets.token_hex(16), until)
                    rows.append(_row(item, held[0], until, LINK, BY_LINK, None, actor, now))
                elif held[1] < now:
                    held = (held[0], until)
                    ended.append({"b_id": held[0], "b_until": until})
                made.append(invitation(workshop, school, held[0], item.id, held[1]))
        if rows:
            connection.execute(insert(_entitlement), rows)
        if ended:
            renewed = update(_entitlement).where(_entitlement.c.id == bindparam("b_id"))
            connection.execute(renewed.values(claim_until=bindparam("b_until")), ended)
        if rows or ended:
            append(connection, AUDIT, now, Entry(tenant_id, actor, "batch.invited", batch_id))
    return made


def make_slip(workshop: Workshop, tenant_id: str, document_id: str, actor: str, now: datetime) -> Invitation:
    """Make a desk slip with a 確認番号; earlier links and slips of the document stop working at once.

    Wallets that took their place keep their copies. The slip has places of its own: the desk has seen the person.
    """
    code = "".join(secrets.choice("0123456789") for _ in range(_TX_CODE_DIGITS))
    entitlement_id = secrets.token_hex(16)
    until = claim_end(workshop, now)
    with workshop.database.writing() as connection:
        # The entitlements first and the document second, as a wallet's claim takes them: neither waits in a circle.
        connection.execute(
            update(_entitlement)
            .where(
                _entitlement.c.document_id == document_id,
                _entitlement.c.tenant_id == tenant_id,
                _entitlement.c.state == "open",
            )
            .values(state="replaced")
        )
        item = store.document(connection, tenant_id, document_id, lock=True)
        if item.state != DocumentState.SEALED:
            raise WrongState("a document that is not sealed cannot be claimed")
        school = workshop.school(connection, item.school_id, today(now))
        digest = token.transaction_code_digest(workshop.secret, entitlement_id, code)
        row = _row(item, entitlement_id, until, SLIP, BY_DESK, digest, actor, now)
        connection.execute(insert(_entitlement).values(**row))
        append(connection, AUDIT, now, Entry(tenant_id, actor, "slip.made", document_id))
    return invitation(workshop, school, entitlement_id, document_id, until, code)


def claim_end(workshop: Workshop, now: datetime) -> datetime:
    """Return until when a link made now can be used: the end of a day in Asia/Tokyo."""
    return end_of_day(today(now) + timedelta(days=workshop.settings.claim_days))


def open_invitations(
    workshop: Workshop, connection: Connection, school: School, document_ids: list[str]
) -> dict[str, Invitation]:
    """Return the open link or slip of each document that has one; without 確認番号, which is shown once only."""
    query = select(_entitlement.c.id, _entitlement.c.document_id, _entitlement.c.claim_until).where(
        _entitlement.c.document_id.in_(document_ids), _entitlement.c.state == "open"
    )
    return {
        row.document_id: invitation(workshop, school, row.id, row.document_id, row.claim_until)
        for row in connection.execute(query)
    }


def _open_of_batch(connection: Connection, batch_id: str) -> dict[str, tuple[str, datetime]]:
    documents = store.document_ids(batch_id)
    query = select(_entitlement.c.document_id, _entitlement.c.id, _entitlement.c.claim_until).where(
        _entitlement.c.document_id.in_(documents), _entitlement.c.state == "open"
    )
    return {row.document_id: (row.id, row.claim_until) for row in connection.execute(query)}


def _row(
    item: StoredDocument,
    entitlement_id: str,
    until: datetime,
    kind: str,
    assurance: str,
    tx_code_digest: str | None,
    actor: str,
    now: datetime,
) -> dict[str, object]:
    return {
        "id": entitlement_id,
        "tenant_id": item.tenant_id,
        "school_id": item.school_id,
        "document_id": item.id,
        "kind": kind,
        "assurance": assurance,
        "claim_until": until,
        "wallets_allowed": WALLETS,
        "tx_code_digest": tx_code_digest,
        "state": "open",
        "created_by": actor,
        "created_at": now,
    }
