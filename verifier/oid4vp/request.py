"""Requests as wallets receive them: client identifiers, Request Objects, links (OID4VP 1.0 §5; RFC 9101).

Signed requests go by reference (`request_uri`, GET or POST) under the prefixes `x509_san_dns` and `x509_hash`. The
prefix `redirect_uri` cannot be signed, puts everything into the link, and is for tests only: the caller's policy
decides.
"""

import base64
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from urllib.parse import urlencode, urlsplit

from cryptography import x509
from cryptography.x509.oid import ExtensionOID

from tegata.codec import base64url, json
from tegata.envelope import jwe, jws
from tegata.errors import MalformedInput, Misconfigured
from tegata.keys.signer import Signer
from verifier.oid4vp.dcql import LDP_VC, MSO_MDOC, SD_JWT_VC
from verifier.oid4vp.errors import ResponseRefused
from verifier.oid4vp.transaction import Flow, Terms

TYP = "oauth-authz-req+jwt"
MEDIA_TYPE = f"application/{TYP}"
#: The audience for wallets whose metadata is not discovered (§5.8).
SELF_ISSUED = "https://self-issued.me/v2"
DEFAULT_SCHEME = "openid4vp://"
_MAX_WALLET_METADATA = 65_536
_WALLET_NONCE = re.compile(r"[A-Za-z0-9._~-]{1,512}")

#: ES256, ES384, EdDSA by their numbers in COSE; a device proves itself by a signature, as there is no key for a MAC.
_COSE_ALGORITHMS = [-7, -35, -8]
_FORMAT_METADATA: Mapping[str, Mapping[str, Any]] = {
    SD_JWT_VC: {
        "sd-jwt_alg_values": ["ES256", "ES384", "EdDSA"],
        "kb-jwt_alg_values": ["ES256", "ES384", "EdDSA"],
    },
    LDP_VC: {
        "proof_type_values": ["DataIntegrityProof"],
        "cryptosuite_values": ["ecdsa-rdfc-2019", "ecdsa-jcs-2019", "eddsa-rdfc-2022", "eddsa-jcs-2022"],
    },
    MSO_MDOC: {
        "issuerauth_alg_values": _COSE_ALGORITHMS,
        "deviceauth_alg_values": _COSE_ALGORITHMS,
    },
}


class Prefix(StrEnum):
    """Client identifier prefixes that we use (§5.9.3)."""

    X509_SAN_DNS = "x509_san_dns"
    X509_HASH = "x509_hash"
    REDIRECT_URI = "redirect_uri"


def client_identifier(prefix: Prefix, *, response_uri: str, certificates: tuple[bytes, ...]) -> str:
    """Return the full client identifier, prefix included: the audience of every presentation.

    Raises `Misconfigured` if the request-signing certificate does not carry what the prefix says: a leaf that is not
    self-signed, without its anchor (HAIP 1.0 §5), and for `x509_san_dns` the host of the response address.
    """
    if prefix is Prefix.REDIRECT_URI:
        return f"{prefix}:{response_uri}"
    leaf = _leaf(certificates)
    if prefix is Prefix.X509_HASH:
        return f"{prefix}:{base64url.encode(hashlib.sha256(certificates[0]).digest())}"
    host = urlsplit(response_uri).hostname or ""
    if host not in _dns_names(leaf):
        raise Misconfigured(
            f"the request-signing certificate does not name {host}", clause="OID4VP 1.0 §5.9.3"
        )
    return f"{prefix}:{host}"


def _leaf(certificates: tuple[bytes, ...]) -> x509.Certificate:
    if not certificates:
        raise Misconfigured("there is no request-signing certificate", clause="OID4VP 1.0 §5.9.3")
    try:
        chain = [x509.load_der_x509_certificate(der) for der in certificates]
    except ValueError:
        raise Misconfigured("the request-signing certificate does not parse") from None
    if any(certificate.issuer == certificate.subject for certificate in chain):
        raise Misconfigured("a self-signed leaf, or the anchor in the chain", clause="HAIP 1.0 §5")
    return chain[0]


def _dns_names(leaf: x509.Certificate) -> frozenset[str]:
    try:
        extension = leaf.extensions.get_extension_for_oid(ExtensionOID.SUBJECT_ALTERNATIVE_NAME)
    except x509.ExtensionNotFound:
        return frozenset()
    names = extension.value
    assert isinstance(names, x509.SubjectAlternativeName)  # noqa: S101  the extension of that identifier
    return frozenset(names.get_values_for_type(x509.DNSName))


@dataclass(frozen=True, slots=True)
class Metadata:
    """What wallets are told about us; `encryption_jwk` is the public key of this one request."""

    client_name: str
    encryption_jwk: Mapping[str, Any] | None = None

    def to_json(self, formats: frozenset[str]) -> dict[str, Any]:
        """Return `client_metadata` (§5.1, §8.3)."""
        found: dict[str, Any] = {
            "vp_formats_supported": {name: _FORMAT_METADATA[name] for name in sorted(formats)}
        }
        if self.client_name:
            found["client_name"] = self.client_name
        if self.encryption_jwk is not None:
            found["jwks"] = {"keys": [dict(self.encryption_jwk)]}
            found["encrypted_response_enc_values_supported"] = list(jwe.CONTENT_ENCRYPTION)
        return found


