"""Changing a status: every instance in every rendering, in one transaction; revocation is final."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import select

from issuer.base import AUDIT
from issuer.issuance import store as documents
from issuer.issuance.entitlements import make_slip
from issuer.issuance.errors import FinalStatus, WrongState
from issuer.issuance.store import StoredDocument
from issuer.status import store
from issuer.status.publication import TOKEN, StatusPublisher
from issuer.status.service import (
    REASON_TEXT,
    STATUS_TEXT,
    Change,
    NoteMissing,
    Reason,
    StatusService,
    status_of,
)
from issuer.status.tables import StatusChange
from issuer.wallet_api.copies import CopyMaker
from issuer.wallet_api.service import WalletService
from tegata.codec import json
from tegata.errors import NotFound
from tegata.identity.certificates import KeyUse
from tegata.status import bitstring_status_list, token_status_list
from tegata.status.bitstring_entry import parse_entry
from tegata.status.entries import Entries, Status
from tests.issuer.neighbours import strange_school
from tests.simulators import claiming
from tests.simulators.school import NOW, ReadySchool

REVOKE = Change(Status.INVALID, Reason.ERROR)
SUSPEND = Change(Status.SUSPENDED, Reason.INVESTIGATION)
LIFT = Change(Status.VALID, Reason.RESOLVED)
LATER = NOW + timedelta(minutes=10)


def _change(ready: ReadySchool, service: StatusService, document: StoredDocument, *changes: Change) -> None:
    for step, change in enumerate(changes):
        now = LATER + timedelta(minutes=step)
        service.change(ready.school.tenant_id, document.id, change, ready.clerk.account_id, now)


def _current(ready: ReadySchool, document: StoredDocument) -> Status:
    with ready.workshop.database.reading() as connection:
        return status_of(connection, document.id)


def _slots(ready: ReadySchool, document: StoredDocument) -> list[tuple[str, int]]:
    with ready.workshop.database.reading() as connection:
        return store.slots_of(connection, document.id)


def _in_bits(ready: ReadySchool, document: StoredDocument) -> set[Status]:
    found: set[Status] = set()
    with ready.workshop.database.reading() as connection:
        for list_id, slot in store.slots_of(connection, document.id):
            stored = store.list_by_id(connection, list_id)
            assert stored is not None
            found.add(Entries(stored.bits).status_at(slot))
    return found


def _published(ready: ReadySchool, publisher: StatusPublisher, list_id: str, slot: int) -> tuple[int, ...]:
    """Read one slot as verifiers do, from the three published renderings; signatures are tried elsewhere."""
    base = f"{ready.school.issuer}/status/{list_id}"
    token = publisher.published(ready.school, list_id, TOKEN, LATER)
    parsed = token_status_list.parse(token.body)
    with ready.workshop.database.reading() as connection:
        signer, _ = ready.workshop.keys.signer(ready.school.id, KeyUse.STATUS, LATER, connection=connection)
    values = [
        token_status_list.verify(parsed, signer.public_key, now=LATER, expected_uri=base).status_at(slot)
    ]
    for purpose in (bitstring_status_list.REVOCATION, bitstring_status_list.SUSPENSION):
        entry = parse_entry(
            {
                "type": "BitstringStatusListEntry",
                "statusPurpose": purpose,
                "statusListIndex": str(slot),
                "statusListCredential": f"{base}/{purpose}",
            }
        )
        body = json.loads(publisher.published(ready.school, list_id, purpose, LATER).body)
        values.append(bitstring_status_list.check(entry, body, lambda document: document, now=LATER).value)
    return tuple(values)


def _claimed(ready: ReadySchool, document: StoredDocument, *configurations: str) -> None:
    """Let a wallet take copies of a document."""
    service = WalletService(ready.workshop.database, AUDIT, ready.workshop.secret, CopyMaker(ready.workshop))
    slip = make_slip(ready.workshop, ready.school.tenant_id, document.id, "clerk", NOW)
    token = slip.page.rpartition("/")[2]
    for name in configurations:
        claiming.claim(
            service,
            ready.school,
            token,
            NOW,
            configuration_id=name,
            transaction_code=slip.transaction_code,
        )


def test_a_revocation_reaches_the_master_and_every_copy_in_every_rendering(
    ready: ReadySchool, service: StatusService, publisher: StatusPublisher, document: StoredDocument
) -> None:
    """inji/inji-certify#767: revocation is independent of formats."""
    _claimed(ready, document, "graduation-sd-jwt", "graduation-ldp")
    slots = _slots(ready, document)
    assert len(slots) == len(set(slots)) == 3
    assert {_published(ready, publisher, *slot) for slot in slots} == {(0, 0, 0)}
    _change(ready, service, document, REVOKE)
    assert {_published(ready, publisher, *slot) for slot in slots} == {(1, 1, 0)}


