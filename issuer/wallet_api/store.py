"""What the wallet's requests read and write. Every function runs inside its caller's transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, delete, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from issuer.issuance.tables import Entitlement
from issuer.wallet_api.tables import Authorization, Instance, PreAuthorizedCode, UsedNonce
from tegata.service.statements import Statement

_entitlement = Entitlement.__table__  # type: ignore[attr-defined]  # SQLModel adds it
_code = PreAuthorizedCode.__table__  # type: ignore[attr-defined]  # same
_authorization = Authorization.__table__  # type: ignore[attr-defined]  # same
_nonce = UsedNonce.__table__  # type: ignore[attr-defined]  # same
_instance = Instance.__table__  # type: ignore[attr-defined]  # same
_FORGOTTEN_AT_ONCE = 1_000


@dataclass(frozen=True, slots=True)
class HeldEntitlement:
    """An entitlement as the wallet's edge needs it."""

    id: str
    tenant_id: str
    school_id: str
    document_id: str
    claim_until: datetime
    wallets_allowed: int
    wallets_claimed: int
    tx_code_digest: str | None
    wrong_attempts: int
    locked_until: datetime | None
    lock_count: int
    state: str


@dataclass(frozen=True, slots=True)
class HeldAuthorization:
    """An access token's row."""

    id: str
    tenant_id: str
    school_id: str
    entitlement_id: str
    configuration_ids: tuple[str, ...]
    identifiers_named: bool
    expires_at: datetime
    claimed_at: datetime | None


# Statements of every claim are written once: SQLAlchemy takes longer to build one than SQLite to run it.
_FIND_ENTITLEMENT = select(*(_entitlement.c[name] for name in HeldEntitlement.__slots__)).where(
    _entitlement.c.id == bindparam("b_id")
)
_ENTITLEMENT, _LOCKED_ENTITLEMENT = (
    Statement(_FIND_ENTITLEMENT),
    Statement(_FIND_ENTITLEMENT.with_for_update()),
)
_FIND_AUTHORIZATION = Statement(
    select(*(_authorization.c[name] for name in HeldAuthorization.__slots__)).where(
        _authorization.c.token_digest == bindparam("b_digest")
    )
)
_CLAIM = Statement(
    update(_authorization)
    .where(_authorization.c.id == bindparam("b_id"), _authorization.c.claimed_at.is_(None))
    .values(claimed_at=bindparam("b_now"))
)
_TAKE_PLACE = Statement(
    update(_entitlement)
    .where(
        _entitlement.c.id == bindparam("b_id"),
        _entitlement.c.wallets_claimed < _entitlement.c.wallets_allowed,
    )
    .values(wallets_claimed=_entitlement.c.wallets_claimed + 1)
)
_FORGET_NONCES = delete(_nonce).where(
    _nonce.c.digest.in_(
        select(_nonce.c.digest)
        .where(_nonce.c.expires_at < bindparam("b_now"))
        .limit(_FORGOTTEN_AT_ONCE)
        # Whoever else clears up at this moment takes others: nobody waits for it.
        .with_for_update(skip_locked=True)
    )
)
_REMEMBER_NONCE = {
    name: Statement(insert_of(_nonce).on_conflict_do_nothing(), tuple(_nonce.c.keys()))
    for name, insert_of in (("sqlite", sqlite.insert), ("postgresql", postgresql.insert))
}
_COUNT_INSTANCES = Statement(
    select(func.count()).select_from(_instance).where(_instance.c.authorization_id == bindparam("b_id"))
)
_ADD_INSTANCES = Statement(insert(_instance), tuple(_instance.c.keys()))


def entitlement_of_code(
    connection: Connection, code_id: str, *, lock: bool = False
) -> HeldEntitlement | None:
    """Find the entitlement of a pre-authorized code; with `lock`, nobody else changes it until the commit."""
    found = connection.execute(select(_code.c.entitlement_id).where(_code.c.id == code_id)).scalar()
    return None if found is None else entitlement(connection, found, lock=lock)


def entitlement(connection: Connection, entitlement_id: str, *, lock: bool = False) -> HeldEntitlement | None:
    """Find an entitlement by its id."""
    query = _LOCKED_ENTITLEMENT if lock else _ENTITLEMENT
    row = query.first(connection, {"b_id": entitlement_id})
    return None if row is None else HeldEntitlement(*row)


