"""Write a new migration for a service: `python -m tegata.service.revision issuer "what changes"`.

Compares the tables of `<package>.database:Base` with a fresh database brought to the newest migration. A tool for
developers; services never call it.
"""

import sys
import tempfile
from importlib import import_module
from importlib.resources import files
from pathlib import Path

from alembic import command
from alembic.config import Config

from tegata.service.database import Database


def write(package: str, message: str) -> None:
    """Write `migrations/versions/<number>_<message>.py`; nothing if the tables already agree."""
    import_module(f"{package}.database")
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{folder}/empty.sqlite3", schema=package, package=package)
        database.upgrade()
        location = Path(str(files(package))) / "migrations"
        number = len(list((location / "versions").glob("[0-9]*.py"))) + 1
        config = Config()
        config.set_main_option("script_location", str(location))
        config.set_main_option("path_separator", "os")
        config.set_main_option("file_template", f"{number:04d}_%%(slug)s")
        with database.writing() as connection:
            config.attributes["connection"] = connection
            command.revision(config, message, autogenerate=True, rev_id=f"{number:04d}")
        database.dispose()


if __name__ == "__main__":
    write(sys.argv[1], sys.argv[2])
