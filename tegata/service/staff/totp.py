"""Time-based one-time passwords (RFC 6238, with SHA-1, 6 digits, 30 seconds: what every authenticator app speaks)."""

import base64
import hashlib
import hmac
import unicodedata
from datetime import datetime
from urllib.parse import quote, urlencode

STEP_SECONDS = 30
DIGITS = 6
SECRET_BYTES = 20
#: Steps before and after the present one that count as well: clocks differ, and people type slowly.
TOLERANCE = 1
_MAX_TYPED = 32


def step_at(now: datetime) -> int:
    """Return the number of the step that an instant lies in (RFC 6238 §4.2)."""
    return int(now.timestamp()) // STEP_SECONDS


def code_at(secret: bytes, step: int) -> str:
    """Return the code of a step (RFC 4226 §5.3)."""
    digest = hmac.new(secret, step.to_bytes(8, "big"), hashlib.sha1).digest()
    offset = digest[-1] & 0x0F
    number = int.from_bytes(digest[offset : offset + 4], "big") & 0x7FFF_FFFF
    return f"{number % 10**DIGITS:0{DIGITS}d}"


def matching_step(secret: bytes, typed: str, now: datetime) -> int | None:
    """Return the step whose code was typed, or None; every candidate is compared, in constant time."""
    given = fold(typed).encode("utf-8", "replace")
    present = step_at(now)
    found = None
    for step in range(present - TOLERANCE, present + TOLERANCE + 1):
        if hmac.compare_digest(code_at(secret, step).encode("ascii"), given):
            found = step
    return found


def fold(typed: str) -> str:
    """Return the digits of what a person typed: full-width ones become ASCII, blanks and hyphens go."""
    folded = unicodedata.normalize("NFKC", typed[:_MAX_TYPED])
    return "".join(character for character in folded if not character.isspace() and character not in "-‐−ー")


def provisioning_uri(secret: bytes, issuer: str, login: str) -> str:
    """Return the `otpauth` URI that authenticator apps read from a QR code."""
    parameters = {"secret": secret_text(secret), "issuer": issuer, "digits": DIGITS, "period": STEP_SECONDS}
    return f"otpauth://totp/{quote(issuer)}:{quote(login)}?{urlencode(parameters, quote_via=quote)}"


def secret_text(secret: bytes) -> str:
    """Return the secret as people type it into an app: base32 without padding."""
    return base64.b32encode(secret).decode("ascii").rstrip("=")