def current_code(connection: Connection, entitlement_id: str, after: datetime) -> str | None:
    """Return the id of a code that is unused and lives beyond `after`."""
    found: str | None = connection.execute(
        select(_code.c.id)
        .where(
            _code.c.entitlement_id == entitlement_id,
            _code.c.consumed_at.is_(None),
            _code.c.expires_at > after,
        )
        .order_by(_code.c.expires_at.desc())
        .limit(1)
    ).scalar()
    return found


def add_code(
    connection: Connection, code_id: str, held: HeldEntitlement, *, now: datetime, expires_at: datetime
) -> None:
    """Record a new code, and forget the entitlement's codes that ended unused."""
    connection.execute(
        delete(_code).where(
            _code.c.entitlement_id == held.id, _code.c.consumed_at.is_(None), _code.c.expires_at < now
        )
    )
    connection.execute(
        insert(_code).values(
            id=code_id, tenant_id=held.tenant_id, entitlement_id=held.id, expires_at=expires_at
        )
    )


def consume_code(connection: Connection, code_id: str, now: datetime) -> bool:
    """Consume a code; of any number of concurrent calls exactly one returns True."""
    done = connection.execute(
        update(_code)
        .where(_code.c.id == code_id, _code.c.consumed_at.is_(None), _code.c.expires_at > now)
        .values(consumed_at=now)
    )
    return done.rowcount == 1


def record_wrong_attempt(
    connection: Connection, held: HeldEntitlement, *, attempts: int, locked_until: datetime | None
) -> None:
    """Count a wrong 確認番号; a lock starts the count anew."""
    values: dict[str, Any] = {"wrong_attempts": attempts}
    if locked_until is not None:
        values = {"wrong_attempts": 0, "locked_until": locked_until, "lock_count": held.lock_count + 1}
    connection.execute(update(_entitlement).where(_entitlement.c.id == held.id).values(**values))


def clear_attempts(connection: Connection, held: HeldEntitlement) -> None:
    """Forget wrong attempts after a right one."""
    connection.execute(
        update(_entitlement)
        .where(_entitlement.c.id == held.id)
        .values(wrong_attempts=0, lock_count=0, locked_until=None)
    )


def add_authorization(connection: Connection, values: Mapping[str, Any]) -> None:
    """Record an access token."""
    connection.execute(insert(_authorization).values(**values))


def authorization_by_token(connection: Connection, token_digest: str) -> HeldAuthorization | None:
    """Find an access token's row."""
    row = _FIND_AUTHORIZATION.first(connection, {"b_digest": token_digest})
    if row is None:
        return None
    found = HeldAuthorization(*row)
    return replace(found, configuration_ids=tuple(str(found.configuration_ids).split(" ")))


def take_place(connection: Connection, authorization: HeldAuthorization, now: datetime) -> bool:
    """Let this authorization's wallet take one of the entitlement's places; False if all are taken.

    A wallet takes one place however often it asks, also with two requests at once.
    """
    if not _CLAIM.run(connection, {"b_id": authorization.id, "b_now": now}):
        return True
    return _TAKE_PLACE.run(connection, {"b_id": authorization.entitlement_id}) == 1


def use_nonce(connection: Connection, digest: str, expires_at: datetime) -> bool:
    """Remember a nonce until it would have expired; False if it was used before."""
    remember = _REMEMBER_NONCE[connection.dialect.name]
    return remember.run(connection, {"digest": digest, "expires_at": expires_at}) == 1


def forget_nonces(connection: Connection, now: datetime) -> int:
    """Forget some of the nonces that have expired; returns how many."""
    return connection.execute(_FORGET_NONCES, {"b_now": now}).rowcount


def instances_of(connection: Connection, authorization_id: str) -> int:
    """Count the copies made under one access token."""
    return int(_COUNT_INSTANCES.scalar(connection, {"b_id": authorization_id}))


def add_instances(connection: Connection, values: Sequence[Mapping[str, Any]]) -> None:
    """Record copies that are about to be signed."""
    _ADD_INSTANCES.run_many(connection, [{"event": "", "event_at": None, **row} for row in values])


def record_event(
    connection: Connection, authorization_id: str, notification_id: str, event: str, now: datetime
) -> bool:
    """Record what the wallet reports; False if this token issued nothing under that id."""
    done = connection.execute(
        update(_instance)
        .where(
            _instance.c.notification_id == notification_id, _instance.c.authorization_id == authorization_id
        )
        .values(event=event, event_at=now)
    )
    return done.rowcount > 0
