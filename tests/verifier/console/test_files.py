"""Files and pasted text: every kind of report, and what is no certificate."""

from tests.issuer.console.visitor import words_of
from tests.verifier.console.conftest import Desk
from tests.verifier.console.test_live import main_of
from verifier.base import AUDIT
from verifier.console.files import joined


def upload(desk: Desk, content: bytes, text: str = "") -> str:
    desk.staff.open("/verify")
    answer = desk.staff.client.request(
        "POST",
        "/verify",
        data={"csrf": desk.staff.csrf, "text": text},
        files={"file": ("証明書.json", content, "application/json")},
    )
    assert answer.status_code == 200, words_of(answer.text)[:500]
    return answer.text


def test_a_master_is_valid_and_not_bound_to_the_person(desk: Desk) -> None:
    words = main_of(upload(desk, desk.scenes.master.encode("utf-8")))
    assert "有効です" in words
    assert "証明書.json" in words
    assert "差し出した人が本人かどうかは、この検証では分かりません" in words
    assert "本人のウォレットに結び付いていない原本です" in words
    assert "見本" in words
    assert "届いていない項目" in words


def test_a_pasted_copy_that_a_mail_program_broke_is_put_together(desk: Desk) -> None:
    broken = "\r\n".join(
        desk.scenes.bound[start : start + 70] for start in range(0, len(desk.scenes.bound), 70)
    )
    desk.staff.open("/verify")
    answer = desk.staff.post("/verify", {"text": broken})
    words = main_of(answer.text)
    assert answer.status_code == 200
    assert "有効です" in words
    assert "今回は確かめていません" in words


def test_json_keeps_its_spaces() -> None:
    assert joined('{"a": "b c"}') == b'{"a": "b c"}'
    assert joined("a.b\n.c~") == b"a.b.c~"


def test_what_was_altered_is_not_shown(desk: Desk) -> None:
    desk.staff.open("/verify")
    page = main_of(desk.staff.post("/verify", {"text": desk.scenes.tampered}).text)
    assert "有効ではありません" in page
    assert "書き換えられたか、読み取りが不完全です" in page
    assert "青葉" not in page
    assert "署名が合わないため、確認していません" in page


def test_what_is_no_certificate_is_said_to_be_none(desk: Desk) -> None:
    desk.staff.open("/verify")
    page = main_of(desk.staff.post("/verify", {"text": "こんにちは"}).text)
    assert "この形式の証明書は検証できません" in page


def test_neither_both_nor_too_much_is_accepted(desk: Desk) -> None:
    desk.staff.open("/verify")
    nothing = desk.staff.post("/verify")
    assert nothing.status_code == 422
    assert "ファイルを選ぶか" in nothing.text
    files = {"file": ("a.json", b"{}", "application/json")}
    form = {"csrf": desk.staff.csrf, "text": "x"}
    both = desk.staff.client.request("POST", "/verify", data=form, files=files)
    assert both.status_code == 422
    assert "どちらか1つ" in both.text
    large = {"file": ("a.json", b" " * 1_048_577, "application/json")}
    much = desk.staff.client.request("POST", "/verify", data={"csrf": desk.staff.csrf}, files=large)
    assert much.status_code == 422
    assert "1 MBより大きい" in much.text
    huge = {"file": ("a.json", b" " * 4_200_000, "application/json")}
    refused = desk.staff.client.request("POST", "/verify", data={"csrf": desk.staff.csrf}, files=huge)
    assert refused.status_code == 413


def test_a_check_is_recorded_without_what_was_checked(desk: Desk) -> None:
    upload(desk, desk.scenes.master.encode("utf-8"))
    from sqlalchemy import select  # noqa: PLC0415  beside its only use

    table = AUDIT.row
    with desk.world.verifier.database.reading() as connection:
        rows = [dict(row) for row in connection.execute(select(table)).mappings()]
    found = [row for row in rows if row["action"] == "file.checked"]
    assert found
    assert {row["actor"] for row in found} == {desk.scenes.staff.account_id}
    assert "青葉" not in str(rows)
