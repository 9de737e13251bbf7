"""What has to happen without anybody asking: judging what was left, telling webhooks, chaining, forgetting in time.

Every process runs it: jobs are claimed in the database, and judging twice stores one report.
"""

import asyncio
import logging
from datetime import UTC, datetime, timedelta

from tegata.errors import TegataError
from tegata.service import audit
from verifier.assembly import Verifier
from verifier.base import AUDIT
from verifier.status_lists import store as status_lists

logger = logging.getLogger(__name__)

EVERY_SECONDS = 5.0
_FORGET_EVERY = timedelta(hours=1)
_LISTS_KEPT = timedelta(days=30)


def run_once(verifier: Verifier, now: datetime) -> None:
    """Do what is due now, except forgetting."""
    presentations = verifier.presentations
    for tenant_id, identifier in (*presentations.waiting(), *presentations.undecided(now)):
        presentations.decide(tenant_id, identifier, now)
    verifier.webhooks.deliver_due(now)
    audit.seal_all(verifier.database, AUDIT)


def forget(verifier: Verifier, now: datetime) -> None:
    """Delete what need not be kept: answers and reports after their time, lists that nobody asks about."""
    verifier.presentations.forget(now)
    with verifier.database.writing() as connection:
        status_lists.forget(connection, now - _LISTS_KEPT)


async def run(verifier: Verifier) -> None:
    """Run until cancelled; a failure is logged, and the next round tries again."""
    forgotten_at = datetime.min.replace(tzinfo=UTC)
    while True:
        now = datetime.now(UTC)
        try:
            await verifier.database.in_pool(run_once, verifier, now)
            if now - forgotten_at >= _FORGET_EVERY:
                await verifier.database.in_pool(forget, verifier, now)
                forgotten_at = now
        except TegataError as error:
            logger.warning("worker: %s %s", error.kind, error.detail)
        except Exception:  # the loop must outlive a bug; it is logged with its trace
            logger.exception("worker: unexpected")
        await asyncio.sleep(EVERY_SECONDS)
