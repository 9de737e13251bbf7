"""The wallet's reading of an OID4VP request: fetched, its signature and its sender's name checked."""

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from tegata.codec import base64url, json
from tegata.doubles.wallet.http import WalletHttp
from tegata.envelope import jws
from tegata.errors import Forbidden, MalformedInput
from tegata.keys.signer import public_key_from

REQUEST_TYP = "oauth-authz-req+jwt"


@dataclass(frozen=True, slots=True)
class AuthorizationRequest:
    """A request whose sender is who it says: by certificate, or by its own response address."""

    client_id: str
    nonce: str
    state: str
    response_mode: str
    response_uri: str
    dcql_query: Mapping[str, Any]
    client_metadata: Mapping[str, Any]


def read_request(uri: str, http: WalletHttp) -> AuthorizationRequest:
    """Read a request link (OID4VP 1.0 §5): parameters in the URL, or a signed Request Object by reference."""
    query = {name: values[0] for name, values in parse_qs(urlsplit(uri).query, strict_parsing=True).items()}
    if "request_uri" not in query:
        return _from_parameters(query)
    claims = _fetch(query, http)
    if claims.get("client_id") != query.get("client_id"):
        raise Forbidden("client_id differs inside and outside the request", clause="OID4VP 1.0 §5.8")
    return _request(claims)


def _fetch(query: Mapping[str, str], http: WalletHttp) -> Mapping[str, Any]:
    """Fetch the Request Object, by POST with a wallet nonce where offered (§5.10), and check its signature."""
    wallet_nonce = secrets.token_urlsafe(16)
    accept = f"application/{REQUEST_TYP}"
    if query.get("request_uri_method") == "post":
        answer = http.post_form(query["request_uri"], {"wallet_nonce": wallet_nonce}, accept)
    else:
        answer = http.get_text(query["request_uri"], accept)
    parsed = jws.parse(answer.content, max_bytes=65_536)
    if parsed.header.get("typ") != REQUEST_TYP:
        raise MalformedInput("not a Request Object", clause="OID4VP 1.0 §5")
    leaf = _leaf(parsed.header)
    jws.verify(parsed, public_key_from(leaf.public_key()))
    claims = json.loads(parsed.payload)
    if query.get("request_uri_method") == "post" and claims.get("wallet_nonce") != wallet_nonce:
        raise Forbidden("the wallet_nonce is not ours", clause="OID4VP 1.0 §5.10")
    _check_client(str(claims.get("client_id")), leaf, str(claims.get("response_uri", "")))
    return dict(claims)


def _leaf(header: Mapping[str, Any]) -> x509.Certificate:
    chain = header.get("x5c")
    if not isinstance(chain, list) or not chain:
        raise Forbidden("the request is not signed with a certificate")
    der = base64url.decode(str(chain[0]).rstrip("=").replace("+", "-").replace("/", "_"))
    return x509.load_der_x509_certificate(der)


def _check_client(client_id: str, leaf: x509.Certificate, response_uri: str) -> None:
    """Check the client identifier against the certificate, by its prefix (§5.9.3)."""
    prefix, _, name = client_id.partition(":")
    if prefix == "x509_hash":
        thumbprint = base64url.encode(hashlib.sha256(leaf.public_bytes(Encoding.DER)).digest())
        if name != thumbprint:
            raise Forbidden("the certificate is not the one of client_id", clause="OID4VP 1.0 §5.9.3")
    elif prefix == "x509_san_dns":
        names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        if name not in names.get_values_for_type(x509.DNSName) or urlsplit(response_uri).hostname != name:
            raise Forbidden("the certificate has another DNS name", clause="OID4VP 1.0 §5.9.3")
    else:
        raise Forbidden(f"client identifier prefix {prefix!r} is not supported")


def _from_parameters(query: Mapping[str, str]) -> AuthorizationRequest:
    """Read an unsigned request in the URL; only the prefix `redirect_uri` may be unsigned (§5.9.3)."""
    client_id = query.get("client_id", "")
    if client_id != f"redirect_uri:{query.get('response_uri')}":
        raise Forbidden("an unsigned request must name its own response address")
    claims: dict[str, Any] = dict(query)
    for name in ("dcql_query", "client_metadata"):
        claims[name] = json.loads(query.get(name, "{}"))
    return _request(claims)


def _request(claims: Mapping[str, Any]) -> AuthorizationRequest:
    if claims.get("response_type") != "vp_token" or "redirect_uri" in claims:
        raise MalformedInput("not a request for a vp_token by direct_post")
    if claims.get("response_mode") not in {"direct_post", "direct_post.jwt"}:
        raise MalformedInput("response_mode is not supported")
    if not isinstance(claims.get("dcql_query"), dict) or not isinstance(claims.get("nonce"), str):
        raise MalformedInput("dcql_query and nonce are required")
    return AuthorizationRequest(
        client_id=claims["client_id"],
        nonce=claims["nonce"],
        state=claims.get("state", ""),
        response_mode=claims["response_mode"],
        response_uri=claims["response_uri"],
        dcql_query=claims["dcql_query"],
        client_metadata=claims.get("client_metadata", {}),
    )
