"""The published trust list and its anchor. Anybody may read, from any origin."""

from datetime import datetime
from email.utils import format_datetime

from fastapi import APIRouter, Request
from starlette.responses import Response

from issuer.registrar.service import Registrar
from tegata.codec import json
from tegata.identity.trust_list_format import MEDIA_TYPE
from tegata.service.conditional import is_known
from tegata.service.database import Database

_MAX_AGE = 300
_OPEN = {"Access-Control-Allow-Origin": "*", "Cache-Control": f"public, max-age={_MAX_AGE}"}


def routes(registrar: Registrar, database: Database) -> APIRouter:
    """Build the registrar's public routes."""
    router = APIRouter(tags=["Trust list"])

    @router.get("/trust-list", summary="The signed trust list (ETSI TS 119 602, compact JWS)")
    async def trust_list(request: Request) -> Response:
        found = await database.in_pool(registrar.current_list)
        etag = f'"{found.digest}"'
        headers = {**_OPEN, "ETag": etag, "Last-Modified": _http_date(found.issued_at)}
        if is_known(request.headers.get("if-none-match", ""), etag):
            return Response(status_code=304, headers=headers)
        return Response(found.jws, 200, headers, media_type=MEDIA_TYPE)

    @router.get(
        "/trust-list.json", summary="What the trust list says, for people; verifiers use the signed one"
    )
    async def readable() -> Response:
        content = await database.in_pool(registrar.readable_list)
        return Response(json.dumps(content), 200, _OPEN, media_type="application/json")

    @router.get("/trust-anchor.pem", summary="The root certificate that verifiers pin")
    async def anchor() -> Response:
        pem = await database.in_pool(registrar.anchor_pem)
        return Response(pem, 200, _OPEN, media_type="application/pem-certificate-chain")

    return router


def _http_date(moment: datetime) -> str:
    return format_datetime(moment, usegmt=True)
