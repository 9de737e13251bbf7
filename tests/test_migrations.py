"""Every service's migrations, from nothing to its tables, on both databases."""

from importlib import import_module

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect

from tegata.service.database import Database

SERVICES = ("issuer", "verifier", "wallet_bridge")


@pytest.mark.parametrize("service", SERVICES)
def test_migrations_lead_to_exactly_the_tables_of_the_code(service: str, database_url: str) -> None:
    base = import_module(f"{service}.database").Base
    database = Database(database_url, schema=service, package=service)
    database.upgrade()
    assert not database.pending_migrations()
    with database.reading() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, base.metadata) == []
        assert set(base.metadata.tables) <= set(inspect(connection).get_table_names())
    database.dispose()


@pytest.mark.parametrize("service", SERVICES)
def test_upgrading_twice_changes_nothing(service: str, database_url: str) -> None:
    database = Database(database_url, schema=service, package=service)
    for _ in range(2):
        database.upgrade()
    assert not database.pending_migrations()
    database.dispose()


@pytest.mark.parametrize("service", SERVICES)
def test_every_table_says_whose_its_rows_are(service: str) -> None:
    """Tenant from the first commit: each table carries it, but for the few that belong to no tenant."""
    tables = import_module(f"{service}.database").Base.metadata.tables
    without = {name for name, table in tables.items() if "tenant_id" not in table.c}
    assert without <= WITHOUT_TENANT[service]


WITHOUT_TENANT = {
    # A legal person is the tenant; the list, its operator and nonces are the installation's.
    "issuer": {
        "legal_person",
        "registrar_operator",
        "trust_list_version",
        "used_nonce",
        "staff_attempt",
        "staff_challenge",
    },
    # Lists of others, kept as they were received; the tenant table is the tenants'.
    "verifier": {
        "tenant",
        "trust_list",
        "trust_refresh",
        "status_list",
        "request_key",
        "staff_attempt",
        "staff_challenge",
    },
    "wallet_bridge": set(),
}
