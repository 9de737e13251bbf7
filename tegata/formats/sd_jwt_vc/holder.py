"""The holder's side: choosing what to show, and signing for one verifier (RFC 9901 §4.3, §7.2)."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from tegata.codec import base64url, json
from tegata.envelope import jws
from tegata.errors import NotFound
from tegata.formats.credential import ClaimPath, FormatRefused
from tegata.formats.sd_jwt_vc.disclosure import Disclosed
from tegata.formats.sd_jwt_vc.structure import Parsed, parse
from tegata.keys.signer import Signer

KEY_BINDING_TYP = "kb+jwt"


def disclosed_claims(data: bytes) -> dict[str, Any]:
    """Return what a held credential says with everything disclosed; no signature is checked."""
    parsed = _held(data)
    return Disclosed(parsed.payload, parsed.disclosures, parsed.limits).claims


def present(
    data: bytes,
    paths: Sequence[ClaimPath],
    signer: Signer | None,
    *,
    audience: str,
    nonce: str,
    now: datetime,
) -> bytes:
    """Show only the claims at `paths` (None stands for every element), bound to one audience and nonce.

    Without a signer the presentation has no holder's proof. Raises `NotFound` for a path that selects nothing,
    `FormatRefused` for what no issuer hands out.
    """
    parsed = _held(data)
    shown = _select(parsed, paths)
    bound = "~".join((parsed.token.compact, *shown, ""))
    if signer is None:
        return bound.encode("ascii")
    claims = {
        "iat": int(now.timestamp()),
        "aud": audience,
        "nonce": nonce,
        "sd_hash": sd_hash(bound.encode("ascii")),
    }
    # The key is named by the credential's cnf; a kid of the holder's would only add a handle.
    proof = jws.sign({"typ": KEY_BINDING_TYP}, json.dumps(claims), signer, name_key=False)
    return (bound + proof).encode("ascii")


def sd_hash(bound: bytes) -> str:
    """Return the digest over the ASCII bytes that a key binding JWT signs for (RFC 9901 §4.3.1)."""
    return base64url.encode(hashlib.sha256(bound).digest())


def _held(data: bytes) -> Parsed:
    """Take a held credential apart; one that comes with a proof of its own is not an issuer's (RFC 9901 §7.2)."""
    parsed = parse(data)
    if parsed.key_binding:
        raise FormatRefused(
            "a credential in hand that already carries a holder's proof", clause="RFC 9901 §7.2"
        )
    return parsed


def _select(parsed: Parsed, paths: Sequence[ClaimPath]) -> tuple[str, ...]:
    processed = Disclosed(parsed.payload, parsed.disclosures, parsed.limits)
    wanted: set[str] = set()
    for path in paths:
        if not _stands(processed.claims, path):
            raise NotFound(f"the credential has no claim at {path}")
        for place, text in processed.paths.items():
            if _covers(path, place):
                wanted.add(text)
                wanted.update(processed.parents[place])
    return tuple(text for text in parsed.disclosures if text in wanted)


def _covers(path: ClaimPath, place: ClaimPath) -> bool:
    """Whether showing `path` needs the disclosure at `place`: on the way there, or anything below it."""
    return all(part is None or part == other for part, other in zip(path, place, strict=False))


def _stands(claims: Any, path: ClaimPath) -> bool:
    """Whether the path leads to something in the credential with everything disclosed."""
    if not path:
        return True
    part, rest = path[0], path[1:]
    if part is None:
        return isinstance(claims, list) and (not rest or any(_stands(item, rest) for item in claims))
    if isinstance(claims, dict):
        return part in claims and _stands(claims[part], rest)
    return isinstance(claims, list) and part in range(len(claims)) and _stands(claims[part], rest)  # type: ignore[index]  # an int
