"""The key ring: makes, certifies, rotates and opens the signing keys of schools and of the operator.

A private key is sealed at rest and never leaves this process. Which key signs is asked of the database each time, so
that a retirement or a compromise counts at once in every process; only the opening is remembered.
"""

import base64
import secrets
from datetime import datetime, timedelta
from threading import Lock

from cryptography import x509
from sqlalchemy import Connection

from issuer.organisations import key_store
from issuer.organisations.errors import CertificateForAnotherKey, KeyStateRefused, NoSigningKey
from issuer.organisations.key_store import KeyState, StoredKey
from issuer.settings import IssuerSettings
from tegata.errors import NotFound
from tegata.identity.certificates import PROFILES, KeyUse, OrganisationSubject
from tegata.identity.chain import leaf_key
from tegata.keys import jwk
from tegata.keys.signer import Algorithm
from tegata.keys.software import SoftwareSigner, open_private_key, seal_private_key
from tegata.service.database import Database

#: Whose keys the registrar's are: no legal person of the register, but who runs the installation.
OPERATOR = "0" * 32
#: Uses whose keys are not P-256: 1EdTech's forms are signed with eddsa-rdfc-2022.
ALGORITHMS = {KeyUse.FORM: Algorithm.EDDSA}
#: Signatures begun before a rotation are finished with the former key this long after it.
OVERLAP = timedelta(hours=1)


class KeyRing:
    """Hands out signers. Safe to share between threads."""

    def __init__(self, settings: IssuerSettings, database: Database) -> None:
        self._settings = settings
        self._database = database
        self._lock = Lock()
        self._opened: dict[str, SoftwareSigner] = {}

    def signer(
        self, organisation_id: str, use: KeyUse, at: datetime, *, connection: Connection | None = None
    ) -> tuple[SoftwareSigner, datetime]:
        """Return the key that signs for this use at that instant, with its certificates, and when it became active.

        `organisation_id` is a school's id or `OPERATOR`. Inside a transaction, pass its connection. Raises
        `NoSigningKey`.
        """
        if connection is not None:
            return self._signer(connection, organisation_id, use, at)
        with self._database.reading() as own:
            return self._signer(own, organisation_id, use, at)

    def create(
        self,
        connection: Connection,
        *,
        tenant_id: str,
        organisation_id: str,
        use: KeyUse,
        now: datetime,
        algorithm: Algorithm | None = None,
    ) -> StoredKey:
        """Make a key, by default of the kind that its use asks for. Where its use has certificates it waits for one (`pending`), elsewhere it is active at once."""
        row_id = secrets.token_hex(16)
        made = SoftwareSigner.generate(algorithm or ALGORITHMS.get(use, Algorithm.ES256))
        is_certified = use in PROFILES
        begin = None if is_certified else now.replace(microsecond=0)
        stored = StoredKey(
            id=row_id,
            tenant_id=tenant_id,
            organisation_id=organisation_id,
            use=use,
            algorithm=made.public_key.algorithm.value,
            key_id=made.public_key.key_id,
            state=KeyState.PENDING if is_certified else KeyState.ACTIVE,
            created_at=now,
            active_from=begin,
            active_until=None,
            compromised_from=None,
            public_jwk=jwk.to_jwk(made.public_key),
            sealed=seal_private_key(made, self._settings.key_encryption_bytes(), _context(row_id)),
        )
        if begin is not None:
            self._end_predecessors(connection, stored, begin)
        key_store.add(connection, stored)
        return stored

    def waiting_signer(self, stored: StoredKey) -> SoftwareSigner:
        """Return the signer of a key that has no certificate yet, for an authority that certifies itself."""
        return self._open(stored)

    def certificate_request(self, stored: StoredKey, subject: OrganisationSubject) -> bytes:
        """Return a PKCS#10 request (DER) that proves possession of the key (RFC 2986 §4)."""
        return self._open(stored).certificate_request(subject.name())

    def install(
        self, connection: Connection, row_id: str, chain: tuple[bytes, ...], now: datetime
    ) -> StoredKey:
        """Give a pending key its certificate chain (DER, leaf first, no anchor); it signs from now on.

        Its predecessor begins no new signatures, and stays good for an hour for those that were begun. Raises
        `NotFound`, `CertificateForAnotherKey`, or `KeyStateRefused` if the key is not pending.
        """
        stored = key_store.by_id(connection, row_id, lock=True)
        if stored is None:
            raise NotFound(f"key {row_id[:32]}")
        leaf = x509.load_der_x509_certificate(chain[0])
        if leaf_key(leaf).key_id != jwk.thumbprint(jwk.from_jwk(stored.public_jwk)):
            raise CertificateForAnotherKey(f"key {stored.key_id}")
        begin = now.replace(microsecond=0)
        if not leaf.not_valid_before_utc <= begin <= leaf.not_valid_after_utc:
            raise CertificateForAnotherKey(f"the certificate of {stored.key_id} is outside its period")
        self._end_predecessors(connection, stored, begin)
        encoded = tuple(base64.b64encode(der).decode("ascii") for der in chain)
        if not key_store.activate(
            connection, row_id, chain=encoded, active_from=begin, active_until=leaf.not_valid_after_utc
        ):
            raise KeyStateRefused(f"key {stored.key_id} is {stored.state}")
        found = key_store.by_id(connection, row_id)
        assert found is not None  # noqa: S101  it was updated a line above
        return found

    @staticmethod
    def _end_predecessors(connection: Connection, successor: StoredKey, begin: datetime) -> None:
        active = key_store.of_organisation(
            connection, successor.organisation_id, uses=(successor.use,), states=(KeyState.ACTIVE,)
        )
        for former in active:
            last = begin + OVERLAP
            if former.active_until is not None:
                last = min(last, former.active_until)
            key_store.end(connection, former.id, KeyState.RETIRED, last)

    def _signer(
        self, connection: Connection, organisation_id: str, use: KeyUse, at: datetime
    ) -> tuple[SoftwareSigner, datetime]:
        for stored in key_store.active(connection, organisation_id, use):
            if stored.may_sign(at) and stored.active_from is not None:
                return self._open(stored), stored.active_from
        raise NoSigningKey(f"organisation {organisation_id[:32]} has no key for {use.value}")

    def _open(self, stored: StoredKey) -> SoftwareSigner:
        with self._lock:
            signer = self._opened.get(stored.id)
        chain = tuple(base64.b64decode(item) for item in stored.chain)
        if signer is None or signer.certificates != chain:
            key = self._settings.key_encryption_bytes()
            signer = open_private_key(stored.sealed, key, _context(stored.id), stored.key_id, chain)
            with self._lock:
                self._opened[stored.id] = signer
        return signer


