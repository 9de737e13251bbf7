"""The list of issuers as verifications use it: loaded from a URL or a file, believed under pinned anchors.

1. A list is believed only if it is signed under a pinned anchor (`trust_anchor_file`).
2. A list with a smaller number than the newest stored one is refused (rollback); one with the same number but other
   content as well.
3. A list that is past its next update is still used, and what stands on it is undecided.

Stored lists are verified again each time a process reads them: the database is not a trust anchor.
"""

import hashlib
import logging
from datetime import datetime, timedelta
from threading import Lock

from sqlalchemy import Connection

from tegata.errors import Conflict, Misconfigured, TegataError, Text, Unavailable
from tegata.identity import trust_list_format
from tegata.identity.chain import pem_to_der
from tegata.identity.trust_list import TrustList
from tegata.service.database import Database
from tegata.service.outbound import Outbound
from verifier.settings import VerifierSettings
from verifier.trust import store
from verifier.verification.issuers import TrustSnapshot

logger = logging.getLogger(__name__)

#: After a failure, or while there is no list at all, the list is asked for again this soon.
RETRY = timedelta(seconds=30)
HTTP_OK = 200
_DOTS = 2


class NoTrustAnchor(Misconfigured):
    """There is no pinned anchor, so that no list can be believed."""

    kind = "no_trust_anchor"
    text = Text(
        "発行機関の一覧を確かめるためのルート証明書が設定されていません（trust_anchor_file）。",
        "No root certificate is configured under which a list of issuers could be believed (trust_anchor_file).",
    )


class ListChanged(Conflict):
    """A second list with the same number: its operator is in error, or somebody else made one of the two."""

    kind = "trust_list_changed"
    text = Text(
        "同じ番号で内容の違う発行機関の一覧を受け取りました。",
        "A list of issuers came with the number of the last one and other content.",
    )


class TrustService:
    """Hands out the newest believed list. What it keeps in memory only saves parsing: the database is the truth."""

    def __init__(self, settings: VerifierSettings, database: Database, outbound: Outbound) -> None:
        self._settings = settings
        self._database = database
        self._outbound = outbound
        self._lock = Lock()
        self._parsed: tuple[tuple[int, str, tuple[bytes, ...]], TrustSnapshot] | None = None

    def anchors(self) -> tuple[bytes, ...]:
        """Read the pinned anchors (DER); raises `NoTrustAnchor`."""
        path = self._settings.trust_anchor_file
        if path is None or not path.is_file():
            raise NoTrustAnchor(f"no file {path}")
        found = pem_to_der(path.read_bytes())
        if not found:
            raise NoTrustAnchor(f"no certificate in {path}")
        return found

    def current(self, now: datetime) -> TrustSnapshot | None:
        """Return the newest believed list, asking for a newer one when it is time; None if there is none."""
        self._refresh_if_due(now)
        try:
            anchors = self.anchors()
        except NoTrustAnchor:
            return None
        with self._database.reading() as connection:
            key = store.newest_key(connection)
            if key is None:
                return None
            parsed = self._parsed
            if parsed is not None and parsed[0] == (*key, anchors):
                return parsed[1]
            stored = store.load(connection, key[0])
        if stored is None:
            return None
        with self._lock:
            # The list was signed by a key that was good then; it is its age that says whether it still counts.
            try:
                trust_list = trust_list_format.load(stored.jws, anchors=anchors, now=stored.loaded_at)
            except TegataError as error:
                logger.error("stored list %d is not believed: %s", stored.sequence, error.detail)  # noqa: TRY400  the detail says it
                return None
            snapshot = TrustSnapshot(trust_list, anchors)
            self._parsed = ((stored.sequence, stored.digest, anchors), snapshot)
        return snapshot

    def refresh(self, now: datetime) -> TrustList:
        """Ask for the list now and store it; raises `Unavailable`, or whatever makes it unbelievable."""
        url = self._settings.trust_list_url
        if not url:
            raise Misconfigured("no trust_list_url is configured")
        answer = self._outbound.get(url, accept="application/jwt", max_bytes=trust_list_format.MAX_BYTES)
        if answer.status != HTTP_OK:
            raise Unavailable(f"the list of issuers answered {answer.status}")
        return self.load(answer.body, url, now)

    def load(self, jws: bytes, source: str, now: datetime) -> TrustList:
        """Believe a list and store it; raises `TrustListRefused`, `ListRolledBack`, `ListChanged`, `NoTrustAnchor`."""
        anchors = self.anchors()
        # What was said counts, not the signature around it: an ECDSA signature is another one each time.
        digest = hashlib.sha256(jws.split(b".")[1] if jws.count(b".") == _DOTS else jws).hexdigest()
        with self._database.writing() as connection:
            minimum = store.newest_sequence(connection)
            found = trust_list_format.load(jws, anchors=anchors, now=now, minimum_sequence=minimum)
            self._check_unchanged(connection, found.sequence, digest)
            store.add(connection, store.StoredList(found.sequence, jws, digest, source[:500], now))
        return found

    @staticmethod
    def _check_unchanged(connection: Connection, sequence: int, digest: str) -> None:
        known = store.load(connection, sequence)
        if known is not None and known.digest != digest:
            raise ListChanged(f"list {sequence} came with other content")

    def newer_than(self, snapshot: TrustSnapshot | None, now: datetime) -> TrustSnapshot | None:
        """Return a newer list, asking for one at once if nobody did so just now: for issuers that are not known.

        None if there is none.
        """
        if self._settings.trust_list_url:
            self._refresh_after(RETRY, now)
        found = self.current(now)
        known = 0 if snapshot is None else snapshot.trust_list.sequence
        return found if found is not None and found.trust_list.sequence > known else None

    def _refresh_if_due(self, now: datetime) -> None:
        if not self._settings.trust_list_url:
            return
        with self._database.reading() as connection:
            has_list = store.newest_sequence(connection) > 0
            attempted_at, problem = store.last_attempt(connection)
        parsed = self._parsed
        is_stale = parsed is not None and now > parsed[1].trust_list.next_update
        interval = timedelta(seconds=self._settings.trust_list_refresh)
        if problem or is_stale or not has_list:
            interval = min(interval, RETRY)
        if attempted_at is None or attempted_at <= now - interval:
            self._refresh_after(interval, now)

    def _refresh_after(self, interval: timedelta, now: datetime) -> None:
        with self._database.writing() as connection:
            if not store.claim_refresh(connection, now, interval):
                return
        problem = ""
        try:
            self.refresh(now)
        except TegataError as error:
            logger.warning("the list of issuers could not be renewed: %s %s", error.kind, error.detail)
            problem = error.kind
        with self._database.writing() as connection:
            store.note_problem(connection, problem)
