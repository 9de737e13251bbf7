"""JWT VC issuer metadata: an issuer's keys at a well-known place, for credentials without a certificate (SD-JWT VC §4).

Building the document, and choosing a key from one. Whoever needs another issuer's document fetches it, or takes the
keys from the trust list; nothing is fetched here.
"""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from tegata.codec import json
from tegata.errors import LimitExceeded, MalformedInput, NotFound, Text
from tegata.keys import jwk
from tegata.keys.signer import PublicKey

WELL_KNOWN = "/.well-known/jwt-vc-issuer"
MAX_BYTES = 262_144
_MAX_KEYS = 100


class IssuerMetadataRefused(MalformedInput):
    """The issuer's metadata breaks its grammar, or is another issuer's."""

    kind = "issuer_metadata_refused"
    text = Text(
        "発行元の鍵の情報に誤りがあり、使用できません。",
        "The issuer's key information is faulty and cannot be used.",
    )


class IssuerKeyNotFound(NotFound):
    """The issuer does not publish the key that a credential names."""

    kind = "issuer_key_not_found"
    text = Text(
        "発行元は、この証明書の鍵を公開していません。",
        "The issuer does not publish the key of this credential.",
    )


def metadata_url(issuer: str, *, insecure_loopback: bool = False) -> str:
    """Return where an issuer's metadata stands: the well-known part goes between host and path (§4.1).

    Raises `IssuerMetadataRefused` unless the issuer is an https URL without query, fragment and user; with
    `insecure_loopback`, http on this machine is allowed as well.
    """
    try:
        parts = urlsplit(issuer)
        has_host, _ = bool(parts.hostname), parts.port
    except ValueError:
        raise _refused("the issuer is not a URL") from None
    is_loopback = (
        insecure_loopback and parts.scheme == "http" and parts.hostname in {"localhost", "127.0.0.1"}
    )
    if not has_host or not (parts.scheme == "https" or is_loopback):
        raise _refused("the issuer is not an https URL")
    if "?" in issuer or "#" in issuer or "@" in parts.netloc or not issuer.isascii() or "\\" in issuer:
        raise _refused("the issuer's URL has a query, a fragment, a user or a stray character")
    return urlunsplit((parts.scheme, parts.netloc, WELL_KNOWN + parts.path.removesuffix("/"), "", ""))


def build_metadata(issuer: str, keys: Sequence[PublicKey]) -> dict[str, Any]:
    """Return the document of an issuer and its keys, current and retired ones, each with its kid (§4.2)."""
    listed = [
        {
            **jwk.to_jwk(key),
            "kid": key.key_id or jwk.thumbprint(key),
            "use": "sig",
            "alg": key.algorithm.value,
        }
        for key in keys
    ]
    if len({key["kid"] for key in listed}) != len(listed):
        raise _refused("two keys with one kid")
    return {"issuer": issuer, "jwks": {"keys": listed}}


def select_key(data: bytes, issuer: str, key_id: str, algorithm: str) -> PublicKey:
    """Choose the key that a credential names from its issuer's metadata (§4.3).

    Without a `kid` the only key of the algorithm is taken, never one of several. Raises `IssuerMetadataRefused` for a
    faulty document, another `issuer`, or keys by reference (`jwks_uri`), which the caller has not resolved;
    `IssuerKeyNotFound` if no key fits, `LimitExceeded`.
    """
    candidates = [
        key
        for key in _usable_keys(_document(data, issuer))
        if key.algorithm.value == algorithm and (not key_id or key.key_id == key_id)
    ]
    if len(candidates) != 1:
        raise IssuerKeyNotFound(f"{len(candidates)} keys fit the credential", clause="SD-JWT VC §4.3")
    return candidates[0]


def _document(data: bytes, issuer: str) -> Mapping[str, Any]:
    try:
        document = json.loads(data, max_bytes=MAX_BYTES, max_depth=16)
    except LimitExceeded:
        raise
    except MalformedInput as error:
        raise _refused(f"not JSON: {error.detail}") from None
    if not isinstance(document, dict) or document.get("issuer") != issuer:
        raise _refused("the metadata is another issuer's")
    if ("jwks" in document) == ("jwks_uri" in document):
        raise _refused("the metadata has not exactly one of jwks and jwks_uri")
    if "jwks_uri" in document:
        raise _refused("keys by reference are resolved by the caller")
    return document


def _usable_keys(document: Mapping[str, Any]) -> list[PublicKey]:
    jwks = document["jwks"]
    stated = jwks.get("keys") if isinstance(jwks, dict) else None
    if not isinstance(stated, list) or not all(isinstance(item, dict) for item in stated):
        raise _refused("jwks is not a JWK set")
    if len(stated) > _MAX_KEYS:
        raise LimitExceeded(f"issuer metadata with more than {_MAX_KEYS} keys")
    return [key for item in stated if (key := _usable(item)) is not None]


def _usable(value: Mapping[str, Any]) -> PublicKey | None:
    """Read one key; other kinds of key may stand in the set and are passed over (RFC 7517 §5)."""
    try:
        return jwk.from_jwk(value)
    except MalformedInput:
        return None


def _refused(detail: str) -> IssuerMetadataRefused:
    return IssuerMetadataRefused(f"issuer metadata: {detail}", clause="SD-JWT VC §4")
