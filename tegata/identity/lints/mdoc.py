"""Rules about mobile documents' certificates before they are signed (ISO/IEC 18013-5 Annex B).

`tegata.identity.mdoc_profile` asks the same, and more, of those that come from others.
"""

from urllib.parse import urlsplit

from cryptography import x509
from cryptography.x509.oid import NameOID, ObjectIdentifier

from tegata.identity.lints.rule import Rule
from tegata.identity.profiles import KeyUse, Request

_CLAUSE = "ISO/IEC 18013-5 Annex B"


def _values(name: x509.Name, oid: ObjectIdentifier) -> list[str]:
    return [str(item.value) for item in name.get_attributes_for_oid(oid)]


def _is_of_authoritys_country(request: Request, authority: x509.Certificate | None) -> bool:
    if request.profile.use is not KeyUse.MDOC_DS or authority is None:
        return True
    same = (NameOID.COUNTRY_NAME, NameOID.STATE_OR_PROVINCE_NAME)
    return all(
        _values(request.subject, oid) == found for oid in same if (found := _values(authority.subject, oid))
    )


def _has_an_iaca_above(request: Request, authority: x509.Certificate | None) -> bool:
    if authority is None:
        return True
    return _is_iaca(authority) == (request.profile.use is KeyUse.MDOC_DS)


def _is_iaca(authority: x509.Certificate) -> bool:
    try:
        constraints = authority.extensions.get_extension_for_class(x509.BasicConstraints).value
        authority.extensions.get_extension_for_class(x509.IssuerAlternativeName)
    except x509.ExtensionNotFound:
        return False
    return authority.issuer == authority.subject and constraints.path_length == 0


def _says_where_its_operator_is(request: Request, _authority: x509.Certificate | None) -> bool:
    if request.profile.is_of_mdoc:
        return bool(request.issuer_uris) and all(map(_is_address, request.issuer_uris))
    return not request.issuer_uris


def _has_readable_revocation_lists(request: Request, _authority: x509.Certificate | None) -> bool:
    if not request.profile.is_of_mdoc:
        return not request.revocation_urls
    return all(url.isascii() and _is_address(url) for url in request.revocation_urls)


def _is_address(uri: str) -> bool:
    try:
        parts = urlsplit(uri)
        return parts.scheme in {"https", "http"} and bool(parts.hostname)
    except ValueError:
        return False


RULES = (
    Rule("a document signer is of its IACA's country and state", _CLAUSE, _is_of_authoritys_country),
    Rule("an IACA certifies document signers, and nobody else does", _CLAUSE, _has_an_iaca_above),
    Rule("an IACA and its signers say where the operator is found", _CLAUSE, _says_where_its_operator_is),
    Rule("lists of revoked certificates are web addresses", _CLAUSE, _has_readable_revocation_lists),
)
