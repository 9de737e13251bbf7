"""`tegata`: serve, demo, doctor, db, wallet, and what the services add (registrar, verify)."""

import typer
from rich.console import Console

from tegata.command import conformance, database, demo, doctor, serve, wallet
from tegata.errors import TegataError
from tegata.service.description import installed_services

EXIT_REFUSED = 1


def build() -> typer.Typer:
    """Assemble the command from its own parts and those of the installed services."""
    app = typer.Typer(
        name="tegata",
        help="Verifiable credentials for schools, universities and learners.",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
    )
    app.command("serve")(serve.serve)
    app.command("demo")(demo.demo)
    app.command("doctor")(doctor.doctor)
    app.command("conformance")(conformance.conformance)
    app.add_typer(database.app, name="db")
    app.add_typer(wallet.app, name="wallet")
    for service in installed_services():
        for commands in service.commands:
            app.add_typer(commands)
    return app


def main() -> None:
    """Run the `tegata` command."""
    told(build())


def told(app: typer.Typer) -> None:
    """Run a command; a refusal is told in both languages, without a trace, and exits with 1."""
    try:
        app(standalone_mode=True)
    except TegataError as error:
        console = Console(stderr=True)
        console.print(f"{error.public.ja}\n{error.public.en}", markup=False, soft_wrap=True)
        if error.detail:
            console.print(f"({error.kind}: {error.detail})", markup=False, soft_wrap=True)
        raise SystemExit(EXIT_REFUSED) from None
