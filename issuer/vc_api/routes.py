"""`/s/<public id>/credentials/issue` and `…/credentials/status`, for callers with a key of the school's legal person."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from issuer.organisations.school import School
from issuer.vc_api.keys import Scope
from issuer.vc_api.service import VcApiService, issue_request, status_change
from tegata.codec import json
from tegata.service.api_keys.guard import depends
from tegata.service.api_keys.keys import ApiKeys, Caller
from tegata.service.bodies import read_json
from tegata.service.database import Database

MAX_BYTES = 262_144
_CREATED = 201
_NO_STORE = {"Cache-Control": "no-store"}
_BODY: dict[str, Any] = {"requestBody": {"content": {"application/json": {"schema": {"type": "object"}}}}}
#: Finds the school of a path such as `/s/<public id>`; raises `NotFound`.
FindSchool = Callable[[str], School]


def routes(
    service: VcApiService, keys: ApiKeys, database: Database, find_school: FindSchool, prefix: str
) -> APIRouter:
    """Build the routes below `<prefix>/<public id>/credentials`."""
    router = APIRouter(prefix=prefix + "/{public_id}/credentials", tags=["W3C API (VCALM)"])
    issuing, changing = (depends(keys, database, scope) for scope in (Scope.ISSUE, Scope.STATUS))

    @router.post("/issue", summary="The sealed master of a document (VCALM)", openapi_extra=_BODY)
    async def issue(public_id: str, request: Request, caller: Caller = issuing) -> Response:
        wanted = issue_request(await read_json(request, max_bytes=MAX_BYTES))

        def use_case() -> dict[str, Any]:
            return service.issue(find_school(public_id), caller, wanted, datetime.now(UTC))

        found = {"verifiableCredential": await database.in_pool(use_case)}
        return Response(json.dumps(found), _CREATED, _NO_STORE, media_type="application/json")

    @router.post("/status", summary="Revoke, suspend, reinstate (VCALM)", openapi_extra=_BODY)
    async def status(public_id: str, request: Request, caller: Caller = changing) -> Response:
        wanted = status_change(await read_json(request, max_bytes=MAX_BYTES))

        def use_case() -> None:
            service.change_status(find_school(public_id), caller, wanted, datetime.now(UTC))

        await database.in_pool(use_case)
        return Response(b"{}", 200, _NO_STORE, media_type="application/json")

    return router
