"""The holder's side: choosing what to show, and signing for one verifier (RFC 9901 §4.3, §7.2)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from tegata.formats.credential import ClaimPath, FormatRefused
from tegata.formats.sd_jwt import key_binding
from tegata.formats.sd_jwt.selection import select
from tegata.formats.sd_jwt_vc.structure import Parsed, parse
from tegata.keys.signer import Signer


def disclosed_claims(data: bytes) -> dict[str, Any]:
    """Return what a held credential says with everything disclosed; no signature is checked."""
    parsed = _held(data)
    return parsed.disclosed().claims


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
    shown = select(parsed.disclosed(), parsed.disclosures, paths)
    bound = "~".join((parsed.token.compact, *shown, ""))
    if signer is None:
        return bound.encode("ascii")
    proof = key_binding.sign(bound, signer, audience=audience, nonce=nonce, now=now)
    return (bound + proof).encode("ascii")


def _held(data: bytes) -> Parsed:
    """Take a held credential apart; one that comes with a proof of its own is not an issuer's (RFC 9901 §7.2)."""
    parsed = parse(data)
    if parsed.key_binding:
        raise FormatRefused(
            "a credential in hand that already carries a holder's proof", clause="RFC 9901 §7.2"
        )
    return parsed
