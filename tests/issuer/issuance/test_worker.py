"""What the background does besides sealing, each in its own time and in the way of nobody."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select

from issuer.base import AUDIT
from issuer.issuance.worker import Worker
from issuer.wallet_api.store import use_nonce
from issuer.wallet_api.tables import UsedNonce
from tests.simulators.school import ReadySchool

_nonce = UsedNonce.__table__  # type: ignore[attr-defined]  # SQLModel sets it on tables


def _count(office: ReadySchool, table: object) -> int:
    with office.workshop.database.reading() as connection:
        return int(connection.execute(select(func.count()).select_from(table)).scalar_one())  # type: ignore[arg-type]


def test_nonces_that_would_have_expired_are_forgotten_and_others_kept(office: ReadySchool) -> None:
    now = datetime.now(UTC)
    with office.workshop.database.writing() as connection:
        for index in range(1_500):
            assert use_nonce(connection, f"{index:064}", now - timedelta(seconds=1 + index))
        assert use_nonce(connection, "f" * 64, now + timedelta(minutes=5))
    worker = Worker(office.workshop, office.registrar)
    worker._forget_nonces()
    assert _count(office, _nonce) == 1
    with office.workshop.database.writing() as connection:
        use_nonce(connection, "e" * 64, now - timedelta(seconds=1))
    worker._forget_nonces()
    assert _count(office, _nonce) == 2, "the next look comes a minute later"


def test_audit_rows_are_chained(office: ReadySchool) -> None:
    assert _count(office, AUDIT.link) == 0
    Worker(office.workshop, office.registrar)._chain_audit()
    assert _count(office, AUDIT.link) == _count(office, AUDIT.row) > 0
