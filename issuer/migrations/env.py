"""Alembic runs this file; the connection comes from `tegata.service.database.Database`."""

from tegata.service.database import run_migrations
from issuer.database import Base

run_migrations(Base.metadata)
