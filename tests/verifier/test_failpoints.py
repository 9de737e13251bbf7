"""kill -9 between an answer and its report: nothing is lost, nothing is told twice, nothing is half-written."""

import os
import signal
import subprocess
import sys

import pytest
from sqlalchemy import select

from tegata.codec import json
from tests.verifier.conftest import KEK, World
from tests.verifier.wallet_api.answers import fetch, good_form, make_request
from verifier import worker
from verifier.base import AUDIT
from verifier.wallet_api.service import AFTER_STORE, BEFORE_REPORT, BEFORE_STORE

#: Another process of the same installation: takes an answer and judges it, and dies where it is told to.
SCRIPT = """
import sys
from datetime import UTC, datetime
from tegata.codec import json
from tegata.service import failpoints
from verifier import settings
from verifier.assembly import assemble
verifier = assemble(settings.load())
failpoints.arm(settings.load().failpoint)
task = json.loads(sys.stdin.buffer.read())
now = datetime.now(UTC)
taken = verifier.presentations.respond(task["address"], task["form"], now)
verifier.presentations.judge_taken(taken, now)
"""


def run_and_die(world: World, failpoint: str, task: object) -> None:
    settings = world.verifier.settings
    values = {
        "MODE": "test",
        "PUBLIC_ORIGIN": settings.public_origin,
        "DATABASE_URL": settings.database_url,
        "INSECURE_LOOPBACK": "true",
        "LOOPBACK_ORIGINS": json.dumps(list(settings.loopback_origins)).decode(),
        "TEST_IDENTIFIERS": "true",
        "KEY_ENCRYPTION_KEY": KEK,
        "TRUST_ANCHOR_FILE": str(settings.trust_anchor_file),
        "FAILPOINT": failpoint,
    }
    environment = os.environ | {f"TEGATA_VERIFIER_{name}": value for name, value in values.items()}
    ended = subprocess.run(
        [sys.executable, "-c", SCRIPT], input=json.dumps(task), env=environment, check=False, timeout=60
    )
    assert ended.returncode == -signal.SIGKILL


def actions(world: World, identifier: str) -> list[str]:
    query = select(AUDIT.row.c.action).where(AUDIT.row.c.object_id == identifier).order_by(AUDIT.row.c.at)
    with world.verifier.database.reading() as connection:
        return list(connection.execute(query).scalars())


@pytest.mark.postgres
@pytest.mark.parametrize("failpoint", [BEFORE_STORE, AFTER_STORE, BEFORE_REPORT])
def test_after_a_kill_the_answer_is_either_whole_or_can_be_given_again(
    world_on_each_database: World, failpoint: str
) -> None:
    world = world_on_each_database
    world.verifier.webhooks.register(world.tenant_id, f"{world.server.origin}/hook", world.now())
    view = make_request(world)
    request = fetch(world, view)
    form = good_form(world, request)
    address = request.response_uri.rpartition("/")[2]
    run_and_die(world, failpoint, {"address": address, "form": form})
    state = world.verifier.presentations.find(world.tenant_id, view.id, world.now()).state
    assert state == ("fetched" if failpoint == BEFORE_STORE else "submitted")
    if failpoint == BEFORE_STORE:
        assert actions(world, view.id) == ["request.created"]
        world.verifier.presentations.respond(address, form, world.now())
    worker.run_once(world.verifier, world.now())
    found = world.verifier.presentations.find(world.tenant_id, view.id, world.now())
    assert found.report is not None
    assert found.report.verdict == "valid"
    assert actions(world, view.id) == ["request.created", "answer.taken", "request.decided"]
    assert len(world.server.posted) == 1
