"""Checking a certificate chain up to a pinned anchor: bytes and a time in, a leaf that can be believed out."""

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from itertools import pairwise

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtensionOID, NameOID, ObjectIdentifier

from tegata.errors import CryptographyFailed, MalformedInput, Text
from tegata.identity import mdoc_profile
from tegata.identity.profiles import MDOC_USES, KeyUse, policy_of
from tegata.keys import jwk
from tegata.keys.signer import PublicKey, public_key_from

_MAX_CHAIN = 5
#: Paths, and leaves, that a process remembers: several for each school that a large installation sees in a day.
_REMEMBERED = 512
#: What cryptography raises for certificates and extensions that it cannot read; several are no `ValueError`.
_UNREADABLE = (
    ValueError,
    TypeError,
    UnsupportedAlgorithm,
    x509.InvalidVersion,
    x509.DuplicateExtension,
    x509.UnsupportedGeneralNameType,
)
#: Hashes of certificate signatures; None is Ed25519's, which needs no choice.
_HASHES = (hashes.SHA256, hashes.SHA384, hashes.SHA512)
_UNDERSTOOD = frozenset(
    {
        ExtensionOID.BASIC_CONSTRAINTS,
        ExtensionOID.KEY_USAGE,
        ExtensionOID.CERTIFICATE_POLICIES,
        ExtensionOID.SUBJECT_ALTERNATIVE_NAME,
        ExtensionOID.EXTENDED_KEY_USAGE,
    }
)


class ChainRefused(CryptographyFailed):
    """A certificate chain does not lead from its leaf to a pinned anchor, or not for this use and time."""

    kind = "chain_refused"
    text = Text(
        "署名に使われた鍵を、信頼できる機関の鍵として確認できませんでした。",
        "The signing key could not be confirmed as one of a trusted organisation.",
    )


@dataclass(frozen=True, slots=True)
class ValidatedLeaf:
    """A leaf whose chain holds."""

    public_key: PublicKey
    uris: tuple[str, ...]
    dns_names: tuple[str, ...]
    organisation_identifier: str
    school_code: str
    not_before: datetime
    not_after: datetime
    subject: str


def validate_chain(
    chain: tuple[bytes, ...], *, anchors: tuple[bytes, ...], at: datetime, use: KeyUse
) -> ValidatedLeaf:
    """Check a chain given leaf first (RFC 5280 §6, HAIP 1.0 §6.1.1).

    1. It parses, is not longer than five, and holds no anchor.
    2. Each certificate is signed by the next, the last by a pinned anchor; names follow on.
    3. Every certificate above the leaf is an authority with room for the path below it; the leaf is none.
    4. All are within their period at `at`, and nothing critical is left unread.
    5. The leaf may sign, and is marked for this use.
    6. A document signer and its IACA keep to ISO/IEC 18013-5 Annex B (`mdoc_profile`).

    Raises `ChainRefused` with the first that fails.
    """
    path = _path(chain, anchors)
    for certificate in path:
        _check_period(certificate, at)
    if use in MDOC_USES:
        broken = mdoc_profile.broken(path)
        if broken is not None:
            raise ChainRefused(broken.name, clause=broken.citation)
    return _leaf(path[0], use)


@lru_cache(maxsize=_REMEMBERED)
def _path(chain: tuple[bytes, ...], anchors: tuple[bytes, ...]) -> tuple[x509.Certificate, ...]:
    """Check everything about a path that neither time nor use can change; the same bytes are checked once.

    A path that is refused is not remembered.
    """
    path = tuple(_load(chain, anchors))
    for lower, upper in pairwise(path):
        _check_signed(lower, upper)
    for below, certificate in enumerate(path[1:]):
        _check_authority(certificate, below=below)
    for certificate in path:
        _check_critical(certificate)
    return path


def _load(chain: tuple[bytes, ...], anchors: tuple[bytes, ...]) -> list[x509.Certificate]:
    if not 1 <= len(chain) <= _MAX_CHAIN:
        raise ChainRefused("a chain has one to five certificates")
    path = [read_certificate(der) for der in chain]
    roots = [read_certificate(der) for der in anchors]
    if path[0].issuer == path[0].subject:
        raise ChainRefused("the leaf is self-signed", clause="HAIP 1.0 §6.1.1")
    if any(certificate in roots for certificate in path):
        raise ChainRefused("the trust anchor stands in the chain", clause="HAIP 1.0 §6.1.1")
    last = path[-1]
    for root in roots:
        if root.subject == last.issuer and _is_signed_by(last, root):
            return [*path, root]
    raise ChainRefused("the chain does not end at a trusted anchor", clause="RFC 5280 §6.1")


def read_certificate(der: bytes) -> x509.Certificate:
    """Parse a stranger's certificate, its names and dates included; raises `ChainRefused`."""
    try:
        certificate = x509.load_der_x509_certificate(der)
        # The library reads these only when somebody asks: asked here, an odd one is refused like everything else.
        _ = certificate.subject, certificate.issuer
        _ = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    except _UNREADABLE:
        raise ChainRefused("a certificate does not parse", clause="RFC 5280 §4.1") from None
    if certificate.serial_number <= 0:
        raise ChainRefused("a serial number that is not positive", clause="RFC 5280 §4.1.2.2")
    # The byte before the signature counts its spare bits: none, or one certificate could be spelt in two ways.
    if der[-len(certificate.signature) - 1] != 0:
        raise ChainRefused("a signature that is no whole number of bytes", clause="RFC 5280 §4.1.1.3")
    return certificate


