"""Slots: each handed out once, known as valid to every cache before its first use, invalid until then."""

import secrets
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

from issuer.issuance.store import StoredDocument
from issuer.issuance.workshop import cache_lifetime
from issuer.organisations.school import School
from issuer.status import store
from issuer.status.pool import LOW, POOL, Instance, Slot
from issuer.status.store import StoredStatusList
from tegata.status.entries import Entries, Status
from tests.issuer.neighbours import sister_school
from tests.simulators.school import NOW, ReadySchool

LIFETIME = cache_lifetime(3600)


def _take(
    ready: ReadySchool, school: School, document: StoredDocument, count: int, now: datetime
) -> list[Slot]:
    instances = [Instance(secrets.token_hex(16), document.id) for _ in range(count)]
    with ready.workshop.database.writing() as connection:
        return ready.workshop.slots.allocate(connection, school.tenant_id, school.id, instances, now)


def _newest(ready: ReadySchool, school: School) -> StoredStatusList:
    with ready.workshop.database.writing() as connection:
        found = store.newest_list(connection, school.id)
    assert found is not None
    return found


def test_slots_are_taken_by_many_at_once_and_none_is_taken_twice(
    ready: ReadySchool, document: StoredDocument
) -> None:
    with ThreadPoolExecutor(8) as pool:
        taken = list(pool.map(lambda _: _take(ready, ready.school, document, 5, NOW), range(40)))
    slots = [slot for some in taken for slot in some]
    assert len(slots) == len(set(slots)) == 200
    with ready.workshop.database.reading() as connection:
        recorded = store.slots_of(connection, document.id)
    assert len(recorded) == len(set(recorded)) == 201  # the master's as well
    assert {(slot.list_id, slot.index) for slot in slots} < set(recorded)


def test_an_index_tells_nothing_about_the_order_of_issuing(
    ready: ReadySchool, document: StoredDocument
) -> None:
    indices = [slot.index for slot in _take(ready, ready.school, document, 50, NOW)]
    assert indices != sorted(indices)
    assert max(indices) - min(indices) > 1_000


def test_slots_are_opened_ahead_and_used_only_when_every_cache_knows_them(
    ready: ReadySchool, document: StoredDocument
) -> None:
    school = sister_school(ready, NOW)
    taken = _take(ready, school, document, LOW, NOW)
    first = _newest(ready, school)
    # A new list is in no cache: what it opens is usable at once, and nothing more is open.
    assert (first.allocated, first.usable, first.opened) == (LOW, POOL, POOL)
    entries = Entries(first.bits)
    assert all(entries.status_at(slot.index) is Status.VALID for slot in taken)
    open_slots = [index for index in range(first.size) if entries.status_at(index) is Status.VALID]
    assert len(open_slots) == POOL
    closed = set(range(first.size)) - set(open_slots)
    assert all(entries.status_at(index) is Status.INVALID for index in closed)

    taken += _take(ready, school, document, 1, NOW)
    second = _newest(ready, school)
    # Fewer than half are left: the next ones are published as valid, and wait.
    assert (second.id, second.usable, second.opened) == (first.id, POOL, 2 * POOL)
    assert second.version == first.version + 1
    assert second.opened_at == NOW

    early = NOW + LIFETIME - timedelta(seconds=1)
    taken += _take(ready, school, document, LOW, early)
    third = _newest(ready, school)
    assert third.id != first.id, "what is open and not known to every cache must not be used"

    with ready.workshop.database.reading() as connection:
        old = store.list_by_id(connection, first.id)
    assert old is not None
    assert old.allocated == old.usable == POOL
    assert len(taken) == len(set(taken))


def test_opened_slots_are_used_once_every_cache_knows_them(
    ready: ReadySchool, document: StoredDocument
) -> None:
    _take(ready, ready.school, document, LOW, NOW)
    opened = _newest(ready, ready.school)
    assert opened.opened == 2 * POOL
    _take(ready, ready.school, document, 1, NOW + LIFETIME)
    after = _newest(ready, ready.school)
    assert (after.id, after.usable) == (opened.id, 2 * POOL)
    assert after.opened == 2 * POOL, "the next opening waits until fewer than half are left"


def test_a_cache_lifetime_covers_a_cache_on_the_way_and_the_verifier_behind_it() -> None:
    ttl = 3600
    on_the_way, at_the_verifier, clocks = ttl // 2, ttl, 60
    assert cache_lifetime(ttl) >= timedelta(seconds=on_the_way + at_the_verifier + clocks)
