"""The issuer's database: every table of its rooms, in one registry."""

from issuer.base import Base
from issuer.issuance import tables as issuance
from issuer.organisations import tables as organisations
from issuer.redemption import tables as redemption
from issuer.register import tables as register
from issuer.registrar import tables as registrar
from issuer.settings import IssuerSettings
from issuer.status import tables as status
from issuer.wallet_api import tables as wallet_api
from tegata.service.database import Database

__all__ = ["ROOMS", "Base", "open_database"]

#: Importing a room's tables puts them into the registry that migrations are compared with.
ROOMS = (issuance, organisations, redemption, register, registrar, status, wallet_api)


def open_database(settings: IssuerSettings) -> Database:
    """Return the issuer's database; nothing is connected or changed yet."""
    return Database(settings.database_url, schema="issuer", package="issuer", threads=settings.threads)
