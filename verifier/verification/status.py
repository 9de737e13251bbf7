"""Check 9: is the credential revoked or suspended? A list that cannot be believed says nothing, never "revoked".

All renderings of the issuer's entries: a Token Status List for SD-JWT VC (JWT) and mobile documents (CWT), Bitstring Status
Lists for W3C. Revocation and suspension decide; what an issuer notes beside them (`message`, `refresh`) is shown with the
evidence. A list is believed if the organisation that signed the credential (or its successor) signed the list, with a status key of the
trust list, for the very address that the credential names. Fetching and keeping is somebody else's (`StatusLists`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, Protocol, TypeAlias

from schemas.catalogue import DocumentDefinition
from tegata.codec import json
from tegata.errors import CryptographyFailed, Forbidden, MalformedInput, TegataError, Text, Unavailable
from tegata.formats.credential import Expected, KeyReference, Limits, Verified
from tegata.identity.certificates import KeyUse
from tegata.identity.trust_list import ListedKey, TrustedOrganisation
from tegata.keys.signer import Algorithm
from tegata.status import bitstring_status_list, status_list_cwt, token_status_list
from tegata.status.bitstring_entry import ClaimedEntry, entries_of
from tegata.status.bitstring_status_list import Reading
from tegata.status.entries import Status
from tegata.status.errors import (
    RETRIEVAL,
    StatusIndexOutOfRange,
    StatusListExpired,
    StatusListTooShort,
    StatusMalformed,
    StatusNotVerified,
    StatusUnavailable,
    problem_type_of,
)
from tegata.status.status_list_cwt import ParsedStatusListCwt
from tegata.status.token_status_list import ParsedStatusList, StatusList
from verifier.oid4vp.dcql import LDP_VC, MSO_MDOC
from verifier.verification import issuers, texts
from verifier.verification.formats import W3C_FORMATS, open_credentials
from verifier.verification.issuers import TrustSnapshot
from verifier.verification.list_forms import MAX_LIST_BYTES, credential_form, is_cwt
from verifier.verification.opened import Contexts
from verifier.verification.report import Check, CheckName, Outcome

#: What we ask for first, and what a list may come as (§4): it is secured as the issuer's credentials are.
BITSTRING_MEDIA_TYPE = "application/vc, application/*;q=0.5"
_BITSTRING = "Bitstring Status List 1.0 §3.2"
_TOKEN = "Token Status List §8.3"  # noqa: S105  a clause
_JUDGED = (bitstring_status_list.REVOCATION, bitstring_status_list.SUSPENSION)
#: Says something beside that; of other purposes nobody here knows the meaning.
NOTED = (bitstring_status_list.MESSAGE, bitstring_status_list.REFRESH)
_MAX_NOTE = 300
_LIST_LIMITS = Limits(max_bytes=MAX_LIST_BYTES)


@dataclass(frozen=True, slots=True)
class Fetched:
    """A list as it came, when, and how old a copy may become before it says nothing any more."""

    body: bytes = field(repr=False)
    fetched_at: datetime
    max_age: timedelta


class StatusLists(Protocol):
    """Where lists come from."""

    def get(self, uri: str, accept: str, now: datetime) -> Fetched:
        """Return a list; raises `Unavailable`, `Forbidden` or `LimitExceeded` if there is none."""

    def unusable(self, uri: str, now: datetime) -> None:
        """Hear that what came could not be used."""


class StatusStale(StatusListExpired):
    """The copy is older than this verifier accepts."""

    kind = "status_list_stale"


class NoStatusList(StatusUnavailable):
    """Something came from the list's address, and it is no list."""

    kind = "status_no_list"


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What one check stands on."""

    organisation: TrustedOrganisation
    snapshot: TrustSnapshot
    lists: StatusLists
    contexts: Contexts
    algorithms: frozenset[Algorithm]
    now: datetime


#: Why nothing is said, from the special to the general.
_REASONS: tuple[tuple[type[TegataError], Text], ...] = (
    (StatusStale, texts.STATUS_STALE),
    (StatusListExpired, texts.STATUS_EXPIRED),
    (StatusIndexOutOfRange, texts.STATUS_OUT_OF_RANGE),
    (StatusListTooShort, texts.STATUS_TOO_SHORT),
    (StatusMalformed, texts.STATUS_MALFORMED),
    (NoStatusList, texts.STATUS_MALFORMED),
    (CryptographyFailed, texts.STATUS_REFUSED),
    (Unavailable, texts.STATUS_UNREACHABLE),
    (Forbidden, texts.STATUS_UNREACHABLE),
    (MalformedInput, texts.STATUS_MALFORMED),
)


def check_status(verified: Verified, document: DocumentDefinition | None, on: Circumstances) -> Check:
    """Look the credential up in every list that it names; the worst finding counts, known before unknown.

    What its issuer notes beside that changes nothing, unless the note cannot be read: then nobody knows what it says.
    """
    try:
        places, noted = _places(verified)
    except StatusMalformed as error:
        return _check(Outcome.UNDECIDED, texts.STATUS_MALFORMED, error.clause, _problem(error))
    media_type = status_list_cwt.MEDIA_TYPE if verified.format == MSO_MDOC else token_status_list.MEDIA_TYPE
    found = [_look_up(place, media_type, document, on) for place in places] or [
        _without_list(verified, document)
    ]
    notes = [_look_up(place, media_type, document, on) for place in noted]
    order = (Outcome.FAILED, Outcome.UNDECIDED, Outcome.PASSED)
    worst = min([*found, *notes], key=lambda check: order.index(check.outcome))
    if worst.outcome is Outcome.UNDECIDED and any(worst is note for note in notes):
        worst = replace(worst, reason=texts.STATUS_NOTE_UNREAD)
    said = _notes_in(notes)
    if not said:
        return worst
    is_fine = worst.outcome is Outcome.PASSED and worst.reason == texts.STATUS_PASSED
    reason = texts.STATUS_NOTED if is_fine else worst.reason
    return replace(worst, reason=reason, evidence={**worst.evidence, **said})


_Place: TypeAlias = ClaimedEntry | tuple[int, str]


def _places(verified: Verified) -> tuple[Sequence[_Place], Sequence[_Place]]:
    """Return where the status stands, and where its issuer notes something beside it."""
    if verified.format in W3C_FORMATS:
        entries = entries_of(verified.status)
        return (
            [entry for entry in entries if entry.purpose in _JUDGED],
            [entry for entry in entries if entry.purpose in NOTED],
        )
    reference = token_status_list.reference_in(verified.status)
    return ([] if reference is None else [reference]), []


def _without_list(verified: Verified, document: DocumentDefinition | None) -> Check:
    """Judge a credential that names no list: right for short-lived types, and for no other."""
    is_expected = document is None or document.has_status
    if is_expected or verified.valid_until is None:
        return _check(Outcome.UNDECIDED, texts.STATUS_MISSING)
    return _check(Outcome.PASSED, texts.STATUS_NONE)


def _look_up(place: _Place, media_type: str, document: DocumentDefinition | None, on: Circumstances) -> Check:
    is_bitstring = isinstance(place, ClaimedEntry)
    uri = place.list_url if isinstance(place, ClaimedEntry) else place[1]
    clause = _BITSTRING if is_bitstring else _TOKEN
    accept = BITSTRING_MEDIA_TYPE if is_bitstring else media_type
    evidence = {"list": uri[:300]}
    try:
        fetched = on.lists.get(uri, accept, on.now)
    except TegataError as error:
        evidence |= {"problem": error.kind, "problem_type": RETRIEVAL}
        return _check(Outcome.UNDECIDED, texts.STATUS_UNREACHABLE, clause, evidence)
    evidence["fetched_at"] = fetched.fetched_at.isoformat()
    try:
        if on.now - fetched.fetched_at > fetched.max_age:
            raise StatusStale("the copy is too old")
        if isinstance(place, ClaimedEntry):
            reading = _reading(place, fetched, on)
            if place.purpose in NOTED:
                return _noted(place, reading.value, clause, evidence)
            value = _value_of(reading)
        else:
            value = _token_value(place, fetched, on)
    except TegataError as error:
        on.lists.unusable(uri, on.now)
        reason = next((text for kind, text in _REASONS if isinstance(error, kind)), texts.STATUS_REFUSED)
        return _check(Outcome.UNDECIDED, reason, error.clause or clause, evidence | _problem(error))
    return _judged(value, document, clause, evidence)


def _problem(error: TegataError) -> dict[str, str]:
    return {"problem": error.kind, "problem_type": problem_type_of(error)}


def _noted(entry: ClaimedEntry, value: int, clause: str, evidence: Mapping[str, str]) -> Check:
    """Pass, with the value and its text as evidence: meant for developers, so it is no reason of its own (§2.1)."""
    said = f"{value:#x} {entry.message_of(value)}".strip()
    if entry.references:
        said += f" ({', '.join(entry.references)})"
    printable = "".join(letter if letter.isprintable() else " " for letter in said)
    return _check(
        Outcome.PASSED, texts.STATUS_NOTED, clause, {**evidence, entry.purpose: printable[:_MAX_NOTE]}
    )


def _notes_in(checks: Sequence[Check]) -> dict[str, str]:
    """Return what was noted, by purpose."""
    found: dict[str, str] = {}
    for check in checks:
        for purpose in NOTED:
            if note := check.evidence.get(purpose, ""):
                found[purpose] = f"{found[purpose]} / {note}" if purpose in found else note
    return found


def _judged(
    value: int, document: DocumentDefinition | None, clause: str, evidence: Mapping[str, str]
) -> Check:
    if value == Status.VALID:
        return _check(Outcome.PASSED, texts.STATUS_PASSED, clause, evidence)
    if value == Status.INVALID:
        # A Bitstring Status List has one bit for both, and no word for "used".
        is_either = clause == _BITSTRING and document is not None and document.single_use is not None
        reason = texts.STATUS_REVOKED_OR_USED if is_either else texts.STATUS_REVOKED
        return _check(Outcome.FAILED, reason, clause, evidence)
    if value == Status.SUSPENDED:
        return _check(Outcome.FAILED, texts.STATUS_SUSPENDED, clause, evidence)
    if document is not None and document.single_use and value == document.single_use.status_value:
        return _check(Outcome.FAILED, texts.STATUS_USED, clause, evidence)
    # Values that only some issuers give a meaning (Token Status List §7.1).
    return _check(Outcome.UNDECIDED, texts.STATUS_MALFORMED, clause, {**evidence, "value": str(value)})


def _token_value(place: tuple[int, str], fetched: Fetched, on: Circumstances) -> int:
    index, uri = place
    try:
        parsed = _parsed_token(fetched.body)
    except StatusUnavailable as error:
        # Something came, and it is no list: that is not the network's fault.
        raise NoStatusList(error.detail, clause=error.clause) from None
    problem: TegataError = StatusNotVerified("signed by no status key of this organisation", clause=_TOKEN)
    for organisation, key in _keys(parsed.key_reference, on):
        try:
            found = _verified_token(parsed, key, uri, on)
        except StatusNotVerified as error:
            problem = error
            continue
        _check_signer(organisation, key, parsed.key_reference, found.issued_at, on)
        if found.expires_at is None and on.now - found.issued_at > fetched.max_age:
            raise StatusStale("a list without an end that was signed long ago")
        return found.status_at(index)
    raise problem


def _verified_token(
    parsed: ParsedStatusList | ParsedStatusListCwt, key: ListedKey, uri: str, on: Circumstances
) -> StatusList:
    if isinstance(parsed, ParsedStatusListCwt):
        return status_list_cwt.verify(parsed, key.key, on.algorithms, now=on.now, expected_uri=uri)
    return token_status_list.verify(parsed, key.key, on.algorithms, now=on.now, expected_uri=uri)


@lru_cache(maxsize=16)
def _parsed_token(body: bytes) -> ParsedStatusList | ParsedStatusListCwt:
    """Take a list apart; thousands of credentials of one school look into the same bytes.

    It is what it is, whatever was asked for: one address has both renderings, and a copy may have been kept for either.
    """
    return status_list_cwt.parse(body) if is_cwt(body) else token_status_list.parse(body)


def _reading(entry: ClaimedEntry, fetched: Fetched, on: Circumstances) -> Reading:
    try:
        form = credential_form(fetched.body)
        content = json.loads(fetched.body, max_bytes=MAX_LIST_BYTES) if form == LDP_VC else fetched.body
    except MalformedInput as error:
        raise NoStatusList(error.detail, clause=_BITSTRING) from None

    def verify_proof(_document: object) -> Mapping[str, Any]:
        return _proven(fetched.body, form, on)

    try:
        return bitstring_status_list.check(entry, content, verify_proof, now=on.now)
    except StatusListExpired:
        raise
    except StatusUnavailable as error:
        raise NoStatusList(error.detail, clause=error.clause) from None


def _value_of(reading: Reading) -> int:
    if not reading.is_set:
        return Status.VALID
    return Status.INVALID if reading.purpose == bitstring_status_list.REVOCATION else Status.SUSPENDED


def _proven(body: bytes, form: str, on: Circumstances) -> Mapping[str, Any]:
    """Return the list credential, once a status key of the organisation is known to have signed it."""
    opened, *further = open_credentials(body, form, on.contexts, _LIST_LIMITS)
    if further:
        raise StatusNotVerified("several credentials where one list belongs", clause=_BITSTRING)
    problem: TegataError = StatusNotVerified(
        "signed by no status key of this organisation", clause=_BITSTRING
    )
    for organisation, key in _keys(opened.key_reference, on):
        if opened.issuer not in {organisation.identifier, organisation.did}:
            continue
        try:
            verified = opened.verifying(
                key.key, on.algorithms, now=on.now, expected=Expected(enforce_validity=False), proof=False
            )
        except CryptographyFailed as error:
            problem = error
            continue
        at = verified.issued_at or verified.valid_from or on.now
        _check_signer(organisation, key, opened.key_reference, at, on)
        return verified.raw
    raise problem


def _keys(reference: KeyReference, on: Circumstances) -> list[tuple[TrustedOrganisation, ListedKey]]:
    """Return the status keys that may have signed the list: the organisation's, or those of who took over from it."""
    successor = on.snapshot.trust_list.by_identifier.get(on.organisation.successor)
    organisations = [on.organisation, *([successor] if successor is not None else [])]
    return [
        (organisation, key)
        for organisation in organisations
        for key in issuers.candidates(organisation, reference, (KeyUse.STATUS,))
    ]


def _check_signer(
    organisation: TrustedOrganisation,
    key: ListedKey,
    reference: KeyReference,
    at: datetime,
    on: Circumstances,
) -> None:
    try:
        issuers.check_key(on.snapshot, organisation, key, at)
        issuers.check_certificates(on.snapshot, organisation, key, reference.certificates, at)
    except (Forbidden, CryptographyFailed) as error:
        raise StatusNotVerified(error.detail, clause=error.clause) from None


def _check(
    outcome: Outcome, reason: Text, clause: str = "", evidence: Mapping[str, str] | None = None
) -> Check:
    return Check(CheckName.STATUS, outcome, reason, clause, evidence or {})
