"""Sealing in order: what a master is, whose turn it is, and keys that change on the way."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from sqlalchemy import update

from issuer.issuance import store
from issuer.issuance.approvals import approve
from issuer.issuance.batches import claims_of, draft, submit
from issuer.issuance.errors import WrongState
from issuer.issuance.sealer import LEASE, Progress, Sealer, master_of
from issuer.issuance.states import Approved, DocumentState, Sealed
from issuer.issuance.store import StoredDocument
from issuer.issuance.tables import Batch
from issuer.issuance.tables import Document as DocumentTable
from issuer.organisations.keys import OVERLAP
from issuer.status.pool import Instance
from tegata.codec import json
from tegata.formats import data_integrity
from tegata.identity.certificates import KeyUse
from tegata.keys.signer import PublicKey
from tests.simulators.school import ISSUE_DATE, NOW, ReadySchool

_batch = Batch.__table__  # type: ignore[attr-defined]  # SQLModel sets it on tables
_document = DocumentTable.__table__  # type: ignore[attr-defined]  # same


def _documents(office: ReadySchool, batch_id: str) -> list[StoredDocument]:
    with office.workshop.database.reading() as connection:
        return store.documents(connection, batch_id)


def _state(office: ReadySchool, batch_id: str) -> object:
    with office.workshop.database.reading() as connection:
        return store.batch(connection, office.school.tenant_id, batch_id)


def _key(office: ReadySchool, at: datetime = NOW) -> PublicKey:
    signer, _ = office.workshop.keys.signer(office.school.id, KeyUse.DOCUMENT, at)
    return signer.public_key


def _scheduled(office: ReadySchool, seal_at: datetime) -> str:
    pairs = [("graduation", office.graduates()[0])]
    batch_id = draft(office.workshop, office.desk, pairs, ISSUE_DATE, NOW, seal_at=seal_at)
    tenant = office.school.tenant_id
    submitted = submit(office.workshop, tenant, batch_id, office.clerk.account_id, NOW)
    decision = office.decision(batch_id, submitted.digest, NOW)
    approve(office.workshop, office.approver.principal, tenant, batch_id, decision, NOW)
    return batch_id


def test_a_master_is_a_credential_of_the_school_with_the_frozen_claims_and_bound_to_nobody(
    office: ReadySchool,
) -> None:
    seen: list[Progress] = []
    batch_id = office.approved_batch(people=15)
    assert Sealer(office.workshop).run_next(lambda: NOW, seen.append) == batch_id
    assert [step.done for step in seen] == [25, 30]
    assert isinstance(_state(office, batch_id), Sealed)
    for item in _documents(office, batch_id):
        master = master_of(office.workshop, item)
        parsed = data_integrity.parse(master, office.workshop.contexts)
        verified = data_integrity.verify(parsed, _key(office), now=NOW)
        claims = dict(claims_of(office.workshop, item))
        assert {name: verified.claims[name] for name in claims} == claims
        assert verified.issuer == office.school.did
        assert (item.key_id, item.sealed_at) == (_key(office).key_id, NOW)
        assert item.issued_at is not None
        assert verified.valid_from == item.issued_at <= NOW
        body = json.loads(master)
        assert body["id"].startswith("urn:uuid:")
        assert "id" not in body["credentialSubject"]
        assert item.master is not None
        assert b"urn:uuid" not in item.master, "masters are kept encrypted"


def test_there_is_nothing_to_do_when_nothing_is_approved(office: ReadySchool) -> None:
    assert Sealer(office.workshop).run_next(lambda: NOW) is None


def test_a_batch_waits_for_its_time(office: ReadySchool) -> None:
    at = NOW + timedelta(hours=3)
    batch_id = _scheduled(office, at)
    sealer = Sealer(office.workshop)
    assert sealer.run_next(lambda: at - timedelta(seconds=1)) is None
    assert isinstance(_state(office, batch_id), Approved)
    assert sealer.run_next(lambda: at) == batch_id


def test_several_sealers_at_once_seal_every_batch_once(office: ReadySchool) -> None:
    batches = {office.approved_batch(people=1, names=("graduation",)) for _ in range(4)}

    def run(_step: int) -> list[str]:
        sealer, done = Sealer(office.workshop), []
        while (batch_id := sealer.run_next(lambda: NOW)) is not None:
            done.append(batch_id)
        return done

    with ThreadPoolExecutor(4) as pool:
        sealed = [batch_id for done in pool.map(run, range(4)) for batch_id in done]
    assert sorted(sealed) == sorted(batches)


def _lease(office: ReadySchool, batch_id: str, owner: str, until: datetime) -> None:
    with office.workshop.database.writing() as connection:
        leased = update(_batch).where(_batch.c.id == batch_id)
        connection.execute(leased.values(lease_owner=owner, lease_until=until))


def test_a_batch_that_another_machine_seals_is_left_alone_until_its_lease_ends(office: ReadySchool) -> None:
    batch_id = office.approved_batch(people=1, names=("graduation",))
    _lease(office, batch_id, "00000000-1-1-0000", NOW + LEASE)
    assert Sealer(office.workshop).run_next(lambda: NOW + LEASE) is None
    late = NOW + LEASE + timedelta(seconds=1)
    assert Sealer(office.workshop).run_next(lambda: late) == batch_id


def test_a_sealer_that_lost_its_lease_writes_nothing_more(office: ReadySchool) -> None:
    batch_id = office.approved_batch(people=15, names=("graduation", "transcript"))
    sealer = Sealer(office.workshop)

    def lose(_progress: Progress) -> None:
        _lease(office, batch_id, "00000000-1-1-0000", NOW + LEASE)

    with pytest.raises(WrongState):
        sealer.run_next(lambda: NOW, lose)
    states = [item.state for item in _documents(office, batch_id)]
    assert states == [DocumentState.SEALED] * 25 + [DocumentState.FROZEN] * 5
    _lease(office, batch_id, "", NOW - LEASE)
    assert sealer.run_next(lambda: NOW) == batch_id


def test_a_process_that_ends_in_order_gives_its_batch_back(office: ReadySchool) -> None:
    batch_id = office.approved_batch(people=1, names=("graduation",))
    sealer = Sealer(office.workshop)
    _lease(office, batch_id, sealer.owner, NOW + LEASE)
    assert Sealer(office.workshop).run_next(lambda: NOW) is None
    sealer.release()
    assert Sealer(office.workshop).run_next(lambda: NOW) == batch_id


def test_documents_recorded_with_a_key_that_signs_no_more_are_signed_with_its_successor(
    office: ReadySchool,
) -> None:
    """A crash between record and sign, then a rotation: the batch must not be stuck with a key that has ended."""
    batch_id = office.approved_batch(people=2, names=("graduation",))
    former = _key(office)
    with office.workshop.database.writing() as connection:
        items = store.documents(connection, batch_id)
        (first, _) = items
        instances = [Instance(first.id, first.id)]
        tenant, school = office.school.tenant_id, office.school.id
        office.workshop.slots.allocate(connection, tenant, school, instances, NOW)
        recorded = update(_document).where(_document.c.id == first.id)
        connection.execute(recorded.values(state="recorded", key_id=former.key_id, issued_at=NOW))
    later = NOW + timedelta(days=1)
    certification = office.registrar.certification
    certification.certify_school_keys(office.school.id, later, rotate=[KeyUse.DOCUMENT])
    successor = _key(office, later)
    assert successor.key_id != former.key_id
    assert later - NOW > OVERLAP
    assert Sealer(office.workshop).run_next(lambda: later) == batch_id
    for item in _documents(office, batch_id):
        parsed = data_integrity.parse(master_of(office.workshop, item), office.workshop.contexts)
        assert data_integrity.verify(parsed, successor, now=later).valid_from == item.issued_at
        assert item.key_id == successor.key_id
        assert item.issued_at is not None
        assert item.issued_at >= later - timedelta(hours=1)
