"""The decision on a batch: by whom, over what, with which proof; everything else is refused."""

import dataclasses
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from issuer.base import STAFF
from issuer.issuance import store
from issuer.issuance.approvals import (
    PURPOSE_STANDING,
    Decision,
    ReasonMissing,
    Standing,
    approve,
    approve_by_standing,
    grant_standing,
    send_back,
    withdraw_standing,
)
from issuer.issuance.batches import draft, submit
from issuer.issuance.errors import ContentChanged, NotAnApprover, OwnRequest, WrongState
from issuer.issuance.states import ApprovalMode, Approved, BatchState, Ended, Submitted, expect
from issuer.issuance.tables import NumberGap
from issuer.register.tables import LearnerRow
from tegata.errors import NotFound
from tegata.service.staff.errors import PasskeyRefused
from tegata.service.staff.evidence import ApprovalEvidence, verify_evidence
from tegata.service.staff.principal import How, Role
from tests.simulators.school import ISSUE_DATE, NOW, Person, ReadySchool, add_person

_learner = LearnerRow.__table__  # type: ignore[attr-defined]  # SQLModel sets it on tables
_gap = NumberGap.__table__  # type: ignore[attr-defined]  # same


def _submitted(office: ReadySchool) -> Submitted:
    batch_id = office.submitted_batch(("graduation",), people=2)
    with office.workshop.database.reading() as connection:
        return expect(store.batch(connection, office.school.tenant_id, batch_id), Submitted)


def _approve(
    office: ReadySchool, batch: Submitted, decision: Decision, person: Person | None = None
) -> Approved:
    principal = (person or office.approver).principal
    return approve(office.workshop, principal, office.school.tenant_id, batch.terms.id, decision, NOW)


def _decision(office: ReadySchool, batch: Submitted, **more: Any) -> Decision:
    return office.decision(batch.terms.id, batch.digest, NOW, **more)


def _state(office: ReadySchool, batch: Submitted) -> object:
    with office.workshop.database.reading() as connection:
        return store.batch(connection, office.school.tenant_id, batch.terms.id)


def test_an_approval_is_kept_with_evidence_that_an_auditor_can_check_alone(office: ReadySchool) -> None:
    batch = _submitted(office)
    assert _approve(office, batch, _decision(office, batch)).approved_at == NOW
    with office.workshop.database.reading() as connection:
        (row,) = store.approvals(connection, batch.terms.id)
        key = connection.execute(
            select(STAFF.passkey.c.public_key_cose).where(
                STAFF.passkey.c.account_id == office.approver.account_id
            )
        ).scalar_one()
    assert (row.decision, row.mode, row.approver, row.digest) == (
        "approved",
        ApprovalMode.INDIVIDUAL.value,
        office.approver.account_id,
        batch.digest,
    )
    settings = office.settings
    evidence = ApprovalEvidence.from_json(row.evidence)
    verify_evidence(evidence, bytes(key), bytes.fromhex(row.digest), settings.host, settings.public_origin)
    with pytest.raises(PasskeyRefused):
        verify_evidence(evidence, bytes(key), b"\x00" * 32, settings.host, settings.public_origin)


def test_a_batch_is_approved_once(office: ReadySchool) -> None:
    batch = _submitted(office)
    decision = _decision(office, batch)
    _approve(office, batch, decision)
    with pytest.raises(WrongState):
        _approve(office, batch, decision)


def _person(office: ReadySchool, login: str, *roles: Role) -> Person:
    return add_person(office.settings, office.staff, office.school, login, "試験 二郎", roles, NOW)


def test_nobody_approves_what_they_drafted_or_asked_for(office: ReadySchool) -> None:
    both = _person(office, "both@school.example", Role.CLERK, Role.APPROVER)
    learner = office.graduates()[0]
    drafted_by, asked_by = (
        [both.account_id, office.clerk.account_id],
        [office.clerk.account_id, both.account_id],
    )
    for drafter, asker in (drafted_by, asked_by):
        desk = dataclasses.replace(office.desk, actor=drafter)
        batch_id = draft(office.workshop, desk, [("graduation", learner)], ISSUE_DATE, NOW)
        batch = submit(office.workshop, office.school.tenant_id, batch_id, asker, NOW)
        with pytest.raises(OwnRequest):
            _approve(office, batch, _decision(office, batch), both)
        assert isinstance(_state(office, batch), Submitted)


