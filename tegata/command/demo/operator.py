"""What an operator types, run in this process through the same commands that `tegata` has, and shown as typed."""

import io
import shlex
from contextlib import redirect_stdout

import typer
from rich.console import Console

from tegata.errors import Misconfigured
from tegata.service.description import installed_services


class Operator:
    """Runs commands of the installed services."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._services = installed_services()
        self._app = typer.Typer(pretty_exceptions_enable=False)
        for service in self._services:
            for commands in service.commands:
                self._app.add_typer(commands)

    def upgrade_databases(self) -> None:
        """Bring every database to the newest migration."""
        self._show("db", "upgrade")
        for service in self._services:
            service.upgrade_database()

    def run(self, *arguments: str, secret: bool = False) -> str:
        """Run one command and return what it printed; with `secret`, what it prints is not shown."""
        self._show(*arguments)
        printed = io.StringIO()
        try:
            with redirect_stdout(printed):
                self._app(list(arguments), standalone_mode=False)
        except SystemExit as end:
            if end.code:
                raise Misconfigured(f"tegata {arguments[0]} ended with {end.code}") from None
        output = printed.getvalue().strip()
        if output and not secret:
            for line in output.splitlines():
                self._console.print(f"    {line}", style="dim", markup=False, soft_wrap=True)
        return output

    def _show(self, *arguments: str) -> None:
        typed = " ".join(shlex.quote(item) for item in ("tegata", *arguments))
        self._console.print(f"  $ {typed}", style="cyan", markup=False, soft_wrap=True)
