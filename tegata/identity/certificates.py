"""X.509 certificates of organisations: built from profiles and linted before they are signed.

A certificate says which organisation a key belongs to. Whether that organisation may issue a type is the trust
list's answer, never the certificate's. Checking a chain is `tegata.identity.chain`'s work.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID, ObjectIdentifier

from tegata.identity.lints import lint
from tegata.keys.signer import PublicKey

#: `random(n)` returns n unpredictable bytes.
Random = Callable[[int], bytes]

SERIAL_BYTES = 16
#: Uses of keys below Tegata's own arc are policy identifiers, so that a key for one use is not taken for another.
#: The arc is a UUID-based one (ITU-T X.667), made once for this project and owned by nobody.
_ARC = "2.25.232711874905133129467812359104717363213"


class KeyUse(StrEnum):
    """What a key is for (DESIGN §4); a key has exactly one use."""

    ROOT = "root"
    INTERMEDIATE = "intermediate"
    DOCUMENT = "document"
    COPY = "copy"
    STATUS = "status"
    REQUEST_SIGNING = "request_signing"
    METADATA = "metadata"
    TRUST_LIST = "trust_list"


_AUTHORITIES = frozenset({KeyUse.ROOT, KeyUse.INTERMEDIATE})
_POLICY = {use: ObjectIdentifier(f"{_ARC}.{number}") for number, use in enumerate(KeyUse, 1)}


def policy_of(use: KeyUse) -> ObjectIdentifier:
    """Return the certificate policy that marks a key's use."""
    return _POLICY[use]


@dataclass(frozen=True, slots=True)
class OrganisationSubject:
    """Whose certificate it is. Schools whose very name is sensitive leave out `school` and `school_code`."""

    establisher: str
    corporate_number: str
    school: str = ""
    school_code: str = ""

    def name(self) -> x509.Name:
        """Return `C=JP, O, organizationIdentifier, [OU, serialNumber,] CN` (DESIGN §4)."""
        attributes = [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "JP"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, self.establisher),
            x509.NameAttribute(NameOID.ORGANIZATION_IDENTIFIER, f"NTRJP-{self.corporate_number}"),
        ]
        if self.school:
            attributes += [
                x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, self.school),
                x509.NameAttribute(NameOID.SERIAL_NUMBER, self.school_code),
            ]
        attributes.append(x509.NameAttribute(NameOID.COMMON_NAME, (self.school or self.establisher)[:64]))
        return x509.Name(attributes)


@dataclass(frozen=True, slots=True)
class Request:
    """Everything that goes into a certificate, but the authority's part."""

    use: KeyUse
    subject: x509.Name
    public_key: PublicKey
    not_before: datetime
    not_after: datetime
    uris: tuple[str, ...] = ()
    dns_names: tuple[str, ...] = ()


class CertificateSigner(Protocol):
    """A key that can sign certificates; the key itself stays where it is."""

    @property
    def public_key(self) -> PublicKey:
        """The authority's public key."""

    def sign_certificate(self, builder: x509.CertificateBuilder) -> x509.Certificate:
        """Sign what the builder holds."""


def self_signed_root(
    signer: CertificateSigner, name: str, *, now: datetime, valid_for: timedelta, random: Random
) -> bytes:
    """Make the trust anchor: self-signed, may certify one intermediate level; returns DER."""
    subject = x509.Name(
        [x509.NameAttribute(NameOID.COUNTRY_NAME, "JP"), x509.NameAttribute(NameOID.COMMON_NAME, name)]
    )
    request = Request(KeyUse.ROOT, subject, signer.public_key, now, now + valid_for)
    return _sign(request, subject, signer, random)


def issue(request: Request, *, signer: CertificateSigner, authority: bytes, random: Random) -> bytes:
    """Certify a key under an authority's certificate; returns DER.

    Raises `LintRefused` with every rule that the certificate would break, before anything is signed.
    """
    issuer = x509.load_der_x509_certificate(authority)
    return _sign(request, issuer.subject, signer, random, issuer)


def _sign(
    request: Request,
    issuer_name: x509.Name,
    signer: CertificateSigner,
    random: Random,
    issuer: x509.Certificate | None = None,
) -> bytes:
    builder = (
        x509.CertificateBuilder()
        .subject_name(request.subject)
        .issuer_name(issuer_name)
        .public_key(request.public_key.material)
        # Positive, and at least 63 unpredictable bits (CA/Browser Forum BR §7.1.2.7).
        .serial_number(int.from_bytes(random(SERIAL_BYTES), "big") >> 1 | 1)
        .not_valid_before(request.not_before.replace(microsecond=0))
        .not_valid_after(request.not_after.replace(microsecond=0))
    )
    for extension, critical in _extensions(request, signer.public_key):
        builder = builder.add_extension(extension, critical)
    lint(request, issuer)
    return signer.sign_certificate(builder).public_bytes(serialization.Encoding.DER)


def _extensions(request: Request, authority: PublicKey) -> list[tuple[x509.ExtensionType, bool]]:
    is_authority = request.use in _AUTHORITIES
    path_length = {KeyUse.ROOT: 1, KeyUse.INTERMEDIATE: 0}.get(request.use)
    usage = x509.KeyUsage(
        digital_signature=not is_authority,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=is_authority,
        crl_sign=is_authority,
        encipher_only=False,
        decipher_only=False,
    )
    found: list[tuple[x509.ExtensionType, bool]] = [
        (x509.BasicConstraints(ca=is_authority, path_length=path_length), True),
        (usage, True),
        (x509.SubjectKeyIdentifier.from_public_key(request.public_key.material), False),
        (x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.material), False),
    ]
    if not is_authority:
        policy = x509.PolicyInformation(policy_of(request.use), None)
        found.append((x509.CertificatePolicies([policy]), False))
    names: list[x509.GeneralName] = [x509.UniformResourceIdentifier(uri) for uri in request.uris]
    names += [x509.DNSName(name) for name in request.dns_names]
    if names:
        found.append((x509.SubjectAlternativeName(names), False))
    if request.use is KeyUse.REQUEST_SIGNING:
        found.append((x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]), False))
    return found