def test_a_suspension_is_seen_and_lifted_in_every_rendering(
    ready: ReadySchool, service: StatusService, publisher: StatusPublisher, document: StoredDocument
) -> None:
    (slot,) = _slots(ready, document)
    _change(ready, service, document, SUSPEND)
    assert _published(ready, publisher, *slot) == (2, 0, 1)
    _change(ready, service, document, LIFT)
    assert _published(ready, publisher, *slot) == (0, 0, 0)


def test_a_change_leaves_the_slots_of_other_documents_alone(
    ready: ReadySchool, service: StatusService, document: StoredDocument, untouched: object
) -> None:
    neighbour: StoredDocument = next(untouched)  # type: ignore[call-overload]  # an iterator of documents
    _change(ready, service, document, REVOKE)
    assert (_current(ready, document), _in_bits(ready, document)) == (Status.INVALID, {Status.INVALID})
    assert (_current(ready, neighbour), _in_bits(ready, neighbour)) == (Status.VALID, {Status.VALID})


@pytest.mark.parametrize("change", [LIFT, SUSPEND, REVOKE], ids=lambda change: str(change.status.name))
def test_a_revoked_document_stays_revoked(
    ready: ReadySchool, service: StatusService, document: StoredDocument, change: Change
) -> None:
    _change(ready, service, document, REVOKE)
    with pytest.raises(FinalStatus):
        _change(ready, service, document, change)
    assert _in_bits(ready, document) == {Status.INVALID}


def test_a_revocation_stays_the_newest_change_when_a_clock_runs_behind(
    ready: ReadySchool, service: StatusService, document: StoredDocument
) -> None:
    """Two processes, two clocks: the one that revoked after the suspension had the earlier time."""
    tenant = ready.school.tenant_id
    service.change(tenant, document.id, SUSPEND, "one", LATER)
    service.change(tenant, document.id, REVOKE, "two", LATER - timedelta(seconds=3))
    assert _current(ready, document) is Status.INVALID
    with pytest.raises(FinalStatus):
        service.change(tenant, document.id, LIFT, "one", LATER + timedelta(days=1))
    assert [item[1] for item in service.history(tenant, document.id)] == [Status.INVALID, Status.SUSPENDED]


def test_of_two_people_who_revoke_at_once_one_is_told_that_it_is_done(
    ready: ReadySchool, service: StatusService, document: StoredDocument
) -> None:
    def revoke(actor: str) -> str:
        try:
            service.change(ready.school.tenant_id, document.id, REVOKE, actor, LATER)
        except FinalStatus:
            return "final"
        return "done"

    with ThreadPoolExecutor(4) as pool:
        outcomes = list(pool.map(revoke, ["a", "b", "c", "d"]))
    assert sorted(outcomes) == ["done", "final", "final", "final"]


def test_changes_of_different_documents_at_once_lose_no_slot(
    ready: ReadySchool, service: StatusService, untouched: object
) -> None:
    """Their slots lie in one list: whoever writes it second must have read what the first one wrote."""
    chosen: list[StoredDocument] = [next(untouched) for _ in range(4)]  # type: ignore[call-overload]  # same
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda item: _change(ready, service, item, REVOKE), chosen))
    assert all(_in_bits(ready, item) == {Status.INVALID} for item in chosen)


