"""What a key of the verifier's API may do, and where the verifier keeps its keys."""

from enum import StrEnum

from sqlalchemy import Connection

from tegata.service.api_keys.keys import Registry
from verifier.base import API_KEYS, AUDIT
from verifier.tenants import store as tenants


class Scope(StrEnum):
    """What a key may do."""

    CREATE_REQUESTS = "requests:create"
    READ_REQUESTS = "requests:read"
    VERIFY = "verify"


def _knows_tenant(connection: Connection, tenant_id: str) -> bool:
    return tenants.by_id(connection, tenant_id) is not None


REGISTRY = Registry("tgv", API_KEYS, AUDIT, _knows_tenant)
