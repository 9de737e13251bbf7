"""The verifier's web application, and what the `tegata` command knows of it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from tegata.service import cross_origin, failpoints, health, problems
from tegata.service.api_keys import guard
from tegata.service.console import Console
from tegata.service.description import ServiceDescription
from tegata.service.direct import answer_directly
from tegata.service.logs import configure_logging
from tegata.service.staff.guard import Guard
from tegata.service.staff.guard import install as install_guard
from tegata.service.staff.service import StaffService
from verifier import settings as configuration
from verifier import worker
from verifier.api import openapi as descriptions
from verifier.api import routes as api
from verifier.assembly import Verifier, assemble
from verifier.base import AUDIT, STAFF
from verifier.cli import group as operator_commands
from verifier.console.public import return_page
from verifier.console.routes import console_routes
from verifier.database import open_database
from verifier.doctor import findings
from verifier.offline import verify_command
from verifier.vc_api import routes as vc_api
from verifier.wallet_api import routes as wallet_api

DEFAULT_PORT = 8002
#: Wallets that live in a browser call these from their own origin.
_CALLED_BY_WALLETS = ("/request/", "/response/")
#: Wallets and programs call these from anywhere; each request is authenticated by itself.
_CALLED_BY_PROGRAMS = ("/request", "/response", "/api", "/credentials", "/presentations", "/healthz")


def create_app() -> FastAPI:
    """Build the application from the environment's settings."""
    settings = configuration.load()
    if settings.failpoint:
        failpoints.arm(settings.failpoint)
    configure_logging(settings.log_level)
    return build(assemble(settings))


def build(verifier: Verifier, *, with_worker: bool = True) -> FastAPI:
    """Build the application around services that are there already."""

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        task = asyncio.create_task(worker.run(verifier)) if with_worker else None
        yield
        if task is not None:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        verifier.database.dispose()

    app = FastAPI(
        title="Tegata verifier",
        version="1",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/openapi.json",
        redirect_slashes=False,
    )
    app.state.verifier = verifier
    problems.install(app)
    guard.install_errors(app)
    wallet_router = wallet_api.routes(verifier.presentations, verifier.database, verifier.settings)
    app.include_router(wallet_router)
    answer_directly(app, wallet_router.routes)
    cross_origin.install(app, lambda path: path.startswith(_CALLED_BY_WALLETS))
    app.include_router(api.routes(verifier))
    app.include_router(vc_api.routes(verifier))
    _add_console(app, verifier)
    app.include_router(health.routes("verifier", verifier.database))
    app.openapi = lambda: _openapi(app)  # type: ignore[method-assign]  # FastAPI's own way to extend the document
    return app


def _add_console(app: FastAPI, verifier: Verifier) -> None:
    settings = verifier.settings
    console = Console("verifier", "verifier", settings, more_packages=("tegata.service.staff",))
    idle = timedelta(seconds=settings.session_idle)
    staff_guard = Guard(
        "verifier", settings, StaffService(settings, verifier.database, STAFF, AUDIT, idle=idle)
    )
    install_guard(app, staff_guard)
    app.include_router(console_routes(verifier, staff_guard, console))
    console.install(app, besides=_CALLED_BY_PROGRAMS)
    app.state.return_page = return_page(console)


def _openapi(app: FastAPI) -> dict[str, Any]:
    if app.openapi_schema is None:
        document = get_openapi(title=app.title, version=app.version, routes=app.routes)
        document.setdefault("components", {})["securitySchemes"] = descriptions.SECURITY_SCHEMES
        app.openapi_schema = document
    return app.openapi_schema


def _upgrade_database() -> None:
    database = open_database(configuration.load())
    database.upgrade()
    database.dispose()


service = ServiceDescription(
    name="verifier",
    default_port=DEFAULT_PORT,
    create_app=create_app,
    upgrade_database=_upgrade_database,
    doctor=findings,
    commands=(verify_command, operator_commands),
)
