"""Drafting and asking for approval: what stands in the way is told, what is frozen stays, and all of it or nothing."""

from datetime import date

import pytest
from sqlalchemy import select, update

from issuer.issuance import store
from issuer.issuance.batches import (
    candidates,
    claims_of,
    discard,
    draft,
    preview,
    submit,
)
from issuer.issuance.digest import batch_digest, document_digest
from issuer.issuance.errors import CannotBeIssued, ContentRefused, NothingChosen, NumberTaken, WrongState
from issuer.issuance.numbers import Numbering, set_numbering
from issuer.issuance.states import BatchState, DocumentState, Draft, Ended, Submitted, expect
from issuer.issuance.store import StoredDocument
from issuer.issuance.tables import NumberCounter
from issuer.register.tables import LearnerRow
from tegata.errors import NotFound
from tests.simulators.school import ISSUE_DATE, NOW, ReadySchool

_learner = LearnerRow.__table__  # type: ignore[attr-defined]  # SQLModel sets it on tables
_counter = NumberCounter.__table__  # type: ignore[attr-defined]  # same


def _draft(office: ReadySchool, people: int = 2, name: str = "graduation") -> str:
    chosen = [(name, learner) for learner in office.graduates()[:people]]
    return draft(office.workshop, office.desk, chosen, ISSUE_DATE, NOW)


def _submit(office: ReadySchool, batch_id: str) -> Submitted:
    return submit(office.workshop, office.school.tenant_id, batch_id, office.clerk.account_id, NOW)


def _batch(office: ReadySchool, batch_id: str) -> object:
    with office.workshop.database.reading() as connection:
        return store.batch(connection, office.school.tenant_id, batch_id)


def _documents(office: ReadySchool, batch_id: str) -> list[StoredDocument]:
    with office.workshop.database.reading() as connection:
        return store.documents(connection, batch_id)


def test_the_dry_run_finds_38_who_graduated_and_two_who_did_not(office: ReadySchool) -> None:
    found = candidates(office.workshop, office.desk, ["graduation"], office.learner_ids(), ISSUE_DATE, NOW)
    kept = [item for item in found if item.obstacles]
    assert (len(found), len(kept)) == (40, 2)
    assert {item.record.student_number[-2:] for item in kept} == {"37", "40"}
    for item in kept:
        for obstacle in item.obstacles:
            assert obstacle.text.ja
            assert obstacle.text.en


def test_who_has_an_obstacle_cannot_be_drafted(office: ReadySchool) -> None:
    everyone = candidates(office.workshop, office.desk, ["graduation"], office.learner_ids(), ISSUE_DATE, NOW)
    kept = next(item for item in everyone if item.obstacles)
    with pytest.raises(CannotBeIssued) as refused:
        draft(office.workshop, office.desk, [("graduation", kept.record.id)], ISSUE_DATE, NOW)
    assert refused.value.public == kept.obstacles[0].text


def test_an_issue_date_before_the_facts_date_is_an_obstacle(office: ReadySchool) -> None:
    learner = office.graduates()[0]
    with pytest.raises(CannotBeIssued):
        draft(office.workshop, office.desk, [("graduation", learner)], date(2025, 4, 1), NOW)


@pytest.mark.parametrize("learner", ["0" * 32, "x"])
def test_nothing_and_nobody_cannot_be_chosen(office: ReadySchool, learner: str) -> None:
    with pytest.raises(NothingChosen):
        draft(office.workshop, office.desk, [], ISSUE_DATE, NOW)
    with pytest.raises(NothingChosen):
        draft(office.workshop, office.desk, [("graduation", learner)], ISSUE_DATE, NOW)
    with pytest.raises(NotFound):
        draft(office.workshop, office.desk, [("unknown", office.graduates()[0])], ISSUE_DATE, NOW)


def test_a_person_chosen_twice_gets_one_document(office: ReadySchool) -> None:
    learner = office.graduates()[0]
    batch_id = draft(office.workshop, office.desk, [("graduation", learner)] * 3, ISSUE_DATE, NOW)
    assert len(_documents(office, batch_id)) == 1


def test_asking_for_approval_freezes_claims_numbers_and_a_digest_that_anybody_can_recompute(
    office: ReadySchool,
) -> None:
    batch_id = _draft(office)
    assert all(item.number is None and item.claims is None for item in _documents(office, batch_id))
    submitted = _submit(office, batch_id)
    frozen = _documents(office, batch_id)
    assert {item.state for item in frozen} == {DocumentState.FROZEN}
    digests = []
    for item in frozen:
        claims = claims_of(office.workshop, item)
        assert claims["document_number"] == item.number
        digests.append(
            document_digest(item.salt, item.document_name, str(item.number), item.issue_date, claims)
        )
        assert item.claims is not None
        assert str(claims["document_number"]).encode() not in item.claims
    assert [item.digest for item in frozen] == digests
    assert submitted.digest == batch_digest(digests)


