"""The learners' wallets: they know the links that they were given, and the public protocols."""

from datetime import UTC, datetime
from pathlib import Path

from tegata.command.wallet import installed_contexts
from tegata.doubles.wallet.accept import accept
from tegata.doubles.wallet.http import WalletHttp
from tegata.doubles.wallet.present import present
from tegata.doubles.wallet.store import Held, WalletStore


class Learner:
    """One person's wallet."""

    def __init__(self, folder: Path) -> None:
        self._store = WalletStore(folder)
        self._http = WalletHttp()

    def close(self) -> None:
        """Close the wallet's connections; what it holds stays in its folder."""
        self._http.close()

    def claim(self, link: str, credential_format: str) -> Held:
        """Receive the document behind a claim link in one format (OID4VCI 1.0)."""
        (held,) = accept(link, self._store, self._http, _now, credential_format=credential_format)
        return held

    def answer(self, link: str) -> int:
        """Answer a request with what it asks for and nothing else (OID4VP 1.0); returns how many credentials."""
        sent = present(link, self._store, self._http, _now, installed_contexts())
        return len(sent.answers)


def _now() -> datetime:
    return datetime.now(UTC)
