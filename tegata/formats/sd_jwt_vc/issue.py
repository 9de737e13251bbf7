"""Issuing: a document becomes a signed JWT and the disclosures that belong to it (RFC 9901 §4, §5)."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson
import pybase64

from tegata.codec import base64url, json
from tegata.envelope import jws
from tegata.errors import Misconfigured
from tegata.formats.credential import Document, FormatRefused, Random
from tegata.formats.sd_jwt_vc.names import DIGEST_NAMES, REGISTERED
from tegata.formats.sd_jwt_vc.policy import Node, compile_policy
from tegata.formats.sd_jwt_vc.structure import TYP
from tegata.keys import jwk
from tegata.keys.signer import PublicKey, Signer

#: 128 bits are asked for (RFC 9901 §9.3); these are 144, so that each is whole characters of base64url.
SALT_BYTES = 18
_SALT_CHARACTERS = 24
#: SHA-256 in base64url without its one character of padding.
_DIGEST_CHARACTERS = 43
#: Salts are drawn and encoded this many at a time: one call to the system for most credentials.
_SALTS_AT_ONCE = 64


@dataclass(frozen=True, slots=True)
class Prepared:
    """Everything but the signature: the payload's bytes and the disclosures in order."""

    payload: bytes = field(repr=False)
    disclosures: tuple[str, ...] = field(repr=False)


def prepare(document: Document, holder_key: PublicKey | None, random: Random, now: datetime) -> Prepared:
    """Build payload and disclosures, without a signature.

    `iat` is the document's `valid_from`, so that copies made together do not share a second (RFC 9901 §10.1); `now`
    only bounds it. Raises `FormatRefused` for claims that clash with the format's own names, `MalformedInput` for
    values that JSON cannot say, `Misconfigured` for a disclosure policy that does not fit the claims.
    """
    if document.valid_from > now:
        raise FormatRefused("a credential cannot be issued before its start")
    claims = dict(document.claims)
    _check_claims(claims)
    names = document.names
    hiding = _Hiding(random)
    payload = hiding.members(claims, compile_policy(tuple(names.selectable)))
    if names.decoys:
        decoys = (hiding.decoy() for _ in range(names.decoys))
        payload["_sd"] = sorted((*payload.get("_sd", ()), *decoys))
    payload |= _registered(document, holder_key)
    if hiding.disclosures or names.decoys:
        payload["_sd_alg"] = "sha-256"
    return Prepared(json.dumps(payload), tuple(hiding.disclosures))


def seal(prepared: Prepared, signer: Signer) -> bytes:
    """Sign what was prepared; the chain goes into the protected header (SD-JWT VC §2.5, HAIP §6.1.1)."""
    header: dict[str, Any] = {"typ": TYP}
    if signer.public_key.key_id:
        header["kid"] = signer.public_key.key_id
    header |= jws.certificate_header(signer)
    token = jws.sign(header, prepared.payload, signer)
    return "~".join((token, *prepared.disclosures, "")).encode("ascii")


def _registered(document: Document, holder_key: PublicKey | None) -> dict[str, Any]:
    names = document.names
    claims: dict[str, Any] = {
        "iss": document.issuer,
        "vct": names.vct,
        "iat": int(document.valid_from.timestamp()),
        "nbf": int(document.valid_from.timestamp()),
    }
    if names.vct_integrity:
        claims["vct#integrity"] = names.vct_integrity
    if document.valid_until is not None:
        claims["exp"] = int(document.valid_until.timestamp())
    if holder_key is not None:
        claims["cnf"] = {"jwk": jwk.to_jwk(holder_key)}
    if document.status is not None:
        reference = {"idx": document.status.index, "uri": document.status.token_list}
        claims["status"] = {"status_list": reference}
    return claims


def _check_claims(claims: dict[str, Any]) -> None:
    clashing = REGISTERED & claims.keys()
    if clashing:
        raise FormatRefused(f"claims use registered names: {sorted(clashing)}", clause="SD-JWT VC §2.2.2")
    raw = json.dumps(claims)
    # In compact JSON these bytes end a name; only where they occur is the value worth a walk.
    if (b'_sd":' in raw or b'...":' in raw) and _has_digest_name(claims):
        raise FormatRefused("claims use a name that SD-JWT reserves", clause="RFC 9901 §4.1")


