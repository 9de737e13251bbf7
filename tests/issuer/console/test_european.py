"""The file for use abroad: content and audit, and who does not get it."""

import json

from sqlalchemy import select

from issuer.base import AUDIT
from schemas.education import elm
from tests.issuer.console.world import World


def _actions(world: World) -> list[str]:
    with world.ready.workshop.database.reading() as connection:
        return list(connection.scalars(select(AUDIT.row.c.action)))


def test_a_clerk_saves_a_valid_document_as_a_file_and_that_is_recorded(world: World) -> None:
    path = f"/issued/{world.scenes.document}"
    assert f'href="{path}/european"' in world.clerk.open(path)
    before = _actions(world).count("document.exported")
    answer = world.clerk.client.request("GET", f"{path}/european")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/ld+json"
    assert answer.headers["content-disposition"].startswith("attachment;")
    assert answer.headers["cache-control"] == "no-store"
    found = json.loads(answer.content)
    assert found["@context"] == list(elm.CONTEXTS)
    assert "proof" not in found
    assert _actions(world).count("document.exported") == before + 1


def test_nobody_else_gets_it_and_no_document_that_is_not_valid(world: World) -> None:
    path = f"/issued/{world.scenes.document}/european"
    assert world.approver.client.request("GET", path).status_code == 403
    suspended = f"/issued/{world.scenes.suspended}"
    assert world.clerk.client.request("GET", f"{suspended}/european").status_code == 404
    assert "/european" not in world.clerk.open(suspended)
