"""The pages of the person who is asked: no account, and nothing of the result."""

import httpx
import pytest

from tests.issuer.console.visitor import words_of
from tests.verifier.console.conftest import Desk
from tests.verifier.console.scenes import SESSION


def test_a_request_says_who_asks_why_and_for_what(desk: Desk) -> None:
    page = desk.nobody.open(f"/ask/{desk.scenes.ask_open}")
    words = words_of(page)
    assert "例示大学からの依頼" in words
    assert "卒業していることを確認するため" in words
    assert "見せない項目" in words
    assert f"/start/{desk.scenes.ask_open}" in page
    assert "A-0001" not in page
    assert desk.scenes.open not in page


@pytest.mark.clause("OID4VP 1.0 §14.4.3")
def test_what_is_over_is_said_and_nothing_of_what_came_of_it(desk: Desk) -> None:
    scenes = desk.scenes
    for address, sentence in (
        (scenes.ask_answered, "すでに回答がありました"),
        (scenes.ask_declined, "見せないことを選びました"),
        (scenes.ask_expired, "もう答えられません"),
    ):
        page = desk.nobody.open(f"/ask/{address}")
        assert sentence in page
        assert "青葉" not in page
        assert "有効です" not in page
        assert "/start/" not in page


def test_the_wallets_address_and_unknown_ones_are_no_page(desk: Desk) -> None:
    view = desk.world.verifier.presentations.find(desk.world.tenant_id, desk.scenes.open, desk.world.now())
    assert view.links is not None
    request_uri = httpx.URL(view.links.cross_device).params["request_uri"]
    for address in (request_uri.rsplit("/", 1)[1], "x" * 43):
        answer = desk.nobody.get(f"/ask/{address}")
        assert answer.status_code == 404
        assert "ページが見つかりません" in answer.text


@pytest.mark.clause("OID4VP 1.0 §13.3", "OID4VP 1.0 §14.4.3")
def test_the_browser_that_comes_back_is_thanked_once(desk: Desk) -> None:
    back = httpx.URL(desk.scenes.new_return()).raw_path.decode("ascii")
    browser = desk.nobody
    strange = browser.get(back)
    assert strange.status_code == 403
    assert "同じブラウザー" in strange.text
    browser.client.cookies.set("tegata_verifier_start", SESSION)
    page = words_of(browser.open(back))
    assert "回答を受け取りました" in page
    assert "例示大学" in page
    assert "青葉" not in page
    assert browser.get(back).status_code == 403
    browser.client.cookies.delete("tegata_verifier_start")


def test_the_start_leads_into_the_wallet(desk: Desk) -> None:
    answer = desk.nobody.get(f"/start/{desk.scenes.ask_open}")
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("openid4vp:")
    assert desk.scenes.ask_open in answer.headers["location"]
    desk.nobody.client.cookies.delete("tegata_verifier_start")
