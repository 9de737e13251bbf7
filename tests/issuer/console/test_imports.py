"""Importing a register over its pages: nothing is kept or changed that the clerk did not confirm."""

import re

import pytest

from issuer.register import store
from issuer.register.store import Filter
from tests.issuer.console.visitor import words_of
from tests.issuer.console.world import World

HEADER = "学籍番号,氏名,フリガナ,生年月日\r\n"
NEW = "2029001,新田　みどり,ニッタ　ミドリ,2008-04-14\r\n"
BROKEN = "2029002,古田　あおい,フルタ　アオイ,2008/13/04\r\n"
#: A number with the check digit of a 個人番号, made for tests.
NUMBER = "123456789018"


def upload(world: World, text: str, encoding: str = "utf-8", name: str = "list.csv") -> str:
    files = [("file", (name, text.encode(encoding), "text/csv"))]
    return world.clerk.send("/register/import", files=files)


def total(world: World, text: str = "") -> int:
    ready = world.ready
    with ready.workshop.database.reading() as connection:
        wanted = Filter(text=text)
        return store.search(connection, ready.school.tenant_id, ready.school.id, wanted).total


def test_a_spreadsheet_is_matched_checked_and_only_then_imported(world: World) -> None:
    before = total(world)
    columns = upload(world, HEADER + NEW, "cp932")
    assert columns.endswith("/columns")
    page = world.clerk.open(columns)
    assert "Shift_JIS" in page
    assert "新田　みどり" in page
    mapping = {f"column-{place}": value for place, value in enumerate(_chosen(page))}
    check = world.clerk.send(columns, mapping | {"encoding": ""})
    assert "まだ何も保存していません" in world.clerk.open(check)
    assert total(world) == before
    done = world.clerk.send(f"{check}/confirm")
    assert "1人を取り込みました" in world.clerk.open(done)
    assert total(world) == before + 1
    assert "新田" in world.clerk.open("/register?q=2029001")


def _chosen(page: str) -> list[str]:
    selects = re.findall(r'<select class="input" name="column-\d+".*?</select>', page, re.DOTALL)
    return [(re.findall(r'value="([^"]*)" selected', item) or [""])[0] for item in selects]


def test_rows_in_error_are_left_out_only_when_the_clerk_says_so(world: World) -> None:
    columns = upload(world, HEADER + NEW.replace("2029001", "2029003") + BROKEN)
    mapping = {f"column-{place}": value for place, value in enumerate(_chosen(world.clerk.open(columns)))}
    check = world.clerk.send(columns, mapping | {"encoding": ""})
    page = words_of(world.clerk.open(check))
    assert "2008/13/04" in page
    assert "3行目" in page
    refused = world.clerk.post(f"{check}/confirm")
    assert refused.status_code == 422
    assert "エラーの行があります" in refused.text
    done = world.clerk.send(f"{check}/confirm", {"leave_out": "yes"})
    assert "1人を取り込みました" in world.clerk.open(done)
    assert total(world, "2029002") == 0
    assert world.clerk.get(check).status_code == 409


def test_the_errors_can_be_kept_as_a_file(world: World) -> None:
    columns = upload(world, HEADER + BROKEN)
    mapping = {f"column-{place}": value for place, value in enumerate(_chosen(world.clerk.open(columns)))}
    check = world.clerk.send(columns, mapping | {"encoding": ""})
    answer = world.clerk.get(f"{check}/errors.csv")
    assert answer.headers["content-type"].startswith("text/csv")
    assert answer.content.startswith(b"\xef\xbb\xbf")
    assert "2008/13/04" in answer.text


def test_without_a_file_the_page_asks_for_one(world: World) -> None:
    world.clerk.open("/register/import")
    answer = world.clerk.post("/register/import", files=[("other", ("", b"", "text/csv"))])
    assert answer.status_code == 422
    assert "名簿のファイルを選んでください。" in answer.text


@pytest.mark.parametrize("header", ["マイナンバー", "備考"])
def test_an_individual_number_is_refused_and_nowhere_repeated(
    world: World, caplog: pytest.LogCaptureFixture, header: str
) -> None:
    world.clerk.open("/register/import")
    text = f"学籍番号,氏名,生年月日,{header}\r\n2029009,試験　一,2008-04-14,{NUMBER}\r\n"
    answer = world.clerk.post("/register/import", files=[("file", ("secret.csv", text.encode(), "text/csv"))])
    if answer.status_code == 303:
        columns = answer.headers["location"]
        mapping = {f"column-{place}": value for place, value in enumerate(_chosen(world.clerk.open(columns)))}
        answer = world.clerk.post(columns, mapping | {"encoding": ""})
    assert answer.status_code == 422
    assert "マイナンバー" in answer.text
    assert NUMBER not in answer.text
    assert "secret.csv" not in answer.text
    assert NUMBER not in caplog.text


def test_bytes_in_no_encoding_are_refused_with_what_to_do(world: World) -> None:
    world.clerk.open("/register/import")
    files = [("file", ("list.csv", b"\xff\xfe\x00\x81" * 40, "text/csv"))]
    answer = world.clerk.post("/register/import", files=files)
    assert answer.status_code == 422
    assert "CSV UTF-8" in answer.text


def test_two_columns_of_one_field_are_refused(world: World) -> None:
    columns = upload(world, HEADER + NEW)
    world.clerk.open(columns)
    twice = {"column-0": "learner.student_number", "column-1": "learner.student_number", "encoding": ""}
    answer = world.clerk.post(columns, twice)
    assert answer.status_code == 422
    assert "同じ項目が2つの列にあります。" in answer.text


def test_a_cancelled_import_is_over(world: World) -> None:
    columns = upload(world, HEADER + NEW)
    world.clerk.open(columns)
    assert world.clerk.send(columns.removesuffix("/columns") + "/cancel") == "/register/import"
    assert world.clerk.get(columns).status_code == 409


RESULTS = "学籍番号,年度,科目コード,科目名,英文科目名,単位数,評価,GP,評価方式\r\n"


def test_a_universitys_results_need_no_matching_of_columns(world: World) -> None:
    page = world.clerk.open("/register/import")
    assert ">大学の成績（教務システムのCSV）</option>" in page
    assert ">A university&#39;s results (CSV of its academic system)</option>" in world.clerk.open(
        "/register/import?lang=en"
    )
    world.clerk.open("/register/import?lang=ja")
    row = "2023001,2025,C1,論理学,Logic,2,A,3,S・A・B・C・D\r\n"
    check = upload(world, RESULTS + row, "cp932")
    assert not check.endswith("/columns")
    told = words_of(world.clerk.open(check))
    assert "まだ何も保存していません" in told
    assert "科目（英語）" in told
    world.clerk.send(f"{check}/cancel")


def test_a_row_of_results_in_error_says_what_to_do(world: World) -> None:
    check = upload(world, RESULTS + "2023001,2025,C1,論理学,Logic,2,E,,S・A・B・C・D\r\n")
    told = words_of(world.clerk.open(check))
    assert "にない評価です" in told
    assert "2行目" in told
    world.clerk.send(f"{check}/cancel")


def test_the_clerk_can_say_that_a_file_holds_results(world: World) -> None:
    world.clerk.open("/register/import")
    files = [("file", ("results.csv", "学籍番号,年度,科目名,単位数\r\n".encode(), "text/csv"))]
    answer = world.clerk.post("/register/import", {"kind": "academic"}, files=files)
    assert answer.status_code == 422
    assert "必要な列「評価」" in answer.text
