"""Changing a document's status, and publishing lists.

A change of the document writes the slots of all its instances, master and copies in every format, in one transaction.
Revocation is final; a suspension can be lifted. Reasons are kept sealed inside and appear in no public list.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import Connection

from issuer.base import AUDIT
from issuer.issuance import store as documents
from issuer.issuance.errors import FinalStatus, WrongState
from issuer.issuance.states import DocumentState
from issuer.status import store
from tegata.errors import MalformedInput, Text
from tegata.service import failpoints
from tegata.service.audit import Entry, append
from tegata.service.database import Database
from tegata.service.vault import Vault
from tegata.status.entries import Entries, Status

_FINAL = frozenset({Status.INVALID, Status.USED})
AFTER_CHANGE = failpoints.define("status.after_change")


class Reason(StrEnum):
    """Why a status changes; the words stand in `REASON_TEXT`."""

    ERROR = "error"
    CANCELLED = "cancelled"
    REQUESTED = "requested"
    SUPERSEDED = "superseded"
    INVESTIGATION = "investigation"
    LEAVE = "leave"
    RESOLVED = "resolved"
    REDEEMED = "redeemed"
    OTHER = "other"


REASON_TEXT: Mapping[Reason, Text] = {
    Reason.ERROR: Text("記載の誤り", "A mistake in the content"),
    Reason.CANCELLED: Text("卒業などの取消し", "The decision behind it was cancelled"),
    Reason.REQUESTED: Text("本人の申出", "Asked for by the learner"),
    Reason.SUPERSEDED: Text("新しい証明書に置き換え", "Replaced by a new certificate"),
    Reason.INVESTIGATION: Text("内容の確認中", "Being looked into"),
    Reason.LEAVE: Text("休学・退学", "Leave of absence, or left the school"),
    Reason.RESOLVED: Text("確認が済んだ", "Looked into and in order"),
    Reason.REDEEMED: Text("1回の使用が済んだ", "It has had its one use"),
    Reason.OTHER: Text("その他", "Other"),
}
STATUS_TEXT: Mapping[Status, Text] = {
    Status.VALID: Text("有効", "Valid"),
    Status.INVALID: Text("失効", "Revoked"),
    Status.SUSPENDED: Text("停止", "Suspended"),
    Status.USED: Text("使用済み", "Used"),
}


class NoteMissing(MalformedInput):
    """The reason `other` needs words."""

    kind = "note_missing"
    text = Text("理由「その他」には説明を入力してください。", "Explain the reason “other”.")


@dataclass(frozen=True, slots=True)
class Change:
    """A wish to change a document's status."""

    status: Status
    reason: Reason
    note: str = ""


class StatusService:
    """Revokes, suspends and reinstates documents of one installation."""

    def __init__(self, database: Database, vault: Vault) -> None:
        self._database = database
        self._vault = vault

    def change(self, tenant_id: str, document_id: str, change: Change, actor: str, now: datetime) -> None:
        """Set the status of every instance of a document.

        Raises `NotFound`, `WrongState` for a document that is not sealed or is in that status already, `FinalStatus`
        for one that is revoked or used, `NoteMissing`.
        """
        if change.reason is Reason.OTHER and not change.note.strip():
            raise NoteMissing("no note", pointer="note")
        with self._database.writing(durable=True) as connection:
            change_status(connection, self._vault, tenant_id, document_id, change, actor, now)
        failpoints.passing(AFTER_CHANGE)

    def history(self, tenant_id: str, document_id: str) -> list[tuple[datetime, Status, Reason, str, str]]:
        """Return every change, newest first: when, to what, why, the note, by whom."""
        with self._database.reading() as connection:
            documents.document(connection, tenant_id, document_id)
            return [
                (
                    row.changed_at,
                    Status(row.value),
                    Reason(row.reason),
                    str(self._vault.open(bytes(row.note), f"status_change.note/{row.id}")),
                    row.actor,
                )
                for row in store.changes(connection, document_id)
            ]


def change_status(
    connection: Connection,
    vault: Vault,
    tenant_id: str,
    document_id: str,
    change: Change,
    actor: str,
    now: datetime,
) -> None:
    """Set the status of every instance of a document inside the caller's transaction; raises as `StatusService.change`."""
    document = documents.document(connection, tenant_id, document_id, lock=True)
    if document.state != DocumentState.SEALED:
        raise WrongState("a document that is not sealed has no status")
    last = store.last_change(connection, document_id)
    before = Status.VALID if last is None else Status(last[0])
    if before in _FINAL:
        raise FinalStatus("revoked or used already")
    if before is change.status:
        raise WrongState("nothing would change")
    # The newest change is the present status: one that waited for another's lock, or met a clock that ran
    # behind, still comes after it.
    at = now if last is None else max(now, last[1] + timedelta(microseconds=1))
    _write_slots(connection, document_id, change.status, at)
    change_id = secrets.token_hex(16)
    store.add_change(
        connection,
        {
            "id": change_id,
            "tenant_id": tenant_id,
            "document_id": document_id,
            "value": int(change.status),
            "reason": change.reason.value,
            "note": vault.seal(change.note[:1000], f"status_change.note/{change_id}"),
            "actor": actor,
            "changed_at": at,
        },
    )
    action = f"document.{change.status.name.lower()}"
    append(connection, AUDIT, at, Entry(tenant_id, actor, action, document_id))


def _write_slots(connection: Connection, document_id: str, status: Status, now: datetime) -> None:
    by_list: dict[str, dict[int, Status]] = {}
    for list_id, slot in store.slots_of(connection, document_id):
        by_list.setdefault(list_id, {})[slot] = status
    # In one order everywhere, so that two changes never wait for each other.
    for list_id in sorted(by_list):
        found = store.list_by_id(connection, list_id, lock=True)
        if found is None:
            raise WrongState("a slot of a list that is not there")
        bits = Entries(found.bits).changed(by_list[list_id]).packed
        store.change_list(connection, list_id, bits=bits, version=found.version + 1, changed_at=now)


def status_of(connection: Connection, document_id: str) -> Status:
    """Return a document's present status."""
    return Status(store.current_value(connection, document_id))
