"""What anybody may see of the bridge: keys, metadata, and a page that says what it does not do yet."""

from datetime import UTC, datetime

from fastapi import APIRouter, Request
from starlette.responses import Response

from tegata import __version__
from tegata.codec import json
from tegata.service.console import Console
from tegata.service.database import Database
from wallet_bridge.keys.service import BridgeKeys
from wallet_bridge.settings import BridgeSettings

_PUBLIC = {"Access-Control-Allow-Origin": "*", "Cache-Control": "public, max-age=300"}


def routes(settings: BridgeSettings, database: Database, keys: BridgeKeys, console: Console) -> APIRouter:
    """Build the bridge's routes."""
    router = APIRouter(tags=["Wallet bridge"])

    @router.get("/jwks.json", summary="Public keys (RFC 7517)")
    async def jwks() -> Response:
        body = await database.in_pool(keys.jwks, datetime.now(UTC))
        return Response(json.dumps(body), 200, _PUBLIC, media_type="application/json")

    @router.get("/.well-known/tegata-bridge", summary="What this bridge offers")
    async def metadata() -> Response:
        return Response(json.dumps(_metadata(settings)), 200, _PUBLIC, media_type="application/json")

    @router.get("/", summary="The bridge's page", include_in_schema=False)
    async def page(request: Request) -> Response:
        signer = await database.in_pool(keys.signer, datetime.now(UTC))
        return console.page(
            request, "bridge/metadata.html", metadata=_metadata(settings), key_id=signer.public_key.key_id
        )

    return router


def _metadata(settings: BridgeSettings) -> dict[str, object]:
    return {
        "bridge": settings.public_origin,
        "version": __version__,
        "jwks_uri": f"{settings.public_origin}/jwks.json",
        "login_methods_supported": [],
        "authorization_servers": [],
    }
