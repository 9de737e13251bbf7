"""A register in a fresh database, empty or with the sample school's learners."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from sqlalchemy import func, select

from issuer import samples
from issuer.base import AUDIT, Base
from issuer.register import store
from issuer.register.record import LearnerRecord
from issuer.register.service import VAULT_PURPOSE, ImportResult, RegisterService
from tegata.service.database import Database
from tegata.service.vault import Vault
from tests.issuer.register.school import NOW, SCHOOL


@dataclass(frozen=True)
class Register:
    """A service on a database, and short ways to ask it."""

    database: Database
    service: RegisterService

    def load(self, files: dict[str, bytes], **more: object) -> ImportResult:
        """Check and confirm an import."""
        checked = self.service.check_import(SCHOOL, files, actor="clerk", now=NOW, **more)  # type: ignore[arg-type]
        return self.service.confirm_import(SCHOOL, checked.job_id, actor="clerk", now=NOW)

    def everyone(self) -> dict[str, LearnerRecord]:
        """Return all learners by student number."""
        with self.database.reading() as connection:
            found = store.each_record(connection, SCHOOL.tenant_id, SCHOOL.id, None, include_concealed=True)
            return {record.student_number: record for record in found}

    def rows(self, table: str) -> int:
        """Count the rows of a table."""
        with self.database.reading() as connection:
            return connection.execute(
                select(func.count()).select_from(Base.metadata.tables[table])
            ).scalar_one()


@pytest.fixture
def register(database_url: str) -> Iterator[Register]:
    """An empty register."""
    database = Database(database_url, schema="public", package="issuer")
    Base.metadata.create_all(database.engine)
    yield Register(database, RegisterService(database, AUDIT, Vault(b"k" * 32, VAULT_PURPOSE)))
    database.dispose()


@pytest.fixture
def sample_register(register: Register) -> Register:
    """The register of the sample school."""
    register.load(samples.register())
    return register


@pytest.fixture(scope="session")
def sample_records(tmp_path_factory: pytest.TempPathFactory) -> dict[str, LearnerRecord]:
    """The sample school's learners, read once, for tests of pure functions."""
    url = f"sqlite:///{tmp_path_factory.mktemp('register')}/samples.sqlite3"
    database = Database(url, schema="issuer", package="issuer")
    Base.metadata.create_all(database.engine)
    register = Register(database, RegisterService(database, AUDIT, Vault(b"k" * 32, VAULT_PURPOSE)))
    register.load(samples.register())
    records = register.everyone()
    database.dispose()
    return records
