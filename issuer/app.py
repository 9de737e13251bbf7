"""The issuer as an application, and what the `tegata` command knows of it."""

import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, date, datetime, timedelta

from fastapi import FastAPI

from issuer import commands
from issuer import settings as issuer_settings
from issuer.base import AUDIT, STAFF
from issuer.catalogue.routes import document_routes, metadata_routes
from issuer.console.routes import console_routes
from issuer.database import open_database
from issuer.doctor import findings
from issuer.issuance.worker import Worker
from issuer.issuance.workshop import Workshop, make_workshop
from issuer.organisations import routes as organisations
from issuer.organisations.school import School
from issuer.redemption.routes import routes as redemption_routes
from issuer.redemption.service import RedemptionService
from issuer.registrar import routes as registrar
from issuer.registrar.commands import app as registrar_commands
from issuer.registrar.service import Registrar
from issuer.settings import IssuerSettings
from issuer.status.publication import StatusPublisher
from issuer.status.routes import routes as status_routes
from issuer.vc_api.keys import api_keys
from issuer.vc_api.routes import routes as vc_api_routes
from issuer.vc_api.service import VcApiService
from issuer.wallet_api.copies import CopyMaker
from issuer.wallet_api.routes import install_errors, is_called_by_wallets
from issuer.wallet_api.routes import routes as wallet_routes
from issuer.wallet_api.service import WalletService
from tegata import __version__
from tegata.codec.dates import today
from tegata.service import cross_origin, failpoints, health, problems
from tegata.service.api_keys.guard import install_errors as install_key_errors
from tegata.service.console import Console
from tegata.service.database import Database
from tegata.service.description import Finding, ServiceDescription
from tegata.service.direct import answer_directly
from tegata.service.logs import configure_logging
from tegata.service.staff.guard import Guard
from tegata.service.staff.guard import install as install_guard
from tegata.service.staff.service import StaffService

PORT = 8001
#: How long a process uses what it read of a school, for the requests of wallets.
SCHOOL_SECONDS = 2.0
_MOST_SCHOOLS = 10_000


def create_app(settings: IssuerSettings | None = None) -> FastAPI:
    """Build the issuer's app from its settings."""
    found = settings or issuer_settings.load()
    configure_logging(found.log_level)
    failpoints.arm(found.failpoint)
    database = open_database(found)
    workshop = make_workshop(found, database)
    worker = Worker(workshop, Registrar(found, database, workshop.keys))
    app = FastAPI(
        title="Tegata issuer",
        version=__version__,
        docs_url=None,
        redoc_url=None,
        lifespan=_lifespan(worker, database),
    )
    problems.install(app)
    install_errors(app)
    install_key_errors(app)
    _add_public_routes(app, workshop)
    _add_console(app, workshop, worker)
    return app


def _lifespan(worker: Worker, database: Database) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        worker.start()
        yield
        worker.stop()
        database.dispose()

    return lifespan


def find_school_in(workshop: Workshop) -> Callable[[str], School]:
    """Return the function that finds the school of a path.

    A process remembers what it read for two seconds: a new name or head shows in wallets' answers that much later. What
    a school may do (keys, rights, status) is never remembered.
    """
    kept: dict[str, tuple[float, date, School]] = {}

    def find(public_id: str) -> School:
        at, day = time.monotonic(), today(datetime.now(UTC))
        known = kept.get(public_id)
        if known is not None and known[1] == day and at - known[0] < SCHOOL_SECONDS:
            return known[2]
        with workshop.database.reading() as connection:
            found = workshop.school_by_public_id(connection, public_id, day)
        if len(kept) >= _MOST_SCHOOLS:
            kept.clear()
        kept[public_id] = (at, day, found)
        return found

    return find


def _add_public_routes(app: FastAPI, workshop: Workshop) -> None:
    settings, database = workshop.settings, workshop.database
    find_school = find_school_in(workshop)
    wallet = WalletService(database, AUDIT, workshop.secret, CopyMaker(workshop))
    wallet_router = wallet_routes(wallet, database, find_school, settings.school_path)
    app.include_router(wallet_router)
    answer_directly(app, wallet_router.routes)
    cross_origin.install(app, is_called_by_wallets(settings.school_path))
    app.include_router(metadata_routes(workshop, find_school))
    app.include_router(document_routes(workshop))
    app.include_router(status_routes(StatusPublisher(workshop), database, find_school, settings.school_path))
    keys = api_keys(settings, database)
    app.include_router(
        vc_api_routes(VcApiService(workshop), keys, database, find_school, settings.school_path)
    )
    redemption = RedemptionService(workshop)
    app.include_router(redemption_routes(redemption, database, find_school, settings.school_path))
    app.include_router(organisations.routes(settings, database))
    app.include_router(registrar.routes(Registrar(settings, database, workshop.keys), database))
    app.include_router(health.routes("issuer", database))


def _add_console(app: FastAPI, workshop: Workshop, worker: Worker) -> None:
    settings = workshop.settings
    console = Console("issuer", "issuer", settings, more_packages=("tegata.service.staff",))
    idle = timedelta(seconds=settings.session_idle)
    staff = StaffService(settings, workshop.database, STAFF, AUDIT, idle=idle)
    guard = Guard("issuer", settings, staff)
    install_guard(app, guard)
    app.include_router(console_routes(workshop, guard, console, worker))
    besides = (settings.school_path, "/.well-known", "/healthz", "/trust-list", "/trust-anchor.pem")
    console.install(app, besides=besides)


def _upgrade() -> None:
    database = open_database(issuer_settings.load())
    database.upgrade()
    database.dispose()


def _doctor() -> Sequence[Finding]:
    settings = issuer_settings.load()
    database = open_database(settings)
    try:
        return findings(settings, database, datetime.now(UTC))
    finally:
        database.dispose()


service = ServiceDescription(
    "issuer", PORT, create_app, _upgrade, _doctor, commands=(registrar_commands, commands.app)
)
