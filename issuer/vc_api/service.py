"""`/credentials/issue` and `/credentials/status` (VCALM) over recorded documents.

A caller's credential is compared with the record, never signed: what is answered is the master that was sealed under
an approval. So the API can be asked twice, and issues nothing that a person did not approve.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from issuer.base import AUDIT
from issuer.issuance import store
from issuer.issuance.batches import claims_of
from issuer.issuance.credentials import status_reference
from issuer.issuance.sealer import master_of
from issuer.issuance.states import DocumentState
from issuer.issuance.store import StoredDocument
from issuer.issuance.workshop import Workshop
from issuer.organisations.school import School
from issuer.status.service import Change, Reason, StatusService, status_of
from issuer.status.store import list_by_id, slots_of
from issuer.vc_api.errors import CredentialUnusable, NotAsApproved, StatusUnusable
from tegata.codec import json
from tegata.errors import NotFound
from tegata.service.api_keys.keys import Caller
from tegata.service.audit import Entry, append
from tegata.status.bitstring_entry import TYPE, ClaimedEntry, parse_entry
from tegata.status.bitstring_status_list import REVOCATION, SUSPENSION
from tegata.status.entries import Status
from tegata.status.errors import StatusIndexOutOfRange

_IDENTIFIER = re.compile(r"urn:uuid:([0-9a-f]{8})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{12})")
#: What a caller may say of a credential; everything else the issuer says alone.
_MAY_SAY = frozenset({"@context", "id", "type", "issuer", "credentialSubject", "validFrom", "validUntil"})


@dataclass(frozen=True, slots=True)
class IssueRequest:
    """A credential as its caller would have it, and the recorded document that it names."""

    document_id: str
    credential: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class StatusRequest:
    """Which document becomes what; `entry` is there if the caller says which slot that is."""

    document_id: str
    change: Change
    entry: ClaimedEntry | None = None


def issue_request(body: Any) -> IssueRequest:
    """Read the body of `/credentials/issue`; raises `CredentialUnusable`."""
    credential = body.get("credential") if isinstance(body, Mapping) else None
    options = body.get("options", {}) if isinstance(body, Mapping) else None
    if not isinstance(credential, Mapping) or not isinstance(options, Mapping):
        raise CredentialUnusable("no credential, or options that are none", clause="VCALM §3.2.1")
    further = credential.keys() - _MAY_SAY
    if further:
        names = ", ".join(sorted(name[:40] for name in further)[:5])
        raise CredentialUnusable(f"members that the issuer alone writes: {names}", pointer="/credential")
    stated = options.get("credentialId", credential.get("id"))
    if "id" in credential and credential["id"] != stated:
        raise CredentialUnusable("two different ids", pointer="/options/credentialId")
    return IssueRequest(document_id(stated), credential)


def document_id(stated: Any) -> str:
    """Return the id of the document that a credential id names; raises `CredentialUnusable`."""
    found = _IDENTIFIER.fullmatch(stated) if isinstance(stated, str) else None
    if found is None:
        raise CredentialUnusable("credentialId is not the urn:uuid of a document")
    return "".join(found.groups())


def status_change(body: Any) -> StatusRequest:
    """Read the body of `/credentials/status`: which document, and what it becomes.

    Raises `StatusUnusable`, and `StatusMalformed` for an entry that names a list or an index and is none.
    """
    entry = body.get("credentialStatus") if isinstance(body, Mapping) else None
    wanted = body.get("status") if isinstance(body, Mapping) else None
    if not isinstance(entry, Mapping) or not isinstance(wanted, bool) or entry.get("type") != TYPE:
        raise StatusUnusable("no status entry of a Bitstring Status List", clause="VCALM §3.2.3")
    purpose = entry.get("statusPurpose")
    if purpose == REVOCATION and wanted:
        change = Change(Status.INVALID, Reason.OTHER, "VC API")
    elif purpose == SUSPENSION:
        change = Change(Status.SUSPENDED if wanted else Status.VALID, Reason.OTHER, "VC API")
    else:
        raise StatusUnusable("a revocation is final" if purpose == REVOCATION else "another purpose")
    is_whole = "statusListIndex" in entry or "statusListCredential" in entry
    claimed = parse_entry(entry) if is_whole else None
    return StatusRequest(document_id(body.get("credentialId")), change, claimed)


class VcApiService:
    """The use cases of one installation."""

    def __init__(self, workshop: Workshop) -> None:
        self._workshop = workshop
        self._statuses = StatusService(workshop.database, workshop.vault)

    def issue(self, school: School, caller: Caller, wanted: IssueRequest, now: datetime) -> dict[str, Any]:
        """Return the sealed master of a recorded document.

        1. The document is this school's, its batch was approved, and it is sealed.
        2. What the caller says of it (context, type, issuer, subject, dates) is what was sealed, to the letter.
        3. It is neither revoked nor suspended.

        Raises `NotFound`, also for another tenant's school or document, and `NotAsApproved`.
        """
        workshop = self._workshop
        with workshop.database.writing() as connection:
            item = self._document(connection, school, caller, wanted.document_id)
            if item.state != DocumentState.SEALED:
                raise NotAsApproved(f"the document is {item.state}")
            if status_of(connection, item.id) is not Status.VALID:
                raise NotAsApproved("the document is revoked or suspended")
            master: dict[str, Any] = json.loads(master_of(workshop, item))
            _check_same(wanted.credential, master, claims_of(workshop, item))
            entry = Entry(caller.tenant_id, caller.actor, "master.handed_out", item.id, item.digest)
            append(connection, AUDIT, now, entry)
        return master

    def change_status(self, school: School, caller: Caller, wanted: StatusRequest, now: datetime) -> None:
        """Revoke, suspend or reinstate a document.

        Raises `NotFound`, `StatusUnusable` or `StatusIndexOutOfRange` for a slot that is not the document's, and what
        `StatusService.change` raises.
        """
        with self._workshop.database.reading() as connection:
            item = self._document(connection, school, caller, wanted.document_id)
            if wanted.entry is not None:
                _check_slot(connection, school, item.id, wanted.entry)
        self._statuses.change(caller.tenant_id, item.id, wanted.change, caller.actor, now)

    @staticmethod
    def _document(connection: Any, school: School, caller: Caller, identifier: str) -> StoredDocument:
        if school.tenant_id != caller.tenant_id:
            raise NotFound("another tenant's school")
        item = store.document(connection, caller.tenant_id, identifier)
        if item.school_id != school.id:
            raise NotFound("another school's document")
        return item


def _check_slot(connection: Any, school: School, document: str, entry: ClaimedEntry) -> None:
    """Make sure that an entry is one of the document's: else the caller means another than it says."""
    for list_id, slot in slots_of(connection, document):
        reference = status_reference(school, list_id, slot)
        if entry.list_url not in {reference.revocation_list, reference.suspension_list}:
            continue
        found = list_by_id(connection, list_id)
        if found is None or entry.index >= found.size:
            raise StatusIndexOutOfRange(f"index {entry.index}", pointer="/credentialStatus/statusListIndex")
        if entry.list_url.endswith(f"/{entry.purpose}") and entry.index == slot:
            return
    raise StatusUnusable("a slot that is not the document's", pointer="/credentialStatus")


def _check_same(stated: Mapping[str, Any], master: Mapping[str, Any], claims: Mapping[str, Any]) -> None:
    """Compare what the caller says with what was sealed; raises `NotAsApproved` with the member that differs."""
    types = stated.get("type")
    if set(types if isinstance(types, list) else [types]) != set(master["type"]):
        raise NotAsApproved("another type", pointer="/credential/type")
    issuer = stated.get("issuer", master["issuer"]["id"])
    if (issuer.get("id") if isinstance(issuer, Mapping) else issuer) != master["issuer"]["id"]:
        raise NotAsApproved("another issuer", pointer="/credential/issuer")
    if stated.get("credentialSubject") != claims:
        raise NotAsApproved("another subject", pointer="/credential/credentialSubject")
    for name in ("@context", "validFrom", "validUntil"):
        if name in stated and stated[name] != master.get(name):
            raise NotAsApproved(f"another {name}", pointer=f"/credential/{name}")
