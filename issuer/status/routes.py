"""The public addresses of status lists (Token Status List §8.1, Bitstring Status List 1.0 §3.2)."""

import re
from collections.abc import Callable
from datetime import UTC, datetime

from fastapi import APIRouter, Request
from starlette.responses import Response

from issuer.organisations.school import School
from issuer.status.publication import CWT, TOKEN, Published, StatusPublisher
from tegata.service.conditional import is_known
from tegata.service.database import Database
from tegata.status import status_list_cwt, token_status_list

#: Finds the school of a path such as `/s/<public id>`; raises `NotFound`.
FindSchool = Callable[[str], School]
_QUALITY = re.compile(r"[01](\.[0-9]{0,3})?")


def routes(publisher: StatusPublisher, database: Database, find_school: FindSchool, prefix: str) -> APIRouter:
    """Build the status routes below `<prefix>/<public id>`; anybody may read them, from any origin."""
    router = APIRouter(prefix=prefix + "/{public_id}/status", tags=["Status lists"])

    async def answer(request: Request, public_id: str, list_id: str, rendering: str) -> Response:
        def use_case() -> Published:
            return publisher.published(find_school(public_id), list_id, rendering, datetime.now(UTC))

        found = await database.in_pool(use_case)
        headers = found.headers
        if is_known(request.headers.get("if-none-match", ""), found.etag):
            return Response(status_code=304, headers=headers)
        if request.method == "HEAD":
            headers["Content-Length"] = str(len(found.body))
            return Response(None, 200, headers, media_type=found.media_type)
        return Response(found.body, 200, headers, media_type=found.media_type)

    @router.head("/{list_id}", include_in_schema=False)
    @router.get("/{list_id}", summary="Token Status List: JWT, or CWT for whoever accepts that")
    async def token(request: Request, public_id: str, list_id: str) -> Response:
        return await answer(request, public_id, list_id, _form(request.headers.get("accept", "")))

    @router.head("/{list_id}/{rendering}", include_in_schema=False)
    @router.get("/{list_id}/{rendering}", summary="Bitstring Status List: revocation or suspension")
    async def bitstring(request: Request, public_id: str, list_id: str, rendering: str) -> Response:
        return await answer(request, public_id, list_id, "" if rendering in {TOKEN, CWT} else rendering)

    return router


def _form(accept: str) -> str:
    """Return the form that a caller names and likes better (RFC 9110 §12.5.1); the JWT where it names none or both."""
    liking = {status_list_cwt.MEDIA_TYPE: 0.0, token_status_list.MEDIA_TYPE: 0.0}
    for part in accept.split(","):
        name, *parameters = (item.strip().lower() for item in part.split(";"))
        if name in liking:
            stated = next((item[2:] for item in parameters if item.startswith("q=")), "1")
            liking[name] = float(stated) if _QUALITY.fullmatch(stated) else 0.0
    return CWT if liking[status_list_cwt.MEDIA_TYPE] > liking[token_status_list.MEDIA_TYPE] else TOKEN
