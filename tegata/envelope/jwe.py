"""JSON Web Encryption for answers of wallets (RFC 7516): ECDH-ES on P-256 with AES-GCM, and nothing else."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from jwcrypto import jwe as jwcrypto_jwe
from jwcrypto import jwk as jwcrypto_jwk
from jwcrypto.common import JWException

from tegata.codec import base64url, json
from tegata.errors import CryptographyFailed, LimitExceeded, MalformedInput

#: Both sizes are offered and accepted (HAIP 1.0 §5).
CONTENT_ENCRYPTION = ("A128GCM", "A256GCM")
KEY_AGREEMENT = "ECDH-ES"
MAX_BYTES = 1_048_576


@dataclass(frozen=True, slots=True)
class EncryptionKey:
    """A fresh key pair for one request; `private_jwk` is kept encrypted by whoever stores it."""

    public_jwk: Mapping[str, Any]
    private_jwk: Mapping[str, Any] = field(repr=False)


def generate_encryption_key(key_id: str | None = None) -> EncryptionKey:
    """Make a P-256 key pair whose JWKs carry `kid`, `alg` and `use` (OID4VP 1.0 §8.3)."""
    members = {"kid": key_id or secrets.token_hex(8), "alg": KEY_AGREEMENT, "use": "enc"}
    key = jwcrypto_jwk.JWK.generate(kty="EC", crv="P-256", **members)
    return EncryptionKey(
        public_jwk=json.loads(key.export_public()), private_jwk=json.loads(key.export_private())
    )


def encrypt(
    payload: bytes,
    recipient_jwk: Mapping[str, Any],
    *,
    enc: str = "A128GCM",
    headers: Mapping[str, Any] | None = None,
) -> str:
    """Encrypt to a public key; its `kid` goes into the header. Raises `MalformedInput` for an unusable key."""
    if enc not in CONTENT_ENCRYPTION:
        raise MalformedInput("content encryption is A128GCM or A256GCM")
    if (recipient_jwk.get("kty"), recipient_jwk.get("crv")) != ("EC", "P-256") or "d" in recipient_jwk:
        raise MalformedInput("recipients have public P-256 keys", clause="HAIP 1.0 §5")
    protected = {**(headers or {}), "alg": KEY_AGREEMENT, "enc": enc}
    if "kid" in recipient_jwk:
        protected["kid"] = recipient_jwk["kid"]
    try:
        recipient = jwcrypto_jwk.JWK(**recipient_jwk)
        token = jwcrypto_jwe.JWE(payload, json.dumps(protected).decode(), recipient=recipient)
        return str(token.serialize(compact=True))
    except (JWException, ValueError, TypeError) as error:
        raise MalformedInput(f"cannot encrypt to this key: {type(error).__name__}") from None


def key_id_of(compact: str, *, max_bytes: int = MAX_BYTES) -> str:
    """Return the `kid` of an untrusted JWE; `MalformedInput` if its header is not one that we decrypt."""
    key_id = _header(compact, max_bytes).get("kid", "")
    return key_id if isinstance(key_id, str) else ""


def decrypt(compact: str, private_jwk: Mapping[str, Any], *, max_bytes: int = MAX_BYTES) -> bytes:
    """Decrypt; nothing is ever decompressed.

    Raises `LimitExceeded`, `MalformedInput` for other algorithms or `zip`, `CryptographyFailed` if it does not open.
    """
    _header(compact, max_bytes)
    try:
        token = jwcrypto_jwe.JWE(algs=[KEY_AGREEMENT, *CONTENT_ENCRYPTION])
        token.deserialize(compact, key=jwcrypto_jwk.JWK(**private_jwk))
        return bytes(token.payload)
    except (JWException, ValueError, TypeError) as error:
        raise CryptographyFailed(f"the JWE does not open: {type(error).__name__}") from None


def _header(compact: str, max_bytes: int) -> Mapping[str, Any]:
    if len(compact) > max_bytes:
        raise LimitExceeded(f"JWE of {len(compact)} bytes; at most {max_bytes} are read")
    parts = compact.split(".")
    if len(parts) != 5 or parts[1]:  # noqa: PLR2004
        raise MalformedInput("a compact JWE has five parts, without a key of its own", clause="RFC 7516 §3.1")
    # Each part is read here as well: the library would skip characters that do not belong.
    raw = [base64url.decode(part) for part in parts]
    header = json.loads(raw[0], max_bytes=16_384)
    if not isinstance(header, dict):
        raise MalformedInput("a JWE header is an object", clause="RFC 7516 §4")
    if header.get("alg") != KEY_AGREEMENT or header.get("enc") not in CONTENT_ENCRYPTION:
        raise MalformedInput("the JWE's algorithms are none of ours", clause="HAIP 1.0 §5")
    if "zip" in header or "crit" in header:
        raise MalformedInput("compressed and critical JWEs are not read", clause="RFC 8725 §3.6")
    return header
