"""The command of one service alone: `tegata-issuer`, `tegata-verifier`, `tegata-bridge`."""

from typing import Annotated

import typer
from rich.console import Console

from tegata.command import doctor as doctors
from tegata.command import serve as serving
from tegata.command.main import told
from tegata.service.description import ServiceDescription


def single_service(service: ServiceDescription) -> None:
    """Run a command with `serve`, `upgrade`, `doctor` and the service's own groups."""
    app = typer.Typer(name=f"tegata-{service.name}", no_args_is_help=True, pretty_exceptions_enable=False)

    @app.command()
    def serve(
        host: Annotated[str, typer.Option(help="Address to listen on.")] = serving.LOOPBACK,
        workers: Annotated[int, typer.Option(min=1, help="Processes.")] = 1,
    ) -> None:
        """Serve this service."""
        serving.serve([service.name], host, workers)

    @app.command()
    def upgrade() -> None:
        """Bring the database to the newest migration."""
        service.upgrade_database()
        Console().print(f"{service.name}: the database is up to date")

    @app.command()
    def doctor() -> None:
        """Check this service."""
        doctors.examine([service])

    for commands in service.commands:
        app.add_typer(commands)
    told(app)
