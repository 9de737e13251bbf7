"""Bitstring Status Lists 1.0: the rendering that W3C credentials point at, one list for each purpose.

Building makes the document; a callable secures it. Checking believes only what another callable verified. A school's
entries are two one-bit lists; any other list (several bits, several purposes) is made of `Values`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import reduce
from operator import or_
from typing import Any, TypeAlias

from isal import igzip

from tegata.codec import base64url, dates, inflate
from tegata.errors import LimitExceeded, MalformedInput, TegataError
from tegata.status.bitstring_entry import ClaimedEntry
from tegata.status.entries import MIN_SIZE, Entries, Status
from tegata.status.errors import (
    StatusListExpired,
    StatusListTooShort,
    StatusMalformed,
    StatusNotVerified,
    StatusUnavailable,
)
from tegata.status.values import Values, value_in

CONTEXT = "https://www.w3.org/ns/credentials/v2"
REVOCATION = "revocation"
SUSPENSION = "suspension"
MESSAGE = "message"
REFRESH = "refresh"
#: A used credential is as good as a revoked one: these lists have one bit and no word for it.
_SHOWN_BY = {REVOCATION: (Status.INVALID, Status.USED), SUSPENSION: (Status.SUSPENDED,)}
_COMPRESSION_LEVEL = 3
MAX_LIST_BYTES = 8_388_608

#: Adds a proof to an unsecured document and returns the secured one.
Secure: TypeAlias = Callable[[dict[str, Any]], dict[str, Any]]
#: Verifies a secured document, or what it is enveloped in, and returns what is covered; raises a `TegataError` if a
#: proof does not hold.
VerifyProof: TypeAlias = Callable[[Any], Mapping[str, Any]]


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


@dataclass(frozen=True, slots=True)
class Terms:
    """What a list says of itself: its address, who issues it, when it holds, how long a copy may be kept (optional)."""

    url: str
    issuer: str | Mapping[str, Any]
    valid_from: datetime
    valid_until: datetime
    ttl: timedelta | None = None


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
    bits = Values(_bits(entries, _SHOWN_BY[purpose]))
    return render_values(bits, (purpose,), Terms(url, issuer, valid_from, valid_until, ttl))


def render_values(values: Values, purposes: Sequence[str], terms: Terms) -> dict[str, Any]:
    """Return the unsecured list credential of any values, for one purpose or several (§2.2).

    How many bits a value has, and what it means, stands in the entry of each credential: the list has no term for it.
    Raises `MalformedInput` without a purpose, for a doubled one, or for a period or a `ttl` without length.
    """
    if not purposes or not all(purposes) or len(set(purposes)) != len(purposes):
        raise MalformedInput("a status list is kept for one purpose, or for several different ones")
    too_short = terms.ttl is not None and terms.ttl < timedelta(milliseconds=1)
    if terms.valid_until <= terms.valid_from or too_short:
        raise MalformedInput("a status list lives, and is kept, for some time")
    subject: dict[str, Any] = {
        "id": f"{terms.url}#list",
        "type": "BitstringStatusList",
        "statusPurpose": purposes[0] if len(purposes) == 1 else list(purposes),
    }
    if terms.ttl is not None:
        subject["ttl"] = terms.ttl // timedelta(milliseconds=1)
    return {
        "@context": [CONTEXT],
        "id": terms.url,
        "type": ["VerifiableCredential", "BitstringStatusListCredential"],
        "issuer": terms.issuer if isinstance(terms.issuer, str) else dict(terms.issuer),
        "validFrom": dates.format_instant(terms.valid_from),
        "validUntil": dates.format_instant(terms.valid_until),
        "credentialSubject": {**subject, "encodedList": encode_list(values.packed)},
    }


def _bits(entries: Entries, statuses: tuple[Status, ...]) -> bytes:
    """Return one bit an entry, set where it has one of the statuses."""
    found = [int.from_bytes(entries.bitstring(status), "big") for status in statuses]
    return reduce(or_, found).to_bytes(len(entries) // 8, "big")


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


def publish_values(values: Values, purposes: Sequence[str], secure: Secure, terms: Terms) -> dict[str, Any]:
    """Render values and let `secure` sign them; raises what `render_values` raises."""
    return secure(render_values(values, purposes, terms))


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

    `retrieved` is a document, or the bytes of an enveloped one (JOSE, COSE), which `verify_proof` alone can read.

    1. What came is a list credential: `StatusUnavailable`.
    2. Its proof holds, it is the one at the entry's URL, and of now: `StatusNotVerified`, `StatusListExpired`.
    3. It is kept for the entry's purpose: `StatusNotVerified`.
    4. The list decodes and says nothing odd (`StatusMalformed`, `LimitExceeded`), is long enough to hide the question
       (`StatusListTooShort`) and has the index (`StatusIndexOutOfRange`).
    """
    is_enveloped = isinstance(retrieved, bytes)
    if not is_enveloped and not _is_credential(retrieved):
        raise StatusUnavailable("no credential came from the list's URL", clause="BSL §3.2")
    try:
        document = verify_proof(retrieved)
    except TegataError as error:
        raise StatusNotVerified(f"the list's proof: {error.detail}", clause="BSL §3.2") from None
    _check_document(document, entry, now, clock_skew)
    subject = _subject(document)
    if entry.purpose not in _purposes(subject):
        raise StatusNotVerified("the list is kept for another purpose", clause="BSL §3.2")
    _check_ttl(subject)
    bits = _decode(subject.get("encodedList"), max_list_bytes)
    if len(bits) * 8 // entry.size < MIN_SIZE:
        raise StatusListTooShort(f"{len(bits) * 8 // entry.size} entries", clause="BSL §3.2")
    value = value_in(bits, entry.index, entry.size)
    message = entry.message_of(value) if entry.purpose == MESSAGE else ""
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


def _check_ttl(subject: Mapping[str, Any]) -> None:
    ttl = subject.get("ttl", 0)
    if isinstance(ttl, bool) or not isinstance(ttl, int | float) or ttl < 0:
        raise StatusMalformed("ttl is no number of milliseconds", clause="BSL §2.2")


def _is_credential(retrieved: Any) -> bool:
    return isinstance(retrieved, Mapping) and _has_type(retrieved, "VerifiableCredential")


def _has_type(value: Mapping[str, Any], name: str) -> bool:
    types = value.get("type")
    return name in types if isinstance(types, list) else types == name


def _issuer_of(document: Mapping[str, Any]) -> str:
    issuer = document.get("issuer")
    identifier = issuer.get("id") if isinstance(issuer, Mapping) else issuer
    return identifier if isinstance(identifier, str) else ""
