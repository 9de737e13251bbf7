"""X.509 certificates of organisations: prepared from a profile, linted, and only then signed.

A certificate says which organisation a key belongs to. Whether that organisation may issue a type is the trust
list's answer, never the certificate's. Checking a chain is `tegata.identity.chain`; both doors stand here.
"""

import dataclasses
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Protocol

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.x509.oid import ObjectIdentifier

from tegata.errors import MalformedInput, Misconfigured
from tegata.identity.chain import ChainRefused, ValidatedLeaf, leaf_key, pem_to_der, validate_chain
from tegata.identity.lints import LintRefused, lint, rules
from tegata.identity.profiles import (
    PROFILES,
    KeyUse,
    OrganisationSubject,
    Profile,
    Random,
    Request,
    policy_of,
)
from tegata.keys.signer import PublicKey, public_key_from

__all__ = [
    "PROFILES",
    "CertificateSigner",
    "ChainRefused",
    "KeyUse",
    "LintRefused",
    "OrganisationSubject",
    "Profile",
    "Random",
    "Request",
    "ValidatedLeaf",
    "issue",
    "key_of_request",
    "leaf_key",
    "pem_to_der",
    "policy_of",
    "prepare",
    "rules",
    "self_signed_iaca",
    "self_signed_root",
    "to_pem",
    "validate_chain",
]

_SERIAL_BYTES = 16
_ANY_POLICY = ObjectIdentifier("2.5.29.32.0")
_MAX_REQUEST_BYTES = 16_384


class CertificateSigner(Protocol):
    """A key that can sign certificates; the key itself stays where it is."""

    @property
    def public_key(self) -> PublicKey:
        """The authority's public key."""

    def sign_certificate(self, builder: x509.CertificateBuilder) -> x509.Certificate:
        """Sign what the builder holds."""


def prepare(
    profile: KeyUse,
    subject: OrganisationSubject,
    public_key: PublicKey,
    *,
    now: datetime,
    valid_for: timedelta,
    uris: Iterable[str] = (),
    dns_names: Iterable[str] = (),
) -> Request:
    """Put together what is to be certified, from `now` on; nothing is judged yet.

    Raises `Misconfigured` for a use without certificates, `MalformedInput` for a subject that X.520 does not take.
    """
    if profile not in PROFILES:
        raise Misconfigured(f"no certificates for use {profile.value}")
    begin = now.replace(microsecond=0)
    try:
        name = subject.name()
    except ValueError as error:
        raise MalformedInput(f"not a subject: {error}", clause="RFC 5280 appendix A.1") from None
    period = (begin, begin + valid_for)
    return Request(PROFILES[profile], name, public_key, *period, tuple(uris), tuple(dns_names))


def self_signed_root(
    signer: CertificateSigner, name: str, *, now: datetime, valid_for: timedelta, random: Random
) -> bytes:
    """Make the trust anchor: self-signed, may certify one intermediate level; returns DER.

    Raises `LintRefused`.
    """
    subject = OrganisationSubject(establisher=name)
    request = prepare(KeyUse.ROOT, subject, signer.public_key, now=now, valid_for=valid_for)
    lint(request, None)
    return _sign(request, request.subject, signer, random)


def self_signed_iaca(
    signer: CertificateSigner,
    name: str,
    *,
    now: datetime,
    valid_for: timedelta,
    uri: str,
    revocation_url: str = "",
    random: Random,
) -> bytes:
    """Make the anchor of mobile documents (IACA root, ISO/IEC 18013-5 Annex B): it certifies document signers alone.

    `uri` is where its operator is found. Returns DER; raises `LintRefused`.
    """
    subject = OrganisationSubject(establisher=name)
    request = dataclasses.replace(
        prepare(KeyUse.IACA, subject, signer.public_key, now=now, valid_for=valid_for),
        issuer_uris=(uri,),
        revocation_urls=(revocation_url,) if revocation_url else (),
    )
    lint(request, None)
    return _sign(request, request.subject, signer, random)


def issue(
    profile: KeyUse,
    subject: OrganisationSubject,
    public_key: PublicKey,
    *,
    issuer: CertificateSigner,
    issuer_certificate: bytes,
    now: datetime,
    valid_for: timedelta,
    uris: Iterable[str] = (),
    dns_names: Iterable[str] = (),
    random: Random,
) -> bytes:
    """Certify a key under an authority's certificate (DER); returns DER.

    Raises `LintRefused` with every rule that the certificate would break, before anything is signed, and
    `Misconfigured` if the signer's key is not the authority's.
    """
    request = prepare(
        profile, subject, public_key, now=now, valid_for=valid_for, uris=uris, dns_names=dns_names
    )
    authority = x509.load_der_x509_certificate(issuer_certificate)
    if authority.public_key() != issuer.public_key.material:
        raise Misconfigured("the authority's certificate is for another key")
    if request.profile.is_of_mdoc:
        request = _with_authoritys_addresses(request, authority)
    lint(request, authority)
    return _sign(request, authority.subject, issuer, random)