def test_who_is_no_approver_here_today_or_has_no_passkey_decides_nothing(office: ReadySchool) -> None:
    batch = _submitted(office)
    decision = _decision(office, batch)
    clerk, approver = office.clerk, office.approver
    by_password = dataclasses.replace(approver.principal, how=How.PASSWORD_TOTP)
    (grant,) = approver.principal.grants
    elsewhere = dataclasses.replace(
        approver.principal, grants=(dataclasses.replace(grant, school_id="0" * 32),)
    )
    in_another_tenant = dataclasses.replace(
        approver.principal, grants=(dataclasses.replace(grant, tenant_id="0" * 32, school_id=None),)
    )
    for principal in (clerk.principal, by_password, elsewhere, in_another_tenant):
        with pytest.raises(NotAnApprover):
            approve(office.workshop, principal, office.school.tenant_id, batch.terms.id, decision, NOW)
    for principal in (clerk.principal, elsewhere, in_another_tenant):
        with pytest.raises(NotAnApprover):
            send_back(office.workshop, principal, office.school.tenant_id, batch.terms.id, "理由", NOW)
    with pytest.raises(NotFound):
        approve(office.workshop, approver.principal, "0" * 32, batch.terms.id, decision, NOW)
    assert isinstance(_state(office, batch), Submitted)


def test_evidence_about_another_batch_is_refused(office: ReadySchool) -> None:
    batch, other = _submitted(office), _submitted(office)
    foreign = _decision(office, other)
    with pytest.raises(PasskeyRefused):
        _approve(office, batch, dataclasses.replace(foreign, digest=batch.digest))
    with pytest.raises(ContentChanged):
        _approve(office, batch, foreign)


def test_evidence_by_somebody_elses_passkey_is_refused(office: ReadySchool) -> None:
    batch = _submitted(office)
    second = _person(office, "second@school.example", Role.APPROVER)
    with pytest.raises(NotAnApprover):
        _approve(office, batch, _decision(office, batch), second)


@pytest.mark.parametrize(
    "member", ["signature", "authenticator_data", "client_data_json", "nonce", "challenge"]
)
def test_evidence_that_was_changed_is_refused(office: ReadySchool, member: str) -> None:
    batch = _submitted(office)
    decision = _decision(office, batch)
    value = getattr(decision.evidence, member)
    # Client data stays JSON, of another origin; of the rest, one bit is turned.
    turned = value[:-2] + bytes([value[-2] ^ 1]) + value[-1:]
    other = value.replace(b":8001", b":8002") if member == "client_data_json" else turned
    evidence = dataclasses.replace(decision.evidence, **{member: other})
    with pytest.raises(PasskeyRefused):
        _approve(office, batch, dataclasses.replace(decision, evidence=evidence))
    assert isinstance(_state(office, batch), Submitted)


def test_a_register_that_changed_since_is_told_with_the_number_of_people(office: ReadySchool) -> None:
    batch = _submitted(office)
    with office.workshop.database.writing() as connection:
        learner = store.documents(connection, batch.terms.id)[0].learner_id
        changed = update(_learner).where(_learner.c.id == learner)
        connection.execute(changed.values(version=_learner.c.version + 1))
    with pytest.raises(ContentChanged) as refused:
        _approve(office, batch, _decision(office, batch))
    assert "1人" in refused.value.public.ja
    assert isinstance(_state(office, batch), Submitted)


def test_what_is_sent_back_leaves_its_numbers_as_explained_gaps(office: ReadySchool) -> None:
    batch = _submitted(office)
    tenant, principal = office.school.tenant_id, office.approver.principal
    with pytest.raises(ReasonMissing):
        send_back(office.workshop, principal, tenant, batch.terms.id, " 　", NOW)
    send_back(office.workshop, principal, tenant, batch.terms.id, "氏名の確認", NOW)
    assert expect(_state(office, batch), Ended).state is BatchState.RETURNED
    with office.workshop.database.reading() as connection:
        sequences = [item.sequence for item in store.documents(connection, batch.terms.id)]
        gaps = connection.execute(select(_gap.c.first, _gap.c.last)).all()
        (row,) = store.approvals(connection, batch.terms.id)
    assert (sequences[0], sequences[-1]) in [(gap.first, gap.last) for gap in gaps]
    assert (row.decision, row.reason) == ("returned", "氏名の確認")
    later = _submitted(office)
    with office.workshop.database.reading() as connection:
        fresh = [item.sequence for item in store.documents(connection, later.terms.id)]
    assert not set(fresh) & set(sequences)
    with pytest.raises(WrongState):
        _approve(office, batch, _decision(office, batch))


def test_acting_for_somebody_needs_a_reason_that_is_kept(office: ReadySchool) -> None:
    batch = _submitted(office)
    acting = {"mode": ApprovalMode.ACTING.value}
    with pytest.raises(ReasonMissing):
        _approve(office, batch, _decision(office, batch, **acting, reason=" "))
    _approve(office, batch, _decision(office, batch, **acting, reason="校長が出張のため"))
    with office.workshop.database.reading() as connection:
        (row,) = store.approvals(connection, batch.terms.id)
    assert (row.mode, row.reason) == (ApprovalMode.ACTING.value, "校長が出張のため")


def test_a_person_cannot_pass_their_decision_off_as_a_standing_authority(office: ReadySchool) -> None:
    batch = _submitted(office)
    with pytest.raises(NotAnApprover):
        _approve(office, batch, _decision(office, batch, mode=ApprovalMode.STANDING.value))


