"""Webhooks: `request.closed` with the request's id and state; the report itself is fetched with an API key.

Each message is signed: `Tegata-Signature: t=<unix seconds>,v1=<hex HMAC-SHA256 over "<t>.<body>">` with the address's
secret. It is tried again after 1, 5, 30 minutes, then every 2 hours, ten times in all. Delivery is at least once: the
receiver tells repeats by the message's id.
"""

import hashlib
import hmac
import logging
import secrets
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from sqlalchemy import Connection

from tegata.codec import json
from tegata.codec.dates import format_instant
from tegata.errors import MalformedInput, NotFound, TegataError, Text, Unavailable
from tegata.service.database import Database
from tegata.service.outbound import Outbound
from tegata.service.vault import Vault
from verifier.settings import VerifierSettings
from verifier.tenants import store as tenants
from verifier.webhooks import store

logger = logging.getLogger(__name__)

HEADER = "Tegata-Signature"
_DELAYS = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30))
_LATER = timedelta(hours=2)
MAX_ATTEMPTS = 10
_CLAIM = timedelta(minutes=2)
_BATCH = 10
_MAX_URL = 2000


class WebhookAddressRefused(MalformedInput):
    """The address is none that messages can be sent to."""

    kind = "webhook_address_refused"
    text = Text(
        "通知先のアドレスは https で始まる必要があります。",
        "The address for messages has to begin with https.",
    )


def signature(secret: str, timestamp: int, body: bytes) -> str:
    """Return the value of the signature header; receivers compute the same and compare in constant time."""
    message = str(timestamp).encode("ascii") + b"." + body
    return f"t={timestamp},v1={hmac.digest(secret.encode('ascii'), message, hashlib.sha256).hex()}"


class WebhookService:
    """Registers addresses, writes messages and delivers them."""

    def __init__(self, settings: VerifierSettings, database: Database, outbound: Outbound) -> None:
        self._allows_http = settings.insecure_loopback
        self._database = database
        self._outbound = outbound
        self._vault = Vault(settings.key_encryption_bytes(), "verifier webhooks")

    def register(self, tenant_id: str, url: str, now: datetime) -> tuple[str, str]:
        """Store an address; returns its id and its secret, which is shown once.

        Raises `NotFound` for an unknown tenant, `WebhookAddressRefused`.
        """
        scheme = urlsplit(url).scheme
        if len(url) > _MAX_URL or not (scheme == "https" or (scheme == "http" and self._allows_http)):
            raise WebhookAddressRefused(f"scheme {scheme[:20]!r}")
        identifier, secret = secrets.token_hex(16), secrets.token_urlsafe(32)
        sealed = self._vault.seal(secret, f"webhook_endpoint/{identifier}")
        with self._database.writing() as connection:
            if tenants.by_id(connection, tenant_id) is None:
                raise NotFound("no such tenant")
            store.add_endpoint(connection, store.Endpoint(identifier, tenant_id, url, sealed), now)
        return identifier, secret

    @staticmethod
    def request_closed(connection: Connection, tenant_id: str, identifier: str, now: datetime) -> None:
        """Write the message that a request is closed, in the transaction that closes it."""
        body = {
            "id": secrets.token_hex(16),
            "type": "request.closed",
            "request": identifier,
            "at": format_instant(now.replace(microsecond=0)),
        }
        store.enqueue(connection, tenant_id, body, now)

    def deliver_due(self, now: datetime) -> int:
        """Deliver what is due, a few at a time; returns how many were tried."""
        with self._database.writing() as connection:
            jobs = store.claim(connection, now, now + _CLAIM, _BATCH)
        for job in jobs:
            problem = self._deliver(job, now)
            with self._database.writing() as connection:
                if not problem:
                    store.done(connection, job)
                    continue
                gives_up = job.attempts >= MAX_ATTEMPTS
                delay = _DELAYS[job.attempts - 1] if job.attempts <= len(_DELAYS) else _LATER
                store.put_off(connection, job, None if gives_up else now + delay, problem)
        return len(jobs)

    def _deliver(self, job: store.Job, now: datetime) -> str:
        """Send one message; returns what went wrong, or nothing."""
        try:
            with self._database.reading() as connection:
                endpoint = store.endpoint(connection, job.endpoint_id)
            if endpoint is None:
                return "no_endpoint"
            body = json.dumps(job.body)
            secret = str(self._vault.open(endpoint.secret, f"webhook_endpoint/{endpoint.id}"))
            headers = {HEADER: signature(secret, int(now.timestamp()), body)}
            answer = self._outbound.post(endpoint.url, body, content_type="application/json", headers=headers)
            if not 200 <= answer.status < 300:  # noqa: PLR2004  any success
                raise Unavailable(f"answered {answer.status}")
        except TegataError as error:
            logger.warning("webhook %s, attempt %d: %s %s", job.id, job.attempts, error.kind, error.detail)
            return error.kind
        return ""
