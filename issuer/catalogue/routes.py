"""The files behind the signed names, and the issuer's metadata, for anybody.

The names themselves belong to the ecosystem (`schemas.names`); an installation serves the same bytes under its own
address, so that a redirect there, or a mirror, is all that a resolver needs.
"""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

from fastapi import APIRouter
from starlette.responses import Response

from issuer.catalogue.service import as_metadata, forms_for, is_mobile, offered
from issuer.issuance.workshop import Workshop
from issuer.oid4vci.metadata import authorization_server_metadata, issuer_metadata
from issuer.organisations.school import School
from schemas.catalogue import DocumentDefinition
from tegata.codec import json
from tegata.codec.dates import today
from tegata.errors import NotFound
from tegata.keys.signer import Algorithm

FindSchool = Callable[[str], School]
_PUBLIC = {"Access-Control-Allow-Origin": "*", "Cache-Control": "public, max-age=300"}
#: What a signed name stands for never changes.
_FOR_EVER = {"Access-Control-Allow-Origin": "*", "Cache-Control": "public, max-age=31536000, immutable"}
CREDENTIAL_ISSUER, AUTHORIZATION_SERVER = "openid-credential-issuer", "oauth-authorization-server"


def metadata_routes(workshop: Workshop, find_school: FindSchool) -> APIRouter:
    """Serve issuer and authorization server metadata in the inserted form (§12.2.2, RFC 8414 §3), and appended."""
    router = APIRouter(tags=["OID4VCI 1.0"])
    prefix = workshop.settings.school_path

    def build(public_id: str, well_known: str) -> bytes:
        school = find_school(public_id)
        if well_known == AUTHORIZATION_SERVER:
            return json.dumps(authorization_server_metadata(school.issuer))
        with workshop.database.reading() as connection:
            documents = [
                as_metadata(
                    item,
                    forms_for(connection, school, item.name),
                    mobile=is_mobile(connection, school, item),
                )
                for item in offered(connection, workshop.catalogue, school, today(datetime.now(UTC)))
            ]
        found = issuer_metadata(
            school.issuer,
            school.public_names,
            documents,
            Algorithm.ES256.value,
        )
        return json.dumps(found)

    def endpoint(well_known: str) -> Callable[[str], Awaitable[Response]]:
        async def answer(public_id: str) -> Response:
            body = await workshop.database.in_pool(build, public_id, well_known)
            return Response(body, 200, _PUBLIC, media_type="application/json")

        return answer

    for name in (CREDENTIAL_ISSUER, AUTHORIZATION_SERVER):
        inserted, appended = (
            f"/.well-known/{name}{prefix}/{{public_id}}",
            f"{prefix}/{{public_id}}/.well-known/{name}",
        )
        for path in (inserted, appended):
            router.add_api_route(path, endpoint(name), methods=["GET"], response_class=Response)
    return router


def document_routes(workshop: Workshop) -> APIRouter:
    """Serve type metadata, contexts and schemas of every document type."""
    router = APIRouter(tags=["Document types"])
    catalogue = workshop.catalogue

    def _file(kind: str, name: str) -> tuple[bytes, str]:
        found: DocumentDefinition = catalogue.get(name)
        if kind == "vct":
            return found.type_metadata, "application/json"
        if kind == "contexts":
            return found.context, "application/ld+json"
        return found.schema_bytes, "application/schema+json"

    @router.get("/{kind}/{name}/1", summary="Type metadata (vct), JSON-LD context or JSON Schema")
    async def file(kind: str, name: str) -> Response:
        if kind not in {"vct", "contexts", "schemas"}:
            raise NotFound(f"no files of kind {kind[:40]!r}")
        body, media_type = _file(kind, name)
        return Response(body, 200, _FOR_EVER, media_type=media_type)

    return router
