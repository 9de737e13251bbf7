"""Token Status Lists as signed JWTs: the rendering that SD-JWT VC points at (draft-ietf-oauth-status-list).

Publishing writes two bits an entry. Reading takes any list the draft allows, since other issuers choose otherwise.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from isal import isal_zlib

from tegata.codec import base64url, dates, inflate, json
from tegata.envelope import jws
from tegata.errors import CryptographyFailed, LimitExceeded, MalformedInput
from tegata.formats.credential import KeyReference
from tegata.keys.signer import DEFAULT_ALGORITHMS, Algorithm, PublicKey, Signer
from tegata.status.entries import BITS, Entries
from tegata.status.errors import (
    StatusIndexOutOfRange,
    StatusListExpired,
    StatusMalformed,
    StatusNotVerified,
    StatusUnavailable,
)

TYP = "statuslist+jwt"
MEDIA_TYPE = "application/statuslist+jwt"
#: isal's best level: a tenth of the time of zlib's default for a sixth more bytes.
COMPRESSION_LEVEL = 3
BITS_ALLOWED = frozenset({1, 2, 4, 8})
MAX_TOKEN_BYTES = 4_194_304
MAX_LIST_BYTES = 8_388_608


@dataclass(frozen=True, slots=True)
class ParsedStatusList:
    """An untrusted status list token: taken apart, not verified, its list not yet decompressed."""

    token: jws.ParsedJws
    claims: Mapping[str, Any] = field(repr=False)
    key_reference: KeyReference
    #: What was found with which key and bounds (`_remembered`); no part of the value.
    memory: list[tuple[PublicKey, object, "StatusList"]] = field(
        default_factory=list, repr=False, compare=False
    )


@dataclass(frozen=True, slots=True)
class StatusList:
    """A verified list. `packed` are its bits, least significant first; `ttl` is how long it may be kept."""

    uri: str
    bits: int
    packed: bytes = field(repr=False)
    issued_at: datetime
    expires_at: datetime | None
    ttl: timedelta | None

    def __len__(self) -> int:
        return len(self.packed) * 8 // self.bits

    def status_at(self, index: int) -> int:
        """Return the value at an index: 0 valid, 1 invalid, 2 suspended, others by agreement only (§7.1).

        Raises `StatusIndexOutOfRange`.
        """
        if not 0 <= index < len(self):
            raise StatusIndexOutOfRange(
                f"index {index} of a list of {len(self)} entries", clause="Token Status List §8.3"
            )
        first_bit = index * self.bits
        return self.packed[first_bit // 8] >> first_bit % 8 & ((1 << self.bits) - 1)

    def usable_until(self, fetched_at: datetime) -> datetime | None:
        """Return when a copy fetched then has to be fetched anew; None if the list does not say (§13.7)."""
        ends = [fetched_at + self.ttl] if self.ttl is not None else []
        ends += [self.expires_at] if self.expires_at is not None else []
        return min(ends, default=None)


def encode_list(packed: bytes) -> str:
    """Return the `lst` member: zlib, then base64url (§4.2)."""
    return base64url.encode(isal_zlib.compress(packed, COMPRESSION_LEVEL))


def claims(
    entries: Entries, *, uri: str, issued_at: datetime, expires_at: datetime, ttl: timedelta
) -> dict[str, Any]:
    """Return what a status list token says (§5.1).

    Raises `MalformedInput` if it would have expired before it was issued, or asks to be kept for no whole second.
    """
    if expires_at <= issued_at or ttl < timedelta(seconds=1):
        raise MalformedInput("a status list lives, and is kept, for a second at least")
    return {
        "sub": uri,
        "iat": int(issued_at.timestamp()),
        "exp": int(expires_at.timestamp()),
        "ttl": int(ttl.total_seconds()),
        "status_list": {"bits": BITS, "lst": encode_list(entries.packed)},
    }


def sign(
    entries: Entries, *, uri: str, issued_at: datetime, expires_at: datetime, ttl: timedelta, signer: Signer
) -> str:
    """Publish the entries as a compact `statuslist+jwt`; key id and certificate chain go into its header."""
    payload = json.dumps(claims(entries, uri=uri, issued_at=issued_at, expires_at=expires_at, ttl=ttl))
    header: dict[str, Any] = {"typ": TYP}
    if signer.public_key.key_id:
        header["kid"] = signer.public_key.key_id
    return jws.sign(header | jws.certificate_header(signer), payload, signer)


def reference_in(status: Any) -> tuple[int, str] | None:
    """Read index and URI from a credential's `status` claim; None if it points at no status list (§6.2).

    Raises `StatusMalformed`.
    """
    if not isinstance(status, Mapping) or "status_list" not in status:
        return None
    reference = status["status_list"]
    index = reference.get("idx") if isinstance(reference, Mapping) else None
    uri = reference.get("uri") if isinstance(reference, Mapping) else None
    if (
        isinstance(index, bool)
        or not isinstance(index, int)
        or index < 0
        or not isinstance(uri, str)
        or not uri
    ):
        raise StatusMalformed("status_list has no index and URI", clause="Token Status List §6.2")
    return index, uri


def parse(compact: str | bytes, *, max_bytes: int = MAX_TOKEN_BYTES) -> ParsedStatusList:
    """Take a status list token apart; nothing is believed or decompressed yet.

    Raises `StatusUnavailable` for what is no status list token at all, `LimitExceeded` past `max_bytes`.
    """
    try:
        token = jws.parse(compact, max_bytes=max_bytes)
        payload = json.loads(token.payload, max_bytes=max_bytes, max_depth=8)
        certificates = jws.certificates_of(token.header)
    except LimitExceeded:
        raise
    except MalformedInput as error:
        raise StatusUnavailable(f"no status list token: {error.detail}", clause=error.clause) from None
    if token.header.get("typ") != TYP or not isinstance(payload, dict):
        raise StatusUnavailable("the token's typ is not statuslist+jwt", clause="Token Status List §5.1")
    issuer, key_id = payload.get("iss", ""), token.header.get("kid", "")
    if not isinstance(issuer, str) or not isinstance(key_id, str):
        raise StatusUnavailable("iss or kid is not a string", clause="RFC 7519 §4.1.1")
    reference = KeyReference(
        issuer=issuer, key_id=key_id, certificates=certificates, algorithm=str(token.header["alg"])
    )
    return ParsedStatusList(token, payload, reference)


def verify(
    parsed: ParsedStatusList,
    key: PublicKey,
    algorithms: frozenset[Algorithm] = DEFAULT_ALGORITHMS,
    *,
    now: datetime,
    expected_uri: str,
    clock_skew: timedelta = timedelta(seconds=60),
    max_list_bytes: int = MAX_LIST_BYTES,
) -> StatusList:
    """Verify a list with the key that the caller resolved, in the order of §8.3.

    1. The signature holds under an allowed algorithm, and `sub` is exactly the URI in the credential:
       `StatusNotVerified`.
    2. `iat`, `exp`, `ttl`, `bits` and `lst` are what they should be: `StatusMalformed`, or `LimitExceeded` if the list
       decompresses to more than `max_list_bytes`.
    3. It was issued, and has not expired: `StatusListExpired`.
    """
    found = _remembered(parsed, key, algorithms, expected_uri, max_list_bytes)
    if now + clock_skew < found.issued_at or (
        found.expires_at is not None and now - clock_skew >= found.expires_at
    ):
        raise StatusListExpired("the status list is not of now", clause="Token Status List §8.3")
    return found


def _remembered(
    parsed: ParsedStatusList, key: PublicKey, algorithms: frozenset[Algorithm], uri: str, max_list_bytes: int
) -> StatusList:
    """Make the checks that time does not change: once for a token that is kept, with the very same key and bounds."""
    bounds = (algorithms, uri, max_list_bytes)
    for known, asked, found in tuple(parsed.memory):
        if known is key and asked == bounds:
            return found
    try:
        jws.verify(parsed.token, key, algorithms)
    except CryptographyFailed as error:
        raise StatusNotVerified(error.detail, clause="Token Status List §8.3") from None
    if parsed.claims.get("sub") != uri:
        raise StatusNotVerified("a status list for another URI", clause="Token Status List §8.3")
    found = _read(parsed.claims, uri, max_list_bytes)
    parsed.memory[:] = [(key, bounds, found)]
    return found


def _read(payload: Mapping[str, Any], uri: str, max_list_bytes: int) -> StatusList:
    body = payload.get("status_list")
    bits = body.get("bits") if isinstance(body, dict) else None
    encoded = body.get("lst") if isinstance(body, dict) else None
    if type(bits) is not int or bits not in BITS_ALLOWED or not isinstance(encoded, str):
        raise StatusMalformed("status_list has no bits or no lst", clause="Token Status List §4.2")
    try:
        return StatusList(
            uri=uri,
            bits=bits,
            packed=inflate.inflate_zlib(base64url.decode(encoded), max_list_bytes),
            issued_at=dates.numeric_date(payload.get("iat")),
            expires_at=dates.numeric_date(payload["exp"]) if "exp" in payload else None,
            ttl=_ttl(payload["ttl"]) if "ttl" in payload else None,
        )
    except LimitExceeded:
        raise
    except MalformedInput as error:
        raise StatusMalformed(error.detail, clause=error.clause or "Token Status List §5.1") from None


def _ttl(value: Any) -> timedelta:
    if isinstance(value, bool) or not isinstance(value, int | float) or value <= 0:
        raise MalformedInput("ttl is not a positive number", clause="Token Status List §5.1")
    try:
        return timedelta(seconds=value)
    except OverflowError:
        raise MalformedInput("ttl is longer than time", clause="Token Status List §5.1") from None
