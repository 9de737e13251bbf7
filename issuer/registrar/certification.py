"""Certifying keys: root, intermediate, trust list, schools, and the request-signing keys of verifiers.

Every step is one transaction that looks first, so that a step done before is not done again and one that was cut short
is simply repeated. A certificate is linted before it is signed (`tegata.identity.lints`) and recorded with its audit row.
"""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from sqlalchemy import Connection

from issuer.base import AUDIT
from issuer.organisations import key_store, service
from issuer.organisations import store as organisations
from issuer.organisations.errors import NoSigningKey
from issuer.organisations.key_store import KeyState, StoredKey
from issuer.organisations.keys import OPERATOR, KeyRing
from issuer.registrar import root, store
from issuer.registrar.errors import NotInitialised
from issuer.settings import IssuerSettings
from tegata.codec.dates import today
from tegata.errors import MalformedInput
from tegata.identity.certificates import (
    PROFILES,
    KeyUse,
    OrganisationSubject,
    issue,
    key_of_request,
    self_signed_iaca,
    self_signed_root,
    to_pem,
)
from tegata.identity.chain import leaf_key
from tegata.identity.organisation import CorporateNumber
from tegata.keys import jwk
from tegata.keys.signer import PublicKey
from tegata.keys.software import SoftwareSigner
from tegata.service import audit
from tegata.service.database import Database

#: The keys of a school; access tokens and audit seals are checked by key alone and have no certificates.
SCHOOL_USES = (
    KeyUse.DOCUMENT,
    KeyUse.COPY,
    KeyUse.FORM,
    KeyUse.MDOC_DS,
    KeyUse.STATUS,
    KeyUse.METADATA,
    KeyUse.ACCESS_TOKEN,
    KeyUse.AUDIT,
)
#: A key that ends this soon is followed by a new one when certification runs again.
RENEW_BEFORE = timedelta(days=30)
#: An intermediate authority is renewed while it can still certify a whole copy key.
RENEW_AUTHORITY_BEFORE = timedelta(days=400)
#: An IACA is renewed while it can still certify a whole document signer.
RENEW_IACA_BEFORE = PROFILES[KeyUse.MDOC_DS].longest
_MAX_REQUEST_BYTES = 32_768


@dataclass(frozen=True, slots=True)
class _Authority:
    """Who signs a certificate: the key, its certificate, and what goes below the leaf in a chain."""

    signer: SoftwareSigner
    certificate: bytes
    chain: tuple[bytes, ...]

    def lifetime(self, use: KeyUse, now: datetime) -> timedelta:
        """Return the longest lifetime that the profile and the authority's own end allow."""
        end = x509.load_der_x509_certificate(self.certificate).not_valid_after_utc
        return min(PROFILES[use].longest, end - now.replace(microsecond=0))


