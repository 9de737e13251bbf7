"""`tegata-issuer`: the issuer alone."""

from issuer.app import service
from tegata.command.single import single_service


def main() -> None:
    """Serve, upgrade or examine this one service."""
    single_service(service)
