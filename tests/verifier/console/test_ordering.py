"""Making a request: templates, one's own choice, and everything that is not accepted."""

from dataclasses import replace
from pathlib import Path

import pytest

from tegata.errors import Text
from tests.issuer.console.visitor import words_of
from tests.verifier.conftest import create_schema
from tests.verifier.console.conftest import Desk
from tests.verifier.console.desk import add_staff, visitor
from verifier.assembly import assemble
from verifier.oid4vp.dcql import Query
from verifier.tenants import store as tenants

GOOD = {"purpose": "出願資格の確認", "reference": "B-1", "lifetime": "7d"}
CUSTOM = "/requests/new?template=custom&document=graduation"
#: A number of 12 digits with the check digit of a 個人番号.
INDIVIDUAL_NUMBER = "123456789018"


def query_of(desk: Desk, path: str) -> Query:
    found = desk.world.verifier.presentations.find(
        desk.world.tenant_id, path.rsplit("/", 1)[1], desk.world.now()
    )
    return found.query


def test_the_templates_and_ones_own_choice_are_offered(desk: Desk) -> None:
    page = words_of(desk.staff.open("/requests/new"))
    assert "入学者選抜" in page
    assert "在学の確認" in page
    assert "自分で選ぶ" in page
    documents = words_of(desk.staff.open("/requests/new?template=custom"))
    assert "卒業証明書" in documents


def test_what_is_not_asked_is_always_listed(desk: Desk) -> None:
    page = desk.staff.open("/requests/new?template=admissions")
    words = words_of(page)
    assert words.count("受け取らない項目") == 4
    assert "証明書に載っていないこと" in words
    assert "性別" in words
    assert "入学者選抜の出願資格と成績を確認するため" in words


def test_a_chosen_item_is_asked_for_and_no_other(desk: Desk) -> None:
    desk.staff.open(CUSTOM)
    path = desk.staff.send(CUSTOM, GOOD | {"item": ["birthdate", "graduation_date"]})
    (first, *_) = query_of(desk, path).credentials
    assert [claim.path for claim in first.claims] == [("birthdate",), ("graduation_date",)]
    live = words_of(desk.staff.open(path))
    assert "自分で選んだ項目" in live
    assert "あと6日" in live


def test_a_list_is_asked_for_with_all_its_elements(desk: Desk) -> None:
    address = "/requests/new?template=custom&document=transcript"
    desk.staff.open(address)
    path = desk.staff.send(address, GOOD | {"item": "courses"})
    (first, *_) = query_of(desk, path).credentials
    assert [claim.path for claim in first.claims] == [("courses", None)]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"purpose": " "}, "目的を入力してください"),
        ({"purpose": "あ" * 401}, "目的は400文字まで"),
        ({"reference": "1" * 201}, "整理番号は200文字まで"),
        ({"lifetime": "100y"}, "期限を選んでください"),
        ({"item": []}, "受け取る項目を1つ以上"),
        ({"item": ["sex"]}, "一覧にある項目から"),
        ({"purpose": INDIVIDUAL_NUMBER}, "マイナンバーの可能性"),
        ({"reference": INDIVIDUAL_NUMBER}, "マイナンバーの可能性"),
    ],
)
def test_what_is_not_accepted_is_said_at_its_field(
    desk: Desk, changes: dict[str, object], message: str
) -> None:
    before = desk.world.verifier.presentations.find_all(desk.world.tenant_id, desk.world.now(), limit=1)
    desk.staff.open(CUSTOM)
    answer = desk.staff.post(CUSTOM, GOOD | {"item": ["birthdate"]} | changes)
    assert answer.status_code == 422
    assert message in answer.text
    assert "エラー: " in answer.text
    assert before == desk.world.verifier.presentations.find_all(
        desk.world.tenant_id, desk.world.now(), limit=1
    )


@pytest.mark.parametrize("address", ["template=unknown", "template=custom&document=unknown"])
def test_what_there_is_not_is_not_found(desk: Desk, address: str) -> None:
    assert desk.staff.get(f"/requests/new?{address}").status_code == 404
    assert desk.staff.post(f"/requests/new?{address}", GOOD).status_code == 404


@pytest.mark.parametrize("address", ["", "?template=custom"])
def test_a_request_for_nothing_is_not_found(desk: Desk, address: str) -> None:
    assert desk.staff.post(f"/requests/new{address}", GOOD).status_code == 404


def test_without_a_certificate_to_sign_with_the_form_and_the_first_page_say_so(
    desk: Desk, tmp_path: Path
) -> None:
    settings = desk.world.verifier.settings
    bare = assemble(settings.model_copy(update={"database_url": f"sqlite:///{tmp_path}/bare.sqlite3"}))
    create_schema(bare)
    with bare.database.writing() as connection:
        tenant = tenants.add(connection, Text("例示大学", "Example University"), "", desk.world.now())
    world = replace(desk.world, verifier=bare, tenant_id=tenant.id)
    staff = visitor(world, add_staff(world, "first@university.example"))
    home = words_of(staff.open("/"))
    assert "依頼に署名できません" in home
    assert "発行機関の一覧がありません" in home
    assert "一覧がありません" in words_of(staff.open("/trust"))
    answer = staff.post("/requests/new?template=graduation", GOOD)
    assert answer.status_code == 422
    assert "依頼に署名するための証明書がありません" in answer.text
    bare.database.dispose()


def test_a_form_without_the_sessions_token_is_refused(desk: Desk) -> None:
    answer = desk.staff.client.request("POST", "/requests/new?template=graduation", data=GOOD)
    assert answer.status_code == 403
    assert "有効期限" in answer.text


def test_a_form_from_another_site_is_refused(desk: Desk) -> None:
    headers = {"Sec-Fetch-Site": "cross-site"}
    answer = desk.staff.post("/requests/new?template=graduation", GOOD, headers=headers)
    assert answer.status_code == 403
    assert "別のサイト" in answer.text
