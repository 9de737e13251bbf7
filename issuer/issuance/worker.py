"""The thread that works in the background of a serving process: sealing, the trust list, the audit chain.

Any number of processes may have one: batches are leased, and a list that is new enough is left as it is.
"""

import logging
import threading
from datetime import UTC, datetime, timedelta

from issuer.base import AUDIT
from issuer.issuance.sealer import Sealer
from issuer.issuance.workshop import Workshop
from issuer.registrar.errors import NotInitialised, PublishedMeanwhile
from issuer.registrar.service import Registrar
from issuer.wallet_api.store import forget_nonces
from tegata.service import audit

logger = logging.getLogger(__name__)
POLL_SECONDS = 1.0
#: After a failure, the batch's lease has to end before anybody tries again; no need to look sooner.
FAILURE_SECONDS = 10.0
LIST_INTERVAL = timedelta(hours=1)
CHAIN_INTERVAL = timedelta(minutes=1)
NONCE_INTERVAL = timedelta(minutes=1)


class Worker:
    """Looks for due batches once a second, and at once when told that one was approved; for the list once an hour."""

    def __init__(self, workshop: Workshop, registrar: Registrar) -> None:
        self._sealer = Sealer(workshop)
        self._registrar = registrar
        self._database = workshop.database
        self._list_due = self._chain_due = self._nonces_due = datetime.min.replace(tzinfo=UTC)
        self._wake = threading.Event()
        self._ending = False
        self._thread = threading.Thread(target=self._run, name="sealer", daemon=True)

    def start(self) -> None:
        """Begin to look for work."""
        self._thread.start()

    def wake(self) -> None:
        """Look for work now."""
        self._wake.set()

    def stop(self) -> None:
        """End after the chunk that is being sealed, and give leases back."""
        self._ending = True
        self._wake.set()
        self._thread.join(timeout=30)
        self._sealer.release()

    def _run(self) -> None:
        while not self._ending:
            pause = POLL_SECONDS
            try:
                self._seal_all_due()
            except Exception:
                # One batch that fails must not end the sealing of all others; its documents stay as they are.
                logger.exception("sealing failed")
                pause = FAILURE_SECONDS
            self._renew_list()
            self._chain_audit()
            self._forget_nonces()
            self._wake.wait(pause)
            self._wake.clear()

    def _seal_all_due(self) -> None:
        while self._sealer.run_next(lambda: datetime.now(UTC)) is not None:
            if self._ending:
                return

    def _renew_list(self) -> None:
        now = datetime.now(UTC)
        if now < self._list_due:
            return
        self._list_due = now + LIST_INTERVAL
        try:
            self._registrar.publish(now)
        except (NotInitialised, PublishedMeanwhile):
            pass  # no registrar here yet, or another process was faster
        except Exception:
            # The list in force stays; `doctor` and the verifiers' reports say when it grows old.
            logger.exception("the trust list could not be renewed")

    def _chain_audit(self) -> None:
        now = datetime.now(UTC)
        if now < self._chain_due:
            return
        self._chain_due = now + CHAIN_INTERVAL
        try:
            audit.seal_all(self._database, AUDIT)
        except Exception:
            # Rows wait for the next round; `tegata doctor` looks whether the chain holds.
            logger.exception("the audit trail could not be chained")

    def _forget_nonces(self) -> None:
        now = datetime.now(UTC)
        if now < self._nonces_due:
            return
        self._nonces_due = now + NONCE_INTERVAL
        try:
            # A few in each transaction, so that no wallet waits for them.
            more = True
            while more:
                with self._database.writing() as connection:
                    more = forget_nonces(connection, now) > 0
        except Exception:
            logger.exception("expired nonces could not be forgotten")
