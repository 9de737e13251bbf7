"""Personal data at rest: values are stored sealed, each for its own place in the database.

AES-256-GCM under a key derived from the installation's key-encryption key, one for each purpose. The place is
authenticated with the value, so that a sealed value cannot be moved to another row or column.
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
_KEY_BYTES = 32
_VERSION = b"\x01"
_MAX_BYTES = 64 * 1_048_576


class Vault:
    """Seals and opens values for one purpose, such as `issuer documents`."""

    def __init__(self, key_encryption_key: bytes, purpose: str) -> None:
        self._cipher = AESGCM(derive(key_encryption_key, f"vault {purpose}"))

    def seal(self, value: Any, place: str) -> bytes:
        """Encrypt a JSON value for one place, such as `document.claims/<id>`."""
        return self.seal_bytes(json.dumps(value), place)

    def open(self, sealed: bytes, place: str) -> Any:
        """Decrypt a JSON value; raises `CryptographyFailed` for another key, another place or changed bytes."""
        return json.loads(self.open_bytes(sealed, place), max_bytes=_MAX_BYTES)

    def seal_bytes(self, value: bytes, place: str) -> bytes:
        """Encrypt bytes for one place."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return _VERSION + nonce + self._cipher.encrypt(nonce, value, place.encode("utf-8"))

    def open_bytes(self, sealed: bytes, place: str) -> bytes:
        """Decrypt bytes; raises `CryptographyFailed` for another key, another place or changed bytes."""
        nonce, body = sealed[1 : 1 + _NONCE_BYTES], sealed[1 + _NONCE_BYTES :]
        try:
            if sealed[:1] != _VERSION:
                raise CryptographyFailed("sealed by an unknown version")
            return self._cipher.decrypt(nonce, body, place.encode("utf-8"))
        except (InvalidTag, ValueError):
            raise CryptographyFailed(
                "cannot be opened: another key-encryption key, or another place"
            ) from None


def derive(key_encryption_key: bytes, purpose: str) -> bytes:
    """Derive a 32-byte secret for one purpose from the key-encryption key (HKDF-SHA256, RFC 5869)."""
    derivation = HKDF(hashes.SHA256(), _KEY_BYTES, salt=None, info=f"tegata {purpose} 1".encode())
    return derivation.derive(key_encryption_key)