@pytest.mark.parametrize(
    ("before", "change"), [((), LIFT), ((SUSPEND,), SUSPEND)], ids=["valid already", "suspended already"]
)
def test_a_change_that_changes_nothing_is_refused(
    ready: ReadySchool,
    service: StatusService,
    document: StoredDocument,
    before: tuple[Change, ...],
    change: Change,
) -> None:
    _change(ready, service, document, *before)
    with pytest.raises(WrongState):
        _change(ready, service, document, change)


def test_a_document_that_is_not_sealed_has_no_status_to_change(
    ready: ReadySchool, service: StatusService
) -> None:
    batch_id = ready.submitted_batch(("transcript",), people=1)
    with ready.workshop.database.reading() as connection:
        (item,) = documents.documents(connection, batch_id)
    with pytest.raises(WrongState):
        _change(ready, service, item, REVOKE)


def test_another_tenants_document_is_not_found_and_not_changed(
    ready: ReadySchool, service: StatusService, document: StoredDocument
) -> None:
    stranger = strange_school(ready, NOW)
    with pytest.raises(NotFound):
        service.change(stranger.tenant_id, document.id, REVOKE, "stranger", LATER)
    with pytest.raises(NotFound):
        service.history(stranger.tenant_id, document.id)
    assert _in_bits(ready, document) == {Status.VALID}


@pytest.mark.parametrize("note", ["", " 　"])
def test_the_reason_other_needs_words(
    ready: ReadySchool, service: StatusService, document: StoredDocument, note: str
) -> None:
    with pytest.raises(NoteMissing):
        _change(ready, service, document, Change(Status.SUSPENDED, Reason.OTHER, note))
    assert _current(ready, document) is Status.VALID


def test_reasons_are_kept_sealed_and_read_back_by_the_school_alone(
    ready: ReadySchool, service: StatusService, publisher: StatusPublisher, document: StoredDocument
) -> None:
    note = "保護者から申出"
    ((list_id, _),) = _slots(ready, document)
    _change(ready, service, document, Change(Status.SUSPENDED, Reason.OTHER, note))
    ((at, status, reason, read, actor),) = service.history(ready.school.tenant_id, document.id)
    assert (at, status, reason, read) == (LATER, Status.SUSPENDED, Reason.OTHER, note)
    assert actor == ready.clerk.account_id
    table = StatusChange.__table__  # type: ignore[attr-defined]  # SQLModel sets it on tables
    with ready.workshop.database.reading() as connection:
        kept = connection.execute(select(table.c.note).where(table.c.document_id == document.id)).scalar_one()
    assert note.encode() not in bytes(kept)
    for purpose in (bitstring_status_list.REVOCATION, bitstring_status_list.SUSPENSION):
        body = publisher.published(ready.school, list_id, purpose, LATER).body
        assert b"other" not in body
        assert note.encode() not in body


def test_every_change_leaves_an_audit_row(
    ready: ReadySchool, service: StatusService, document: StoredDocument
) -> None:
    _change(ready, service, document, SUSPEND, LIFT, REVOKE)
    with ready.workshop.database.reading() as connection:
        actions = connection.execute(
            select(AUDIT.row.c.action)
            .where(AUDIT.row.c.object_id == document.id, AUDIT.row.c.at >= LATER)
            .order_by(AUDIT.row.c.at)
        )
        found = [row[0] for row in actions]
    assert found == ["document.suspended", "document.valid", "document.invalid"]


def test_every_reason_and_status_has_its_words_in_both_languages() -> None:
    assert set(REASON_TEXT) == set(Reason)
    assert set(STATUS_TEXT) == set(Status)
    for text in [*REASON_TEXT.values(), *STATUS_TEXT.values(), NoteMissing.text]:
        assert text.ja
        assert text.en
        assert text.ja != text.en
