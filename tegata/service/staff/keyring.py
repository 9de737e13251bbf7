"""The keys of staff sign-in, derived from the installation's key-encryption key: one seals, one names without telling."""

import hashlib
import hmac
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from tegata.errors import CryptographyFailed

_NONCE_BYTES = 12
_VERSION = b"\x01"


class Keyring:
    """Seals TOTP secrets (AES-256-GCM, bound to their account) and makes keyed digests of logins and addresses."""

    def __init__(self, key_encryption_key: bytes) -> None:
        self._cipher = AESGCM(_derive(key_encryption_key, b"tegata staff totp 1"))
        self._digest_key = _derive(key_encryption_key, b"tegata staff digest 1")

    def seal(self, value: bytes, account_id: str) -> bytes:
        """Encrypt a secret of one account."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return _VERSION + nonce + self._cipher.encrypt(nonce, value, account_id.encode("ascii"))

    def open(self, sealed: bytes, account_id: str) -> bytes:
        """Decrypt; raises `CryptographyFailed` for another key, another account or changed bytes."""
        nonce, body = sealed[1 : 1 + _NONCE_BYTES], sealed[1 + _NONCE_BYTES :]
        try:
            if sealed[:1] != _VERSION:
                raise CryptographyFailed("sealed by an unknown version")
            return self._cipher.decrypt(nonce, body, account_id.encode("ascii"))
        except (InvalidTag, ValueError):
            raise CryptographyFailed("a sealed TOTP secret cannot be opened") from None

    def digest(self, label: str, value: str) -> bytes:
        """Return 32 bytes that stand for a value and do not tell it."""
        message = label.encode("ascii") + b"\0" + value.encode("utf-8", "replace")
        return hmac.new(self._digest_key, message, hashlib.sha256).digest()


def token_digest(token: str) -> str:
    """Return what is stored of a random token: its SHA-256, so that a stolen table opens nothing."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def _derive(key: bytes, purpose: bytes) -> bytes:
    return HKDF(hashes.SHA256(), 32, salt=None, info=purpose).derive(key)
