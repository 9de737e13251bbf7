"""Revoke one credential and publish the list again: 131,072 entries, signed."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count

from tegata.keys.software import SoftwareSigner
from tegata.status import token_status_list
from tegata.status.entries import MIN_SIZE, Entries, Status
from tests.benchmarks.measure import Pace, Row, compare, references

#: At most 27 raw signatures.
TARGET = 1 / 27


def rows(pace: Pace) -> Iterator[Row]:
    """Measure with 2 % of the entries revoked."""
    signer = SoftwareSigner.generate()
    now = datetime.now(UTC)
    entries = Entries.unallocated(MIN_SIZE).changed(dict.fromkeys(range(MIN_SIZE), Status.VALID))
    entries = entries.changed(dict.fromkeys(range(0, MIN_SIZE, 50), Status.INVALID))
    positions = count(1)

    def revoke_and_publish() -> str:
        changed = entries.changed({next(positions) % MIN_SIZE: Status.INVALID})
        return token_status_list.sign(
            changed,
            uri="https://issuer.example/status/1",
            issued_at=now,
            expires_at=now + timedelta(days=2),
            ttl=timedelta(hours=1),
            signer=signer,
        )

    yield compare(
        "revoke and publish, 131,072 entries", revoke_and_publish, references()["sign"], pace, TARGET
    )
