"""Keys in this process's memory, encrypted at rest; the default, where no token is at hand.

Nothing here hands out a private key: it can be sealed under a key-encryption key, and opened again into a signer.
"""

import secrets
from dataclasses import dataclass, field, replace
from typing import Self

from cryptography import x509
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tegata.errors import CryptographyFailed, Misconfigured
from tegata.keys import jwk
from tegata.keys.signer import Algorithm, PublicKey, algorithm_for, curve_for, digest_for, fixed_width

PrivateKeyMaterial = ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey

_NONCE_BYTES = 12
_KEK_BYTES = 32
_VERSION = b"\x01"


@dataclass(frozen=True, slots=True)
class SoftwareSigner:
    """A `Signer` whose key lives in memory."""

    public_key: PublicKey
    certificates: tuple[bytes, ...] = ()
    _private: PrivateKeyMaterial = field(repr=False, kw_only=True)

    @classmethod
    def generate(cls, algorithm: Algorithm = Algorithm.ES256, key_id: str | None = None) -> Self:
        """Make a new key; its id is its thumbprint unless one is given."""
        if algorithm is Algorithm.EDDSA:
            return cls.from_private_key(ed25519.Ed25519PrivateKey.generate(), key_id)
        return cls.from_private_key(ec.generate_private_key(curve_for(algorithm)), key_id)

    @classmethod
    def from_private_key(
        cls, private: PrivateKeyMaterial, key_id: str | None = None, certificates: tuple[bytes, ...] = ()
    ) -> Self:
        """Wrap key material that the caller already holds; raises `MalformedInput` for other kinds of key."""
        public = PublicKey(algorithm_for(private), private.public_key())
        named = replace(public, key_id=key_id or jwk.thumbprint(public))
        return cls(named, certificates, _private=private)

    def named(self, key_id: str) -> Self:
        """Return the same signer under another key id."""
        return replace(self, public_key=replace(self.public_key, key_id=key_id))

    def with_certificates(self, certificates: tuple[bytes, ...]) -> Self:
        """Return the same signer with another certificate chain (leaf first, no anchor)."""
        return replace(self, certificates=certificates)

    def sign(self, message: bytes) -> bytes:
        """Return the JOSE signature over `message`."""
        if isinstance(self._private, ed25519.Ed25519PrivateKey):
            return self._private.sign(message)
        algorithm = self.public_key.algorithm
        return fixed_width(self._private.sign(message, ec.ECDSA(digest_for(algorithm))), algorithm)

    def sign_certificate(self, builder: x509.CertificateBuilder) -> x509.Certificate:
        """Sign a certificate as its authority; ECDSA keys only sign with the hash of their algorithm."""
        if isinstance(self._private, ed25519.Ed25519PrivateKey):
            return builder.sign(self._private, None)
        return builder.sign(self._private, digest_for(self.public_key.algorithm))  # type: ignore[arg-type]  # SHA-2

    def certificate_request(self, subject: x509.Name) -> bytes:
        """Return a PKCS#10 request (DER) that proves possession of the key."""
        builder = x509.CertificateSigningRequestBuilder().subject_name(subject)
        if isinstance(self._private, ed25519.Ed25519PrivateKey):
            request = builder.sign(self._private, None)
        else:
            request = builder.sign(self._private, digest_for(self.public_key.algorithm))  # type: ignore[arg-type]  # SHA-2
        return request.public_bytes(serialization.Encoding.DER)


def seal_private_key(signer: SoftwareSigner, key_encryption_key: bytes, context: str) -> bytes:
    """Encrypt the private key with AES-256-GCM; `context` (say, the row it belongs to) has to be the same to open it.

    Raises `Misconfigured` if the key-encryption key is not 32 bytes.
    """
    cipher = _cipher(key_encryption_key)
    der = signer._private.private_bytes(  # noqa: SLF001  this module is the only one that may
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return _VERSION + nonce + cipher.encrypt(nonce, der, context.encode("utf-8"))


def open_private_key(
    sealed: bytes,
    key_encryption_key: bytes,
    context: str,
    key_id: str | None = None,
    certificates: tuple[bytes, ...] = (),
) -> SoftwareSigner:
    """Decrypt into a signer.

    Raises `CryptographyFailed` for a wrong key, another context or changed bytes, `Misconfigured` if the
    key-encryption key is not 32 bytes.
    """
    cipher = _cipher(key_encryption_key)
    nonce, body = sealed[1 : 1 + _NONCE_BYTES], sealed[1 + _NONCE_BYTES :]
    try:
        if sealed[:1] != _VERSION:
            raise CryptographyFailed("a sealed key of an unknown version")
        der = cipher.decrypt(nonce, body, context.encode("utf-8"))
    except (InvalidTag, ValueError):
        raise CryptographyFailed("the sealed key cannot be opened: wrong key-encryption key?") from None
    private = serialization.load_der_private_key(der, password=None)
    if not isinstance(private, ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey):
        raise CryptographyFailed("the sealed key is of another kind")
    return SoftwareSigner.from_private_key(private, key_id, certificates)


def _cipher(key_encryption_key: bytes) -> AESGCM:
    if len(key_encryption_key) != _KEK_BYTES:
        raise Misconfigured("the key-encryption key is 32 bytes, for AES-256-GCM")
    return AESGCM(key_encryption_key)
