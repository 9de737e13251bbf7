"""`/s/<public id>/redemptions`: a program redeems the code on a single-use document. The page for people is the console's.

Nobody signs in: whoever has the code may use it up, once. The code stands in the body, never in an address.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from issuer.organisations.school import School
from issuer.redemption.errors import AlreadyRedeemed
from issuer.redemption.service import Redeemed, RedemptionService
from tegata.codec import json
from tegata.codec.dates import format_instant
from tegata.errors import MalformedInput
from tegata.service import problems
from tegata.service.bodies import read_json
from tegata.service.database import Database

MAX_BYTES = 4_096
_NO_STORE = {"Cache-Control": "no-store"}
_CREATED, _OK, _CONFLICT = 201, 200, 409
_MEMBERS = frozenset({"code", "redeemer", "reference"})
_BODY: dict[str, Any] = {
    "requestBody": {
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "required": ["code"],
                    "additionalProperties": False,
                    "properties": {
                        "code": {"type": "string", "description": "The redemption_code of the certificate"},
                        "redeemer": {"type": "string", "description": "Who redeems, for the school's ledger"},
                        "reference": {
                            "type": "string",
                            "description": "The redeemer's own secret id of this attempt: sent again, it gets the same answer",
                        },
                    },
                }
            }
        }
    }
}
#: Finds the school of a path such as `/s/<public id>`; raises `NotFound`.
FindSchool = Callable[[str], School]


def routes(service: RedemptionService, database: Database, find_school: FindSchool, prefix: str) -> APIRouter:
    """Build the route below a school's own address."""
    router = APIRouter(prefix=prefix + "/{public_id}", tags=["Single-use certificates"])

    @router.post("/redemptions", summary="Use a single-use certificate up, once", openapi_extra=_BODY)
    async def redeem(public_id: str, request: Request) -> Response:
        wanted = read(await read_json(request, max_bytes=MAX_BYTES))

        def use_case() -> Redeemed:
            return service.redeem(find_school(public_id), now=datetime.now(UTC), **wanted)

        try:
            done = await database.in_pool(use_case)
        except AlreadyRedeemed as error:
            more = {"redeemed_at": format_instant(error.redeemed_at)}
            return problems.problem(request, _CONFLICT, error.public, error.kind, more=more)
        status = _OK if done.is_repeated else _CREATED
        return Response(json.dumps(told(done)), status, _NO_STORE, media_type="application/json")

    return router


def read(body: Any) -> dict[str, str]:
    """Read the body of a redemption; raises `MalformedInput`."""
    if not isinstance(body, Mapping) or not set(body) <= _MEMBERS or "code" not in body:
        raise MalformedInput("no code, or members that are unknown", pointer="/code")
    if not all(isinstance(value, str) for value in body.values()):
        raise MalformedInput("a member that is no text")
    return dict(body)


def told(done: Redeemed) -> dict[str, Any]:
    """Return what the redeemer is told: nothing about a person."""
    return {
        "document": done.document_name,
        "document_number": done.document_number,
        "date_of_expiry": None if done.last_day is None else done.last_day.isoformat(),
        "status": "used",
        "redeemed_at": format_instant(done.redeemed_at),
    }
