"""`tegata doctor`: is this installation well, and if not, what to do."""

from collections.abc import Sequence

import typer
from rich.console import Console
from rich.markup import escape

from tegata.errors import TegataError
from tegata.service.description import Finding, ServiceDescription, installed_services


def doctor() -> None:
    """Check settings, database, keys and clock of every service; exits with 1 if something is not well."""
    examine(installed_services())


def examine(services: Sequence[ServiceDescription]) -> None:
    """Print the findings of these services; exits with 1 if one is not well."""
    console = Console()
    everything_well = True
    for service in services:
        for finding in _findings(service):
            mark = "[green]良 ok[/]" if finding.is_well else "[red]否 no[/]"
            console.print(f"{mark}  {service.name}: {escape(finding.subject)}")
            if not finding.is_well:
                for line in finding.advice.splitlines():
                    console.print(f"       {line}", markup=False, soft_wrap=True)
            everything_well = everything_well and finding.is_well
    if not everything_well:
        raise typer.Exit(1)


def _findings(service: ServiceDescription) -> Sequence[Finding]:
    try:
        return service.doctor()
    except TegataError as error:
        # Settings that do not load are a finding, not a crash.
        advice = f"{error.public.ja}\n{error.public.en}\n{error.detail}"
        return [Finding("settings", is_well=False, advice=advice)]
