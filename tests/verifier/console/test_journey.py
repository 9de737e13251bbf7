"""From the sign-in to a report, over the pages alone, with the bundled wallet."""

import re

from schemas import catalogue
from tegata.doubles.wallet.present import present
from tests.issuer.console.visitor import words_of
from tests.verifier.conftest import World
from tests.verifier.console.desk import add_staff, visitor

HTMX = {"HX-Request": "true"}


def test_somebody_signs_in_asks_and_sees_the_result(world: World) -> None:
    person = add_staff(world, "admission@university.example")
    desk = visitor(world, person)
    assert "依頼はまだありません" in desk.open("/")
    assert "入学者選抜" in desk.open("/requests/new")
    page = words_of(desk.open("/requests/new?template=graduation"))
    assert "受け取らない項目" in page
    assert "学籍番号" in page
    path = desk.send(
        "/requests/new?template=graduation",
        {"purpose": "出願資格の確認", "reference": "A-0012", "lifetime": "10m"},
    )
    live = desk.open(path)
    assert "依頼を本人に見せてください" in live
    assert "出願資格の確認" in live
    assert "本人が読み取るのを待っています" in live
    waiting = desk.get(f"{path}/state", headers=HTMX)
    assert waiting.status_code == 200
    assert "hx-redirect" not in waiting.headers
    assert "<html" not in waiting.text

    view = world.verifier.presentations.find(world.tenant_id, path.rsplit("/", 1)[1], world.now())
    assert view.links is not None
    wallet = world.wallet()
    world.claim(wallet)
    present(view.links.cross_device, wallet, world.http(), world.now, catalogue.contexts())

    done = desk.get(f"{path}/state", headers=HTMX)
    assert done.headers["hx-redirect"] == f"{path}?result=1#verdict-word"
    report = desk.open(f"{path}?result=1")
    words = words_of(report[report.index("<main") :])
    assert re.search(r'<h1[^>]* id="verdict-word"', report)
    assert words.index("有効です") < words.index("発行機関") < words.index("受け取った項目")
    assert "青葉" in words
    assert "令和8年3月1日（2026年3月1日）" in words
    assert "学籍番号" in words[words.index("求めていない項目") :]
    assert "本人のウォレットから提示されました" in words
    assert "A-0012" in desk.open("/")
