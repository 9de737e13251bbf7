"""`tegata-bridge`: the wallet bridge alone."""

from tegata.command.single import single_service
from wallet_bridge.app import service


def main() -> None:
    """Serve, upgrade or examine this one service."""
    single_service(service)
