"""Routes that are pressed hard, answered without what FastAPI does before and after each: half of their time.

Only for routes that take their path's names and the request, and return a `Response`. They stay declared on their router,
where descriptions are made from; nothing about who may call them changes.
"""

from collections.abc import Callable
from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

_MARK = "tegata_direct"


def direct(endpoint: Callable[..., Any]) -> Callable[..., Any]:
    """Mark an endpoint; below the route's decorator."""
    setattr(endpoint, _MARK, True)
    return endpoint


def answer_directly(app: FastAPI, routes: list[Any]) -> None:
    """Let the marked ones of a router's routes be found first, and called as they are."""
    found = [route for route in routes if isinstance(route, APIRoute) and hasattr(route.endpoint, _MARK)]
    assert all(not route.dependant.dependencies for route in found)  # noqa: S101  nothing would ask them
    app.router.routes[:0] = [
        Route(route.path, _called(route.endpoint), methods=list(route.methods or ()), include_in_schema=False)
        for route in found
    ]


def _called(endpoint: Callable[..., Any]) -> Callable[[Request], Any]:
    async def answer(request: Request) -> Response:
        found: Response = await endpoint(**request.path_params, request=request)
        return found

    return answer
