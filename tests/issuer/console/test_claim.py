"""The page behind a claim link: for anybody who has it, and consuming nothing."""

from urllib.parse import quote

import pytest
from sqlalchemy import func, select

from issuer.console.claim import masked
from issuer.wallet_api.tables import PreAuthorizedCode
from tests.issuer.console.visitor import words_of
from tests.issuer.console.world import World

WORDS = {
    "open": "を受け取ります",
    "slip": "確認番号が必要です",
    "again": "すでに受け取られています",
    "expired": "このリンクの期限は",
    "replaced": "新しい用紙やリンクに替わりました",
    "taken": "台数をすべて使いました",
    "resting": "確認番号を5回まちがえたため",
    "stopped": "いまは受け取れません",
}


@pytest.mark.parametrize("state", WORDS)
def test_each_state_of_a_link_has_its_words(world: World, state: str) -> None:
    page = world.nobody.open(world.scenes.links[state])
    assert WORDS[state] in words_of(page)
    has_link = "openid-credential-offer://" in page
    assert has_link == (state in {"open", "slip", "again"})


def test_the_link_into_a_wallet_names_the_offer_by_reference(world: World) -> None:
    path = world.scenes.links["open"]
    offer = world.ready.settings.public_origin + path.replace("/claim/", "/offers/")
    assert f"credential_offer_uri={quote(offer, safe='')}" in world.nobody.open(path)


def test_opening_the_page_consumes_nothing(world: World) -> None:
    codes = PreAuthorizedCode.__table__  # type: ignore[attr-defined]  # SQLModel sets it on tables

    def count() -> int:
        with world.ready.workshop.database.reading() as connection:
            return int(connection.execute(select(func.count()).select_from(codes)).scalar_one())

    before = count()
    first = world.nobody.open(world.scenes.links["open"])
    assert world.nobody.open(world.scenes.links["open"]) == first
    assert count() == before


def test_the_page_names_the_person_only_in_part_and_sends_no_referrer(world: World) -> None:
    answer = world.nobody.get(world.scenes.links["open"])
    assert "青○　は○○" in answer.text
    assert "青葉" not in answer.text
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["cache-control"] == "no-store"


def test_an_unknown_or_altered_link_is_not_found(world: World) -> None:
    path = world.scenes.links["open"]
    altered = path[:-1] + ("A" if path[-1] != "A" else "B")
    for address in (
        altered,
        path[:-5],
        path.rsplit("/", 1)[0] + "/x",
        path.rsplit("/", 1)[0] + "/" + "A" * 43,
    ):
        assert world.nobody.get(address).status_code == 404


def test_a_link_of_one_school_is_not_found_below_another(world: World) -> None:
    path = world.scenes.links["open"]
    own = world.ready.school.public_id
    with world.ready.workshop.database.reading() as connection:
        from issuer.organisations import store  # noqa: PLC0415  beside its only use

        others = [item.public_id for item in store.schools(connection, world.ready.school.tenant_id)]
    other = next(item for item in others if item != own)
    assert world.nobody.get(path.replace(own, other)).status_code == 404
    assert world.nobody.get(path.replace(own, "nowhere")).status_code == 404


@pytest.mark.parametrize(
    ("name", "expected"),
    [("青葉　はるか", "青○　は○○"), ("林　凛", "林　凛"), ("NGUYEN Thi Mai", "N○○○○○　T○○　M○○"), ("", "")],
)
def test_a_name_is_masked_part_by_part(name: str, expected: str) -> None:
    assert masked(name) == expected


def test_the_pages_of_document_types_are_open_to_anybody(world: World) -> None:
    index = world.nobody.open("/documents")
    for definition in world.ready.workshop.catalogue.documents:
        assert f"/documents/{definition.name}" in index
        page = world.nobody.open(f"/documents/{definition.name}")
        assert definition.title.ja in page
        assert definition.vct in page
        assert definition.title.en in world.nobody.open(f"/documents/{definition.name}?lang=en")
    assert world.nobody.get("/documents/nothing").status_code == 404
