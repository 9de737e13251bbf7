"""How often one may be wrong, as a pure function: a place is taken before a secret is looked at.

Taking first keeps the limit exact when many tries come at once. After the limit a rest begins; each further rest is
twice as long. Counts are forgotten after a day without tries.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from tegata.service.staff.errors import TooManyAttempts

FIRST_REST = timedelta(minutes=15)
LONGEST_REST = timedelta(hours=24)
FORGOTTEN_AFTER = timedelta(hours=24)
#: A login may be tried wrongly this often; a source more often, because a whole school may stand behind it.
LOGIN_TRIES, SOURCE_TRIES = 5, 50


@dataclass(frozen=True, slots=True)
class Count:
    """Tries that are out or were wrong since the last success or rest, and the rests so far."""

    wrong: int = 0
    rests: int = 0
    resting_until: datetime | None = None


def take(count: Count, last_at: datetime, tries: int, now: datetime) -> Count:
    """Take a place for one try; raises `TooManyAttempts` during a rest and while every place is taken."""
    if now - last_at > FORGOTTEN_AFTER:
        count = Count()
    if count.resting_until is not None and now < count.resting_until:
        raise TooManyAttempts.until("resting", count.resting_until, now)
    if count.wrong >= tries and now - last_at > FIRST_REST:
        # Tries that never came to an end, because the process did.
        count = replace(count, wrong=0)
    if count.wrong >= tries:
        raise TooManyAttempts("every place is taken", FIRST_REST)
    return replace(count, wrong=count.wrong + 1, resting_until=None)


def failed(count: Count, tries: int, now: datetime) -> Count:
    """Return the count after a wrong try whose place was taken: the last place begins a rest."""
    if count.wrong < tries:
        return count
    rest = min(FIRST_REST * 2 ** min(count.rests, 16), LONGEST_REST)
    return Count(wrong=0, rests=count.rests + 1, resting_until=now + rest)


def given_back(count: Count) -> Count:
    """Return the count after a right try: its place is free again."""
    return replace(count, wrong=max(0, count.wrong - 1))
