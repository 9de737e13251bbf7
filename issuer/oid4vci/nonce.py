"""`c_nonce` (OID4VCI 1.0 §7): self-contained, dated, and good for one credential request.

A nonce is `time ‖ random ‖ MAC`. No row is written to hand one out, so nobody can fill a table by asking; a used one
is remembered by the caller until it would have expired anyway.
"""

import hashlib
import hmac
from datetime import UTC, datetime, timedelta

from issuer.oid4vci.errors import InvalidNonce
from tegata.codec import base64url
from tegata.errors import MalformedInput
from tegata.formats.credential import Random

_TIME, _RANDOM, _MAC = 8, 16, 32
_LABEL = b"tegata c_nonce 1"


def make(secret: bytes, credential_issuer: str, now: datetime, random: Random) -> str:
    """Return a fresh nonce that only this issuer accepts."""
    body = int(now.timestamp()).to_bytes(_TIME, "big") + random(_RANDOM)
    return base64url.encode(body + _mac(secret, credential_issuer, body))


def check(
    nonce: str,
    secret: bytes,
    credential_issuer: str,
    now: datetime,
    lifetime: timedelta = timedelta(minutes=5),
) -> datetime:
    """Return when the nonce ends; raises `InvalidNonce` if it is not ours or too old (§8.3.1.2)."""
    try:
        raw = base64url.decode(nonce)
    except MalformedInput:
        raise InvalidNonce("not a nonce of this issuer") from None
    body, mac = raw[: _TIME + _RANDOM], raw[_TIME + _RANDOM :]
    if len(mac) != _MAC or not hmac.compare_digest(mac, _mac(secret, credential_issuer, body)):
        raise InvalidNonce("not a nonce of this issuer")
    ends = datetime.fromtimestamp(int.from_bytes(body[:_TIME], "big"), UTC) + lifetime
    if now > ends:
        raise InvalidNonce("the nonce is too old")
    return ends


def digest(nonce: str) -> str:
    """Return the name under which a used nonce is remembered."""
    return hashlib.sha256(nonce.encode("ascii")).hexdigest()


def _mac(secret: bytes, credential_issuer: str, body: bytes) -> bytes:
    return hmac.digest(secret, b"\x00".join((_LABEL, credential_issuer.encode(), body)), "sha256")