def _with_authoritys_addresses(request: Request, authority: x509.Certificate) -> Request:
    """Give a document signer the addresses that its IACA has (ISO/IEC 18013-5 Annex B)."""
    uris: tuple[str, ...] = ()
    urls: tuple[str, ...] = ()
    for extension in authority.extensions:
        if isinstance(extension.value, x509.IssuerAlternativeName):
            uris = tuple(extension.value.get_values_for_type(x509.UniformResourceIdentifier))
        elif isinstance(extension.value, x509.CRLDistributionPoints):
            urls = tuple(str(name.value) for point in extension.value for name in point.full_name or ())
    return dataclasses.replace(request, issuer_uris=uris, revocation_urls=urls)


def key_of_request(der: bytes) -> PublicKey:
    """Read the key out of a PKCS#10 request and check that its owner has it; the names asked for are ignored.

    Raises `MalformedInput`: too large, not such a request, its signature does not hold, a key that is not used.
    """
    try:
        request = x509.load_der_x509_csr(der) if len(der) <= _MAX_REQUEST_BYTES else None
        if request is None or not request.is_signature_valid:
            raise MalformedInput("not a request that proves possession of its key", clause="RFC 2986 §4.2")
        return public_key_from(request.public_key())
    except (ValueError, TypeError, UnsupportedAlgorithm, x509.InvalidVersion) as error:
        raise MalformedInput(
            f"not a certificate request: {type(error).__name__}", clause="RFC 2986"
        ) from None


def to_pem(certificates: Iterable[bytes]) -> bytes:
    """Write DER certificates as one PEM file."""
    loaded = (x509.load_der_x509_certificate(der) for der in certificates)
    return b"".join(item.public_bytes(serialization.Encoding.PEM) for item in loaded)


def _sign(request: Request, issuer_name: x509.Name, signer: CertificateSigner, random: Random) -> bytes:
    builder = (
        x509.CertificateBuilder()
        .subject_name(request.subject)
        .issuer_name(issuer_name)
        .public_key(request.public_key.material)
        # Positive, and more than 64 unpredictable bits (CA/Browser Forum BR §7.1.2.7).
        .serial_number(int.from_bytes(random(_SERIAL_BYTES), "big") >> 1 | 1)
        .not_valid_before(request.not_before)
        .not_valid_after(request.not_after)
    )
    for extension, is_critical in _extensions(request, signer.public_key):
        builder = builder.add_extension(extension, is_critical)
    return signer.sign_certificate(builder).public_bytes(serialization.Encoding.DER)


def _extensions(request: Request, authority: PublicKey) -> list[tuple[x509.ExtensionType, bool]]:
    profile = request.profile
    found: list[tuple[x509.ExtensionType, bool]] = [
        (_key_usage(is_authority=profile.is_authority), True),
        (x509.SubjectKeyIdentifier.from_public_key(request.public_key.material), False),
    ]
    # Annex B lists no constraints for a signer and no authority's key for an IACA; ours carry both everywhere.
    if profile.is_authority or not profile.is_of_mdoc:
        constraints = x509.BasicConstraints(ca=profile.is_authority, path_length=profile.path_length)
        found.append((constraints, True))
    if profile.use is not KeyUse.IACA:
        found.append((x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.material), False))
    # An intermediate passes every policy on, so that a validator by the book finds the leaf's (RFC 5280 §6.1.3).
    policy = _ANY_POLICY if profile.is_authority else profile.policy
    if policy is not None and not profile.is_self_signed:
        found.append((x509.CertificatePolicies([x509.PolicyInformation(policy, None)]), False))
    if profile.extended_usage is not None:
        found.append((x509.ExtendedKeyUsage([profile.extended_usage]), True))
    found += _addresses(request)
    names: list[x509.GeneralName] = [x509.UniformResourceIdentifier(uri) for uri in request.uris]
    names += [x509.DNSName(name) for name in request.dns_names]
    if names:
        found.append((x509.SubjectAlternativeName(names), False))
    return found


def _addresses(request: Request) -> list[tuple[x509.ExtensionType, bool]]:
    found: list[tuple[x509.ExtensionType, bool]] = []
    if request.issuer_uris:
        uris = [x509.UniformResourceIdentifier(uri) for uri in request.issuer_uris]
        found.append((x509.IssuerAlternativeName(uris), False))
    if request.revocation_urls:
        points = [
            x509.DistributionPoint([x509.UniformResourceIdentifier(url)], None, None, None)
            for url in request.revocation_urls
        ]
        found.append((x509.CRLDistributionPoints(points), False))
    return found


def _key_usage(*, is_authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
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
