"""What every use case of issuance works with: one value, made at start-up, with no state of its own."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from sqlalchemy import Connection

from issuer.organisations import service as organisations
from issuer.organisations.keys import KeyRing
from issuer.organisations.school import School
from issuer.settings import IssuerSettings
from issuer.status.pool import SlotPool
from schemas import catalogue
from schemas.catalogue import Catalogue
from tegata.service.database import Database
from tegata.service.vault import Vault, derive


@dataclass(frozen=True, slots=True)
class Workshop:
    """Database, documents, keys and the vault of one installation.

    `secret` is what claim links, codes and nonces are derived from.
    """

    settings: IssuerSettings
    database: Database
    catalogue: Catalogue
    contexts: Mapping[str, bytes] = field(repr=False)
    keys: KeyRing
    vault: Vault
    slots: SlotPool
    secret: bytes = field(repr=False)

    def school(self, connection: Connection, school_id: str, on: date) -> School:
        """Return a school as it is at a date; raises `NotFound`."""
        return organisations.school(connection, school_id, on, self.settings)

    def school_by_public_id(self, connection: Connection, public_id: str, on: date) -> School:
        """Return the school of a path as it is at a date; raises `UnknownSchool`."""
        return organisations.school_by_public_id(connection, public_id, on, self.settings)


def make_workshop(settings: IssuerSettings, database: Database) -> Workshop:
    """Put a workshop together; raises `Misconfigured` without a key-encryption key."""
    key = settings.key_encryption_bytes()
    return Workshop(
        settings=settings,
        database=database,
        catalogue=catalogue.load(),
        contexts=catalogue.contexts(),
        keys=KeyRing(settings, database),
        vault=Vault(key, "issuer documents"),
        slots=SlotPool(derive(key, "issuer status order"), cache_lifetime(settings.status_ttl)),
        secret=derive(key, "issuer claim links"),
    )


def cache_lifetime(ttl: int) -> timedelta:
    """Return how long a published list may be in use somewhere, given its `ttl` in seconds.

    A cache on the way may keep it for half the `ttl` (`StatusPublisher`), a verifier who got it there for the whole;
    and clocks differ.
    """
    return timedelta(seconds=ttl + ttl // 2 + 120)