def test_what_was_frozen_does_not_follow_the_register(office: ReadySchool) -> None:
    batch_id = _draft(office, people=1)
    _submit(office, batch_id)
    (item,) = _documents(office, batch_id)
    before = claims_of(office.workshop, item)
    with office.workshop.database.writing() as connection:
        changed = update(_learner).where(_learner.c.id == item.learner_id)
        connection.execute(changed.values(family_name="改姓"))
    assert claims_of(office.workshop, item) == before
    assert preview(office.workshop, office.school.tenant_id, item.id, NOW)[1] == before


def test_content_that_breaks_its_schema_freezes_nothing_and_takes_no_number(office: ReadySchool) -> None:
    batch_id = _draft(office, people=3, name="transcript")
    last = _documents(office, batch_id)[-1]
    with office.workshop.database.writing() as connection:
        kept = connection.execute(
            select(_learner.c.family_name_kana).where(_learner.c.id == last.learner_id)
        ).scalar()
        broken = update(_learner).where(_learner.c.id == last.learner_id)
        connection.execute(broken.values(family_name_kana="not kana"))
    counter = select(_counter.c.next_number).where(_counter.c.school_id == office.school.id)
    with office.workshop.database.reading() as connection:
        before = connection.execute(counter).scalars().all()
    with pytest.raises(ContentRefused) as refused:
        _submit(office, batch_id)
    assert "not kana" not in refused.value.detail + refused.value.public.ja
    with office.workshop.database.reading() as connection:
        assert connection.execute(counter).scalars().all() == before
    assert isinstance(_batch(office, batch_id), Draft)
    assert {item.state for item in _documents(office, batch_id)} == {DocumentState.DRAFT}
    with office.workshop.database.writing() as connection:
        connection.execute(broken.values(family_name_kana=kept))
    assert isinstance(_submit(office, batch_id), Submitted)


def test_a_batch_is_asked_for_once_and_a_draft_can_be_dropped(office: ReadySchool) -> None:
    batch_id = _draft(office)
    _submit(office, batch_id)
    with pytest.raises(WrongState):
        _submit(office, batch_id)
    with pytest.raises(WrongState):
        discard(office.workshop, office.school.tenant_id, batch_id, "clerk", NOW)
    other = _draft(office)
    discard(office.workshop, office.school.tenant_id, other, "clerk", NOW)
    assert expect(_batch(office, other), Ended).state is BatchState.DISCARDED
    with pytest.raises(WrongState):
        _submit(office, other)


def test_another_tenants_batch_is_not_found(office: ReadySchool) -> None:
    batch_id = _draft(office)
    for use_case in (submit, discard):
        with pytest.raises(NotFound):
            use_case(office.workshop, "0" * 32, batch_id, "clerk", NOW)
    with pytest.raises(NotFound):
        preview(office.workshop, "0" * 32, _documents(office, batch_id)[0].id, NOW)


def test_a_preview_shows_what_would_be_frozen_without_a_number(office: ReadySchool) -> None:
    batch_id = _draft(office, people=1)
    (item,) = _documents(office, batch_id)
    shown = dict(preview(office.workshop, office.school.tenant_id, item.id, NOW)[1])
    _submit(office, batch_id)
    frozen = dict(claims_of(office.workshop, _documents(office, batch_id)[0]))
    assert shown.pop("document_number") == "（未定）"
    assert frozen.pop("document_number").startswith("みらい証第")
    assert shown == frozen


def test_numbers_of_batches_asked_for_later_come_later(office: ReadySchool) -> None:
    sequences = []
    for _ in range(2):
        batch_id = _draft(office)
        _submit(office, batch_id)
        sequences += [item.sequence or 0 for item in _documents(office, batch_id)]
    assert sequences == list(range(sequences[0], sequences[0] + 4))


def test_a_number_format_that_writes_an_earlier_number_again_is_refused_and_freezes_nothing(
    office: ReadySchool,
) -> None:
    school = office.school

    def write_as(pattern: str) -> None:
        with office.workshop.database.writing() as connection:
            set_numbering(connection, school.tenant_id, school.id, Numbering(pattern=pattern))

    write_as("{schoolYear}-X1{number}")
    first = _draft(office, people=1)
    _submit(office, first)
    [earlier] = _documents(office, first)
    write_as("{schoolYear}-X{number}")
    with office.workshop.database.writing() as connection:
        connection.execute(update(_counter).values(next_number=int(f"1{earlier.sequence}")))
    second = _draft(office, people=1)
    with pytest.raises(NumberTaken):
        _submit(office, second)
    assert isinstance(_batch(office, second), Draft)
    assert {item.state for item in _documents(office, second)} == {DocumentState.DRAFT}
    write_as("{schoolYear}-Y{number}")
    assert isinstance(_submit(office, second), Submitted)
