"""The bridge's database: every table of its rooms, in one registry."""

from tegata.service.database import Database
from wallet_bridge.base import Base
from wallet_bridge.keys import tables as keys
from wallet_bridge.settings import BridgeSettings

__all__ = ["ROOMS", "Base", "open_database"]

ROOMS = (keys,)


def open_database(settings: BridgeSettings) -> Database:
    """Return the bridge's database; nothing is connected or changed yet."""
    return Database(
        settings.database_url, schema="wallet_bridge", package="wallet_bridge", threads=settings.threads
    )
