"""API keys from their making to the caller that they stand for.

A key is `<service>_<prefix>_<secret>`: the first part says which service it opens, the prefix finds it and may be shown,
the secret has 256 bits. What is stored is an HMAC under a key of the installation, so that a stolen database alone lets
nobody in.
"""

import hashlib
import hmac
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection, Table

from tegata.errors import Forbidden, MalformedInput, NotFound, Text
from tegata.service.api_keys import store
from tegata.service.audit import AuditTables, Entry, append
from tegata.service.database import Database

_KEY = re.compile(r"([a-z]{3})_([0-9a-f]{12})_[A-Za-z0-9_-]{43}")
_PREFIX_BYTES = 6
_SECRET_BYTES = 32
#: Who acts at a terminal.
SYSTEM = "system"


class ApiKeyMissing(Forbidden):
    """No key, or none that is known and still good: the answers look the same."""

    kind = "api_key_refused"
    text = Text(
        "APIキーがないか、有効ではありません（Authorization: Bearer …）。",
        "The API key is missing or not valid (Authorization: Bearer …).",
    )


class ScopeMissing(Forbidden):
    """The key is good and may not do this."""

    kind = "api_key_scope"
    text = Text("このAPIキーでは、この操作はできません。", "This API key does not allow that operation.")


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls: a tenant's system, by one of its keys."""

    tenant_id: str
    key_id: str
    scopes: frozenset[str]

    @property
    def actor(self) -> str:
        """The name in the audit trail."""
        return f"api:{self.key_id}"


#: Whether there is a tenant of this id.
KnowsTenant = Callable[[Connection, str], bool]


@dataclass(frozen=True, slots=True)
class Registry:
    """Where a service keeps its keys: its table, its audit trail, who its tenants are, and the first part of its keys.

    `letters` are three, and tell a person who finds a key which service it opens.
    """

    letters: str
    table: Table
    audit: AuditTables
    knows_tenant: KnowsTenant


class ApiKeys:
    """Makes keys and recognises them; `secret` (32 bytes) is the installation's, and is not in the database."""

    def __init__(self, registry: Registry, database: Database, secret: bytes) -> None:
        self._registry = registry
        self._database = database
        self._secret = secret

    def create(
        self,
        tenant_id: str,
        name: str,
        scopes: frozenset[StrEnum],
        now: datetime,
        expires_at: datetime | None = None,
        *,
        actor: str = SYSTEM,
    ) -> str:
        """Make a key and return it: it is shown this once. Raises `NotFound`, or `MalformedInput` without a scope."""
        if not scopes:
            raise MalformedInput("a key needs a scope")
        prefix = secrets.token_hex(_PREFIX_BYTES)
        key = f"{self._registry.letters}_{prefix}_{secrets.token_urlsafe(_SECRET_BYTES)}"
        names = frozenset(scope.value for scope in scopes)
        stored = store.StoredKey(
            secrets.token_hex(16), tenant_id, name[:100], prefix, self._digest(key), names, expires_at
        )
        with self._database.writing(durable=True) as connection:
            if not self._registry.knows_tenant(connection, tenant_id):
                raise NotFound("no such tenant")
            store.add(connection, self._registry.table, stored, now)
            append(
                connection, self._registry.audit, now, Entry(tenant_id, actor, "api_key.created", stored.id)
            )
        return key

    def revoke(self, tenant_id: str, prefix: str, now: datetime, *, actor: str = SYSTEM) -> None:
        """End a key at once; raises `NotFound`."""
        with self._database.writing(durable=True) as connection:
            if not store.revoke(connection, self._registry.table, tenant_id, prefix, now):
                raise NotFound("no such key")
            append(connection, self._registry.audit, now, Entry(tenant_id, actor, "api_key.revoked", prefix))

    def of_tenant(self, tenant_id: str) -> tuple[store.StoredKey, ...]:
        """Return a tenant's keys, the newest first, ended ones too."""
        with self._database.reading() as connection:
            return store.of_tenant(connection, self._registry.table, tenant_id)

    def recognise(self, authorization: str, scope: StrEnum, now: datetime) -> Caller:
        """Return who calls; raises `ApiKeyMissing` or `ScopeMissing`."""
        scheme, _, given = authorization.partition(" ")
        match = _KEY.fullmatch(given.strip())
        if scheme.lower() != "bearer" or match is None or match[1] != self._registry.letters:
            raise ApiKeyMissing("no key of ours in the Authorization header", clause="RFC 6750 §2.1")
        with self._database.reading() as connection:
            stored = store.by_prefix(connection, self._registry.table, match[2])
        # Compared in any case, so that the time does not tell a known beginning.
        fits = hmac.compare_digest(self._digest(given.strip()), stored.digest if stored else "0" * 64)
        if stored is None or not fits or stored.revoked_at is not None:
            raise ApiKeyMissing("unknown or revoked")
        if stored.expires_at is not None and now >= stored.expires_at:
            raise ApiKeyMissing("expired")
        if scope.value not in stored.scopes:
            raise ScopeMissing(f"the key lacks {scope.value}")
        return Caller(stored.tenant_id, stored.id, stored.scopes)

    def _digest(self, key: str) -> str:
        return hmac.digest(self._secret, key.encode("utf-8"), hashlib.sha256).hex()
