"""The issue time of an instance: made coarse, never earlier than key and approval, never in the future."""

from datetime import UTC, datetime, timedelta

import pytest

from issuer.issuance.instants import issue_instant

HOUR = datetime(2026, 4, 1, 3, 0, 0, tzinfo=UTC)
NOW = HOUR + timedelta(minutes=20, seconds=5, microseconds=7)
LONG_AGO = HOUR - timedelta(days=30)


@pytest.mark.clause("RFC 9901 §10.1")
@pytest.mark.parametrize(
    ("active_from", "approved_at", "issued"),
    [
        (LONG_AGO, None, HOUR),
        (LONG_AGO, LONG_AGO, HOUR),
        (HOUR + timedelta(minutes=5), None, HOUR + timedelta(minutes=5)),
        (LONG_AGO, HOUR + timedelta(minutes=7), HOUR + timedelta(minutes=7)),
        (HOUR + timedelta(minutes=5), HOUR + timedelta(minutes=7), HOUR + timedelta(minutes=7)),
        (LONG_AGO, HOUR + timedelta(seconds=9, microseconds=1), HOUR + timedelta(seconds=10)),
        (NOW, NOW, NOW.replace(microsecond=0)),
    ],
)
def test_the_hour_counts_unless_key_or_approval_are_younger(
    active_from: datetime, approved_at: datetime | None, issued: datetime
) -> None:
    assert issue_instant(NOW, key_active_from=active_from, approved_at=approved_at) == issued
