"""What was issued: finding it, and changing its status."""

import pytest

from issuer.status.service import status_of
from tegata.status.entries import Status
from tests.issuer.console.visitor import words_of
from tests.issuer.console.world import World


def status(world: World, document: str) -> Status:
    with world.ready.workshop.database.reading() as connection:
        return status_of(connection, document)


def number(world: World, document: str) -> str:
    from issuer.issuance import store  # noqa: PLC0415  beside its only use

    with world.ready.workshop.database.reading() as connection:
        return store.document(connection, world.ready.school.tenant_id, document).number or ""


def test_the_list_can_be_narrowed(world: World) -> None:
    everything = world.clerk.open("/issued")
    assert "みらい証第2026-0001号" in everything
    revoked = world.clerk.open("/issued?status=invalid")
    assert "みらい証第2026-0001号" not in revoked
    assert revoked.count("<tr>") == 2
    assert "条件に合う証明書はありません" in world.clerk.open("/issued?school_year=2019")
    transcripts = words_of(world.clerk.open("/issued?document=transcript&q=青葉"))
    assert "成績証明書" in transcripts
    assert world.clerk.open("/issued?status=nonsense").count("<tr>") == everything.count("<tr>")


def test_one_document_shows_its_state_content_and_history(world: World) -> None:
    page = words_of(world.approver.open(f"/issued/{world.scenes.suspended}"))
    assert "停止" in page
    assert "一時的に停止しました" in page
    assert "内容の確認中" in page
    assert "承認しました（個別）" in page
    assert "発行しました" in page
    assert "失効させる" not in page


def test_revoking_needs_a_reason_and_the_number_and_is_final(world: World) -> None:
    document = world.scenes.document
    path = f"/issued/{document}/revoke"
    world.clerk.open(path)
    refused = world.clerk.post(path, {"reason": "error", "number": "みらい証第2026-9999号"})
    assert refused.status_code == 422
    assert "証明書番号がちがいます" in refused.text
    assert world.clerk.post(path, {"number": number(world, document)}).status_code == 422
    assert status(world, document) is Status.VALID
    assert world.clerk.send(path, {"reason": "error", "number": number(world, document)}) == (
        f"/issued/{document}?changed=revoke"
    )
    assert status(world, document) is Status.INVALID
    page = world.clerk.open(f"/issued/{document}?changed=revoke")
    assert "失効させました" in page
    assert f"/issued/{document}/lift" not in page
    again = world.clerk.post(path, {"reason": "error", "number": number(world, document)})
    assert again.status_code == 409
    assert "失効は元に戻せません" in again.text


def test_other_as_a_reason_needs_words(world: World) -> None:
    path = f"/issued/{world.scenes.received}/suspend"
    world.clerk.open(path)
    refused = world.clerk.post(path, {"reason": "other", "note": " "})
    assert refused.status_code == 422
    assert "理由「その他」には説明を入力してください。" in refused.text
    world.clerk.send(path, {"reason": "other", "note": "本人が窓口に来たため"})
    assert "本人が窓口に来たため" in world.clerk.open(f"/issued/{world.scenes.received}")
    world.clerk.send(f"/issued/{world.scenes.received}/lift", {"reason": "resolved", "note": ""})
    assert status(world, world.scenes.received) is Status.VALID


def test_a_reason_of_another_action_is_refused(world: World) -> None:
    path = f"/issued/{world.scenes.suspended}/lift"
    world.clerk.open(path)
    assert world.clerk.post(path, {"reason": "error"}).status_code == 422


@pytest.mark.parametrize("action", ["delete", "valid", "REVOKE"])
def test_an_action_that_does_not_exist_is_not_found(world: World, action: str) -> None:
    assert world.clerk.get(f"/issued/{world.scenes.document}/{action}").status_code == 404
    assert world.clerk.post(f"/issued/{world.scenes.document}/{action}").status_code == 404


def test_a_banner_says_only_what_is_true(world: World) -> None:
    page = world.clerk.open(f"/issued/{world.scenes.received}?changed=revoke")
    assert "失効させました" not in page


def test_who_is_concealed_appears_only_for_an_exact_number(world: World) -> None:
    ready = world.ready
    document = world.scenes.revoked
    exact = number(world, document)
    from issuer.issuance import store  # noqa: PLC0415  beside its only use

    with ready.workshop.database.reading() as connection:
        learner = store.document(connection, ready.school.tenant_id, document).learner_id
    when = ready.clerk.principal.signed_in_at
    ready.register.set_concealed(ready.school, learner, concealed=True, actor="test", now=when)
    assert exact not in world.clerk.open("/issued")
    assert exact not in world.clerk.open(f"/issued?q={exact[:-2]}")
    assert exact in world.clerk.open(f"/issued?q={exact}")
    ready.register.set_concealed(ready.school, learner, concealed=False, actor="test", now=when)
    assert exact in world.clerk.open("/issued")
