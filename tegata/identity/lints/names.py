"""Rules about alternative names: the credential issuer's URI, and DNS names where a verifier needs one."""

import re
from urllib.parse import urlsplit

from cryptography import x509

from tegata.identity.lints.rule import Rule
from tegata.identity.profiles import Request

_LABEL = r"(?!-)[a-z0-9-]{1,63}(?<!-)"
_DNS_NAME = re.compile(rf"{_LABEL}(\.{_LABEL})*")
_MAX_DNS = 253
_LOOPBACK = frozenset({"localhost", "127.0.0.1"})


def _names_the_issuer(request: Request, _authority: x509.Certificate | None) -> bool:
    if request.profile.is_authority:
        return not request.uris
    return len(request.uris) == 1 if request.profile.names_issuer else len(request.uris) <= 1


def _has_https_uris(request: Request, _authority: x509.Certificate | None) -> bool:
    return all(map(_is_identifier, request.uris))


def _is_identifier(uri: str) -> bool:
    if not uri.isascii() or any(character <= " " for character in uri):
        return False
    try:
        parts = urlsplit(uri)
        host = parts.hostname
    except ValueError:
        return False
    if not host or parts.username is not None or "?" in uri or "#" in uri:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and host in _LOOPBACK)


def _has_dns_only_for_requests(request: Request, _authority: x509.Certificate | None) -> bool:
    return not request.dns_names or request.profile.allows_dns


def _has_real_dns_names(request: Request, _authority: x509.Certificate | None) -> bool:
    return all(map(_is_host_name, request.dns_names))


def _is_host_name(name: str) -> bool:
    # A last label of digits alone is an IP address's, and no address stands as a DNS name.
    is_address = name.rpartition(".")[2].isdigit()
    return len(name) <= _MAX_DNS and not is_address and _DNS_NAME.fullmatch(name) is not None


RULES = (
    Rule(
        "one URI names the credential issuer, where the profile asks for it",
        "SD-JWT VC §2.5",
        _names_the_issuer,
    ),
    Rule("URIs are https identifiers without query or fragment", "OID4VCI 1.0 §12.2.1", _has_https_uris),
    Rule("DNS names only for request signing", "OID4VP 1.0 §5.9.3", _has_dns_only_for_requests),
    Rule("DNS names are host names in lower case, no wildcards", "RFC 5280 §4.2.1.6", _has_real_dns_names),
)
