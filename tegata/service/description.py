"""What the `tegata` command knows of a service: found through entry points, never imported by name."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import entry_points

import typer
from fastapi import FastAPI


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of `doctor`: what was looked at, whether it is well, and what to do if not."""

    subject: str
    is_well: bool
    advice: str = ""


@dataclass(frozen=True, slots=True)
class ServiceDescription:
    """A service as the command sees it. Each callable reads the service's settings from the environment.

    `commands` are added to `tegata` under their own names, for instance `registrar` or `verify`.
    """

    name: str
    default_port: int
    create_app: Callable[[], FastAPI]
    upgrade_database: Callable[[], None]
    doctor: Callable[[], Sequence[Finding]]
    commands: tuple[typer.Typer, ...] = ()


def installed_services() -> tuple[ServiceDescription, ...]:
    """Load every service of the group `tegata.services`, by name."""
    found = sorted(entry_points(group="tegata.services"), key=lambda point: point.name)
    return tuple(point.load() for point in found)
