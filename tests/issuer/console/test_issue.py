"""Choosing what to issue to whom, and what stands in the way."""

import re

import pytest

from issuer.console.drafts import chosen_of
from issuer.issuance import store
from issuer.issuance.states import Approved, Ended, Submitted
from tests.issuer.console.visitor import words_of
from tests.issuer.console.world import World

LEARNERS = "/issue/learners?document=graduation&document=transcript&issue_date=2026-04-01"


def pairs(world: World, where: str) -> list[tuple[str, str]]:
    with world.ready.workshop.database.reading() as connection:
        return chosen_of(connection, where.rsplit("/", 1)[-1])


def state(world: World, where: str) -> object:
    with world.ready.workshop.database.reading() as connection:
        return store.batch(connection, world.ready.school.tenant_id, where.rsplit("/", 1)[-1])


def test_choosing_leads_from_certificates_to_learners_to_a_draft(world: World) -> None:
    world.clerk.open("/issue")
    where = world.clerk.send(
        "/issue", {"document": ["graduation", "transcript"], "issue_date": "令和8年4月1日"}
    )
    assert where == LEARNERS
    world.clerk.open(where)
    learner = world.scenes.learner
    made = world.clerk.send(where, {"row": [learner]})
    assert pairs(world, made) == [("graduation", learner), ("transcript", learner)]
    assert "青葉" in world.clerk.open(made)


def test_without_a_certificate_or_with_a_bad_date_the_form_comes_back_as_typed(world: World) -> None:
    world.clerk.open("/issue")
    answer = world.clerk.post("/issue", {"issue_date": "3月の吉日"})
    assert answer.status_code == 422
    assert "証明書を1つ以上選んでください。" in answer.text
    assert 'value="3月の吉日"' in answer.text
    assert "エラー: " in answer.text


@pytest.mark.parametrize(
    "address",
    [
        "/issue/learners",
        "/issue/learners?document=graduation",
        "/issue/learners?document=nothing&issue_date=2026-04-01",
        "/issue/learners?document=transcript-he&issue_date=2026-04-01",
        "/issue/learners?issue_date=2026-04-01",
    ],
)
def test_an_address_that_names_nothing_we_issue_is_not_found(world: World, address: str) -> None:
    assert world.clerk.get(address).status_code == 404


def test_who_has_an_obstacle_is_shown_with_the_reason_and_cannot_be_chosen(world: World) -> None:
    page = world.clerk.open(LEARNERS)
    assert "発行できません" in words_of(page)
    withheld = world.scenes.withheld
    assert f'name="row" value="{withheld}"' not in page
    before = world.clerk.open("/batches").count("<tr>")
    refused = world.clerk.post(LEARNERS, {"row": [withheld]})
    assert refused.status_code == 403
    assert world.clerk.open("/batches").count("<tr>") == before


def test_choosing_everybody_leaves_out_who_has_an_obstacle(world: World) -> None:
    world.clerk.open(LEARNERS)
    made = world.clerk.send(LEARNERS, {"all": "yes"})
    chosen = {learner for _, learner in pairs(world, made)}
    assert world.scenes.withheld not in chosen
    assert world.scenes.concealed not in chosen
    assert len(chosen) == 37


def test_nobody_chosen_is_said_on_the_page(world: World) -> None:
    world.clerk.open(LEARNERS)
    answer = world.clerk.post(LEARNERS)
    assert answer.status_code == 422
    assert "対象者を1人以上選んでください。" in answer.text


def test_a_selection_stays_when_learners_of_another_filter_are_added(world: World) -> None:
    first, second = world.scenes.people[5:7]
    world.clerk.open(LEARNERS)
    made = world.clerk.send(LEARNERS, {"row": [first]})
    more = f"{LEARNERS}&batch={made.rsplit('/', 1)[-1]}&q=2023"
    world.clerk.open(more)
    grown = world.clerk.send(more, {"row": [second]})
    assert {learner for _, learner in pairs(world, grown)} == {first, second}
    assert "取りやめ" in world.clerk.open(made)


def test_one_document_can_be_taken_out_and_the_last_takes_the_draft_with_it(world: World) -> None:
    only = "/issue/learners?document=graduation&issue_date=2026-04-01"
    world.clerk.open(only)
    made = world.clerk.send(only, {"row": world.scenes.people[8:10]})
    smaller = world.clerk.send(f"{made}/remove", {"document": _first(world, made)})
    assert len(pairs(world, smaller)) == 1
    assert world.clerk.send(f"{smaller}/remove", {"document": _first(world, smaller)}) == "/issue"


