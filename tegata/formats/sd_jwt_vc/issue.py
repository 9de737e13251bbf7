"""Issuing: a document becomes a signed JWT and the disclosures that belong to it (RFC 9901 §4, §5)."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
import pybase64

from tegata.codec import json
from tegata.envelope import jws
from tegata.errors import Misconfigured
from tegata.formats.credential import ClaimPath, Document, FormatRefused, Random
from tegata.keys import jwk
from tegata.keys.signer import PublicKey, Signer

TYP = "dc+sd-jwt"
SALT_BYTES = 16
#: Never selectively disclosable, and never taken from the document's claims (SD-JWT VC §2.2.2).
REGISTERED = frozenset(
    {"iss", "nbf", "exp", "iat", "cnf", "vct", "vct#integrity", "aka_vcts", "status", "_sd_alg"}
)
_RESERVED_NAMES = frozenset({"_sd", "..."})


@dataclass(frozen=True, slots=True)
class Prepared:
    """Everything but the signature: the payload's bytes and the disclosures in order."""

    payload: bytes
    disclosures: tuple[str, ...]


class _Salts:
    """Salts of 128 random bits each, drawn at once (RFC 9901 §9.3): one call to the system per credential."""

    def __init__(self, random: Random, count: int) -> None:
        raw = random(SALT_BYTES * count)
        self._salts = iter([raw[i : i + SALT_BYTES] for i in range(0, len(raw), SALT_BYTES)])

    def next(self) -> bytes:
        return _b64(next(self._salts))


def prepare(document: Document, holder_key: PublicKey | None, random: Random, now: datetime) -> Prepared:
    """Build payload and disclosures, without a signature.

    `iat` is the document's `valid_from`, so that copies made together do not share a second (RFC 9901 §10.1); `now`
    only bounds it. Raises `FormatRefused` for claims that clash with the format's own names, `Misconfigured` for a
    disclosure policy that names what is not an object or an array.
    """
    if document.valid_from > now:
        raise FormatRefused("a credential cannot be issued before its start")
    _refuse_reserved(document.claims)
    clashing = REGISTERED & document.claims.keys()
    if clashing:
        raise FormatRefused(f"claims use registered names: {sorted(clashing)}", clause="SD-JWT VC §2.2.2")
    tree = _policy_tree(document.names.selectable)
    salts = _Salts(random, _count(document.claims, tree) + 2 * document.names.decoys)
    disclosures: list[str] = []
    payload = _hide_members(document.claims, tree, salts, disclosures)
    for _ in range(document.names.decoys):
        payload.setdefault("_sd", []).append(_digest(salts.next() + salts.next()))
    _sort_digests(payload)
    payload |= _registered(document, holder_key)
    if disclosures or document.names.decoys:
        payload["_sd_alg"] = "sha-256"
    return Prepared(json.dumps(payload), tuple(disclosures))


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


# --- the disclosure policy as a tree: path part -> subtree; the key "" marks "this itself may be hidden" ---

_Tree = dict[str | int | None, Any]
_HIDDEN = ""


def _policy_tree(paths: Sequence[ClaimPath]) -> _Tree:
    tree: _Tree = {}
    for path in paths:
        if not path or path[0] in REGISTERED or _HIDDEN in path:
            raise Misconfigured(f"the claim path {path} cannot be made selectable")
        node = tree
        for part in path:
            node = node.setdefault(part, {})
        node[_HIDDEN] = True
    return tree


def _count(value: Any, tree: _Tree) -> int:
    """Count the disclosures, to draw their salts at once."""
    total = 0
    for item, subtree in _children(value, tree):
        total += (1 if _HIDDEN in subtree else 0) + _count(item, subtree)
    return total


def _children(value: Any, tree: _Tree) -> list[tuple[Any, _Tree]]:
    if isinstance(value, Mapping):
        return [(item, tree[name]) for name, item in value.items() if name in tree]
    if isinstance(value, list):
        every: _Tree = tree.get(None, {})
        return [(item, tree.get(index) or every) for index, item in enumerate(value)]
    if tree.keys() - {_HIDDEN}:
        raise Misconfigured("the disclosure policy goes deeper than the claims")
    return []


def _hide_members(
    value: Mapping[str, Any], tree: _Tree, salts: _Salts, disclosures: list[str]
) -> dict[str, Any]:
    shown: dict[str, Any] = {}
    digests: list[str] = []
    for name, item in value.items():
        subtree = tree.get(name)
        if subtree is None:
            shown[name] = item
            continue
        inner = _hide(item, subtree, salts, disclosures)
        if _HIDDEN in subtree:
            text = _b64(b'["' + salts.next() + b'",' + orjson.dumps(name) + b"," + orjson.dumps(inner) + b"]")
            disclosures.append(text.decode("ascii"))
            digests.append(_digest(text))
        else:
            shown[name] = inner
    if digests:
        # Sorted, so that the order says nothing about which claim is behind which digest (RFC 9901 §4.2.4.1).
        shown["_sd"] = sorted(digests)
    return shown


def _hide(value: Any, tree: _Tree, salts: _Salts, disclosures: list[str]) -> Any:
    if isinstance(value, Mapping):
        return _hide_members(value, tree, salts, disclosures)
    if not isinstance(value, list):
        return value
    result: list[Any] = []
    for item, subtree in _children(value, tree):
        inner = _hide(item, subtree, salts, disclosures)
        if _HIDDEN not in subtree:
            result.append(inner)
            continue
        text = _b64(b'["' + salts.next() + b'",' + orjson.dumps(inner) + b"]")
        disclosures.append(text.decode("ascii"))
        result.append({"...": _digest(text)})
    return result


def _sort_digests(payload: dict[str, Any]) -> None:
    if "_sd" in payload:
        payload["_sd"].sort()


def _refuse_reserved(value: Any) -> None:
    """Refuse claims named `_sd` or `...` anywhere: they would be read as digests (RFC 9901 §4.1)."""
    if isinstance(value, Mapping):
        if _RESERVED_NAMES & value.keys():
            raise FormatRefused("claims use a name that SD-JWT reserves", clause="RFC 9901 §4.1")
        for item in value.values():
            _refuse_reserved(item)
    elif isinstance(value, list):
        for item in value:
            _refuse_reserved(item)


def _b64(data: bytes) -> bytes:
    return pybase64.urlsafe_b64encode(data).rstrip(b"=")


def _digest(disclosure: bytes) -> str:
    """Digest over the ASCII text of the disclosure, not over what it decodes to (RFC 9901 §4.2.3)."""
    return _b64(hashlib.sha256(disclosure).digest()).decode("ascii")
