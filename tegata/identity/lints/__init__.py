"""Rules that a certificate must meet before it is signed: one rule, one function, one citation.

`rules()` lists them, so that documentation and reviewers see what is checked.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tegata.errors import Forbidden, Text

if TYPE_CHECKING:
    from tegata.identity.certificates import Request


class LintRefused(Forbidden):
    """A certificate would break rules of its profile."""

    kind = "certificate_refused"
    text = Text("証明書の内容が定めた形に合いません。", "The certificate would not fit its profile.")


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: its name, where it comes from, and whether a certificate meets it."""

    name: str
    citation: str
    holds: Callable[[Any, x509.Certificate | None], bool]


_AUTHORITY_USES = frozenset({"root", "intermediate"})
_MAX_LIFETIME = {"root": 7_305, "intermediate": 3_653}
_MAX_LEAF_DAYS = 1_186


def _is_p256_or_stronger(request: "Request", _issuer: x509.Certificate | None) -> bool:
    material = request.public_key.material
    return not isinstance(material, ec.EllipticCurvePublicKey) or material.curve.key_size >= 256  # noqa: PLR2004


def _is_not_too_long(request: "Request", _issuer: x509.Certificate | None) -> bool:
    days = _MAX_LIFETIME.get(request.use.value, _MAX_LEAF_DAYS)
    return timedelta() < request.not_after - request.not_before <= timedelta(days=days)


def _is_within_issuer(request: "Request", issuer: x509.Certificate | None) -> bool:
    return issuer is None or (
        issuer.not_valid_before_utc <= request.not_before and request.not_after <= issuer.not_valid_after_utc
    )


def _names_one_issuer_uri(request: "Request", _issuer: x509.Certificate | None) -> bool:
    if request.use.value in _AUTHORITY_USES | {"request_signing", "trust_list"}:
        return not request.uris or request.use.value not in _AUTHORITY_USES
    return len(request.uris) == 1


def _has_dns_only_for_requests(request: "Request", _issuer: x509.Certificate | None) -> bool:
    return not request.dns_names or request.use.value == "request_signing"


def _is_not_a_person(request: "Request", _issuer: x509.Certificate | None) -> bool:
    personal = (NameOID.GIVEN_NAME, NameOID.SURNAME, NameOID.EMAIL_ADDRESS, NameOID.PSEUDONYM)
    return not any(request.subject.get_attributes_for_oid(oid) for oid in personal)


def _is_in_japan(request: "Request", _issuer: x509.Certificate | None) -> bool:
    return [item.value for item in request.subject.get_attributes_for_oid(NameOID.COUNTRY_NAME)] == ["JP"]


def _names_legal_person(request: "Request", _issuer: x509.Certificate | None) -> bool:
    if request.use.value in _AUTHORITY_USES | {"trust_list"}:
        return True
    found = request.subject.get_attributes_for_oid(NameOID.ORGANIZATION_IDENTIFIER)
    return len(found) == 1 and str(found[0].value).startswith("NTRJP-")


def _is_issued_by_authority(_request: "Request", issuer: x509.Certificate | None) -> bool:
    if issuer is None:
        return True
    return issuer.extensions.get_extension_for_class(x509.BasicConstraints).value.ca


_RULES = (
    Rule("the key is P-256, P-384 or Ed25519", "HAIP 1.0 §7", _is_p256_or_stronger),
    Rule("the lifetime is within the profile's", "DESIGN §4", _is_not_too_long),
    Rule("the period lies within its issuer's", "RFC 5280 §6.1", _is_within_issuer),
    Rule("exactly one issuer URI names the credential issuer", "SD-JWT VC §2.5", _names_one_issuer_uri),
    Rule("DNS names only for request signing", "OID4VP 1.0 §5.9.3", _has_dns_only_for_requests),
    Rule("no person is named in an organisation's certificate", "eシールに係る指針", _is_not_a_person),
    Rule("the country is JP", "DESIGN §4", _is_in_japan),
    Rule("the legal person is named by its 法人番号", "EVG §7.1.4.2.8", _names_legal_person),
    Rule("the issuer is a certification authority", "RFC 5280 §4.2.1.9", _is_issued_by_authority),
)


def rules() -> tuple[Rule, ...]:
    """Return every rule."""
    return _RULES


def lint(request: "Request", issuer: x509.Certificate | None) -> None:
    """Raise `LintRefused` naming every rule that is broken."""
    broken = [f"{rule.name} ({rule.citation})" for rule in _RULES if not rule.holds(request, issuer)]
    if broken:
        raise LintRefused("; ".join(broken))
