"""The wallet bridge as an application, and what the `tegata` command knows of it."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from fastapi import FastAPI

from tegata import __version__
from tegata.service import failpoints, health, problems
from tegata.service.console import Console
from tegata.service.description import Finding, ServiceDescription
from tegata.service.logs import configure_logging
from wallet_bridge import settings as bridge_settings
from wallet_bridge.console.routes import routes
from wallet_bridge.database import open_database
from wallet_bridge.keys.service import BridgeKeys
from wallet_bridge.settings import BridgeSettings
from wallet_bridge.vc_api import routes as vc_api

PORT = 8003


def create_app(settings: BridgeSettings | None = None) -> FastAPI:
    """Build the bridge's app from its settings."""
    found = settings or bridge_settings.load()
    configure_logging(found.log_level)
    failpoints.arm(found.failpoint)
    database = open_database(found)
    console = Console("bridge", "wallet_bridge", found)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        yield
        database.dispose()

    app = FastAPI(
        title="Tegata wallet bridge",
        version=__version__,
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
    )
    app.include_router(health.routes("wallet_bridge", database))
    app.include_router(routes(found, database, BridgeKeys(found, database), console))
    if found.serves_derive:
        app.include_router(vc_api.routes())
    problems.install(app)
    console.install(app, besides=("/.well-known", "/credentials", "/jwks.json", "/healthz"))
    return app


def _upgrade() -> None:
    database = open_database(bridge_settings.load())
    database.upgrade()
    database.dispose()


def _doctor() -> Sequence[Finding]:
    settings = bridge_settings.load()
    database = open_database(settings)
    pending = database.pending_migrations()
    findings = [Finding("database", is_well=not pending, advice="tegata db upgrade")]
    if not pending:
        BridgeKeys(settings, database).signer(datetime.now(UTC))
        findings.append(Finding("signing key", is_well=True))
    database.dispose()
    return findings


service = ServiceDescription("wallet_bridge", PORT, create_app, _upgrade, _doctor)
