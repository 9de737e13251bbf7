"""Personal data at rest: answers and reports are stored sealed, each for its own place in the database.

AES-256-GCM under a key derived from the installation's key-encryption key; the place is authenticated with it, so that
a sealed value cannot be moved to another row or column.
"""

import secrets
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from tegata.codec import json
from tegata.errors import CryptographyFailed

_NONCE_BYTES = 12
_VERSION = b"\x01"
_MAX_BYTES = 16 * 1_048_576


class Vault:
    """Seals and opens JSON values."""

    def __init__(self, key_encryption_key: bytes) -> None:
        derivation = HKDF(hashes.SHA256(), 32, salt=None, info=b"tegata verifier vault 1")
        self._cipher = AESGCM(derivation.derive(key_encryption_key))

    def seal(self, value: Any, place: str) -> bytes:
        """Encrypt a JSON value for one place, such as `answer/<transaction id>`."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return _VERSION + nonce + self._cipher.encrypt(nonce, json.dumps(value), place.encode("utf-8"))

    def open(self, sealed: bytes, place: str) -> Any:
        """Decrypt; raises `CryptographyFailed` for another key, another place or changed bytes."""
        nonce, body = sealed[1 : 1 + _NONCE_BYTES], sealed[1 + _NONCE_BYTES :]
        try:
            if sealed[:1] != _VERSION:
                raise CryptographyFailed("sealed by an unknown version")
            return json.loads(self._cipher.decrypt(nonce, body, place.encode("utf-8")), max_bytes=_MAX_BYTES)
        except (InvalidTag, ValueError):
            raise CryptographyFailed(
                "cannot be opened: another key-encryption key, or another place"
            ) from None
