"""`/credentials/derive`, for whoever the operator lets reach it."""

import secrets
from typing import Any

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from schemas import catalogue
from tegata.codec import json
from tegata.formats.data_integrity import Contexts
from tegata.service.bodies import read_json
from wallet_bridge.vc_api.service import derived

MAX_BYTES = 262_144
_CREATED = 201
_NO_STORE = {"Cache-Control": "no-store"}
_BODY: dict[str, Any] = {"requestBody": {"content": {"application/json": {"schema": {"type": "object"}}}}}


def routes() -> APIRouter:
    """Build the route; contexts are compiled once."""
    router = APIRouter(tags=["W3C API (VCALM)"])
    contexts = Contexts.of(catalogue.contexts())

    @router.post("/credentials/derive", summary="Show less of a credential (VCALM)", openapi_extra=_BODY)
    async def derive(request: Request) -> Response:
        body = await read_json(request, max_bytes=MAX_BYTES)
        found = await run_in_threadpool(derived, body, contexts, secrets.token_bytes)
        answer = {"verifiableCredential": found}
        return Response(json.dumps(answer), _CREATED, _NO_STORE, media_type="application/json")

    return router
