"""Token Status Lists as signed CWTs: the rendering that mobile documents point at (draft-ietf-oauth-status-list §5.2).

The same list as `token_status_list` in another envelope: its claims by number, its bits compressed and not in base64.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from isal import isal_zlib

from tegata.codec import cbor, dates, inflate
from tegata.envelope import cose
from tegata.errors import CryptographyFailed, LimitExceeded, MalformedInput
from tegata.formats.credential import KeyReference
from tegata.keys.signer import DEFAULT_ALGORITHMS, Algorithm, PublicKey, Signer
from tegata.status.entries import BITS, Entries
from tegata.status.errors import StatusListExpired, StatusMalformed, StatusNotVerified, StatusUnavailable
from tegata.status.token_status_list import (
    BITS_ALLOWED,
    COMPRESSION_LEVEL,
    MAX_LIST_BYTES,
    MAX_TOKEN_BYTES,
    StatusList,
)

MEDIA_TYPE = "application/statuslist+cwt"
SUBJECT, _EXPIRES, _ISSUED = 2, 4, 6
_STATUS_LIST, TTL = 65533, 65534
_CLAUSE = "Token Status List §5.2"


@dataclass(frozen=True, slots=True)
class ParsedStatusListCwt:
    """An untrusted list: taken apart, not verified, not yet decompressed."""

    message: cose.ParsedSign1
    claims: Mapping[Any, Any] = field(repr=False)
    key_reference: KeyReference


def sign(
    entries: Entries, *, uri: str, issued_at: datetime, expires_at: datetime, ttl: timedelta, signer: Signer
) -> bytes:
    """Publish the entries as a tagged COSE_Sign1 (§5.2); key id and certificate chain go into its headers.

    Raises `MalformedInput` if it would have expired before it was issued, or asks to be kept for no whole second.
    """
    if expires_at <= issued_at or ttl < timedelta(seconds=1):
        raise MalformedInput("a status list lives, and is kept, for a second at least")
    claims = {
        SUBJECT: uri,
        _ISSUED: int(issued_at.timestamp()),
        _EXPIRES: int(expires_at.timestamp()),
        TTL: int(ttl.total_seconds()),
        _STATUS_LIST: {"bits": BITS, "lst": isal_zlib.compress(entries.packed, COMPRESSION_LEVEL)},
    }
    protected: dict[int, Any] = {cose.TYP: MEDIA_TYPE}
    if signer.public_key.key_id:
        protected[cose.KEY_ID] = signer.public_key.key_id.encode("utf-8")
    message = cose.sign1(
        cbor.dumps(claims), signer, protected=protected, unprotected=cose.certificate_header(signer)
    )
    return cbor.dumps(cbor.Tag(cose.SIGN1_TAG, message))


def parse(data: bytes, *, max_bytes: int = MAX_TOKEN_BYTES) -> ParsedStatusListCwt:
    """Take a list apart; nothing is believed or decompressed yet.

    Raises `StatusUnavailable` for what is no status list CWT at all, `LimitExceeded` past `max_bytes`.
    """
    try:
        message = cose.parse_sign1(cbor.loads(data, max_bytes=max_bytes, max_depth=8))
        certificates = cose.certificates_of(message)
        claims = cbor.loads(message.payload or b"", max_bytes=max_bytes, max_depth=8)
    except LimitExceeded:
        raise
    except MalformedInput as error:
        raise StatusUnavailable(f"no status list CWT: {error.detail}", clause=error.clause) from None
    if message.protected.get(cose.TYP) != MEDIA_TYPE or not isinstance(claims, Mapping):
        raise StatusUnavailable("the message's type is not application/statuslist+cwt", clause=_CLAUSE)
    key_id = message.protected.get(cose.KEY_ID, b"")
    try:
        named = key_id.decode("utf-8") if isinstance(key_id, bytes) else ""
    except UnicodeDecodeError:
        named = ""
    reference = KeyReference(key_id=named, certificates=certificates, algorithm=message.algorithm.value)
    return ParsedStatusListCwt(message, claims, reference)


def verify(
    parsed: ParsedStatusListCwt,
    key: PublicKey,
    algorithms: frozenset[Algorithm] = DEFAULT_ALGORITHMS,
    *,
    now: datetime,
    expected_uri: str,
    clock_skew: timedelta = timedelta(seconds=60),
    max_list_bytes: int = MAX_LIST_BYTES,
) -> StatusList:
    """Verify a list with the key that the caller resolved, in the order of §8.3.

    1. The signature holds under an allowed algorithm, and the subject is exactly the URI in the credential:
       `StatusNotVerified`.
    2. Its claims are what they should be: `StatusMalformed`, or `LimitExceeded` past `max_list_bytes`.
    3. It was issued, and has not expired: `StatusListExpired`.
    """
    try:
        cose.verify_sign1(parsed.message, key, algorithms)
    except CryptographyFailed as error:
        raise StatusNotVerified(error.detail, clause="Token Status List §8.3") from None
    if parsed.claims.get(SUBJECT) != expected_uri:
        raise StatusNotVerified("a status list for another URI", clause="Token Status List §8.3")
    found = _read(parsed.claims, expected_uri, max_list_bytes)
    if now + clock_skew < found.issued_at or (
        found.expires_at is not None and now - clock_skew >= found.expires_at
    ):
        raise StatusListExpired("the status list is not of now", clause="Token Status List §8.3")
    return found


def _read(claims: Mapping[Any, Any], uri: str, max_list_bytes: int) -> StatusList:
    body = claims.get(_STATUS_LIST)
    bits = body.get("bits") if isinstance(body, Mapping) else None
    packed = body.get("lst") if isinstance(body, Mapping) else None
    ttl = claims.get(TTL)
    if type(bits) is not int or bits not in BITS_ALLOWED or not isinstance(packed, bytes):
        raise StatusMalformed("status_list has no bits or no lst", clause="Token Status List §4.3")
    if TTL in claims and (type(ttl) is not int or not 0 < ttl <= _LONGEST_SECONDS):
        raise StatusMalformed("ttl is not a positive number of seconds", clause=_CLAUSE)
    try:
        return StatusList(
            uri=uri,
            bits=bits,
            packed=inflate.inflate_zlib(packed, max_list_bytes),
            issued_at=dates.numeric_date(claims.get(_ISSUED)),
            expires_at=dates.numeric_date(claims[_EXPIRES]) if _EXPIRES in claims else None,
            ttl=timedelta(seconds=ttl) if ttl is not None else None,
        )
    except LimitExceeded:
        raise
    except MalformedInput as error:
        raise StatusMalformed(error.detail, clause=error.clause or _CLAUSE) from None


#: A century: what asks to be kept longer asks for nothing sensible.
_LONGEST_SECONDS = 100 * 366 * 86_400
