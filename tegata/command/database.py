"""`tegata db`: the databases of the installed services."""

from typing import Annotated

import typer
from rich.console import Console

from tegata.command.serve import chosen

app = typer.Typer(help="Databases of the services.", no_args_is_help=True)


@app.callback()
def _databases() -> None:
    """Keep `upgrade` a sub-command, although it is the only one."""


@app.command()
def upgrade(
    only: Annotated[list[str] | None, typer.Option(help="Only these services (repeatable).")] = None,
) -> None:
    """Bring every database to the newest migration."""
    for service in chosen(only or []):
        service.upgrade_database()
        Console().print(f"{service.name}: the database is up to date")
