"""API keys: made once, shown once, ended; what is not accepted."""

import re

import pytest

from tegata.errors import TegataError
from tests.issuer.console.visitor import words_of
from tests.verifier.console.conftest import Desk
from verifier.api.keys import Scope

GOOD = {"name": "成績の確認", "scope": ["requests:read", "verify"], "lifetime": "90"}


def make(desk: Desk, **changes: object) -> str:
    desk.staff.open("/keys/new")
    answer = desk.staff.post("/keys/new", GOOD | changes)
    assert answer.status_code == 200
    found = re.search(r"tgv_[0-9a-f]{12}_[A-Za-z0-9_-]{43}", answer.text)
    assert found
    return found.group()


def test_a_key_is_shown_once_and_works_for_what_was_chosen(desk: Desk) -> None:
    key, now = make(desk), desk.world.now()
    keys = desk.world.verifier.keys
    assert keys.recognise(f"Bearer {key}", Scope.VERIFY, now).tenant_id == desk.world.tenant_id
    with pytest.raises(TegataError):
        keys.recognise(f"Bearer {key}", Scope.CREATE_REQUESTS, now)
    page = desk.staff.open("/keys")
    assert key not in page
    assert key[: len("tgv_") + 12] in page


def test_an_ended_key_works_no_more_and_cannot_be_ended_again(desk: Desk) -> None:
    key = make(desk, name="終わるキー")
    prefix = key.split("_")[1]
    page = words_of(desk.staff.open(f"/keys/{prefix}/revoke"))
    assert "元に戻せません" in page
    assert "終わるキー" in page
    assert desk.staff.send(f"/keys/{prefix}/revoke") == "/keys?ended=1"
    with pytest.raises(TegataError):
        desk.world.verifier.keys.recognise(f"Bearer {key}", Scope.VERIFY, desk.world.now())
    assert desk.staff.get(f"/keys/{prefix}/revoke").status_code == 404
    assert desk.staff.post(f"/keys/{prefix}/revoke").status_code == 404


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"name": ""}, "何に使うキーか"),
        ({"name": "あ" * 101}, "用途は100文字まで"),
        ({"scope": []}, "できることを1つ以上"),
        ({"scope": ["everything"]}, "できることを1つ以上"),
        ({"lifetime": "9999"}, "有効な期間を選んでください"),
    ],
)
def test_what_is_not_accepted_is_said_at_its_field(
    desk: Desk, changes: dict[str, object], message: str
) -> None:
    before = len(desk.world.verifier.keys.of_tenant(desk.world.tenant_id))
    desk.staff.open("/keys/new")
    answer = desk.staff.post("/keys/new", GOOD | changes)
    assert answer.status_code == 422
    assert message in answer.text
    assert len(desk.world.verifier.keys.of_tenant(desk.world.tenant_id)) == before
