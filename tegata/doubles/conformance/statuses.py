"""Bitstring status lists of the double: an entry for each credential of one issuer, set and read over the API (VCALM §3.2.3)."""

import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from tegata.doubles.conformance.instances import Instance
from tegata.errors import MalformedInput, NotFound
from tegata.formats import data_integrity
from tegata.keys.bls import SoftwareBbsSigner
from tegata.status import bitstring_entry, bitstring_status_list
from tegata.status.bitstring_entry import ClaimedEntry
from tegata.status.bitstring_status_list import REVOCATION, SUSPENSION
from tegata.status.entries import MIN_SIZE, Entries, Status

PURPOSES = {REVOCATION: Status.INVALID, SUSPENSION: Status.SUSPENDED}
_LIFE, _TTL = timedelta(hours=1), timedelta(minutes=5)


class Statuses:
    """The entries of one issuer, and which credential has which; lost when the double ends."""

    def __init__(self, instance: Instance, base: str) -> None:
        """Start with no credential; `base` is the double's origin."""
        self._instance, self._base = instance, base
        self._entries = Entries.unallocated()
        self._indices: dict[str, int] = {}

    def url(self, purpose: str) -> str:
        """Return where the list for a purpose is."""
        return f"{self._base}/status-lists/{purpose}"

    def with_entries(self, credential: Mapping[str, Any]) -> dict[str, Any]:
        """Return the credential with an entry for each purpose; one that brings its own keeps it, if it is well-formed.

        Raises `StatusMalformed`.
        """
        if "credentialStatus" in credential:
            bitstring_entry.entries_of(credential["credentialStatus"])
            return dict(credential)
        index = self._allocate()
        identifier = credential.get("id")
        if isinstance(identifier, str):
            self._indices[identifier] = index
        entries = [
            ClaimedEntry(purpose, index, self.url(purpose)).stated(f"{self.url(purpose)}#{index}")
            for purpose in PURPOSES
        ]
        return {**credential, "credentialStatus": entries}

    def change(self, body: Any) -> None:
        """Set what `/credentials/status` asks for; raises `NotFound` for a credential without an entry here."""
        entry = body.get("credentialStatus") if isinstance(body, Mapping) else None
        purpose = entry.get("statusPurpose") if isinstance(entry, Mapping) else None
        if purpose not in PURPOSES or not isinstance(body.get("status", True), bool):
            raise MalformedInput("a purpose that has no list, or a status that is neither true nor false")
        index = self._indices.get(str(body.get("credentialId")))
        if index is None:
            raise NotFound("no credential of this id has an entry here")
        value = PURPOSES[purpose] if body.get("status", True) else Status.VALID
        self._entries = self._entries.changed({index: value})

    def published(self, purpose: str, now: datetime, contexts: Mapping[str, bytes]) -> dict[str, Any]:
        """Return the secured list for a purpose; raises `NotFound` for another."""
        if purpose not in PURPOSES:
            raise NotFound("no list is kept for this purpose")
        start = now.replace(microsecond=0)
        signer = self._instance.signer
        if isinstance(signer, SoftwareBbsSigner):
            raise MalformedInput("no key for lists")
        return bitstring_status_list.publish(
            self._entries,
            purpose,
            lambda document: data_integrity.secure(document, signer, self._instance.method, start, contexts),
            url=self.url(purpose),
            issuer=self._instance.did,
            valid_from=start,
            valid_until=start + _LIFE,
            ttl=_TTL,
        )

    def set_purposes(self, credential: Mapping[str, Any]) -> tuple[str, ...]:
        """Return the purposes for which an entry of ours is set: `revocation`, `suspension`. Raises `StatusMalformed`."""
        claimed = bitstring_entry.entries_of(credential.get("credentialStatus"))
        return tuple(
            entry.purpose
            for entry in claimed
            if entry.purpose in PURPOSES
            and entry.list_url == self.url(entry.purpose)
            and self._entries.status_at(entry.index) is PURPOSES[entry.purpose]
        )

    def _allocate(self) -> int:
        taken = set(self._indices.values())
        index = secrets.randbelow(MIN_SIZE)
        while index in taken:
            index = secrets.randbelow(MIN_SIZE)
        self._entries = self._entries.changed({index: Status.VALID})
        return index