# --- 包括承認 ---


def _standing(office: ReadySchool, person: Person, **changes: Any) -> str:
    day = date(2026, 4, 1)
    found = Standing(
        office.school.id, "graduation", "窓口で受け付けた卒業証明書", day, day + timedelta(days=9)
    )
    found = dataclasses.replace(found, **changes)
    tenant = office.school.tenant_id
    digest = found.digest(tenant)
    message = bytes.fromhex(digest)
    with office.workshop.database.writing() as connection:
        arguments = (connection, person.principal, PURPOSE_STANDING, digest[:32], message)
        answer = person.authenticator.get(office.staff.begin_assertion(*arguments, NOW))
        evidence = office.staff.finish_assertion(*arguments, answer, NOW)
    return grant_standing(office.workshop, person.principal, tenant, found, evidence, NOW)


def _by_standing(office: ReadySchool, batch: Submitted, later: timedelta = timedelta()) -> Approved | None:
    return approve_by_standing(office.workshop, office.school.tenant_id, batch.terms.id, NOW + later)


def test_a_standing_authority_approves_what_it_names_in_its_period_until_it_is_withdrawn(
    office: ReadySchool,
) -> None:
    tenant, approver = office.school.tenant_id, office.approver
    batch = _submitted(office)
    assert _by_standing(office, batch) is None
    authority = _standing(office, approver)
    assert _by_standing(office, batch, timedelta(days=-1)) is None
    assert _by_standing(office, batch, timedelta(days=10)) is None
    assert _by_standing(office, batch, timedelta(days=9)) is not None
    with office.workshop.database.reading() as connection:
        (row,) = store.approvals(connection, batch.terms.id)
    assert (row.mode, row.approver, row.standing_authority_id) == (
        ApprovalMode.STANDING.value,
        approver.account_id,
        authority,
    )

    mixed = office.submitted_batch(("graduation", "transcript"), people=1)
    assert approve_by_standing(office.workshop, tenant, mixed, NOW) is None, "one type is not covered"

    withdraw_standing(office.workshop, approver.principal, tenant, authority, NOW)
    assert _by_standing(office, _submitted(office)) is None
    with pytest.raises(WrongState):
        withdraw_standing(office.workshop, approver.principal, tenant, authority, NOW)


def test_a_standing_authority_covers_no_request_of_its_giver_and_no_changed_register(
    office: ReadySchool,
) -> None:
    both = _person(office, "giver@school.example", Role.CLERK, Role.APPROVER)
    authority = _standing(office, both)
    desk = dataclasses.replace(office.desk, actor=both.account_id)
    own = draft(office.workshop, desk, [("graduation", office.graduates()[5])], ISSUE_DATE, NOW)
    submit(office.workshop, office.school.tenant_id, own, office.clerk.account_id, NOW)
    assert approve_by_standing(office.workshop, office.school.tenant_id, own, NOW) is None
    batch = _submitted(office)
    with office.workshop.database.writing() as connection:
        learner = store.documents(connection, batch.terms.id)[0].learner_id
        changed = update(_learner).where(_learner.c.id == learner)
        connection.execute(changed.values(version=_learner.c.version + 1))
    assert _by_standing(office, batch) is None
    withdraw_standing(office.workshop, both.principal, office.school.tenant_id, authority, NOW)


def test_a_standing_authority_ends_with_the_appointment_of_its_giver(office: ReadySchool) -> None:
    """Principals change in April; what the one before had allowed does not go on by itself."""
    leaving = _person(office, "leaving@school.example", Role.APPROVER)
    _standing(office, leaving)
    table = STAFF.grant
    with office.workshop.database.writing() as connection:
        ended = update(table).where(table.c.account_id == leaving.account_id)
        connection.execute(ended.values(valid_until=date(2026, 4, 3)))
    batch = _submitted(office)
    assert _by_standing(office, batch, timedelta(days=3)) is None
    assert _by_standing(office, batch, timedelta(days=2)) is not None


@pytest.mark.parametrize(
    "changes", [{"text": " "}, {"valid_until": date(2026, 3, 31)}], ids=["no words", "ends before it begins"]
)
def test_a_standing_authority_needs_words_and_an_end(office: ReadySchool, changes: dict[str, Any]) -> None:
    with pytest.raises(ReasonMissing):
        _standing(office, office.approver, **changes)


def test_a_clerk_gives_no_standing_authority_and_withdraws_none(office: ReadySchool) -> None:
    with pytest.raises(NotAnApprover):
        _standing(office, office.clerk)
    authority = _standing(office, office.approver)
    with pytest.raises(WrongState):
        withdraw_standing(office.workshop, office.clerk.principal, office.school.tenant_id, authority, NOW)
    withdraw_standing(office.workshop, office.approver.principal, office.school.tenant_id, authority, NOW)
