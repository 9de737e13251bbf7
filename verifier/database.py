"""The verifier's database: every module with tables is imported here, so that migrations see them all."""

from tegata.service.database import Database
from verifier.base import Base
from verifier.settings import VerifierSettings
from verifier.signing import tables as signing_tables
from verifier.status_lists import tables as status_tables
from verifier.tenants import tables as tenant_tables
from verifier.trust import tables as trust_tables
from verifier.wallet_api import tables as wallet_tables
from verifier.webhooks import tables as webhook_tables

__all__ = ["TABLES", "Base", "open_database"]

TABLES = (
    signing_tables,
    status_tables,
    tenant_tables,
    trust_tables,
    wallet_tables,
    webhook_tables,
)


def open_database(settings: VerifierSettings) -> Database:
    """Open the verifier's database; the schema is brought up to date by `Database.upgrade`."""
    return Database(settings.database_url, schema="verifier", package="verifier", threads=settings.threads)
