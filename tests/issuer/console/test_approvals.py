"""Approving with a passkey what the page has shown, and nothing else."""

from datetime import UTC, datetime

import pytest

from issuer.console import store as store_of_pages
from issuer.console.approvals import SAMPLE
from issuer.issuance import store
from issuer.issuance.states import ApprovalMode, Approved, Ended
from tests.issuer.console.scenes import submitted_batch
from tests.issuer.console.visitor import field_of, words_of
from tests.issuer.console.world import World


@pytest.fixture
def batch(world: World) -> str:
    """A fresh batch that waits for a decision."""
    return submitted_batch(world.ready, world.scenes.people[12:14])


def state(world: World, batch_id: str) -> object:
    with world.ready.workshop.database.reading() as connection:
        return store.batch(connection, world.ready.school.tenant_id, batch_id)


def digest_of(world: World, batch_id: str) -> str:
    return field_of(world.approver.open(f"/approvals/{batch_id}"), "digest")


def test_the_page_shows_what_is_approved_and_the_number_to_compare(world: World, batch: str) -> None:
    page = words_of(world.approver.open(f"/approvals/{batch}"))
    assert "卒業証明書 2件、成績証明書 2件" in page
    digest = digest_of(world, batch)
    assert f"{digest[:4]}-{digest[4:8]}-{digest[8:12]}".upper() in page
    assert "依頼の後に変わった人はいません" in page


def test_a_passkey_approves_the_digest_that_was_shown(world: World, batch: str) -> None:
    done = world.approve(f"/approvals/{batch}", digest=digest_of(world, batch), mode="individual", reason="")
    assert done.status_code == 200, done.text
    assert done.json() == {"to": f"/batches/{batch}"}
    assert isinstance(state(world, batch), Approved)
    again = world.approve(f"/approvals/{batch}", digest="0" * 64, mode="individual")
    assert again.status_code == 409
    assert world.approver.get(f"/approvals/{batch}").headers["location"] == f"/batches/{batch}"


def test_another_digest_than_the_frozen_one_is_refused(world: World, batch: str) -> None:
    world.approver.open("/approvals")
    answer = world.approve(f"/approvals/{batch}", digest="0" * 64, mode="individual")
    assert answer.status_code == 409
    assert answer.json()["kind"] == "content_changed"


def test_an_answer_is_good_for_its_own_batch_only(world: World, batch: str) -> None:
    other = submitted_batch(world.ready, world.scenes.people[14:15])
    fields = {"digest": digest_of(world, batch), "mode": "individual", "reason": ""}
    options = world.approver.call(f"/approvals/{batch}/options", {"fields": fields}).json()
    answer = world.ready.approver.authenticator.get(options)
    there = {"fields": fields | {"digest": digest_of(world, other)}, "answer": answer}
    refused = world.approver.call(f"/approvals/{other}/finish", there)
    assert refused.status_code == 403
    assert refused.json()["kind"] == "passkey_refused"
    here = {"fields": fields, "answer": answer}
    assert world.approver.call(f"/approvals/{batch}/finish", here).status_code == 200
    assert world.approver.call(f"/approvals/{batch}/finish", here).status_code == 409


def test_acting_for_the_approver_needs_a_reason_which_is_kept(world: World, batch: str) -> None:
    digest = digest_of(world, batch)
    refused = world.approve(f"/approvals/{batch}", digest=digest, mode="acting", reason=" ")
    assert refused.status_code == 400
    assert refused.json()["title_ja"] == "理由を入力してください。"
    done = world.approve(f"/approvals/{batch}", digest=digest, mode="acting", reason="校長が出張のため")
    assert done.status_code == 200
    with world.ready.workshop.database.reading() as connection:
        (decision,) = store.approvals(connection, batch)
    assert (decision.mode, decision.reason) == (ApprovalMode.ACTING.value, "校長が出張のため")


def test_a_mode_of_ones_own_making_is_refused(world: World, batch: str) -> None:
    fields = {"digest": digest_of(world, batch), "mode": "standing"}
    assert world.approve(f"/approvals/{batch}", **fields).status_code == 400