def _first(world: World, made: str) -> str:
    found = re.search(r'name="document" value="([0-9a-f]{32})"', world.clerk.open(made))
    assert found
    return found.group(1)


def test_dates_can_be_changed_and_a_start_in_the_past_is_refused(world: World) -> None:
    only = "/issue/learners?document=graduation&issue_date=2026-04-01"
    world.clerk.open(only)
    made = world.clerk.send(only, {"row": [world.scenes.people[9]]})
    refused = world.clerk.post(f"{made}/terms", {"issue_date": "2026-04-02", "start": "2020-01-01"})
    assert refused.status_code == 422
    assert "今日より後の日" in refused.text
    early = world.clerk.post(f"{made}/terms", {"issue_date": "2026-01-10", "start": ""})
    assert early.status_code == 422
    assert "卒業" in early.text
    later = world.clerk.send(f"{made}/terms", {"issue_date": "2026/4/3", "start": "2099-04-01"})
    page = words_of(world.clerk.open(later))
    assert "令和8年4月3日" in page
    assert "2099年4月1日" in page


def test_asking_freezes_the_batch_and_a_second_press_changes_nothing(world: World) -> None:
    only = "/issue/learners?document=graduation&issue_date=2026-04-01"
    world.clerk.open(only)
    made = world.clerk.send(only, {"row": [world.scenes.people[10]]})
    world.clerk.open(made)
    assert world.clerk.send(f"{made}/submit") == made
    assert "承認を依頼しました" in world.clerk.open(made)
    assert world.clerk.post(f"{made}/submit").status_code == 404
    with world.ready.workshop.database.reading() as connection:
        batch = store.batch(connection, world.ready.school.tenant_id, made.rsplit("/", 1)[-1])
    assert isinstance(batch, Submitted)


def test_a_draft_can_be_dropped(world: World) -> None:
    only = "/issue/learners?document=graduation&issue_date=2026-04-01"
    world.clerk.open(only)
    made = world.clerk.send(only, {"row": [world.scenes.people[11]]})
    assert world.clerk.send(f"{made}/discard") == "/issue"
    with world.ready.workshop.database.reading() as connection:
        batch = store.batch(connection, world.ready.school.tenant_id, made.rsplit("/", 1)[-1])
    assert isinstance(batch, Ended)


def test_a_standing_authority_releases_a_batch_as_soon_as_it_is_asked_for(world: World) -> None:
    world.approver.open("/standing")
    granted = world.approve(
        "/standing",
        document="graduation",
        text="窓口で申込みのあった卒業証明書",
        valid_from="2026-01-01",
        valid_until="2099-03-31",
    )
    assert granted.status_code == 200, granted.text
    assert granted.json() == {"to": "/standing"}
    page = world.approver.open("/standing")
    assert "窓口で申込みのあった卒業証明書" in page
    only = "/issue/learners?document=graduation&issue_date=2026-04-01"
    world.clerk.open(only)
    made = world.clerk.send(only, {"row": [world.scenes.people[13]]})
    world.clerk.send(f"{made}/submit")
    assert isinstance(state(world, made), Approved)
    mixed = world.clerk.send(LEARNERS, {"row": [world.scenes.people[13]]})
    world.clerk.send(f"{mixed}/submit")
    assert isinstance(state(world, mixed), Submitted)
    found = re.search(r"/standing/([0-9a-f]{32})/withdraw", page)
    assert found
    assert world.approver.send(f"/standing/{found.group(1)}/withdraw") == "/standing"
    assert "取下げ" in world.approver.open("/standing")
    after = world.clerk.send(only, {"row": [world.scenes.people[13]]})
    world.clerk.send(f"{after}/submit")
    assert isinstance(state(world, after), Submitted)


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"text": ""}, 400),
        ({"document": "nothing"}, 404),
        ({"valid_until": "いつか"}, 400),
        ({"valid_until": "2020-01-01"}, 400),
    ],
)
def test_a_standing_authority_without_words_document_or_end_is_refused(
    world: World, fields: dict[str, str], status: int
) -> None:
    world.approver.open("/standing")
    whole = {"document": "enrolment", "text": "範囲", "valid_from": "2026-01-01", "valid_until": "2027-03-31"}
    assert world.approve("/standing", **(whole | fields)).status_code == status
