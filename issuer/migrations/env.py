"""Alembic runs this file; the connection comes from `tegata.service.database.Database`."""

from issuer.database import Base
from tegata.service.database import run_migrations

run_migrations(Base.metadata)
