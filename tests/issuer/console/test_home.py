"""The first page, the change of school, the register's pages and requests at the desk."""

import re

from tests.issuer.console.visitor import words_of
from tests.issuer.console.world import World


def test_before_first_use_the_page_is_a_list_of_what_to_do(world: World) -> None:
    page = words_of(world.people["neighbour"].open("/"))
    assert "はじめる前に" in page
    assert "5つのうち3つ完了" in page
    assert "まだ始められません" in page
    assert "最近の発行" not in page


def test_a_clerk_sees_drafts_and_an_approver_what_waits(world: World) -> None:
    clerk, approver = words_of(world.clerk.open("/")), words_of(world.approver.open("/"))
    assert "下書き" in clerk
    assert "差し戻された依頼があります" in clerk
    assert "承認待ちが2件あります" in approver
    assert "承認、2件" in approver
    assert "新しく発行する" not in approver


def test_somebody_of_two_schools_can_change_and_nobody_to_a_school_of_others(world: World) -> None:
    both = world.people["both"]
    page = both.open("/school")
    schools = re.findall(r'name="school" value="([0-9a-f]{32})"', page)
    assert len(schools) == 1
    first = words_of(both.open("/"))
    assert both.send("/school", {"school": schools[0]}) == "/"
    assert words_of(both.open("/"))[:40] != first[:40]
    assert both.get(f"/batches/{world.scenes.draft}").status_code in {200, 404}
    back = re.findall(r'name="school" value="([0-9a-f]{32})"', both.open("/school"))
    both.send("/school", {"school": back[0]})
    assert world.people["stranger"].open("/school")
    assert world.people["stranger"].post("/school", {"school": world.ready.school.id}).status_code == 404


def test_a_forged_cookie_for_a_school_changes_nothing(world: World) -> None:
    stranger = world.people["stranger"]
    stranger.client.cookies.set("tegata_issuer_school", world.ready.school.id)
    assert "例示大学" in stranger.open("/")


def test_the_register_is_searched_and_paged(world: World) -> None:
    page = words_of(world.clerk.open("/register?q=アオバ"))
    assert "青葉　はるか" in page
    assert "赤星" not in page
    assert "条件に合う人はいません" in world.clerk.open("/register?q=いないひと")
    assert world.clerk.open("/register?page=999&size=7&school_year=abcd")


def test_a_learner_shows_what_can_be_issued_and_what_stands_in_the_way(world: World) -> None:
    page = words_of(world.clerk.open(f"/register/learners/{world.scenes.withheld}"))
    assert "できません" in page
    assert "保留" in page or "退学" in page


def test_concealing_a_learner_takes_them_out_of_lists_until_it_ends(world: World) -> None:
    learner = world.scenes.people[30]
    path = f"/register/learners/{learner}"
    number = re.search(r"学籍番号 (\d+)", words_of(world.clerk.open(path)))
    assert number
    listed = f"/register/learners/{learner}"
    assert listed in world.clerk.open("/register")
    world.clerk.open(f"{path}/concealment")
    assert world.clerk.post(f"{path}/concealment").status_code == 422
    assert world.clerk.send(f"{path}/concealment", {"confirm": "yes"}) == path
    assert listed not in world.clerk.open("/register")
    assert listed not in world.clerk.open(f"/register?q={number.group(1)[:-1]}")
    assert listed in world.clerk.open(f"/register?q={number.group(1)}")
    assert "秘匿の人です" in world.clerk.open(path)
    world.clerk.send(f"{path}/concealment", {"confirm": "yes"})
    assert listed in world.clerk.open("/register")


def test_a_request_at_the_desk_becomes_a_draft_and_is_open_again_when_that_is_dropped(world: World) -> None:
    learner = world.scenes.people[31]
    world.clerk.open(f"/requests/new?learner={learner}")
    assert world.clerk.post("/requests/new", {"learner": learner}).status_code == 422
    asked = {"learner": learner, "document": "graduation", "purpose": "就職先に出すため"}
    assert world.clerk.send("/requests/new", asked) == "/requests"
    page = world.clerk.open("/requests")
    assert "就職先に出すため" in page
    rows = re.findall(r'name="row" value="([0-9a-f]{32})"', page)
    assert world.clerk.post("/requests").status_code == 422
    made = world.clerk.send("/requests", {"row": [rows[-1]]})
    assert "就職先に出すため" not in world.clerk.open("/requests")
    moved = world.clerk.send(f"{made}/terms", {"issue_date": "2026-04-02", "start": ""})
    assert "就職先に出すため" not in world.clerk.open("/requests")
    world.clerk.send(f"{moved}/discard")
    assert "就職先に出すため" in world.clerk.open("/requests")
    assert world.clerk.send(f"/requests/{rows[-1]}/withdraw") == "/requests"
    assert "就職先に出すため" not in world.clerk.open("/requests")
    assert world.clerk.post(f"/requests/{rows[-1]}/withdraw").status_code == 404
    assert world.clerk.post("/requests", {"row": [rows[-1]]}).status_code == 404


def test_a_request_for_a_fare_discount_names_one_of_seven_purposes(world: World) -> None:
    learner = world.scenes.people[31]
    page = world.clerk.open(f"/requests/new?learner={learner}")
    assert "休暇、所用による帰省" in page
    asked = {"learner": learner, "document": "fare-discount"}
    refused = world.clerk.post("/requests/new", asked)
    assert refused.status_code == 422
    assert "旅行の目的を選んでください" in refused.text
    odd = world.clerk.post("/requests/new", asked | {"journey": "visit", "schooling_from": "夏"})
    assert odd.status_code == 422
    assert world.clerk.send("/requests/new", asked | {"journey": "visit"}) == "/requests"
    listed = world.clerk.open("/requests")
    assert "見学または行事への参加" in listed
    row = re.findall(r'name="row" value="([0-9a-f]{32})"', listed)[-1]
    world.clerk.send(f"/requests/{row}/withdraw")


def test_a_request_for_somebody_who_cannot_receive_it_says_why(world: World) -> None:
    world.clerk.open("/requests/new")
    world.clerk.send("/requests/new", {"learner": world.scenes.withheld, "document": "graduation"})
    row = re.findall(r'name="row" value="([0-9a-f]{32})"', world.clerk.open("/requests"))[-1]
    refused = world.clerk.post("/requests", {"row": [row]})
    assert refused.status_code == 422
    assert re.search("保留|退学", refused.text)


def test_a_request_for_a_learner_of_another_school_is_not_found(world: World) -> None:
    stranger = world.people["stranger"]
    stranger.open("/requests/new")
    names = re.findall(r'name="document" value="([\w-]+)"', stranger.open("/issue"))
    answer = stranger.post("/requests/new", {"learner": world.scenes.learner, "document": names[0]})
    assert answer.status_code == 404
