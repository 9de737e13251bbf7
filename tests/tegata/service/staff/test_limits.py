"""How often one may be wrong."""

from datetime import UTC, datetime, timedelta

import pytest

from tegata.service.staff import limits
from tegata.service.staff.errors import TooManyAttempts
from tegata.service.staff.limits import Count

NOW = datetime(2026, 6, 1, tzinfo=UTC)


def wrong_times(count: Count, times: int, now: datetime) -> Count:
    for _ in range(times):
        count = limits.failed(limits.take(count, now, 5, now), 5, now)
    return count


def test_five_wrong_tries_earn_a_rest_of_a_quarter_of_an_hour() -> None:
    assert wrong_times(Count(), 4, NOW).resting_until is None
    resting = wrong_times(Count(), 5, NOW)
    assert resting.resting_until == NOW + timedelta(minutes=15)
    with pytest.raises(TooManyAttempts) as refused:
        limits.take(resting, NOW, 5, NOW + timedelta(minutes=14, seconds=1))
    assert refused.value.minutes == 1
    assert "1分間" in refused.value.public.ja


def test_each_further_rest_is_twice_as_long_up_to_a_day() -> None:
    count, now, rests = Count(), NOW, []
    for _ in range(9):
        count = wrong_times(count, 5, now)
        assert count.resting_until is not None
        rests.append((count.resting_until - now) // timedelta(minutes=15))
        now = count.resting_until
    assert rests == [1, 2, 4, 8, 16, 32, 64, 96, 96]


def test_many_tries_at_once_do_not_get_more_places_than_one_after_the_other() -> None:
    count = Count()
    for _ in range(5):
        count = limits.take(count, NOW, 5, NOW)
    with pytest.raises(TooManyAttempts):
        limits.take(count, NOW, 5, NOW)


def test_places_that_a_dead_process_took_come_back_after_a_rest() -> None:
    later = NOW + timedelta(minutes=15, seconds=1)
    assert limits.take(Count(wrong=5), NOW, 5, later) == Count(wrong=1)


def test_a_right_try_gives_its_place_back() -> None:
    taken = limits.take(Count(wrong=3), NOW, 5, NOW)
    assert limits.given_back(taken) == Count(wrong=3)
    assert limits.given_back(Count()) == Count()


def test_counts_are_forgotten_after_a_day_without_tries() -> None:
    old = Count(wrong=4, rests=3)
    assert limits.take(old, NOW, 5, NOW + timedelta(hours=24)) == Count(wrong=5, rests=3)
    assert limits.take(old, NOW, 5, NOW + timedelta(hours=24, seconds=1)) == Count(wrong=1)