def _has_digest_name(value: Any) -> bool:
    if isinstance(value, Mapping):
        return bool(DIGEST_NAMES & value.keys()) or any(map(_has_digest_name, value.values()))
    return isinstance(value, list | tuple) and any(map(_has_digest_name, value))


@dataclass(slots=True)
class _Hiding:
    """One credential's disclosures, made on a walk over the claims; values are known to be JSON."""

    random: Random
    disclosures: list[str] = field(default_factory=list)
    _salts: bytes = b""
    _drawn: int = 0

    def members(self, value: Mapping[str, Any], node: Node) -> dict[str, Any]:
        """Return an object as it is signed: without the members that the policy hides, with their digests."""
        if node.elements or node.every:
            raise Misconfigured("the disclosure policy takes an object for an array")
        shown: dict[str, Any] = {}
        digests: list[str] = []
        policy = node.members
        for name, item in value.items():
            below = policy.get(name)
            if below is None:
                shown[name] = item
                continue
            inner = self._value(item, below)
            if below.is_hidden:
                digests.append(
                    self._disclose(b'["%b",%b,%b]' % (self._salt(), orjson.dumps(name), orjson.dumps(inner)))
                )
            else:
                shown[name] = inner
        if digests:
            # Sorted, so that the order says nothing about which claim is behind which digest (RFC 9901 §4.2.4.1).
            shown["_sd"] = sorted(digests)
        return shown

    def decoy(self) -> str:
        """Return what looks like a digest and belongs to nothing (RFC 9901 §4.2.5)."""
        return _digest(self._salt() + self._salt())

    def _value(self, value: Any, node: Node) -> Any:
        if not (node.members or node.elements or node.every):
            return value
        if isinstance(value, Mapping):
            return self.members(value, node)
        if isinstance(value, list):
            return self._elements(value, node)
        raise Misconfigured("the disclosure policy goes deeper than the claims")

    def _elements(self, value: list[Any], node: Node) -> list[Any]:
        if node.members:
            raise Misconfigured("the disclosure policy takes an array for an object")
        result: list[Any] = []
        each, every = node.elements, node.every
        if (
            every is not None
            and every.is_hidden
            and not (each or every.members or every.elements or every.every)
        ):
            # Every element is hidden as it stands: nearly all that a list of courses takes.
            disclose, salt, dumps = self._disclose, self._salt, orjson.dumps
            return [{"...": disclose(b'["%b",%b]' % (salt(), dumps(item)))} for item in value]
        for index, item in enumerate(value):
            below = each.get(index) or every
            if below is None:
                result.append(item)
                continue
            inner = self._value(item, below)
            if below.is_hidden:
                result.append({"...": self._disclose(b'["%b",%b]' % (self._salt(), orjson.dumps(inner)))})
            else:
                result.append(inner)
        return result

    def _disclose(self, raw: bytes) -> str:
        encoded = pybase64.b64encode(raw, b"-_").rstrip(b"=")
        self.disclosures.append(encoded.decode("ascii"))
        return _digest(encoded)

    def _salt(self) -> bytes:
        """Return at least 128 random bits that were never used before (RFC 9901 §9.3), as base64url."""
        if self._drawn == len(self._salts):
            raw = self.random(SALT_BYTES * _SALTS_AT_ONCE)
            self._salts, self._drawn = base64url.encode(raw).encode("ascii"), 0
        start, self._drawn = self._drawn, self._drawn + _SALT_CHARACTERS
        return self._salts[start : self._drawn]


def _digest(disclosure: bytes) -> str:
    """Digest over the ASCII text of the disclosure, not over what it decodes to (RFC 9901 §4.2.3)."""
    digest = hashlib.sha256(disclosure).digest()
    return pybase64.b64encode_as_string(digest, b"-_")[:_DIGEST_CHARACTERS]
