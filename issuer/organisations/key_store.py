"""Rows of signing keys, read and written. Every function runs inside its caller's transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Table, bindparam, insert, select, update

from issuer.organisations.tables import SigningKey
from tegata.identity.certificates import KeyUse
from tegata.service.statements import Statement

_key: Table = SigningKey.__table__  # type: ignore[attr-defined]  # SQLModel adds it


_COLUMNS = tuple(_key.c.keys())
# Written once: every signature asks.
_ACTIVE = Statement(
    select(_key).where(
        _key.c.organisation_id == bindparam("b_organisation"),
        _key.c.use == bindparam("b_use"),
        _key.c.state == "active",
    )
)


class KeyState(StrEnum):
    """A key's life: waits for its certificate, signs, signs no more, was in other hands."""

    PENDING = "pending"
    ACTIVE = "active"
    RETIRED = "retired"
    COMPROMISED = "compromised"


@dataclass(frozen=True, slots=True)
class StoredKey:
    """A key's row. `chain` is base64 DER, leaf first, without the anchor."""

    id: str
    tenant_id: str
    organisation_id: str
    use: KeyUse
    algorithm: str
    key_id: str
    state: KeyState
    created_at: datetime
    active_from: datetime | None
    active_until: datetime | None
    compromised_from: datetime | None
    public_jwk: dict[str, str]
    sealed: bytes
    chain: tuple[str, ...] = ()

    def may_sign(self, at: datetime) -> bool:
        """Whether new signatures may be made with it."""
        if self.state is not KeyState.ACTIVE or self.active_from is None or at < self.active_from:
            return False
        return self.active_until is None or at <= self.active_until


def add(connection: Connection, stored: StoredKey) -> None:
    """Record a new key."""
    values = {name: getattr(stored, name) for name in StoredKey.__slots__}
    values |= {"use": stored.use.value, "state": stored.state.value, "chain": list(stored.chain)}
    connection.execute(insert(_key).values(**values))


def by_id(connection: Connection, row_id: str, *, lock: bool = False) -> StoredKey | None:
    """Find a key by its row; with `lock`, nobody else changes it until the commit."""
    query = select(_key).where(_key.c.id == row_id)
    row = connection.execute(query.with_for_update() if lock else query).mappings().first()
    return None if row is None else _stored(row)


def of_organisation(
    connection: Connection,
    organisation_id: str,
    *,
    uses: Sequence[KeyUse] | None = None,
    states: Sequence[KeyState] | None = None,
) -> tuple[StoredKey, ...]:
    """Return the keys of a school or of the operator, those active last first, pending ones before all."""
    query = select(_key).where(_key.c.organisation_id == organisation_id)
    if uses is not None:
        query = query.where(_key.c.use.in_([use.value for use in uses]))
    if states is not None:
        query = query.where(_key.c.state.in_([state.value for state in states]))
    found = [_stored(row) for row in connection.execute(query).mappings()]
    return tuple(
        sorted(
            found, key=lambda item: (item.active_from is None, item.active_from or item.created_at, item.id)
        )
    )[::-1]


def active(connection: Connection, organisation_id: str, use: KeyUse) -> tuple[StoredKey, ...]:
    """Return the active keys for one use, those active last first: what every signature asks."""
    rows = _ACTIVE.all(connection, {"b_organisation": organisation_id, "b_use": use.value})
    found = [_stored(dict(zip(_COLUMNS, row, strict=True))) for row in rows]
    return tuple(sorted(found, key=lambda item: (item.active_from or item.created_at, item.id), reverse=True))


def activate(
    connection: Connection,
    row_id: str,
    *,
    chain: Sequence[str],
    active_from: datetime,
    active_until: datetime | None,
) -> bool:
    """Make a pending key active; of any number of concurrent calls exactly one returns True."""
    done = connection.execute(
        update(_key)
        .where(_key.c.id == row_id, _key.c.state == KeyState.PENDING.value)
        .values(
            state=KeyState.ACTIVE.value, chain=list(chain), active_from=active_from, active_until=active_until
        )
    )
    return done.rowcount == 1


def end(connection: Connection, row_id: str, state: KeyState, active_until: datetime | None) -> None:
    """Set a key's state and the last instant of its use."""
    connection.execute(
        update(_key).where(_key.c.id == row_id).values(state=state.value, active_until=active_until)
    )


def compromise(connection: Connection, row_id: str, since: datetime) -> None:
    """Record that a key was in other hands from an instant on."""
    connection.execute(
        update(_key)
        .where(_key.c.id == row_id)
        .values(state=KeyState.COMPROMISED.value, compromised_from=since)
    )


def _stored(row: Any) -> StoredKey:
    return StoredKey(
        **{
            **row,
            "use": KeyUse(row["use"]),
            "state": KeyState(row["state"]),
            "chain": tuple(row["chain"] or ()),
            "sealed": bytes(row["sealed"]),
        }
    )
