"""Progress, claim links and slips of a batch."""

import csv
import io
import re
from datetime import UTC, datetime

import pytest

from issuer.console.imports import csv_file
from issuer.issuance import store as issuance
from issuer.issuance.entitlements import open_invitations
from issuer.issuance.sealer import Sealer
from tests.issuer.console.scenes import submitted_batch
from tests.issuer.console.visitor import field_of, words_of
from tests.issuer.console.world import World


@pytest.fixture(scope="module")
def sealed(world: World) -> str:
    """A batch that was asked for, approved over the pages, and sealed."""
    batch_id = submitted_batch(world.ready, [world.scenes.people[16], world.scenes.concealed])
    page = world.approver.open(f"/approvals/{batch_id}")
    done = world.approve(f"/approvals/{batch_id}", digest=field_of(page, "digest"), mode="individual")
    assert done.status_code == 200
    waiting = world.clerk.get(f"/batches/{batch_id}/progress").json()
    assert (waiting["state"], waiting["done"], waiting["total"], waiting["ended"]) == (
        "approved",
        0,
        4,
        False,
    )
    assert Sealer(world.ready.workshop).run_next(lambda: datetime.now(UTC)) == batch_id
    return batch_id


def test_progress_is_there_for_people_and_for_programs(world: World, sealed: str) -> None:
    done = world.clerk.get(f"/batches/{sealed}/progress").json()
    assert done == {
        "id": sealed, "reference": done["reference"], "state": "sealed", "total": 4, "done": 4, "ended": True,
    }  # fmt: skip
    half = world.clerk.get(f"/batches/{world.scenes.issuing}/progress").json()
    assert (half["done"], half["ended"]) == (25, False)
    part = world.clerk.get(f"/batches/{world.scenes.issuing}/progress/part", headers={"HX-Request": "true"})
    assert "25件（32%）" in part.text
    assert 'hx-trigger="every 2s"' in part.text
    assert "<html" not in part.text


def test_the_last_part_has_no_trigger_and_leads_to_the_result(world: World, sealed: str) -> None:
    part = world.clerk.get(f"/batches/{sealed}/progress/part", headers={"HX-Request": "true"})
    assert part.headers["hx-redirect"] == f"/batches/{sealed}"
    assert "hx-trigger" not in part.text


def test_links_are_made_once_and_stay_the_same(world: World, sealed: str) -> None:
    assert "4件の受取リンクを作る" in world.clerk.open(f"/batches/{sealed}")
    assert world.clerk.send(f"/batches/{sealed}/links") == f"/batches/{sealed}/links"
    first = set(re.findall(r"/claim/[\w-]+", world.clerk.open(f"/batches/{sealed}/links")))
    world.clerk.send(f"/batches/{sealed}/links")
    assert set(re.findall(r"/claim/[\w-]+", world.clerk.open(f"/batches/{sealed}/links"))) == first
    assert len(first) == 4


def test_the_file_of_links_leaves_out_who_is_concealed(world: World, sealed: str) -> None:
    world.clerk.send(f"/batches/{sealed}/links")
    answer = world.clerk.get(f"/batches/{sealed}/links.csv")
    assert "attachment" in answer.headers["content-disposition"]
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert rows[0][5] == "受取リンク"
    assert len(rows) == 3
    assert all("/claim/" in row[5] for row in rows[1:])


def test_a_file_never_holds_a_formula() -> None:
    body = csv_file("x", [["=1+1", "+81", "-5", "@x", "青葉", 3]]).body
    assert bytes(body).decode("utf-8-sig") == "'=1+1,'+81,'-5,'@x,青葉,3\r\n"


def test_links_of_a_batch_that_is_not_sealed_are_refused(world: World) -> None:
    world.clerk.open("/")
    assert world.clerk.post(f"/batches/{world.scenes.issuing}/links").status_code == 409
    assert world.clerk.get(f"/batches/{world.scenes.draft}/slips").status_code == 409


def test_slips_in_bulk_carry_no_confirmation_number(world: World) -> None:
    page = words_of(world.clerk.open(f"/batches/{world.scenes.sealed}/slips"))
    assert "受取用のQRコード" in world.clerk.open(f"/batches/{world.scenes.sealed}/slips")
    assert not re.search(r"確認番号 \d{6}", page)


def test_one_slip_needs_to_say_how_the_person_was_checked_and_replaces_the_link(
    world: World, sealed: str
) -> None:
    world.clerk.send(f"/batches/{sealed}/links")
    with world.ready.workshop.database.reading() as connection:
        document = issuance.documents(connection, sealed)[0].id
    before = _link_of(world, document)
    refused = world.clerk.post(f"/issued/{document}/slip", {"check": "looked-nice"})
    assert refused.status_code == 422
    assert "本人をどう確かめたか" in refused.text
    made = world.clerk.post(f"/issued/{document}/slip", {"check": "known"})
    assert made.status_code == 200
    assert re.search(r"確認番号 \d{6}", words_of(made.text))
    assert made.headers["cache-control"] == "no-store"
    again = world.clerk.open(f"/issued/{document}")
    assert not re.search(r"確認番号 \d{6}", words_of(again))
    assert "窓口で確かめて用紙を渡した" in again
    assert "新しい用紙やリンクに替わりました" in world.nobody.open(before)


def _link_of(world: World, document: str) -> str:
    ready = world.ready
    with ready.workshop.database.reading() as connection:
        held = open_invitations(ready.workshop, connection, ready.school, [document])
    return held[document].page.removeprefix(ready.settings.public_origin)
