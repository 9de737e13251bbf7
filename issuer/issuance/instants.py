"""The issue time of an instance: the signing time, made coarse (DESIGN §4 "Trust list")."""

from datetime import datetime, timedelta


def issue_instant(now: datetime, *, key_active_from: datetime, approved_at: datetime | None) -> datetime:
    """Return `now` rounded down to the hour, but never before the key was active or the approval given.

    Rounding keeps copies of one day from being told apart by the second (RFC 9901 §10.1). Whole seconds, and never
    later than `now`.
    """
    hour = now.replace(minute=0, second=0, microsecond=0)
    floors = [key_active_from] if approved_at is None else [key_active_from, approved_at]
    earliest = max(hour, *(_ceiling(item) for item in floors))
    return min(earliest, now.replace(microsecond=0))


def _ceiling(moment: datetime) -> datetime:
    whole = moment.replace(microsecond=0)
    return whole if whole == moment else whole + timedelta(seconds=1)
