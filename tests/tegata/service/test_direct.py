"""Routes that are answered directly: the same answers, refusals and descriptions as those that are not."""

import pytest
from fastapi import APIRouter, Depends, FastAPI, Request
from starlette.responses import Response

from tegata.errors import NotFound
from tegata.service.direct import answer_directly, direct
from tests.tegata.service.app import ask, new_app


@pytest.fixture
def app() -> FastAPI:
    router = APIRouter(prefix="/things/{name}")

    @router.post("/take", summary="Take it")
    @direct
    async def take(name: str, request: Request) -> Response:
        if name == "nothing":
            raise NotFound("no such thing")
        return Response(f"{name} {request.headers.get('x-word', '')}")

    @router.get("/look")
    async def look(name: str) -> Response:
        return Response(name)

    made = new_app()
    made.include_router(router)
    answer_directly(made, router.routes)
    return made


def test_it_gets_what_its_path_names_and_the_request(app: FastAPI) -> None:
    answer = ask(app, "POST", "/things/a%20b/take", headers={"X-Word": "w"})
    assert (answer.status_code, answer.text) == (200, "a b w")
    assert answer.headers["x-reference-number"]
    assert app.router.routes[0].endpoint.__module__ == "tegata.service.direct"  # type: ignore[attr-defined]


def test_its_refusals_are_answered_as_everywhere(app: FastAPI) -> None:
    answer = ask(app, "POST", "/things/nothing/take")
    assert (answer.status_code, answer.json()["kind"]) == (404, "not_found")


def test_another_method_is_not_offered_and_other_routes_are_as_before(app: FastAPI) -> None:
    assert ask(app, "GET", "/things/a/take").status_code == 405
    assert ask(app, "GET", "/things/a/look").text == "a"


def test_it_is_still_described(app: FastAPI) -> None:
    assert app.openapi()["paths"]["/things/{name}/take"]["post"]["summary"] == "Take it"


def test_a_route_that_asks_who_calls_is_never_answered_directly() -> None:
    async def guard() -> None:
        raise NotFound("nobody")

    router = APIRouter()

    @router.post("/secret", dependencies=[Depends(guard)])
    @direct
    async def secret(request: Request) -> Response:
        return Response(request.method)

    with pytest.raises(AssertionError):
        answer_directly(new_app(), router.routes)
