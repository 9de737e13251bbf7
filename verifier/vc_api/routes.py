"""`/credentials/verify` and `/presentations/verify`, for callers with the scope `verify`."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from tegata.codec import json
from tegata.service.api_keys.guard import depends
from tegata.service.api_keys.keys import Caller
from tegata.service.audit import Entry, append
from tegata.service.bodies import read_json
from verifier.api import openapi
from verifier.api.keys import Scope
from verifier.assembly import Verifier
from verifier.base import AUDIT
from verifier.vc_api.service import Question, credential_question, presentation_question, result

MAX_BYTES = 1_048_576
_NO_STORE = {"Cache-Control": "no-store"}
_BODY = openapi.body_of({"type": "object"}, "application/json", "application/ld+json")


def routes(verifier: Verifier) -> APIRouter:
    """Build the routes of the W3C's API."""
    router = APIRouter(tags=["W3C API (VCALM)"])
    checker = depends(verifier.keys, verifier.database, Scope.VERIFY)

    async def answer(request: Request, caller: Caller, read: Callable[[Any], Question]) -> Response:
        question = read(await read_json(request, max_bytes=MAX_BYTES))

        def use_case() -> dict[str, Any]:
            now = datetime.now(UTC)
            report = verifier.assessor.check_file(
                question.data, verifier.file_policy, now, question.challenge
            )
            with verifier.database.writing() as connection:
                entry = Entry(caller.tenant_id, caller.actor, "file.checked", report.verdict.value)
                append(connection, AUDIT, now, entry)
            return result(question, report)

        found = await verifier.database.in_pool(use_case)
        status = 200 if found["verified"] else verifier.settings.vc_api_failure_status
        return Response(json.dumps(found), status, _NO_STORE, media_type="application/json")

    @router.post("/credentials/verify", summary="Verify a credential (VCALM)", openapi_extra=_BODY)
    async def verify_credential(request: Request, caller: Caller = checker) -> Response:
        return await answer(request, caller, credential_question)

    @router.post("/presentations/verify", summary="Verify a presentation (VCALM)", openapi_extra=_BODY)
    async def verify_presentation(request: Request, caller: Caller = checker) -> Response:
        return await answer(request, caller, presentation_question)

    return router
