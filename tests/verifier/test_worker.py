"""What happens without anybody asking."""

import asyncio
import contextlib
from datetime import timedelta

from tests.verifier.conftest import World
from tests.verifier.wallet_api.answers import fetch, good_form, make_request
from verifier import worker


def answered(world: World) -> str:
    view = make_request(world)
    request = fetch(world, view)
    address = request.response_uri.rpartition("/")[2]
    world.verifier.presentations.respond(address, good_form(world, request), world.now())
    return view.id


def test_an_answer_that_nobody_judged_is_judged(world: World) -> None:
    # As it is left by a process that dies between the wallet's answer and the judgement.
    identifier = answered(world)
    assert world.verifier.presentations.waiting() == ((world.tenant_id, identifier),)
    worker.run_once(world.verifier, world.now())
    assert world.verifier.presentations.waiting() == ()
    found = world.verifier.presentations.find(world.tenant_id, identifier, world.now())
    assert found.report is not None
    assert found.report.verdict == "valid"


def test_a_judgement_that_comes_late_takes_the_proof_as_old_as_it_was(world: World) -> None:
    identifier = answered(world)
    late = world.now() + timedelta(hours=5)
    worker.run_once(world.verifier, late)
    found = world.verifier.presentations.find(world.tenant_id, identifier, late)
    assert found.report is not None
    check = {item.name: item.outcome for item in found.report.all_checks()}
    assert check["holder_binding"] == "passed"  # type: ignore[index]  # the enum is a text


def test_what_could_not_be_decided_is_judged_again_when_it_is_due(world: World) -> None:
    pages = dict(world.server.pages)
    world.server.pages.clear()
    identifier = answered(world)
    worker.run_once(world.verifier, world.now())
    world.server.pages.update(pages)
    worker.run_once(world.verifier, world.now() + timedelta(minutes=31))
    found = world.verifier.presentations.find(world.tenant_id, identifier, world.now())
    assert found.report is not None
    assert found.report.verdict == "valid"


def test_requests_and_lists_are_forgotten_in_time(world: World) -> None:
    identifier = answered(world)
    worker.run_once(world.verifier, world.now())
    worker.forget(world.verifier, world.now() + timedelta(days=31))
    assert world.verifier.presentations.find_all(world.tenant_id, world.now()) == (), identifier


def test_the_worker_runs_until_it_is_stopped(world: World) -> None:
    identifier = answered(world)

    async def until_judged() -> None:
        task = asyncio.create_task(worker.run(world.verifier))
        while await world.verifier.database.in_pool(world.verifier.presentations.waiting):
            pass
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task

    asyncio.run(asyncio.wait_for(until_judged(), 20))
    assert world.verifier.presentations.find(world.tenant_id, identifier, world.now()).state == "decided"
