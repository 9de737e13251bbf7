"""The routes of the VC-API, as the W3C's suites call them: no authentication, JSON always, 400 for every failure."""

import secrets
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from fastapi import FastAPI, Request
from starlette.responses import Response

from tegata.codec import json
from tegata.doubles.conformance import checking, issuing
from tegata.doubles.conformance.instances import Instance
from tegata.errors import MalformedInput, NotFound, TegataError
from tegata.formats import data_integrity
from tegata.formats.data_integrity import Contexts

MAX_BYTES = 1_048_576
_CREATED, _OK, _REFUSED = 201, 200, 400


def build(instances: Mapping[str, Instance], contexts: Contexts, clock: Callable[[], datetime]) -> FastAPI:
    """Build the app; `clock` says what time it is."""
    app = FastAPI(title="Tegata conformance double", docs_url=None, redoc_url=None, openapi_url=None)

    async def answer(request: Request, status: int, use: Callable[[Any], Any]) -> Response:
        try:
            body = json.loads(await _body(request), max_bytes=MAX_BYTES)
            found = use(body)
        except TegataError as error:
            found = {"verified": False, "errors": [error.detail], "title": error.kind, "detail": error.detail}
            return _reply(found, _REFUSED)
        failed = isinstance(found, Mapping) and found.get("verified") is False
        return _reply(found, _REFUSED if failed else status)

    @app.post("/issuers/{name}/credentials/issue")
    async def issue(request: Request, name: str) -> Response:
        def use(body: Any) -> Any:
            instance = instances.get(name)
            if instance is None:
                raise NotFound(f"no issuer is called {name[:60]!r}")
            return issuing.issue(instance, body, clock(), contexts)

        return await answer(request, _CREATED, use)

    @app.post("/credentials/verify")
    async def verify_credential(request: Request) -> Response:
        def use(body: Any) -> Any:
            return checking.check_credential(_member(body, "verifiableCredential"), clock(), contexts)

        return await answer(request, _OK, use)

    @app.post("/presentations/verify")
    async def verify_presentation(request: Request) -> Response:
        def use(body: Any) -> Any:
            name = "verifiablePresentation" if "verifiablePresentation" in _object(body) else "presentation"
            value = _member(body, name)
            return checking.check_presentation(value, _options(body), clock(), contexts)

        return await answer(request, _OK, use)

    @app.post("/credentials/derive")
    async def derive(request: Request) -> Response:
        def use(body: Any) -> Any:
            credential = _member(body, "verifiableCredential")
            pointers = _options(body).get("selectivePointers", [])
            if not isinstance(credential, Mapping) or not isinstance(pointers, list):
                raise MalformedInput("a credential and a list of JSON Pointers", clause="VCALM §3.3")
            return data_integrity.derive(credential, pointers, contexts, secrets.token_bytes)

        return await answer(request, _CREATED, use)

    return app


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
