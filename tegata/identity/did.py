"""Decentralized identifiers that need no network: did:key, did:jwk, and the documents of did:web.

A did:web document is never fetched by a verifier: it comes from the trust list's snapshot.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from tegata.codec import base64url, json
from tegata.errors import MalformedInput
from tegata.keys import jwk, multikey
from tegata.keys.signer import PublicKey

_MAX = 2_048
_HOST = re.compile(r"([A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?)(:[1-9]\d{0,4})?", re.ASCII)
#: A part of a DID's own identifier (DID 1.0 §3.1); an encoded slash or backslash would make it two.
_PATH_PART = re.compile(r"(?:[A-Za-z0-9._-]|%[0-9A-Fa-f]{2})+")
_SLASH = re.compile(r"[/\\\x00-\x1f]")
_CONTEXTS = ("https://www.w3.org/ns/did/v1", "https://w3id.org/security/multikey/v1")


class DidRefused(MalformedInput):
    """A DID, or the document behind it, is not what its method says (Controlled Identifiers 1.0 §3.3)."""

    kind = "did_refused"


@dataclass(frozen=True, slots=True)
class ResolvedKey:
    """The one key of a did:key or did:jwk."""

    did: str
    verification_method: str
    public_key: PublicKey


def did_key(key: PublicKey) -> str:
    """Return the did:key of a public key."""
    return f"did:key:{multikey.encode(key)}"


def did_jwk(key: PublicKey) -> str:
    """Return the did:jwk of a public key."""
    return f"did:jwk:{base64url.encode(json.dumps(jwk.to_jwk(key)))}"


def resolve_key_did(identifier: str) -> ResolvedKey:
    """Read the key out of a did:key or did:jwk, or out of the URL of its verification method.

    Raises `DidRefused` for other methods, a fragment that is not the key's own, and keys that do not parse.
    """
    if len(identifier) > _MAX:
        raise DidRefused("not a DID")
    did, _, fragment = identifier.partition("#")
    method, _, value = did.removeprefix("did:").partition(":")
    try:
        if did.startswith("did:key:"):
            key, own = multikey.decode(value), value
        elif did.startswith("did:jwk:"):
            key, own = jwk.from_jwk(json.loads(base64url.decode(value))), "0"
        else:
            raise DidRefused(f"did method {method[:20]!r} is not resolved here")
    except DidRefused:
        raise
    except MalformedInput as error:
        raise DidRefused(f"did:{method}: {error.detail}") from None
    if fragment and fragment != own:
        raise DidRefused("the fragment is not the key's own", clause="CID 1.0 §3.3")
    method_url = f"{did}#{own}"
    return ResolvedKey(did, method_url, PublicKey(key.algorithm, key.material, method_url))


@lru_cache(maxsize=1024)
def did_web(url: str) -> str:
    """Return the did:web of an https URL: `https://h:8443/s/x` is `did:web:h%3A8443:s:x`."""
    parts = urlsplit(url)
    host = quote(parts.netloc, safe="")
    # What is percent-encoded already stays as it is: did:web decodes nothing but the port's colon.
    path = ":".join(quote(part, safe="%") for part in parts.path.strip("/").split("/") if part)
    return f"did:web:{host}" + (f":{path}" if path else "")


def did_web_url(did: str, *, insecure_loopback: bool = False) -> str:
    """Return the address of a did:web's document; raises `DidRefused` for anything else.

    http is used for a loopback host only, and only where the installation allows it.
    """
    if not did.startswith("did:web:") or len(did) > _MAX or not did.isascii():
        raise DidRefused("not a did:web")
    authority, *path = did.removeprefix("did:web:").split(":")
    host = _HOST.fullmatch(unquote(authority))
    if host is None or not all(map(_is_path_part, path)):
        raise DidRefused("not a did:web", clause="did:web §3.2")
    is_loopback = host[1] in {"localhost", "127.0.0.1"}
    scheme = "http" if insecure_loopback and is_loopback else "https"
    return f"{scheme}://{host[0]}/{'/'.join(path) if path else '.well-known'}/did.json"


def _is_path_part(part: str) -> bool:
    return (
        bool(_PATH_PART.fullmatch(part))
        and unquote(part) not in {".", ".."}
        and not _SLASH.search(unquote(part))
    )


def did_document(
    did: str, keys: Sequence[tuple[str, PublicKey]], also_known_as: Sequence[str] = ()
) -> dict[str, Any]:
    """Build a did:web document whose keys, as Multikey methods, may sign credentials and answer as the subject."""
    methods = [
        {
            "id": f"{did}#{fragment}",
            "type": "Multikey",
            "controller": did,
            "publicKeyMultibase": multikey.encode(key),
        }
        for fragment, key in keys
    ]
    document: dict[str, Any] = {"@context": list(_CONTEXTS), "id": did}
    if also_known_as:
        document["alsoKnownAs"] = list(also_known_as)
    document["verificationMethod"] = methods
    document["assertionMethod"] = [method["id"] for method in methods]
    return document


def verification_key(
    document: Mapping[str, Any], verification_method: str, relationship: str = "assertionMethod"
) -> PublicKey:
    """Find a verification method's key in a controlled identifier document (CID 1.0 §3.3).

    Raises `DidRefused` if the method is not there, belongs to another controller, is malformed, has an end, or does
    not stand under the relationship.
    """
    did = document.get("id")
    if not isinstance(did, str) or verification_method.partition("#")[0] != did:
        raise DidRefused("INVALID_CONTROLLED_IDENTIFIER_DOCUMENT_ID", clause="CID 1.0 §3.3")
    methods = document.get("verificationMethod")
    found = [
        method
        for method in (methods if isinstance(methods, list) else [])
        if isinstance(method, dict) and method.get("id") == verification_method
    ]
    if len(found) != 1 or found[0].get("controller") != did:
        raise DidRefused("INVALID_VERIFICATION_METHOD", clause="CID 1.0 §3.3")
    listed = document.get(relationship)
    if not isinstance(listed, list) or verification_method not in listed:
        raise DidRefused("INVALID_RELATIONSHIP_FOR_VERIFICATION_METHOD", clause="CID 1.0 §3.3")
    if {"revoked", "expires"} & found[0].keys():
        raise DidRefused("a method with an end is not judged here", clause="CID 1.0 §2.2")
    try:
        key = _method_key(found[0])
    except DidRefused:
        raise
    except MalformedInput as error:
        raise DidRefused(f"INVALID_VERIFICATION_METHOD: {error.detail}", clause="CID 1.0 §2.2") from None
    return PublicKey(key.algorithm, key.material, verification_method)


def _method_key(method: Mapping[str, Any]) -> PublicKey:
    kind = method.get("type")
    if kind == "Multikey" and isinstance(method.get("publicKeyMultibase"), str):
        return multikey.decode(method["publicKeyMultibase"])
    if kind == "JsonWebKey":
        return jwk.from_jwk(method.get("publicKeyJwk"))
    raise DidRefused("INVALID_VERIFICATION_METHOD", clause="CID 1.0 §2.2")