def retire(connection: Connection, row_id: str, *, at: datetime, now: datetime) -> None:
    """End a key: until `at` its signatures count. One that ends later goes on signing till then.

    Raises `NotFound`, or `KeyStateRefused` if it is not active.
    """
    stored = key_store.by_id(connection, row_id, lock=True)
    if stored is None:
        raise NotFound(f"key {row_id[:32]}")
    if stored.state is not KeyState.ACTIVE:
        raise KeyStateRefused(f"key {stored.key_id} is {stored.state}")
    last = at if stored.active_until is None else min(at, stored.active_until)
    key_store.end(connection, row_id, KeyState.RETIRED if last <= now else KeyState.ACTIVE, last)


def mark_compromised(connection: Connection, row_id: str, since: datetime) -> None:
    """Cut a key off: nothing signed with it from that instant on is believed. An earlier instant may follow later.

    Raises `NotFound`, or `KeyStateRefused` for a later instant than the one on record.
    """
    stored = key_store.by_id(connection, row_id, lock=True)
    if stored is None:
        raise NotFound(f"key {row_id[:32]}")
    if stored.compromised_from is not None and since > stored.compromised_from:
        raise KeyStateRefused(f"key {stored.key_id} was compromised earlier already")
    key_store.compromise(connection, row_id, since)


def _context(row_id: str) -> str:
    return f"issuer/signing_key/{row_id}"
