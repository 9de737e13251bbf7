"""What a key of the issuer's API may do, and where the issuer keeps its keys."""

from enum import StrEnum

from sqlalchemy import Connection

from issuer.base import API_KEYS, AUDIT
from issuer.organisations import store as organisations
from issuer.settings import IssuerSettings
from tegata.service.api_keys.keys import ApiKeys, Registry
from tegata.service.database import Database
from tegata.service.vault import derive


class Scope(StrEnum):
    """What a key may do."""

    ISSUE = "credentials:issue"
    STATUS = "credentials:status"


def _knows_tenant(connection: Connection, tenant_id: str) -> bool:
    return any(school.tenant_id == tenant_id for school in organisations.schools(connection))


REGISTRY = Registry("tgi", API_KEYS, AUDIT, _knows_tenant)


def api_keys(settings: IssuerSettings, database: Database) -> ApiKeys:
    """Return the keys of one installation; raises `Misconfigured` without a key-encryption key."""
    return ApiKeys(REGISTRY, database, derive(settings.key_encryption_bytes(), "issuer api keys"))
