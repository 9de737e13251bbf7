"""The audit trail of an issuing school: every row stands in the chain once, whoever extends it."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select, update

from issuer.base import AUDIT
from tegata.errors import CryptographyFailed
from tegata.service import audit
from tests.simulators.school import ReadySchool


def _rows(office: ReadySchool) -> int:
    with office.workshop.database.reading() as connection:
        counted = select(func.count()).where(AUDIT.row.c.tenant_id == office.school.tenant_id)
        return int(connection.execute(counted).scalar_one())


def _verified(office: ReadySchool) -> int:
    with office.workshop.database.reading() as connection:
        return audit.verify(connection, AUDIT, office.school.tenant_id)


def test_every_audit_row_is_chained_once_also_by_several_processes_at_once(office: ReadySchool) -> None:
    office.sealed_batch(people=3)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: audit.seal_all(office.workshop.database, AUDIT), range(4)))
    assert _verified(office) == _rows(office) > 0
    assert audit.seal_all(office.workshop.database, AUDIT) == 0
    office.sealed_batch(people=1)
    assert audit.seal_all(office.workshop.database, AUDIT) > 0
    assert _verified(office) == _rows(office)


def test_a_row_that_was_changed_afterwards_breaks_the_chain(office: ReadySchool) -> None:
    office.sealed_batch(people=1)
    audit.seal_all(office.workshop.database, AUDIT)
    with office.workshop.database.writing() as connection:
        sealed = update(AUDIT.row).where(AUDIT.row.c.action == "batch.sealed")
        connection.execute(sealed.values(actor="somebody else"))
    with pytest.raises(CryptographyFailed):
        _verified(office)
