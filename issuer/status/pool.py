"""Handing out slots of status lists: each once, in shuffled order, and never before caches know it as valid.

Slots that nobody was given are published as invalid, so that a credential forged with a stolen key does not find a
valid slot. New slots are therefore opened ahead: published as valid one cache lifetime before the first one is used.
A brand-new list is in no cache, so all that it opens can be used at once.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache, partial

from sqlalchemy import Connection

from issuer.status import store
from issuer.status.store import StoredStatusList
from tegata.status.entries import MIN_SIZE, Entries, Status
from tegata.status.permutation import IndexPermutation

#: How many slots are opened at a time, and when the next ones are opened.
POOL = 8_192
LOW = POOL // 2


@dataclass(frozen=True, slots=True)
class Slot:
    """One place in one list."""

    list_id: str
    index: int


@dataclass(frozen=True, slots=True)
class Instance:
    """What is about to be signed: a master or a copy of a document."""

    id: str
    document_id: str


class SlotPool:
    """Allocates slots; `secret` (32 bytes) fixes the order of every list, `cache_lifetime` is how long lists are kept."""

    def __init__(self, secret: bytes, cache_lifetime: timedelta) -> None:
        self._cache_lifetime = cache_lifetime
        #: The orders of the lists in use: one costs ten times less the longer it is kept.
        self._order = lru_cache(maxsize=64)(partial(IndexPermutation, secret))
        #: The list that each school's last slots came from, with its size; whether it has more is asked each time.
        self._current: dict[str, tuple[str, int]] = {}

    def allocate(
        self,
        connection: Connection,
        tenant_id: str,
        school_id: str,
        instances: Sequence[Instance],
        now: datetime,
    ) -> list[Slot]:
        """Give each instance a slot of its own and record it, in the caller's transaction."""
        slots = self._take_quickly(connection, school_id, len(instances), now)
        current = None if slots else store.newest_list(connection, school_id)
        while len(slots) < len(instances):
            wanted = len(instances) - len(slots)
            if current is not None:
                current, found = self._take(connection, current, wanted, now)
                slots.extend(found)
            if len(slots) < len(instances):
                current = self._new_list(connection, tenant_id, school_id, wanted, now)
        if current is not None:
            self._current[school_id] = (current.id, current.size)
        rows: list[dict[str, object]] = [
            {
                "tenant_id": tenant_id,
                "list_id": slot.list_id,
                "slot": slot.index,
                "document_id": instance.document_id,
                "instance_id": instance.id,
            }
            for slot, instance in zip(slots, instances, strict=True)
        ]
        store.add_entries(connection, rows)
        return slots

    def _take_quickly(self, connection: Connection, school_id: str, count: int, now: datetime) -> list[Slot]:
        """Take slots of the list at hand in one statement; none if that list is unknown, low or full."""
        known = self._current.get(school_id)
        if known is None or not count:
            return []
        list_id, size = known
        first = store.take(connection, list_id, count, LOW, now - self._cache_lifetime)
        if first is None:
            return []
        order = self._order(list_id, size)
        return [Slot(list_id, order.index_of(first + step)) for step in range(count)]

    def _take(
        self, connection: Connection, found: StoredStatusList, wanted: int, now: datetime
    ) -> tuple[StoredStatusList, list[Slot]]:
        usable = found.usable
        if now >= found.opened_at + self._cache_lifetime:
            usable = found.opened
        count = min(wanted, usable - found.allocated)
        order = self._order(found.id, found.size)
        slots = [Slot(found.id, order.index_of(found.allocated + step)) for step in range(count)]
        after = replace(found, usable=usable, allocated=found.allocated + count)
        values: dict[str, object] = {"usable": after.usable, "allocated": after.allocated}
        # Only when the last opening has reached every cache: a second one would make the first wait again.
        if after.usable == after.opened < after.size and after.opened - after.allocated < LOW:
            opened = min(after.opened + POOL, after.size)
            bits = _opened(order, Entries(after.bits), after.opened, opened).packed
            after = replace(after, opened=opened, opened_at=now, bits=bits, version=after.version + 1)
            values |= {
                "opened": opened,
                "opened_at": now,
                "bits": bits,
                "version": after.version,
                "changed_at": now,
            }
        store.change_list(connection, after.id, **values)
        return after, slots

    def _new_list(
        self, connection: Connection, tenant_id: str, school_id: str, wanted: int, now: datetime
    ) -> StoredStatusList:
        list_id = secrets.token_hex(16)
        opened = min(max(POOL, wanted + LOW), MIN_SIZE)
        order = self._order(list_id, MIN_SIZE)
        made = StoredStatusList(
            id=list_id,
            tenant_id=tenant_id,
            school_id=school_id,
            size=MIN_SIZE,
            allocated=0,
            usable=opened,
            opened=opened,
            opened_at=now,
            bits=_opened(order, Entries.unallocated(MIN_SIZE), 0, opened).packed,
            version=1,
            changed_at=now,
        )
        store.add_list(connection, made)
        return made


def _opened(order: IndexPermutation, entries: Entries, first: int, end: int) -> Entries:
    return entries.changed({order.index_of(counter): Status.VALID for counter in range(first, end)})
