"""Instants in UTC, days in Tokyo, and each edge between them (DESIGN, "Time")."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tegata.codec import dates
from tegata.errors import MalformedInput

_INSTANTS = st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001  bounds


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        (datetime(2026, 3, 31, 14, 59, 59, 999_999, UTC), date(2026, 3, 31)),
        (datetime(2026, 3, 31, 15, 0, tzinfo=UTC), date(2026, 4, 1)),
        (datetime(2025, 12, 31, 15, 0, tzinfo=UTC), date(2026, 1, 1)),
        (datetime(2026, 4, 1, 0, 0, tzinfo=timezone(timedelta(hours=9))), date(2026, 4, 1)),
        (datetime(2026, 3, 31, 23, 0, tzinfo=timezone(timedelta(hours=-10))), date(2026, 4, 1)),
    ],
)
def test_a_day_begins_at_midnight_in_tokyo(moment: datetime, day: date) -> None:
    assert dates.today(moment) == day


def test_until_a_day_is_the_last_second_of_that_day_in_tokyo() -> None:
    assert dates.end_of_day(date(2026, 3, 31)) == datetime(2026, 3, 31, 14, 59, 59, tzinfo=UTC)
    assert dates.start_of_day(date(2026, 4, 1)) == datetime(2026, 3, 31, 15, tzinfo=UTC)


@given(st.dates(date(1900, 1, 1), date(2200, 1, 1)))
@example(date(1950, 5, 6))
@example(date(1950, 5, 7))
@example(date(1951, 9, 8))
@example(date(1951, 9, 9))
def test_each_day_holds_its_first_and_its_last_second(day: date) -> None:
    first, last = dates.start_of_day(day), dates.end_of_day(day)
    assert dates.today(first) == dates.today(last) == day
    assert dates.today(first - timedelta(seconds=1)) != day != dates.today(last + timedelta(seconds=1))


def test_a_day_that_begins_before_time_is_refused() -> None:
    with pytest.raises(MalformedInput):
        dates.start_of_day(date.min)


@pytest.mark.parametrize(
    ("day", "year"),
    [
        (date(2026, 3, 31), 2025), (date(2026, 4, 1), 2026), (date(2026, 1, 1), 2025), (date(2025, 12, 31), 2025),
        (date(2024, 2, 29), 2023),
    ],
)  # fmt: skip
def test_the_school_year_begins_on_1_april(day: date, year: int) -> None:
    assert dates.school_year(day) == year


@pytest.mark.parametrize(
    ("born", "years", "day"),
    [
        (date(2008, 4, 14), 18, date(2026, 4, 14)),
        (date(2008, 2, 29), 18, date(2026, 3, 1)),
        (date(2008, 2, 29), 20, date(2028, 2, 29)),
        (date(2011, 4, 1), 15, date(2026, 4, 1)),
        (date(2000, 2, 29), 100, date(2100, 3, 1)),
    ],
)
def test_an_age_is_reached_on_the_birthday(born: date, years: int, day: date) -> None:
    assert dates.age_reached(born, years) == day


def test_an_age_beyond_the_calendar_is_refused() -> None:
    with pytest.raises(MalformedInput):
        dates.age_reached(date(9990, 1, 1), 10)


@pytest.mark.parametrize(
    ("day", "text"),
    [
        (date(2026, 3, 1), "令和8年3月1日"), (date(2019, 5, 1), "令和元年5月1日"), (date(2019, 4, 30), "平成31年4月30日"),
        (date(1989, 1, 8), "平成元年1月8日"), (date(1989, 1, 7), "昭和64年1月7日"), (date(1926, 12, 25), "昭和元年12月25日"),
        (date(1926, 12, 24), "大正15年12月24日"), (date(1912, 7, 30), "大正元年7月30日"), (date(1912, 7, 29), "明治45年7月29日"),
        (date(1868, 1, 25), "明治元年1月25日"),
    ],
)  # fmt: skip
def test_an_era_changes_on_its_first_day(day: date, text: str) -> None:
    assert dates.wareki(day) == text
    assert dates.parse_date(text) == day


def test_there_is_no_era_before_meiji() -> None:
    with pytest.raises(MalformedInput):
        dates.wareki(date(1868, 1, 24))


@pytest.mark.parametrize(
    "text",
    [
        "2008-04-14", "2008/4/14", "2008.4.14", "２００８年４月１４日", "2008年4月14日", "平成20年4月14日", "H20.4.14",
        "h20/4/14", "Ｈ２０．４．１４", " 2008-04-14 ", "平成 20 年 4 月 14 日", "2008 年 4 月 14 日",
    ],
)  # fmt: skip
def test_dates_are_read_as_people_write_them(text: str) -> None:
    assert dates.parse_date(text) == date(2008, 4, 14)


@pytest.mark.parametrize(
    "text",
    [
        "", "2008", "2008-04", "2008-02-30", "2009-02-29", "2008-4/14", "2008-13-01", "08-04-14", "20080414", "平成32年1月1日",
        "令和元年4月30日", "平成元年1月7日", "昭和64年1月8日", "平成0年1月1日", "X1.1.1", "1867-12-31", "2008-04-14T00:00",
        "٢٠٠٨-٠٤-١٤", "2008-04-14" + " " * 40, "令和8年3月1日x", "元年4月1日",
    ],
)  # fmt: skip
def test_other_texts_and_days_that_never_were_are_refused(text: str) -> None:
    with pytest.raises(MalformedInput):
        dates.parse_date(text)


@given(st.dates(date(1868, 1, 25), date(2100, 1, 1)))
def test_japanese_dates_read_back(day: date) -> None:
    assert dates.parse_date(dates.wareki(day)) == day


@pytest.mark.clause("VCDM 2.0 §4.9")
@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-03-01T00:00:00Z", datetime(2026, 3, 1, tzinfo=UTC)),
        ("2026-03-01T09:00:00+09:00", datetime(2026, 3, 1, tzinfo=UTC)),
        ("2026-03-01T00:00:00.5Z", datetime(2026, 3, 1, 0, 0, 0, 500_000, UTC)),
        ("2026-03-01T00:00:00.1234567Z", datetime(2026, 3, 1, 0, 0, 0, 123_456, UTC)),
        ("2026-03-01T24:00:00Z", datetime(2026, 3, 2, tzinfo=UTC)),
        ("2026-03-01T00:00:00+14:00", datetime(2026, 2, 28, 10, tzinfo=UTC)),
        ("2026-03-01T00:00:00-00:00", datetime(2026, 3, 1, tzinfo=UTC)),
    ],
)
def test_instants_are_read(text: str, moment: datetime) -> None:
    assert dates.instant(text) == moment


@pytest.mark.clause("VCDM 2.0 §4.9")
@pytest.mark.parametrize(
    "text",
    [
        "2026-03-01T00:00:00", "2026-03-01", "2026-03-01 00:00:00Z", "2026-02-29T00:00:00Z", "2026-03-01T25:00:00Z",
        "2026-03-01T24:00:01Z", "2026-03-01T00:60:00Z", "2026-03-01T00:00:60Z", "2026-03-01T00:00:00z",
        "2026-03-01T00:00:00+14:01", "2026-03-01T00:00:00+09:60", "0001-01-01T00:00:00+09:00", "9999-12-31T24:00:00Z",
        "２０２６-03-01T00:00:00Z", "2026-03-01T00:00:00Z\n", "2026-03-01T00:00:00." + "1" * 40 + "Z", "0000-01-01T00:00:00Z",
    ],
)  # fmt: skip
def test_other_spellings_of_instants_are_refused(text: str) -> None:
    with pytest.raises(MalformedInput):
        dates.instant(text)


@given(_INSTANTS)
def test_instants_read_back(moment: datetime) -> None:
    assert dates.instant(dates.format_instant(moment)) == moment


def test_an_instant_without_a_zone_is_a_mistake_of_the_program() -> None:
    naive = datetime(2026, 3, 1)  # noqa: DTZ001  the point of the test
    with pytest.raises(ValueError, match="time zone"):
        dates.format_instant(naive)
    with pytest.raises(ValueError, match="time zone"):
        dates.today(naive)


@pytest.mark.clause("RFC 7519 §2")
@pytest.mark.parametrize(
    ("value", "moment"),
    [
        (0, datetime(1970, 1, 1, tzinfo=UTC)),
        (1_772_323_200, datetime(2026, 3, 1, tzinfo=UTC)),
        (1.5, datetime(1970, 1, 1, 0, 0, 1, 500_000, UTC)),
        (-1, datetime(1969, 12, 31, 23, 59, 59, tzinfo=UTC)),
    ],
)
def test_numeric_dates_are_seconds_since_1970(value: float, moment: datetime) -> None:
    assert dates.numeric_date(value) == moment


@pytest.mark.clause("RFC 7519 §2")
@pytest.mark.parametrize("value", [True, "0", None, [], 1e300, -1e12, 10**18, float("nan"), float("inf")])
def test_other_numeric_dates_are_refused(value: object) -> None:
    with pytest.raises(MalformedInput):
        dates.numeric_date(value)


@pytest.mark.clause("民法 第140条", "民法 第143条第2項")
@pytest.mark.parametrize(
    ("from_day", "years", "last"),
    [
        ("2026-03-31", 5, "2031-03-31"),
        ("2026-03-31", 20, "2046-03-31"),
        ("2026-03-01", 5, "2031-03-01"),
        ("2028-02-29", 5, "2033-02-28"),
        ("2028-02-28", 5, "2033-02-28"),
        ("2027-02-28", 5, "2032-02-29"),
        ("2026-12-31", 5, "2031-12-31"),
    ],
)
def test_years_of_law_begin_on_the_next_day_and_end_before_its_anniversary(
    from_day: str, years: int, last: str
) -> None:
    assert dates.last_day_of_years(date.fromisoformat(from_day), years).isoformat() == last


@pytest.mark.parametrize("from_day", [date(9995, 1, 1), date(9999, 12, 31)])
def test_years_that_no_calendar_has_are_refused(from_day: date) -> None:
    with pytest.raises(MalformedInput):
        dates.last_day_of_years(from_day, 5)
