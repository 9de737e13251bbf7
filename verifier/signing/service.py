"""The request-signing key from its making to its use: key, PKCS#10 request, certificate, signer.

The private key never leaves this service. The registrar certifies what the request (CSR) proves; the certificate goes
into every Request Object (`x5c`) without its anchor (HAIP 1.0 §5).
"""

import base64
import secrets
from collections.abc import Callable
from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.x509.oid import NameOID

from tegata.errors import Conflict, MalformedInput, Misconfigured, NotFound, Text
from tegata.identity.certificates import KeyUse
from tegata.identity.chain import leaf_key, pem_to_der, validate_chain
from tegata.keys.signer import Algorithm
from tegata.keys.software import SoftwareSigner, open_private_key, seal_private_key
from tegata.service.database import Database
from verifier.settings import VerifierSettings
from verifier.signing import store


class NoRequestCertificate(Misconfigured):
    """Requests cannot be signed: no certificate is installed, or it has expired."""

    kind = "no_request_certificate"
    text = Text(
        "依頼に署名するための証明書がありません（tegata-verifier csr → install-certificate）。",
        "There is no certificate to sign requests with (tegata-verifier csr, then install-certificate).",
    )


class CertificateRefused(Conflict):
    """A certificate that is not for the key, the host or the use that this verifier has."""

    kind = "request_certificate_refused"
    text = Text(
        "この証明書は、この検証サーバーの依頼に使えません。",
        "This certificate cannot be used for this verifier's requests.",
    )


class SigningService:
    """Makes and hands out the request signer. `anchors` returns the pinned anchors, to leave them out of chains."""

    def __init__(
        self, settings: VerifierSettings, database: Database, anchors: Callable[[], tuple[bytes, ...]]
    ) -> None:
        self._settings = settings
        self._database = database
        self._anchors = anchors

    def certificate_request(self, organisation: str, now: datetime) -> bytes:
        """Return a PKCS#10 request in PEM for the key that waits for its certificate, making one if none does."""
        with self._database.writing(durable=True) as connection:
            stored = store.newest_uncertified(connection)
            if stored is None:
                stored = self._new_key(now)
                store.add(connection, stored)
        subject = x509.Name(
            [
                x509.NameAttribute(NameOID.COUNTRY_NAME, "JP"),
                x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation[:64]),
                x509.NameAttribute(NameOID.COMMON_NAME, self._settings.host),
            ]
        )
        der = self._signer(stored).certificate_request(subject)
        return x509.load_der_x509_csr(der).public_bytes(serialization.Encoding.PEM)

    def install(self, pem: bytes, now: datetime) -> str:
        """Install a certificate chain (PEM, leaf first); returns the key id.

        1. The leaf's key is one of ours. 2. It names our host. 3. With anchors pinned, the chain leads to one and is
        for signing requests. Raises `NotFound` (1), `CertificateRefused` (2), `ChainRefused` (3), `MalformedInput`.
        """
        anchors = self._anchors()
        chain = tuple(der for der in pem_to_der(pem) if der not in anchors)
        if not chain:
            raise MalformedInput("no certificate but the anchor")
        leaf = x509.load_der_x509_certificate(chain[0])
        key_id = leaf_key(leaf).key_id
        if anchors:
            names = validate_chain(chain, anchors=anchors, at=now, use=KeyUse.REQUEST_SIGNING).dns_names
        else:
            names = _dns_names(leaf)
        if self._settings.host not in names:
            raise CertificateRefused(f"the certificate does not name {self._settings.host}")
        with self._database.writing(durable=True) as connection:
            if store.by_key_id(connection, key_id) is None:
                raise NotFound("the certificate is for a key that is not here")
            encoded = tuple(base64.b64encode(der).decode("ascii") for der in chain)
            store.install(connection, key_id, encoded, leaf.not_valid_after_utc, now)
        return key_id

    def signer(self, now: datetime) -> SoftwareSigner:
        """Return the signer with its chain; raises `NoRequestCertificate` if there is none that is good now."""
        with self._database.reading() as connection:
            stored = store.newest_certified(connection)
        if stored is None or (stored.not_after is not None and now > stored.not_after):
            raise NoRequestCertificate("no certificate is installed, or it has expired")
        return self._signer(stored)

    def not_after(self) -> datetime | None:
        """Return when the installed certificate ends; None if there is none."""
        with self._database.reading() as connection:
            stored = store.newest_certified(connection)
        return None if stored is None else stored.not_after

    def _new_key(self, now: datetime) -> store.StoredKey:
        identifier = secrets.token_hex(16)
        made = SoftwareSigner.generate(Algorithm.ES256)
        sealed = seal_private_key(made, self._settings.key_encryption_bytes(), _context(identifier))
        return store.StoredKey(identifier, made.public_key.key_id, sealed, (), now, None)

    def _signer(self, stored: store.StoredKey) -> SoftwareSigner:
        key = self._settings.key_encryption_bytes()
        chain = tuple(base64.b64decode(item) for item in stored.chain)
        return open_private_key(stored.sealed, key, _context(stored.id), stored.key_id, chain)


def _context(identifier: str) -> str:
    return f"verifier/request_key/{identifier}"


def _dns_names(leaf: x509.Certificate) -> tuple[str, ...]:
    try:
        names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return ()
    return tuple(names.get_values_for_type(x509.DNSName))
