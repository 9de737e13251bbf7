"""The `tegata` command: it finds the services through entry points and never imports one by name."""

from tegata.command.main import main

__all__ = ["main"]
