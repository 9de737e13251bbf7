"""A request from its making to its result: how it stands, more time, the report."""

from datetime import timedelta

from tests.issuer.console.visitor import words_of
from tests.verifier.console.conftest import Desk
from tests.verifier.console.scenes import ask

HTMX = {"HX-Request": "true"}


def main_of(page: str) -> str:
    return words_of(page[page.index("<main") :])


def test_the_page_says_how_a_request_stands(desk: Desk) -> None:
    scenes = desk.scenes
    for identifier, step in (
        (scenes.open, "いま 本人が読み取るのを待っています"),
        (scenes.fetched, "いま 本人がウォレットで確認しています"),
        (scenes.awaited, "いま 受け取った内容を検証しています"),
    ):
        assert step in words_of(desk.staff.open(f"/requests/{identifier}"))


def test_the_part_that_asks_again_stops_at_the_end(desk: Desk) -> None:
    scenes = desk.scenes
    for identifier in (scenes.open, scenes.fetched, scenes.awaited):
        part = desk.staff.get(f"/requests/{identifier}/state", headers=HTMX)
        assert 'hx-trigger="every 2s"' in part.text
        assert "<main" not in part.text
        assert "hx-redirect" not in part.headers
    for identifier in (scenes.valid, scenes.declined, scenes.expired):
        part = desk.staff.get(f"/requests/{identifier}/state", headers=HTMX)
        assert part.headers["hx-redirect"] == f"/requests/{identifier}?result=1#verdict-word"
        assert part.text == ""


def test_the_part_opened_as_a_page_leads_to_the_page(desk: Desk) -> None:
    found = desk.staff.get(f"/requests/{desk.scenes.open}/state")
    assert found.status_code == 303
    assert found.headers["location"] == f"/requests/{desk.scenes.open}"


def test_the_link_to_send_shows_no_secret_and_the_code_is_for_wallets(desk: Desk) -> None:
    page = desk.staff.open(f"/requests/{desk.scenes.open}")
    assert f'data-copy="{desk.world.verifier.settings.public_origin}/ask/{desk.scenes.ask_open}"' in page
    assert "/start/" in page
    assert "openid4vp:" not in page


def test_more_time_is_given_at_each_press_and_recorded(desk: Desk) -> None:
    view = ask(desk.world, desk.scenes.staff, "C-1")
    desk.staff.open(f"/requests/{view.id}")
    for times in (1, 2):
        assert desk.staff.send(f"/requests/{view.id}/extend") == f"/requests/{view.id}"
        found = desk.world.verifier.presentations.find(desk.world.tenant_id, view.id, desk.world.now())
        assert found.expires_at == view.expires_at + times * timedelta(minutes=10)


def test_no_time_is_given_to_what_is_over(desk: Desk) -> None:
    for identifier in (desk.scenes.valid, desk.scenes.expired, desk.scenes.declined):
        assert desk.staff.post(f"/requests/{identifier}/extend").status_code == 409


def test_a_short_time_is_warned_of(desk: Desk) -> None:
    view = ask(desk.world, desk.scenes.staff, "C-2", lifetime=timedelta(seconds=90))
    assert "まもなく期限です" in desk.staff.open(f"/requests/{view.id}")
    assert "まもなく期限です" not in desk.staff.open(f"/requests/{desk.scenes.open}")


def test_what_did_not_come_to_a_result_is_said_in_words(desk: Desk) -> None:
    scenes = desk.scenes
    assert "見せないことを選びました" in desk.staff.open(f"/requests/{scenes.declined}")
    refused = main_of(desk.staff.open(f"/requests/{scenes.refused}"))
    assert "別のウォレットなら" in refused
    assert refused.index("別のウォレット") < refused.index("vp_formats_not_supported")
    assert "期限までに回答がありませんでした" in desk.staff.open(f"/requests/{scenes.expired}")


def test_a_valid_report_names_issuer_items_and_what_was_not_asked(desk: Desk) -> None:
    words = main_of(desk.staff.open(f"/requests/{desk.scenes.valid}"))
    assert words.index("有効です") < words.index("見本の証明書です") < words.index("受け取った項目")
    assert "D100299999903" in words
    assert "平成19年4月14日（2007年4月14日）" in words
    assert words.index("求めていない項目") < words.index("確認したこと") < words.index("技術的な詳細")
    assert words.count("適合") >= 9
    assert "不適合" not in words


def test_of_several_certificates_each_has_its_own_report(desk: Desk) -> None:
    words = main_of(desk.staff.open(f"/requests/{desk.scenes.several}"))
    assert words.count("確認したこと") == 3
    assert "成績証明書" in words
    assert "現代の国語" in words
    assert "高等学校1年" in words


def test_what_the_format_could_not_leave_out_is_told_apart(desk: Desk) -> None:
    words = main_of(desk.staff.open(f"/requests/{desk.scenes.unasked}"))
    received = words[words.index("受け取った項目") : words.index("求めていないのに届いた項目")]
    assert "2023001" not in received
    assert "2023001" in words


def test_revoked_suspended_and_undecided_say_what_it_means(desk: Desk) -> None:
    scenes = desk.scenes
    revoked = main_of(desk.staff.open(f"/requests/{scenes.revoked}"))
    assert "有効ではありません 失効しています。新しい証明書を本人に求めてください。" in revoked
    page = desk.staff.open(f"/requests/{scenes.suspended}")
    assert "verdict--suspended" in page
    assert "解除されると再び有効になります" in page
    undecided = main_of(desk.staff.open(f"/requests/{scenes.undecided}"))
    assert "判定できません" in undecided
    assert "偽物という意味ではありません" in undecided
    assert "次の自動確認" in undecided


def test_an_undecided_result_is_looked_at_again(desk: Desk) -> None:
    path = f"/requests/{desk.scenes.undecided}"
    desk.staff.open(path)
    led = desk.staff.send(f"{path}/check-again")
    assert led == f"{path}?checked=1#verdict-word"
    assert "いま、もう一度確認しました" in desk.staff.open(led)


def test_english_pages_speak_english_and_mark_japanese(desk: Desk) -> None:
    desk.staff.client.cookies.set("tegata_verifier_lang", "en")
    page = desk.staff.open(f"/requests/{desk.scenes.valid}")
    desk.staff.client.cookies.delete("tegata_verifier_lang")
    assert "Valid" in words_of(page)
    assert '<span lang="ja">青葉</span>' in page
    assert "1 March 2026" in words_of(page)