def uris_of(certificate: x509.Certificate) -> tuple[str, ...]:
    """Return the URIs among its alternative names; raises `ChainRefused` for extensions that do not parse."""
    return _alternative_names(certificate)[0]


def _alternative_names(certificate: x509.Certificate) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return URIs and DNS names. A certificate may do without: who needs one looks for it."""
    try:
        names = _extensions(certificate).get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return (), ()
    uris = names.get_values_for_type(x509.UniformResourceIdentifier)
    return tuple(uris), tuple(names.get_values_for_type(x509.DNSName))


def _is_signed_by(lower: x509.Certificate, upper: x509.Certificate) -> bool:
    try:
        algorithm = lower.signature_hash_algorithm
        lower.verify_directly_issued_by(upper)
    except (InvalidSignature, *_UNREADABLE):
        return False
    return algorithm is None or isinstance(algorithm, _HASHES)


def _check_signed(lower: x509.Certificate, upper: x509.Certificate) -> None:
    if not _is_signed_by(lower, upper):
        raise ChainRefused("a certificate is not signed by the next one", clause="RFC 5280 §6.1.3")


def _check_period(certificate: x509.Certificate, at: datetime) -> None:
    if not certificate.not_valid_before_utc <= at <= certificate.not_valid_after_utc:
        raise ChainRefused("a certificate is outside its period", clause="RFC 5280 §6.1.3")


def _extensions(certificate: x509.Certificate) -> x509.Extensions:
    try:
        return certificate.extensions
    except _UNREADABLE:
        raise ChainRefused("an extension does not parse", clause="RFC 5280 §4.2") from None


def _check_critical(certificate: x509.Certificate) -> None:
    if any(item.critical and item.oid not in _UNDERSTOOD for item in _extensions(certificate)):
        raise ChainRefused("a critical extension is not understood", clause="RFC 5280 §4.2")


def _check_authority(certificate: x509.Certificate, *, below: int) -> None:
    extensions = _extensions(certificate)
    try:
        constraints = extensions.get_extension_for_class(x509.BasicConstraints).value
        usage = extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        raise ChainRefused("an upper certificate is no authority", clause="RFC 5280 §6.1.4") from None
    if not constraints.ca or not usage.key_cert_sign:
        raise ChainRefused("an upper certificate is no authority", clause="RFC 5280 §6.1.4")
    if constraints.path_length is not None and below > constraints.path_length:
        raise ChainRefused("the path is longer than an authority allows", clause="RFC 5280 §4.2.1.9")


@lru_cache(maxsize=_REMEMBERED)
def _leaf(certificate: x509.Certificate, use: KeyUse) -> ValidatedLeaf:
    extensions = _extensions(certificate)
    if use not in MDOC_USES:
        _check_use(extensions, use)
    uris, dns_names = _alternative_names(certificate)
    return ValidatedLeaf(
        public_key=leaf_key(certificate),
        uris=uris,
        dns_names=dns_names,
        organisation_identifier=_attribute(certificate, NameOID.ORGANIZATION_IDENTIFIER),
        school_code=_attribute(certificate, NameOID.SERIAL_NUMBER),
        not_before=certificate.not_valid_before_utc,
        not_after=certificate.not_valid_after_utc,
        subject=certificate.subject.rfc4514_string(),
    )


def _check_use(extensions: x509.Extensions, use: KeyUse) -> None:
    try:
        is_authority = extensions.get_extension_for_class(x509.BasicConstraints).value.ca
        may_sign = extensions.get_extension_for_class(x509.KeyUsage).value.digital_signature
        policies = extensions.get_extension_for_class(x509.CertificatePolicies).value
    except x509.ExtensionNotFound:
        raise ChainRefused("the leaf is not marked for a use", clause="RFC 5280 §4.2.1.4") from None
    if is_authority or not may_sign:
        raise ChainRefused("the leaf may not sign", clause="RFC 5280 §4.2.1.3")
    if policy_of(use) not in {policy.policy_identifier for policy in policies}:
        raise ChainRefused(f"the leaf is not for use {use.value}", clause="RFC 5280 §4.2.1.4")


def leaf_key(certificate: x509.Certificate) -> PublicKey:
    """Return the key of a certificate, named by its thumbprint; raises `ChainRefused` for kinds that we do not use."""
    try:
        key = public_key_from(certificate.public_key())
    except (MalformedInput, *_UNREADABLE):
        raise ChainRefused("a key of a kind that is not used") from None
    return PublicKey(key.algorithm, key.material, jwk.thumbprint(key))


def _attribute(certificate: x509.Certificate, oid: ObjectIdentifier) -> str:
    found = certificate.subject.get_attributes_for_oid(oid)
    return str(found[0].value) if found else ""


@lru_cache(maxsize=16)
def pem_to_der(pem: bytes) -> tuple[bytes, ...]:
    """Read every certificate of a PEM file; raises `ChainRefused`."""
    try:
        return tuple(item.public_bytes(Encoding.DER) for item in x509.load_pem_x509_certificates(pem))
    except (ValueError, x509.InvalidVersion):
        raise ChainRefused("not a PEM file of certificates") from None