class Certification:
    """Makes and certifies keys. `actor` in each call is who did it, for the audit trail."""

    def __init__(self, settings: IssuerSettings, database: Database, ring: KeyRing) -> None:
        self._settings = settings
        self._database = database
        self._ring = ring

    def initialise(
        self,
        now: datetime,
        *,
        operator: str,
        operator_latin: str = "",
        root_file: Path | None = None,
        passphrase: str = "",
        actor: str = "registrar",
    ) -> bytes:
        """Set up the registrar, or go on where it stopped; returns the trust anchor (DER).

        1. The operator's name. 2. The root key in its file, and its certificate. 3. The intermediate authority.
        4. The trust-list key. The root's file is opened only where 2 or 3 has something to do, or renews it.

        Raises `RootKeyMissing`, `RootKeyNeedsPassphrase`, `LintRefused`.
        """
        path = root_file or root.default_path(self._settings)
        with self._database.writing(durable=True) as connection:
            name = store.operator(connection)
            if name is None:
                store.add_operator(connection, OPERATOR, operator, operator_latin)
                self._record(connection, now, actor, "registrar.operator", OPERATOR)
            named = operator if name is None else name.ja
        anchor = self._root(path, passphrase, named, now, actor)
        with self._database.writing(durable=True) as connection:
            store.operator(connection, lock=True)
            if self._ends_soon(connection, OPERATOR, KeyUse.INTERMEDIATE, now, RENEW_AUTHORITY_BEFORE):
                authority = _Authority(root.load(path, self._settings, passphrase), anchor, ())
                subject = OrganisationSubject(establisher=f"{named} 中間認証局")
                self._certify(
                    connection, OPERATOR, OPERATOR, KeyUse.INTERMEDIATE, subject, authority, now, actor
                )
        with self._database.writing(durable=True) as connection:
            store.operator(connection, lock=True)
            if self._ends_soon(connection, OPERATOR, KeyUse.TRUST_LIST, now, RENEW_BEFORE):
                authority = self._intermediate(connection, now)
                subject = OrganisationSubject(establisher=named)
                self._certify(
                    connection, OPERATOR, OPERATOR, KeyUse.TRUST_LIST, subject, authority, now, actor
                )
        return anchor

    def anchor(self, connection: Connection) -> bytes:
        """Return the trust anchor (DER); raises `NotInitialised`."""
        found = store.certificates(connection, KeyUse.ROOT)
        if not found:
            raise NotInitialised("no root certificate")
        return found[0].certificate

    def certify_school_keys(
        self, school_id: str, now: datetime, *, rotate: Sequence[KeyUse] = (), actor: str = "registrar"
    ) -> tuple[StoredKey, ...]:
        """Make and certify the keys that a school lacks or that end soon; those in `rotate` in any case.

        Returns the new keys. Raises `UnknownSchool`, `NotInitialised`, `LintRefused`.
        """
        made = []
        for use in SCHOOL_USES:
            with self._database.writing(durable=True) as connection:
                organisations.school(connection, school_id, lock=True)
                if use in rotate or self._ends_soon(connection, school_id, use, now, RENEW_BEFORE):
                    made.append(self._make_school_key(connection, school_id, use, now, actor))
        return tuple(made)

    def certify_request(
        self,
        request_pem: bytes,
        dns_names: Sequence[str],
        *,
        organisation: str,
        corporate_number: str,
        now: datetime,
        actor: str = "registrar",
    ) -> bytes:
        """Certify a verifier's request-signing key for its host names; returns the chain in PEM, leaf first.

        The names in the request count for nothing: who it is, the registrar has found out. The same request again
        returns the same chain while that lasts. Raises `MalformedInput`, `CodeRefused`, `LintRefused`,
        `NotInitialised`.
        """
        key = key_of_request(_request_der(request_pem))
        number = CorporateNumber.parse(corporate_number, allow_test=self._settings.test_identifiers)
        if not dns_names:
            raise MalformedInput("no DNS name for a request-signing certificate", clause="OID4VP 1.0 §5.9.3")
        subject = OrganisationSubject(establisher=organisation, corporate_number=number.value)
        names = tuple(name.lower() for name in dns_names)
        with self._database.writing(durable=True) as connection:
            authority = self._intermediate(connection, now)
            key_id = jwk.thumbprint(key)
            for known in store.certificates(connection, KeyUse.REQUEST_SIGNING, key_id):
                is_same = known.names == names and known.subject == subject.name().rfc4514_string()
                if is_same and known.not_after - now > RENEW_BEFORE:
                    return to_pem((known.certificate, *authority.chain))
            leaf = self._issue(
                connection,
                OPERATOR,
                KeyUse.REQUEST_SIGNING,
                subject,
                key,
                authority,
                now,
                actor,
                dns_names=names,
            )
        return to_pem((leaf, *authority.chain))

    def _root(self, path: Path, passphrase: str, operator: str, now: datetime, actor: str) -> bytes:
        with self._database.writing(durable=True) as connection:
            store.operator(connection, lock=True)
            found = store.certificates(connection, KeyUse.ROOT)
            if found:
                return found[0].certificate
            # The file comes first: a key without a certificate is certified by the next run, never the reverse.
            if path.exists():
                signer = root.load(path, self._settings, passphrase)
            else:
                signer = root.create(path, self._settings, passphrase)
            longest = PROFILES[KeyUse.ROOT].longest
            certificate = self_signed_root(
                signer, f"{operator} ルート認証局", now=now, valid_for=longest, random=secrets.token_bytes
            )
            self._record_certificate(connection, OPERATOR, KeyUse.ROOT, certificate, now, actor)
            return certificate

    def _intermediate(self, connection: Connection, now: datetime) -> _Authority:
        try:
            signer, _ = self._ring.signer(OPERATOR, KeyUse.INTERMEDIATE, now, connection=connection)
        except NoSigningKey as error:
            raise NotInitialised(error.detail) from None
        return _Authority(signer, signer.certificates[0], signer.certificates)

    def _iaca(self, connection: Connection, now: datetime, actor: str) -> _Authority:
        """Return the authority of mobile documents (IACA), made when the first signer needs it; it certifies itself.

        Verifiers find its certificate in the trust list: they have nothing more to pin.
        """
        operator = store.operator(connection, lock=True)
        if operator is None:
            raise NotInitialised("no operator")
        if self._ends_soon(connection, OPERATOR, KeyUse.IACA, now, RENEW_IACA_BEFORE):
            waiting = key_store.of_organisation(
                connection, OPERATOR, uses=(KeyUse.IACA,), states=(KeyState.PENDING,)
            )
            stored = (
                waiting[0]
                if waiting
                else self._ring.create(
                    connection, tenant_id=OPERATOR, organisation_id=OPERATOR, use=KeyUse.IACA, now=now
                )
            )
            certificate = self_signed_iaca(
                self._ring.waiting_signer(stored),
                f"{operator.ja} IACA",
                now=now,
                valid_for=PROFILES[KeyUse.IACA].longest,
                uri=self._settings.public_origin,
                revocation_url=self._settings.mdoc_revocation_url,
                random=secrets.token_bytes,
            )
            self._record_certificate(connection, OPERATOR, KeyUse.IACA, certificate, now, actor)
            self._ring.install(connection, stored.id, (certificate,), now)
        signer, _ = self._ring.signer(OPERATOR, KeyUse.IACA, now, connection=connection)
        return _Authority(signer, signer.certificates[0], ())

    def _ends_soon(
        self, connection: Connection, organisation_id: str, use: KeyUse, now: datetime, margin: timedelta
    ) -> bool:
        active = key_store.of_organisation(
            connection, organisation_id, uses=(use,), states=(KeyState.ACTIVE,)
        )
        return not any(key.active_until is None or key.active_until - now > margin for key in active)

    def _make_school_key(
        self, connection: Connection, school_id: str, use: KeyUse, now: datetime, actor: str
    ) -> StoredKey:
        school = service.school(connection, school_id, today(now), self._settings)
        if use not in PROFILES:
            made = self._ring.create(
                connection, tenant_id=school.tenant_id, organisation_id=school_id, use=use, now=now
            )
            self._record(connection, now, actor, f"key.{use.value}", made.id, tenant_id=school.tenant_id)
            return made
        subject = OrganisationSubject(
            establisher=school.establisher,
            corporate_number=school.corporate_number,
            school="" if school.is_name_hidden else school.name,
            school_code="" if school.is_name_hidden else school.code,
        )
        if use is KeyUse.MDOC_DS:
            authority = self._iaca(connection, now, actor)
        else:
            authority = self._intermediate(connection, now)
        return self._certify(
            connection,
            school.tenant_id,
            school_id,
            use,
            subject,
            authority,
            now,
            actor,
            uris=(school.issuer,),
        )

    def _certify(
        self,
        connection: Connection,
        tenant_id: str,
        organisation_id: str,
        use: KeyUse,
        subject: OrganisationSubject,
        authority: _Authority,
        now: datetime,
        actor: str,
        *,
        uris: Sequence[str] = (),
    ) -> StoredKey:
        waiting = key_store.of_organisation(
            connection, organisation_id, uses=(use,), states=(KeyState.PENDING,)
        )
        if waiting:
            stored = waiting[0]
        else:
            stored = self._ring.create(
                connection, tenant_id=tenant_id, organisation_id=organisation_id, use=use, now=now
            )
        # Our own keys take the way of everybody's: a request that proves possession, and the key that it proves.
        key = key_of_request(self._ring.certificate_request(stored, subject))
        leaf = self._issue(connection, tenant_id, use, subject, key, authority, now, actor, uris=uris)
        return self._ring.install(connection, stored.id, (leaf, *authority.chain), now)

    def _issue(
        self,
        connection: Connection,
        tenant_id: str,
        use: KeyUse,
        subject: OrganisationSubject,
        key: PublicKey,
        authority: _Authority,
        now: datetime,
        actor: str,
        *,
        uris: Sequence[str] = (),
        dns_names: Sequence[str] = (),
    ) -> bytes:
        leaf = issue(
            use,
            subject,
            key,
            issuer=authority.signer,
            issuer_certificate=authority.certificate,
            now=now,
            valid_for=authority.lifetime(use, now),
            uris=uris,
            dns_names=dns_names,
            random=secrets.token_bytes,
        )
        self._record_certificate(connection, tenant_id, use, leaf, now, actor, (*uris, *dns_names))
        return leaf

    def _record_certificate(
        self,
        connection: Connection,
        tenant_id: str,
        use: KeyUse,
        der: bytes,
        now: datetime,
        actor: str,
        names: tuple[str, ...] = (),
    ) -> None:
        certificate = x509.load_der_x509_certificate(der)
        stored = store.StoredCertificate(
            id=store.new_id(),
            tenant_id=tenant_id,
            use=use,
            key_id=leaf_key(certificate).key_id,
            subject=certificate.subject.rfc4514_string(),
            names=names,
            certificate=der,
            not_before=certificate.not_valid_before_utc,
            not_after=certificate.not_valid_after_utc,
        )
        store.add_certificate(connection, stored)
        digest = hashlib.sha256(der).hexdigest()
        self._record(
            connection, now, actor, f"certificate.{use.value}", stored.id, digest, tenant_id=tenant_id
        )

    @staticmethod
    def _record(
        connection: Connection,
        now: datetime,
        actor: str,
        action: str,
        object_id: str,
        digest: str = "",
        *,
        tenant_id: str = OPERATOR,
    ) -> None:
        audit.append(connection, AUDIT, now, audit.Entry(tenant_id, actor, action, object_id, digest))


def _request_der(pem: bytes) -> bytes:
    if len(pem) > _MAX_REQUEST_BYTES:
        raise MalformedInput("the request is too large", clause="RFC 2986")
    try:
        return x509.load_pem_x509_csr(pem).public_bytes(Encoding.DER)
    except (ValueError, x509.InvalidVersion):
        raise MalformedInput("not a PEM file with a certificate request", clause="RFC 2986") from None
