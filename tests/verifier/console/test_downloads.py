"""The files of a result: JSON as the API has it, and CSV without formulas."""

import csv
import io

from tegata.codec import json
from tests.verifier.console.conftest import Desk
from tests.verifier.console.scenes import answer, ask, held


def test_the_json_file_is_what_the_api_answers(desk: Desk) -> None:
    found = desk.staff.get(f"/requests/{desk.scenes.valid}/report.json")
    body = json.loads(found.content)
    assert body["report"]["verdict"] == "valid"
    assert found.headers["content-disposition"].startswith("attachment; ")
    assert found.headers["cache-control"] == "no-store"
    api = desk.world.client.get(f"/api/v1/requests/{desk.scenes.valid}", headers=desk.world.key())
    assert api.json() == body


def test_the_csv_file_has_every_item_and_check_and_no_formula(desk: Desk) -> None:
    view = ask(desk.world, desk.scenes.staff, "=1+2")
    assert view.links is not None
    answer(desk.world, view.links.cross_device, held(desk.world))
    found = desk.staff.get(f"/requests/{view.id}/report.csv")
    assert found.content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(found.content.decode("utf-8-sig"))))
    assert rows[0] == ["整理番号", "証明書", "種類", "項目", "内容"]
    assert {row[0] for row in rows[1:]} == {"'=1+2"}
    assert ["'=1+2", "卒業証明書", "受け取った項目", "氏", "青葉"] in rows
    assert ["'=1+2", "卒業証明書", "確認", "状態", "失効も停止もしていません"] in rows


def test_the_csv_file_has_lists_row_by_row(desk: Desk) -> None:
    text = desk.staff.get(f"/requests/{desk.scenes.several}/report.csv?lang=en").text
    assert "Transcript" in text
    assert "現代の国語" in text


def test_there_is_no_file_before_there_is_a_result(desk: Desk) -> None:
    for ending in ("json", "csv"):
        assert desk.staff.get(f"/requests/{desk.scenes.open}/report.{ending}").status_code == 404
