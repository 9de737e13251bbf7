"""Where a school's keys are looked up: did:web, JWK set, JWT VC issuer metadata. Anybody may read, from any origin."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

from fastapi import APIRouter
from sqlalchemy import Connection
from starlette.responses import Response

from issuer.organisations import did_documents
from issuer.settings import IssuerSettings
from tegata.codec import json
from tegata.codec.dates import today
from tegata.formats.sd_jwt_vc.issuer_keys import WELL_KNOWN
from tegata.service.database import Database

#: Keys change rarely, and never at once: a new one is published before anything is signed with it for long.
_HEADERS = {"Cache-Control": "public, max-age=300", "Access-Control-Allow-Origin": "*"}
_Build = Callable[[Connection, str, date, IssuerSettings], dict[str, Any]]


def routes(settings: IssuerSettings, database: Database) -> APIRouter:
    """Build the routes of all schools, below `settings.school_path` and at the well-known place of the host."""
    router = APIRouter(tags=["Keys of schools"])
    path = settings.school_path + "/{public_id}"

    async def answer(public_id: str, build: _Build, media_type: str) -> Response:
        def use_case() -> bytes:
            with database.reading() as connection:
                return json.dumps(build(connection, public_id, today(datetime.now(UTC)), settings))

        return Response(await database.in_pool(use_case), 200, _HEADERS, media_type=media_type)

    @router.get(path + "/did.json", summary="DID document (did:web §3.2)")
    async def did(public_id: str) -> Response:
        return await answer(public_id, did_documents.document, "application/did+json")

    @router.get(path + "/jwks.json", summary="JWK set (RFC 7517 §5)")
    async def jwks(public_id: str) -> Response:
        return await answer(public_id, did_documents.jwk_set, "application/jwk-set+json")

    # The well-known part is inserted between host and path; validators that append it find the same bytes.
    @router.get(WELL_KNOWN + path, summary="JWT VC issuer metadata (SD-JWT VC §4.1)")
    @router.get(path + WELL_KNOWN, summary="JWT VC issuer metadata, well-known part appended")
    async def metadata(public_id: str) -> Response:
        return await answer(public_id, did_documents.issuer_metadata, "application/json")

    return router
