"""`/healthz`, the same in every service: is it up, and is its database at the newest migration."""

from fastapi import APIRouter
from starlette.responses import Response

from tegata import __version__
from tegata.codec import json
from tegata.service.database import Database

_NO_STORE = {"Cache-Control": "no-store"}


def routes(service: str, database: Database) -> APIRouter:
    """Build the route; 503 while migrations are pending, and the usual problem if the database cannot be reached."""
    router = APIRouter(tags=["Operation"])

    @router.get("/healthz", summary="Is the service up, with its database at the newest migration")
    async def health() -> Response:
        pending = await database.in_pool(database.pending_migrations)
        body = {"service": service, "version": __version__, "well": not pending}
        status = 503 if pending else 200
        return Response(json.dumps(body), status, _NO_STORE, media_type="application/json")

    return router