@pytest.mark.parametrize("body", [[], {}, {"fields": []}, {"fields": {"digest": 1}}])
def test_calls_of_another_shape_are_refused(world: World, batch: str, body: object) -> None:
    world.approver.open("/approvals")
    assert world.approver.call(f"/approvals/{batch}/options", body).status_code == 400


def test_nobody_approves_their_own_request(world: World) -> None:
    both, own = world.people["both"], world.scenes.own
    page = both.open(f"/approvals/{own}")
    assert "自分が依頼したものは承認できません" in page
    assert "data-passkey" not in page
    with world.ready.workshop.database.reading() as connection:
        digest = store.batch(connection, world.ready.school.tenant_id, own).digest  # type: ignore[union-attr]
    person = world.authenticators["both"]
    answer = both.approve(f"/approvals/{own}", person.authenticator, digest=digest, mode="individual")
    assert answer.status_code == 403
    assert answer.json()["kind"] == "own_request"


def test_sending_back_needs_a_reason_which_the_clerk_reads(world: World, batch: str) -> None:
    world.approver.open(f"/approvals/{batch}")
    refused = world.approver.post(f"/approvals/{batch}/return", {"back_reason": " "})
    assert refused.status_code == 422
    assert "理由を入力してください。" in refused.text
    where = world.approver.send(f"/approvals/{batch}/return", {"back_reason": "発行日が違います"})
    assert isinstance(state(world, batch), Ended)
    assert "発行日が違います" in world.clerk.open(where)
    assert "差し戻された依頼があります" in world.clerk.open("/")


def test_the_documents_can_be_seen_one_by_one(world: World) -> None:
    batch_id = world.scenes.submitted
    first = words_of(world.approver.open(f"/approvals/{batch_id}/documents"))
    assert "1/22件" in first
    assert "青葉" in first
    assert words_of(world.approver.open(f"/approvals/{batch_id}/documents?n=999")).count("22/22件") == 1
    assert "1/22件" in words_of(world.approver.open(f"/approvals/{batch_id}/documents?n=x"))


def test_a_sample_is_ten_documents_the_same_for_everybody_who_looks(world: World) -> None:
    address = f"/approvals/{world.scenes.submitted}/documents?sample=yes&n="
    seen = [words_of(world.approver.open(f"{address}{place}")) for place in range(1, SAMPLE + 1)]
    assert len(set(seen)) == SAMPLE
    assert words_of(world.approver.open(f"{address}3")) == seen[2]
    assert f"{SAMPLE}/{SAMPLE}件" in seen[-1]


def test_a_change_of_the_register_after_the_request_blocks_the_approval(world: World) -> None:
    ready, learner = world.ready, world.scenes.people[15]
    batch_id = submitted_batch(ready, [learner])
    digest = digest_of(world, batch_id)
    with ready.workshop.database.reading() as connection:
        number = store_of_pages.people(connection, ready.school.tenant_id, [learner])[learner].number
    rows = f"studentNumber,romajiFamilyName,romajiGivenName\r\n{number},CHANGED,NAME\r\n"
    now, actor = datetime.now(UTC), ready.clerk.account_id
    checked = ready.register.check_import(ready.school, {"romaji.csv": rows.encode()}, actor=actor, now=now)
    ready.register.confirm_import(ready.school, checked.job_id, actor=actor, now=now)
    page = world.approver.open(f"/approvals/{batch_id}")
    assert "依頼の後に1人の内容が変わりました。承認できません" in words_of(page)
    assert "data-passkey" not in page
    answer = world.approve(f"/approvals/{batch_id}", digest=digest, mode="individual")
    assert answer.status_code == 409
    assert "1人の内容が変わっています" in answer.json()["title_ja"]


def test_an_approver_is_told_that_somebody_is_concealed(world: World) -> None:
    batch_id = submitted_batch(world.ready, [world.scenes.concealed])
    assert "秘匿の人が1人います" in words_of(world.approver.open(f"/approvals/{batch_id}"))
