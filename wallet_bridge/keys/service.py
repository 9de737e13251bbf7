"""The keys that the bridge will sign access tokens with, made at the first start and published as a JWK Set."""

from datetime import datetime
from typing import Any

from tegata.identity.certificates import KeyUse
from tegata.keys import jwk
from tegata.keys.software import SoftwareSigner, open_private_key, seal_private_key
from tegata.service.audit import Entry, append
from tegata.service.database import Database
from wallet_bridge.base import AUDIT
from wallet_bridge.keys import store
from wallet_bridge.settings import BridgeSettings

#: The bridge belongs to its operator, who is no tenant of the register.
OPERATOR = "0" * 32
USE = KeyUse.ACCESS_TOKEN


class BridgeKeys:
    """Makes, opens and publishes the bridge's keys."""

    def __init__(self, settings: BridgeSettings, database: Database) -> None:
        self._settings = settings
        self._database = database

    def signer(self, now: datetime) -> SoftwareSigner:
        """Return the access token key, making it if there is none; of several processes one makes it."""
        with self._database.writing(durable=True) as connection:
            stored = store.by_use(connection, USE.value)
            if stored is None:
                made = SoftwareSigner.generate()
                sealed = seal_private_key(made, self._settings.key_encryption_bytes(), _context())
                stored = store.StoredKey(USE.value, OPERATOR, made.public_key.key_id, sealed, now)
                store.add(connection, stored)
                append(connection, AUDIT, now, Entry(OPERATOR, "system", "key.made", stored.key_id))
        key = self._settings.key_encryption_bytes()
        return open_private_key(stored.sealed, key, _context(), stored.key_id)

    def jwks(self, now: datetime) -> dict[str, Any]:
        """Return the public keys as a JWK Set (RFC 7517 §5)."""
        public = self.signer(now).public_key
        return {
            "keys": [
                {
                    **jwk.to_jwk(public),
                    "kid": public.key_id,
                    "alg": public.algorithm.value,
                    "use": "sig",
                }
            ]
        }


def _context() -> str:
    return f"wallet_bridge/key/{USE.value}"
