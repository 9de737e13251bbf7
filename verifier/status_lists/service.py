"""Hands out status lists: from the database while they are fresh, else fetched, once for all processes.

A list is asked for again when its own `ttl` says so, at the latest after the verifier's own limit. If it cannot be
had, the last copy is handed out with its age: whether it still counts is the check's decision, and nothing that
happens here makes a credential revoked.
"""

import logging
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from tegata.errors import TegataError, Unavailable
from tegata.service.database import Database
from tegata.service.outbound import Outbound
from verifier.settings import VerifierSettings
from verifier.status_lists import store
from verifier.verification.list_forms import MAX_LIST_BYTES, lifetime_of
from verifier.verification.status import Fetched

logger = logging.getLogger(__name__)

#: After a failure, or after a list that could not be used, it is asked for again this soon.
RETRY = timedelta(seconds=30)
SHORTEST = timedelta(seconds=10)
#: Longer than the longest request (`tegata.service.outbound`), so that nobody asks beside somebody who still asks.
CLAIM = timedelta(seconds=30)
_PATIENCE_SECONDS = 12.0
_LOOK_EVERY_SECONDS = 0.05
_OK, _NOT_MODIFIED = 200, 304


class StatusListService:
    """`verifier.verification.status.StatusLists` over HTTP and the database."""

    def __init__(
        self,
        settings: VerifierSettings,
        database: Database,
        outbound: Outbound,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._longest = timedelta(seconds=settings.status_max_age)
        self._database = database
        self._outbound = outbound
        self._clock = clock

    def get(self, uri: str, accept: str, now: datetime) -> Fetched:
        """Return the list at an address; raises `Unavailable` if it never came, or `Forbidden` for the address."""
        with self._database.reading() as connection:
            stored = store.by_uri(connection, uri)
        if stored is None or now >= stored.due_at:
            with self._database.writing() as connection:
                is_ours = store.claim(connection, uri, now, now + CLAIM)
            if is_ours:
                self._fetch(uri, accept, now, stored)
            elif stored is None or stored.fetched_at is None:
                self._wait(uri)
            with self._database.reading() as connection:
                stored = store.by_uri(connection, uri)
        if stored is None or stored.fetched_at is None:
            problem = stored.problem if stored is not None else "nobody asked"
            raise Unavailable(f"status list {uri[:200]}: {problem}")
        return Fetched(stored.body, stored.fetched_at, self._longest)

    def unusable(self, uri: str, now: datetime) -> None:
        """Say that the copy could not be used, so that the next check asks for another soon."""
        with self._database.writing() as connection:
            store.make_due(connection, uri, now + RETRY)

    def _fetch(self, uri: str, accept: str, now: datetime, stored: store.StoredList | None) -> None:
        etag = stored.etag if stored is not None and stored.fetched_at is not None else ""
        try:
            answer = self._outbound.get(
                uri,
                accept=accept,
                max_bytes=MAX_LIST_BYTES,
                headers={"If-None-Match": etag} if etag else None,
            )
            if answer.status != _OK and not (answer.status == _NOT_MODIFIED and etag):
                raise Unavailable(f"answered {answer.status}")
        except TegataError as error:
            logger.warning("status list %s: %s %s", uri[:200], error.kind, error.detail)
            with self._database.writing() as connection:
                store.note_problem(connection, uri, error.kind, now, now + RETRY)
            return
        body = answer.body if answer.status == _OK or stored is None else stored.body
        stated = lifetime_of(body)
        lifetime = self._longest if stated is None else min(max(stated, SHORTEST), self._longest)
        with self._database.writing() as connection:
            store.keep(
                connection,
                uri,
                body=None if answer.status == _NOT_MODIFIED else body,
                etag=answer.headers.get("etag", etag),
                now=now,
                due_at=now + lifetime,
            )

    def _wait(self, uri: str) -> None:
        """Let whoever asks finish; nobody waits longer than a request may take."""
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while time.monotonic() < deadline:
            with self._database.reading() as connection:
                stored = store.by_uri(connection, uri)
            if stored is not None and (stored.fetched_at is not None or stored.problem):
                return
            time.sleep(_LOOK_EVERY_SECONDS)