@dataclass(frozen=True, slots=True)
class WalletPost:
    """What a wallet sends when it fetches by POST (§5.10): its nonce, and a key if it wants encryption."""

    wallet_nonce: str = ""
    encryption_jwk: Mapping[str, Any] | None = None
    content_encryption: str = jwe.CONTENT_ENCRYPTION[0]


def parse_wallet_post(form: Mapping[str, str]) -> WalletPost:
    """Read the form of a POST to `request_uri`; unknown parameters are ignored. Raises `ResponseRefused`."""
    nonce = form.get("wallet_nonce", "")
    if nonce and not _WALLET_NONCE.fullmatch(nonce):
        raise ResponseRefused(
            "wallet_nonce is not URL-safe", pointer="wallet_nonce", clause="OID4VP 1.0 §5.10"
        )
    if "wallet_metadata" not in form:
        return WalletPost(nonce)
    try:
        metadata = json.loads(form["wallet_metadata"], max_bytes=_MAX_WALLET_METADATA)
    except MalformedInput as error:
        raise ResponseRefused(error.detail, pointer="wallet_metadata") from None
    if not isinstance(metadata, dict):
        raise ResponseRefused("wallet_metadata is not an object", pointer="wallet_metadata")
    key = _encryption_key(metadata)
    offered = metadata.get("request_object_encryption_enc_values_supported")
    names = offered if isinstance(offered, list) else [jwe.CONTENT_ENCRYPTION[0]]
    common = [name for name in jwe.CONTENT_ENCRYPTION if name in names]
    if key is not None and not common:
        raise ResponseRefused("no content encryption in common", pointer="wallet_metadata")
    return WalletPost(nonce, key, common[-1] if common else jwe.CONTENT_ENCRYPTION[0])


def _encryption_key(metadata: Mapping[str, Any]) -> Mapping[str, Any] | None:
    jwks = metadata.get("jwks")
    keys = jwks.get("keys") if isinstance(jwks, dict) else None
    for key in keys if isinstance(keys, list) else ():
        if not isinstance(key, dict) or (key.get("kty"), key.get("crv")) != ("EC", "P-256"):
            continue
        if key.get("use") == "enc" or key.get("alg") == jwe.KEY_AGREEMENT:
            return {name: key[name] for name in ("kty", "crv", "x", "y", "kid") if name in key}
    return None


def request_claims(terms: Terms, flow: Flow, metadata: Metadata, now: datetime) -> dict[str, Any]:
    """Return the parameters of the request, as members of a Request Object (§5.1, §5.2)."""
    return {
        "client_id": terms.client_id,
        "response_type": "vp_token",
        "response_mode": terms.response_mode.value,
        "response_uri": terms.response_uri(flow),
        "nonce": terms.nonce,
        "state": terms.state,
        "dcql_query": terms.query.to_json(),
        "client_metadata": metadata.to_json(terms.query.formats),
        "aud": SELF_ISSUED,
        "iat": int(now.timestamp()),
        "exp": int(terms.expires_at.timestamp()),
    }


def sign_request(claims: Mapping[str, Any], signer: Signer, post: WalletPost = WalletPost()) -> str:
    """Sign a Request Object, with the wallet's nonce if it sent one, encrypted if it gave a key (§5.8, §5.10)."""
    full = {**claims, "wallet_nonce": post.wallet_nonce} if post.wallet_nonce else claims
    header = {"typ": TYP, "x5c": [base64.b64encode(der).decode("ascii") for der in signer.certificates]}
    signed = jws.sign(header, json.dumps(full), signer)
    if post.encryption_jwk is None:
        return signed
    return jwe.encrypt(
        signed.encode("ascii"),
        post.encryption_jwk,
        enc=post.content_encryption,
        headers={"typ": TYP, "cty": TYP},
    )


def link_by_reference(client_id: str, request_uri: str, scheme: str = DEFAULT_SCHEME) -> str:
    """Return the link of a signed request; wallets that know POST use it, others GET (§5.10)."""
    return f"{scheme}?" + urlencode(
        {"client_id": client_id, "request_uri": request_uri, "request_uri_method": "post"}
    )


def link_by_value(claims: Mapping[str, Any], scheme: str = DEFAULT_SCHEME) -> str:
    """Return the link of an unsigned request: objects as JSON text, no members of a JWT (§5.2)."""
    parameters = {
        name: value if isinstance(value, str) else json.dumps(value).decode("utf-8")
        for name, value in claims.items()
        if name not in {"aud", "iat", "exp"}
    }
    return f"{scheme}?" + urlencode(parameters)
