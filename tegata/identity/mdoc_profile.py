"""What ISO/IEC 18013-5 Annex B asks of a document signer's certificate and of the IACA above it, rule by rule.

The standard has to be bought: this follows public implementations, and what could not be confirmed is configuration in
`profiles` (lifetimes, the mark of a signer). Signatures, periods and path lengths are the chain's (`chain`).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias, TypeVar

from cryptography import x509
from cryptography.x509.oid import NameOID, ObjectIdentifier

from tegata.identity.profiles import LONGEST_IACA, LONGEST_MDOC_SIGNER, MDOC_SIGNER

_CLAUSE = "ISO/IEC 18013-5 Annex B"
_PATH = 2
_Extension = TypeVar("_Extension", bound=x509.ExtensionType)
#: Whether a signer's certificate and the IACA's meet a rule.
_Check: TypeAlias = Callable[[x509.Certificate, x509.Certificate], bool]


@dataclass(frozen=True, slots=True)
class ProfileRule:
    """One rule: what it asks, where it comes from, and whether the two certificates meet it."""

    name: str
    citation: str
    holds: _Check


def broken(path: Sequence[x509.Certificate]) -> ProfileRule | None:
    """Return the first rule that a path, signer first, IACA last, does not meet; None if it meets all."""
    if len(path) != _PATH:
        return _ALONE
    return next((rule for rule in RULES if not rule.holds(path[0], path[1])), None)


def _values(certificate: x509.Certificate, oid: ObjectIdentifier) -> list[str]:
    return [str(item.value) for item in certificate.subject.get_attributes_for_oid(oid)]


def _extension(
    certificate: x509.Certificate, kind: type[_Extension], *, critical: bool = False
) -> _Extension | None:
    """Return an extension; None if it is not there, or not critical where it has to be."""
    try:
        found = certificate.extensions.get_extension_for_class(kind)
    except x509.ExtensionNotFound:
        return None
    return found.value if found.critical or not critical else None


def _is_iaca(_signer: x509.Certificate, iaca: x509.Certificate) -> bool:
    constraints = _extension(iaca, x509.BasicConstraints, critical=True)
    return constraints is not None and constraints.ca and constraints.path_length == 0


def _iaca_certifies(_signer: x509.Certificate, iaca: x509.Certificate) -> bool:
    usage = _extension(iaca, x509.KeyUsage, critical=True)
    return (
        usage is not None and usage.key_cert_sign and usage.crl_sign and _count(usage) == len(("cert", "crl"))
    )


def _is_named(*certificates: x509.Certificate) -> bool:
    return all(
        len(_values(item, oid)) == 1
        for item in certificates
        for oid in (NameOID.COUNTRY_NAME, NameOID.COMMON_NAME)
    )


def _is_of_one_country(signer: x509.Certificate, iaca: x509.Certificate) -> bool:
    state = _values(iaca, NameOID.STATE_OR_PROVINCE_NAME)
    same_state = not state or _values(signer, NameOID.STATE_OR_PROVINCE_NAME) == state
    return _values(signer, NameOID.COUNTRY_NAME) == _values(iaca, NameOID.COUNTRY_NAME) and same_state


def _signer_only_signs(signer: x509.Certificate, _iaca: x509.Certificate) -> bool:
    usage = _extension(signer, x509.KeyUsage, critical=True)
    constraints = _extension(signer, x509.BasicConstraints)
    return (
        usage is not None
        and usage.digital_signature
        and _count(usage) == 1
        and (constraints is None or not constraints.ca)
    )


def _count(usage: x509.KeyUsage) -> int:
    return sum(
        (
            usage.digital_signature,
            usage.content_commitment,
            usage.key_encipherment,
            usage.data_encipherment,
            usage.key_agreement,
            usage.key_cert_sign,
            usage.crl_sign,
        )
    )


def _is_marked(signer: x509.Certificate, _iaca: x509.Certificate) -> bool:
    usage = _extension(signer, x509.ExtendedKeyUsage, critical=True)
    return usage is not None and list(usage) == [MDOC_SIGNER]


def _names_its_authority(signer: x509.Certificate, iaca: x509.Certificate) -> bool:
    named = _extension(signer, x509.AuthorityKeyIdentifier)
    own = _extension(iaca, x509.SubjectKeyIdentifier)
    return named is not None and own is not None and named.key_identifier == own.digest


def _iaca_is_not_too_long(_signer: x509.Certificate, iaca: x509.Certificate) -> bool:
    return iaca.not_valid_after_utc - iaca.not_valid_before_utc <= LONGEST_IACA


def _signer_is_not_too_long(signer: x509.Certificate, _iaca: x509.Certificate) -> bool:
    return signer.not_valid_after_utc - signer.not_valid_before_utc <= LONGEST_MDOC_SIGNER


_ALONE = ProfileRule(
    "the IACA itself certifies the signer", _CLAUSE, lambda signer, iaca: signer.issuer == iaca.subject
)
RULES = (
    ProfileRule("the IACA is an authority of path length 0", _CLAUSE, _is_iaca),
    ProfileRule(
        "the IACA's key certifies and signs revocation lists, nothing else", _CLAUSE, _iaca_certifies
    ),
    ProfileRule("each subject has one country and one common name", _CLAUSE, _is_named),
    ProfileRule(
        "the signer is of its IACA's country, and of its state if it has one", _CLAUSE, _is_of_one_country
    ),
    ProfileRule("the signer's key signs, nothing else", _CLAUSE, _signer_only_signs),
    ProfileRule("the signer is marked as a document signer, critical", _CLAUSE, _is_marked),
    ProfileRule("the signer names its IACA's key", _CLAUSE, _names_its_authority),
    ProfileRule("the IACA lives at most twenty years", _CLAUSE, _iaca_is_not_too_long),
    ProfileRule("the signer lives at most 457 days", _CLAUSE, _signer_is_not_too_long),
)
