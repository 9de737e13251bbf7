"""Bitstring Status Lists 1.0: the rendering that W3C credentials point at, one list for each purpose.

Building makes the document; a callable secures it. Checking believes only what another callable verified.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeAlias

from isal import igzip

from tegata.codec import base64url, dates, inflate
from tegata.errors import LimitExceeded, MalformedInput, TegataError
from tegata.status.bitstring_entry import ClaimedEntry
from tegata.status.entries import MIN_SIZE, Entries, Status
from tegata.status.errors import (
    StatusIndexOutOfRange,
    StatusListExpired,
    StatusListTooShort,
    StatusMalformed,
    StatusNotVerified,
    StatusUnavailable,
)

CONTEXT = "https://www.w3.org/ns/credentials/v2"
REVOCATION = "revocation"
SUSPENSION = "suspension"
_SHOWN_BY = {REVOCATION: Status.INVALID, SUSPENSION: Status.SUSPENDED}
_COMPRESSION_LEVEL = 3
MAX_LIST_BYTES = 8_388_608

#: Adds a proof to an unsecured document and returns the secured one.
Secure: TypeAlias = Callable[[dict[str, Any]], dict[str, Any]]
#: Verifies a secured document's proofs and returns what they cover; raises a `TegataError` if one does not hold.
VerifyProof: TypeAlias = Callable[[Mapping[str, Any]], Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Reading:
    """What a list says about one entry: `is_set` has a meaning only together with `purpose`.

    `issuer` is the list's; whether it may speak about the credential is the caller's question. `message` is the text
    for the value where the purpose is `message`.
    """

    purpose: str
    value: int
    issuer: str
    message: str = ""

    @property
    def is_set(self) -> bool:
        """Whether the value is anything but 0: revoked, suspended, or what else the purpose says."""
        return self.value != 0


def encode_list(bits: bytes) -> str:
    """Return the `encodedList` member: gzip, then base64url with the multibase prefix `u` (§2.2)."""
    # Without a time in its header, so that one state of the list has one spelling.
    return "u" + base64url.encode(igzip.compress(bits, _COMPRESSION_LEVEL, mtime=0))


def render(
    entries: Entries,
    purpose: str,
    *,
    url: str,
    issuer: str | Mapping[str, Any],
    valid_from: datetime,
    valid_until: datetime,
    ttl: timedelta,
) -> dict[str, Any]:
    """Return the unsecured list credential for one purpose, `revocation` or `suspension` (§2.2).

    Raises `MalformedInput` for another purpose, or a period that has no length.
    """
    if purpose not in _SHOWN_BY:
        raise MalformedInput(f"no list is kept for the purpose {purpose}")
    if valid_until <= valid_from or ttl < timedelta(milliseconds=1):
        raise MalformedInput("a status list lives, and is kept, for some time")
    return {
        "@context": [CONTEXT],
        "id": url,
        "type": ["VerifiableCredential", "BitstringStatusListCredential"],
        "issuer": issuer if isinstance(issuer, str) else dict(issuer),
        "validFrom": dates.format_instant(valid_from),
        "validUntil": dates.format_instant(valid_until),
        "credentialSubject": {
            "id": f"{url}#list",
            "type": "BitstringStatusList",
            "statusPurpose": purpose,
            "ttl": ttl // timedelta(milliseconds=1),
            "encodedList": encode_list(entries.bitstring(_SHOWN_BY[purpose])),
        },
    }


def publish(
    entries: Entries,
    purpose: str,
    secure: Secure,
    *,
    url: str,
    issuer: str | Mapping[str, Any],
    valid_from: datetime,
    valid_until: datetime,
    ttl: timedelta,
) -> dict[str, Any]:
    """Render the entries for one purpose and let `secure` sign them."""
    return secure(
        render(
            entries, purpose, url=url, issuer=issuer, valid_from=valid_from, valid_until=valid_until, ttl=ttl
        )
    )


def check(
    entry: ClaimedEntry,
    retrieved: Any,
    verify_proof: VerifyProof,
    *,
    now: datetime,
    clock_skew: timedelta = timedelta(seconds=60),
    max_list_bytes: int = MAX_LIST_BYTES,
) -> Reading:
    """Read one entry's value from the list that its URL gave, in the order of §3.2.

    1. What came is a list credential: `StatusUnavailable`.
    2. Its proof holds, it is the one at the entry's URL, and of now: `StatusNotVerified`, `StatusListExpired`.
    3. It is kept for the entry's purpose: `StatusNotVerified`.
    4. The list decodes (`StatusMalformed`, `LimitExceeded`), is long enough to hide the question
       (`StatusListTooShort`) and has the index (`StatusIndexOutOfRange`).
    """
    if not isinstance(retrieved, Mapping) or not _has_type(retrieved, "VerifiableCredential"):
        raise StatusUnavailable("no credential came from the list's URL", clause="BSL §3.2")
    try:
        document = verify_proof(retrieved)
    except TegataError as error:
        raise StatusNotVerified(f"the list's proof: {error.detail}", clause="BSL §3.2") from None
    _check_document(document, entry, now, clock_skew)
    subject = _subject(document)
    if entry.purpose not in _purposes(subject):
        raise StatusNotVerified("the list is kept for another purpose", clause="BSL §3.2")
    bits = _decode(subject.get("encodedList"), max_list_bytes)
    value = _value_at(bits, entry)
    message = entry.messages.get(value, "") if entry.purpose == "message" else ""
    return Reading(entry.purpose, value, _issuer_of(document), message)


def _check_document(document: Mapping[str, Any], entry: ClaimedEntry, now: datetime, skew: timedelta) -> None:
    if not _has_type(document, "BitstringStatusListCredential"):
        raise StatusNotVerified("not a BitstringStatusListCredential", clause="BSL §3.2")
    if document.get("id", entry.list_url) != entry.list_url:
        # Else one list of an issuer could be served in the place of another.
        raise StatusNotVerified("the list names another URL as its own", clause="BSL §2.2")
    try:
        starts, ends = (
            dates.instant(document[name]) if name in document else None
            for name in ("validFrom", "validUntil")
        )
    except (MalformedInput, TypeError):
        raise StatusMalformed("the list's period is no period", clause="VCDM 2.0 §4.9") from None
    if (starts is not None and now + skew < starts) or (ends is not None and now - skew > ends):
        raise StatusListExpired("the status list is not of now", clause="BSL §3.2")


def _subject(document: Mapping[str, Any]) -> Mapping[str, Any]:
    subject = document.get("credentialSubject")
    if not isinstance(subject, Mapping) or not _has_type(subject, "BitstringStatusList"):
        raise StatusNotVerified("the subject is not a BitstringStatusList", clause="BSL §3.2")
    return subject


def _purposes(subject: Mapping[str, Any]) -> list[str]:
    stated = subject.get("statusPurpose")
    purposes = [stated] if isinstance(stated, str) else stated
    if not isinstance(purposes, list) or not purposes or not all(isinstance(item, str) for item in purposes):
        raise StatusMalformed("statusPurpose is not one or more strings", clause="BSL §2.2")
    return purposes


def _decode(encoded: Any, max_list_bytes: int) -> bytes:
    if not isinstance(encoded, str) or not encoded.startswith("u"):
        raise StatusMalformed("encodedList has no multibase prefix u", clause="BSL §2.2")
    try:
        return inflate.inflate_gzip(base64url.decode(encoded[1:]), max_list_bytes)
    except LimitExceeded:
        raise
    except MalformedInput as error:
        raise StatusMalformed(f"encodedList: {error.detail}", clause="BSL §3.4") from None


def _value_at(bits: bytes, entry: ClaimedEntry) -> int:
    length = len(bits) * 8
    if length // entry.size < MIN_SIZE:
        raise StatusListTooShort(f"{length // entry.size} entries", clause="BSL §3.2")
    first = entry.index * entry.size
    if first + entry.size > length:
        raise StatusIndexOutOfRange(f"index {entry.index} of {length // entry.size}", clause="BSL §3.2")
    start, end = first // 8, (first + entry.size + 7) // 8
    window = int.from_bytes(bits[start:end], "big")
    return window >> (end * 8 - first - entry.size) & ((1 << entry.size) - 1)


def _has_type(value: Mapping[str, Any], name: str) -> bool:
    types = value.get("type")
    return name in types if isinstance(types, list) else types == name


def _issuer_of(document: Mapping[str, Any]) -> str:
    issuer = document.get("issuer")
    identifier = issuer.get("id") if isinstance(issuer, Mapping) else issuer
    return identifier if isinstance(identifier, str) else ""
