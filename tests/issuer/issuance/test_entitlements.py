"""Claim links and slips: written again at any time, opened by nothing in the database, renewed when they ended."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from issuer.issuance import store
from issuer.issuance.entitlements import (
    BY_DESK,
    BY_LINK,
    WALLETS,
    claim_end,
    claim_token,
    entitlement_id_of,
    invite_batch,
    make_slip,
    open_invitations,
)
from issuer.issuance.errors import WrongState
from issuer.issuance.tables import Entitlement
from tegata.codec import base64url
from tegata.errors import NotFound
from tests.simulators.school import NOW, ReadySchool

_entitlement = Entitlement.__table__  # type: ignore[attr-defined]  # SQLModel sets it on tables
SECRET, ID = b"s" * 32, "0123456789abcdef" * 2


@pytest.fixture(scope="module")
def sealed(office: ReadySchool) -> str:
    """A sealed batch of four documents."""
    return office.sealed_batch(people=4, names=("graduation",))


def test_a_claim_token_is_read_back_and_cannot_be_made_without_the_secret() -> None:
    token = claim_token(SECRET, ID)
    assert entitlement_id_of(SECRET, token) == ID
    raw = base64url.decode(token)
    turned = base64url.encode(bytes([raw[0] ^ 1]) + raw[1:])
    for text in (claim_token(b"t" * 32, ID), turned, token[:-4], token + "AAAA", token + "=", "", "あ"):
        with pytest.raises(NotFound):
            entitlement_id_of(SECRET, text)


def test_every_document_of_a_batch_gets_one_link_however_often_it_is_asked_for(
    office: ReadySchool, sealed: str
) -> None:
    tenant = office.school.tenant_id
    first = invite_batch(office.workshop, tenant, sealed, "clerk", NOW)
    again = invite_batch(office.workshop, tenant, sealed, "clerk", NOW + timedelta(days=1))
    assert again == first
    assert len({item.document_id for item in first}) == len({item.page for item in first}) == 4
    for item in first:
        assert item.page.startswith(f"{office.school.issuer}/claim/")
        assert item.offer_uri.startswith(f"{office.school.issuer}/offers/")
        assert item.link.startswith("openid-credential-offer://?credential_offer_uri=")
        assert item.claim_until == claim_end(office.workshop, NOW)
        assert item.transaction_code == ""


def test_a_link_that_ended_is_renewed_when_it_is_sent_again(office: ReadySchool, sealed: str) -> None:
    tenant = office.school.tenant_id
    before = invite_batch(office.workshop, tenant, sealed, "clerk", NOW)
    later = claim_end(office.workshop, NOW) + timedelta(days=1)
    after = invite_batch(office.workshop, tenant, sealed, "clerk", later)
    assert [item.page for item in after] == [item.page for item in before]
    assert {item.claim_until for item in after} == {claim_end(office.workshop, later)}
    with office.workshop.database.reading() as connection:
        documents = [item.document_id for item in after]
        found = open_invitations(office.workshop, connection, office.school, documents)
    assert {item.claim_until for item in found.values()} == {claim_end(office.workshop, later)}


def test_a_slip_replaces_what_was_open_and_shows_its_number_once(office: ReadySchool, sealed: str) -> None:
    tenant = office.school.tenant_id
    link = invite_batch(office.workshop, tenant, sealed, "clerk", NOW)[-1]
    slips = [make_slip(office.workshop, tenant, link.document_id, "clerk", NOW) for _ in range(2)]
    assert all(slip.transaction_code.isdigit() and len(slip.transaction_code) == 6 for slip in slips)
    query = select(_entitlement).where(_entitlement.c.document_id == link.document_id)
    with office.workshop.database.reading() as connection:
        rows = {row.id: row for row in connection.execute(query)}
        shown = open_invitations(office.workshop, connection, office.school, [link.document_id])
    states = [rows[item.entitlement_id].state for item in (link, *slips)]
    assert states == ["replaced", "replaced", "open"]
    new = rows[slips[-1].entitlement_id]
    assert (new.assurance, new.wallets_allowed, new.wallets_claimed) == (BY_DESK, WALLETS, 0)
    assert rows[link.entitlement_id].assurance == BY_LINK
    assert slips[-1].transaction_code not in str(new.tx_code_digest)
    assert shown[link.document_id].transaction_code == ""
    assert shown[link.document_id].page == slips[-1].page


def test_what_is_not_sealed_or_somebody_elses_gets_no_link(office: ReadySchool, sealed: str) -> None:
    tenant = office.school.tenant_id
    waiting = office.submitted_batch(("transcript",), people=1)
    with office.workshop.database.reading() as connection:
        (item,) = store.documents(connection, waiting)
        (document, *_) = store.documents(connection, sealed)
    with pytest.raises(WrongState):
        invite_batch(office.workshop, tenant, waiting, "clerk", NOW)
    with pytest.raises(WrongState):
        make_slip(office.workshop, tenant, item.id, "clerk", NOW)
    open_before = _open(office, document.id)
    with pytest.raises(NotFound):
        make_slip(office.workshop, "0" * 32, document.id, "stranger", NOW)
    with pytest.raises(NotFound):
        invite_batch(office.workshop, "0" * 32, sealed, "stranger", NOW)
    assert _open(office, document.id) == open_before, "a stranger's slip must not close the school's link"


def _open(office: ReadySchool, document_id: str) -> list[str]:
    query = select(_entitlement.c.id).where(
        _entitlement.c.document_id == document_id, _entitlement.c.state == "open"
    )
    with office.workshop.database.reading() as connection:
        return list(connection.execute(query).scalars())
