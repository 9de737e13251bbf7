"""The routes of the VC-API, as the W3C's suites call them: no authentication, JSON always, 400 for every failure."""

import secrets
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from fastapi import APIRouter, FastAPI, Request
from starlette.responses import Response

from tegata.codec import json
from tegata.doubles.conformance import checking, issuing
from tegata.doubles.conformance.circumstances import Circumstances
from tegata.doubles.conformance.inline import named
from tegata.doubles.conformance.instances import STATUS_ISSUER, Instance
from tegata.doubles.conformance.statuses import Statuses
from tegata.errors import MalformedInput, NotFound, TegataError
from tegata.formats import data_integrity

MAX_BYTES = 1_048_576
_CREATED, _OK, _REFUSED, _ABSENT = 201, 200, 400, 404


def build(
    instances: Mapping[str, Instance],
    contexts: Mapping[str, bytes],
    clock: Callable[[], datetime],
    base: str,
) -> FastAPI:
    """Build the app; `clock` says what time it is, `base` is the double's origin."""
    statuses = Statuses(instances[STATUS_ISSUER], base)

    def here() -> Circumstances:
        return Circumstances(clock(), contexts, statuses)

    app = FastAPI(title="Tegata conformance double", docs_url=None, redoc_url=None, openapi_url=None)
    app.include_router(_issuing_routes(instances, here))
    app.include_router(_checking_routes(here))
    app.include_router(_status_routes(statuses, here))
    return app


def _issuing_routes(instances: Mapping[str, Instance], here: Callable[[], Circumstances]) -> APIRouter:
    router = APIRouter()

    @router.post("/issuers/{name}/credentials/issue")
    async def issue(request: Request, name: str) -> Response:
        def use(body: Any) -> Any:
            instance = instances.get(name)
            if instance is None:
                raise NotFound(f"no issuer is called {name[:60]!r}")
            return issuing.issue(instance, body, here())

        return await _answer(request, _CREATED, use)

    @router.post("/credentials/derive")
    async def derive(request: Request) -> Response:
        def use(body: Any) -> Any:
            credential = _member(body, "verifiableCredential")
            pointers = _options(body).get("selectivePointers", [])
            if not isinstance(credential, Mapping) or not isinstance(pointers, list):
                raise MalformedInput("a credential and a list of JSON Pointers", clause="VCALM §3.3")
            renamed, known = named(credential, here().contexts)
            derived = data_integrity.derive(renamed, pointers, known, secrets.token_bytes)
            return {**derived, "@context": credential["@context"]}

        return await _answer(request, _CREATED, use)

    return router


def _checking_routes(here: Callable[[], Circumstances]) -> APIRouter:
    router = APIRouter()

    @router.post("/credentials/verify")
    async def verify_credential(request: Request) -> Response:
        def use(body: Any) -> Any:
            return checking.check_credential(_member(body, "verifiableCredential"), here())

        return await _answer(request, _OK, use)

    @router.post("/presentations/verify")
    async def verify_presentation(request: Request) -> Response:
        def use(body: Any) -> Any:
            name = "verifiablePresentation" if "verifiablePresentation" in _object(body) else "presentation"
            return checking.check_presentation(_member(body, name), _options(body), here())

        return await _answer(request, _OK, use)

    return router


def _status_routes(statuses: Statuses, here: Callable[[], Circumstances]) -> APIRouter:
    router = APIRouter()

    @router.post("/credentials/status")
    async def change_status(request: Request) -> Response:
        def use(body: Any) -> Any:
            statuses.change(body)
            return {}

        return await _answer(request, _OK, use)

    @router.get("/status-lists/{purpose}")
    async def status_list(purpose: str) -> Response:
        on = here()
        try:
            return _reply(statuses.published(purpose, on.now, on.contexts), _OK)
        except NotFound as error:
            return _reply({"title": error.kind, "detail": error.detail}, _ABSENT)

    return router


async def _answer(request: Request, status: int, use: Callable[[Any], Any]) -> Response:
    try:
        found = use(json.loads(await _body(request), max_bytes=MAX_BYTES))
    except TegataError as error:
        found = {"verified": False, "errors": [error.detail], "title": error.kind, "detail": error.detail}
        return _reply(found, _REFUSED)
    failed = isinstance(found, Mapping) and found.get("verified") is False
    return _reply(found, _REFUSED if failed else status)


async def _body(request: Request) -> bytes:
    found = b""
    async for chunk in request.stream():
        found += chunk
        if len(found) > MAX_BYTES:
            raise MalformedInput("a body of more than a mebibyte")
    return found


def _object(body: Any) -> Mapping[str, Any]:
    if not isinstance(body, Mapping):
        raise MalformedInput("the body is an object")
    return body


def _member(body: Any, name: str) -> Any:
    found = _object(body)
    if name not in found:
        raise MalformedInput(f"no {name}")
    return found[name]


def _options(body: Any) -> Mapping[str, Any]:
    found = _object(body).get("options") or {}
    return _object(found)


def _reply(content: Any, status: int) -> Response:
    return Response(json.dumps(content), status, media_type="application/json")
