"""`/api/v1`: make a request, look at it, check a file. Every route names the scope that its caller needs."""

from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from schemas.catalogue import Catalogue
from tegata.codec import json
from tegata.service.api_keys.guard import depends
from tegata.service.api_keys.keys import Caller
from tegata.service.audit import Entry, append
from tegata.service.bodies import read_bytes, read_json
from verifier.api import openapi
from verifier.api.keys import Scope
from verifier.api.service import order_of, outline_json, request_json
from verifier.assembly import Verifier
from verifier.base import AUDIT
from verifier.requests import templates
from verifier.requests.templates import Template

_NO_STORE = {"Cache-Control": "no-store"}
MAX_FILE_BYTES = 1_048_576
_FILES = frozenset(
    {
        "application/octet-stream",
        "application/json",
        "application/ld+json",
        "application/vc",
        "application/dc+sd-jwt",
        "application/cbor",
        "text/plain",
    }
)


def _json(value: object, status: int = 200) -> Response:
    return Response(json.dumps(value), status, _NO_STORE, media_type="application/json")


def _now() -> datetime:
    return datetime.now(UTC)


def routes(verifier: Verifier) -> APIRouter:
    """Build the API's routes."""
    router = APIRouter(prefix="/api/v1", tags=["API"])
    _add_requests(router, verifier)
    _add_checks(router, verifier)
    return router


def _add_requests(router: APIRouter, verifier: Verifier) -> None:
    service, database, catalogue = verifier.presentations, verifier.database, verifier.catalogue
    creator = depends(verifier.keys, database, Scope.CREATE_REQUESTS)
    reader = depends(verifier.keys, database, Scope.READ_REQUESTS)

    @router.post(
        "/requests",
        summary="Make a request; answers with its links",
        status_code=201,
        openapi_extra=openapi.ORDER_BODY,
        responses={201: openapi.answer("The request", openapi.REQUEST)},
    )
    async def create(request: Request, caller: Caller = creator) -> Response:
        order, items = order_of(await read_json(request, max_bytes=65_536), caller, catalogue)
        view = await database.in_pool(service.create, order, _now())
        answer = _json(request_json(view) | {"documents": outline_json(items, catalogue)}, 201)
        answer.headers["Location"] = f"/api/v1/requests/{view.id}"
        return answer

    @router.get(
        "/requests/{identifier}",
        summary="A request's state, and its report once there is one",
        openapi_extra=openapi.KEYED,
        responses={200: openapi.answer("The request", openapi.REQUEST)},
    )
    async def show(identifier: str, caller: Caller = reader) -> Response:
        view = await database.in_pool(service.find, caller.tenant_id, identifier, _now())
        if view.state == "submitted":
            view = await database.in_pool(service.decide, caller.tenant_id, identifier, _now())
        return _json(request_json(view))

    @router.post(
        "/requests/{identifier}/check-again",
        summary="Look again at an answer that could not be decided",
        openapi_extra=openapi.KEYED,
        responses={200: openapi.answer("The request", openapi.REQUEST)},
    )
    async def check_again(identifier: str, caller: Caller = reader) -> Response:
        view = await database.in_pool(service.decide, caller.tenant_id, identifier, _now())
        return _json(request_json(view))

    @router.get(
        "/templates", summary="The request templates, with what each asks for", openapi_extra=openapi.KEYED
    )
    async def list_templates(_caller: Caller = reader) -> Response:
        return _json([_template_json(item, catalogue) for item in templates.load()])


def _add_checks(router: APIRouter, verifier: Verifier) -> None:
    checker = depends(verifier.keys, verifier.database, Scope.VERIFY)

    @router.post(
        "/verify",
        summary="Check a file: a credential that somebody handed in",
        openapi_extra=openapi.FILE_BODY,
        responses={200: openapi.answer("The report", openapi.REPORT)},
    )
    async def verify(request: Request, caller: Caller = checker) -> Response:
        data = await read_bytes(request, content_types=_FILES, max_bytes=MAX_FILE_BYTES)

        def use_case() -> object:
            now = _now()
            report = verifier.assessor.check_file(data, verifier.file_policy, now)
            with verifier.database.writing() as connection:
                entry = Entry(caller.tenant_id, caller.actor, "file.checked", report.verdict.value)
                append(connection, AUDIT, now, entry)
            return report.to_json()

        return _json(await verifier.database.in_pool(use_case))


def _template_json(item: Template, catalogue: Catalogue) -> dict[str, Any]:
    return {
        "name": item.name,
        "title": {"ja": item.title.ja, "en": item.title.en},
        "purpose": {"ja": item.purpose.ja, "en": item.purpose.en},
        "documents": outline_json(item.items, catalogue),
    }
