"""Instants and calendar dates, the one place that knows time zones, 年度 and 和暦.

An instant is a point on the clock and is kept in UTC. A date is a day in Asia/Tokyo. "Until 31 March" is the end of
that day there; an age is reached at 00:00 there on the birthday.
"""

import re
import unicodedata
from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from tegata.errors import MalformedInput

TOKYO = ZoneInfo("Asia/Tokyo")
_APRIL = 4

#: First day, name and letter of the eras that living people's papers carry, newest first.
_ERAS = (
    (date(2019, 5, 1), "令和", "R"),
    (date(1989, 1, 8), "平成", "H"),
    (date(1926, 12, 25), "昭和", "S"),
    (date(1912, 7, 30), "大正", "T"),
    (date(1868, 1, 25), "明治", "M"),
)
#: No date that people write, and no instant that machines write, is longer.
_MAX_CHARACTERS = 40
# Digits are ASCII here: full-width ones are folded before, and no standard allows others.
_MONTH_AND_DAY = r"\s*(?:([-/.])\s*(\d{1,2})\s*\{0}\s*(\d{1,2})|年\s*(\d{1,2})\s*月\s*(\d{1,2})\s*日?)"
_WESTERN = re.compile(r"(\d{4})" + _MONTH_AND_DAY.replace("{0}", "2"), re.ASCII)
_JAPANESE = re.compile(
    r"(令和|平成|昭和|大正|明治|[RHSTM])\s*(元|\d{1,2})" + _MONTH_AND_DAY.replace("{0}", "3"),
    re.ASCII | re.IGNORECASE,
)
_INSTANT = re.compile(r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(\.\d+)?(Z|[+-]\d\d:\d\d)", re.ASCII)


def today(now: datetime) -> date:
    """Return the date in Asia/Tokyo at this instant; `ValueError` for an instant without a zone."""
    return _aware(now).astimezone(TOKYO).date()


def start_of_day(day: date) -> datetime:
    """Return the instant at which the day begins in Asia/Tokyo; `MalformedInput` outside the years 1 to 9999."""
    try:
        return datetime.combine(day, time(), TOKYO).astimezone(UTC)
    except OverflowError:
        raise MalformedInput("the day begins before the first instant there is") from None


def end_of_day(day: date) -> datetime:
    """Return the last whole second of the day in Asia/Tokyo: what "until" that day means."""
    try:
        # Not a day after its beginning: in the summers of 1948 to 1951, days had 23 and 25 hours.
        return datetime.combine(day, time(23, 59, 59), TOKYO).astimezone(UTC)
    except OverflowError:
        raise MalformedInput("the day ends before the first instant there is") from None


def school_year(day: date) -> int:
    """Return the 年度 by the year it starts in: January to March belong to the year before."""
    return day.year if day.month >= _APRIL else day.year - 1


def age_reached(birthdate: date, years: int) -> date:
    """Return the day on which the age is reached; somebody born on 29 February reaches it on 1 March.

    Raises `MalformedInput` if that lies after the year 9999.
    """
    year = birthdate.year + years
    if year > date.max.year:
        raise MalformedInput("the age is reached after the year 9999")
    try:
        return birthdate.replace(year=year)
    except ValueError:
        return date(year, 3, 1)


def last_day_of_years(from_day: date, years: int) -> date:
    """Return the last day of a period of years that runs from a day, as civil law counts it (民法 第140条, 第143条第2項).

    The day itself does not count: the period begins on the next one, and ends before that one's anniversary, or with the month
    that has no such day. Raises `MalformedInput` if that lies after the year 9999.
    """
    try:
        first = from_day + timedelta(days=1)
        year = first.year + years
        last_of_month = monthrange(year, first.month)[1]
        if first.day > last_of_month:
            return date(year, first.month, last_of_month)
        return date(year, first.month, first.day) - timedelta(days=1)
    except (ValueError, OverflowError):
        raise MalformedInput("the period ends after the year 9999") from None


def wareki(day: date) -> str:
    """Return the Japanese date, 令和8年3月1日; the era is that of the day, its first year 元年."""
    for first, name, _ in _ERAS:
        if day >= first:
            year = day.year - first.year + 1
            return f"{name}{'元' if year == 1 else year}年{day.month}月{day.day}日"
    raise MalformedInput("no Japanese era for a date before 1868")


def parse_date(text: str) -> date:
    """Read a date as people write it: 2008-04-14, 2008/4/14, 平成20年4月14日, H20.4.14, also in full-width digits.

    Raises `MalformedInput` for anything else, for days that do not exist or lie outside the era named, and for days
    before the era Meiji (1868), which no living person's papers carry.
    """
    folded = unicodedata.normalize("NFKC", text).strip() if len(text) <= _MAX_CHARACTERS else ""
    try:
        if found := _WESTERN.fullmatch(folded):
            day = date(int(found[1]), int(found[3] or found[5]), int(found[4] or found[6]))
        elif found := _JAPANESE.fullmatch(folded):
            day = _from_era(found[1], found[2], int(found[4] or found[6]), int(found[5] or found[7]))
        else:
            raise MalformedInput("not a date")
    except ValueError:
        raise MalformedInput("there is no such day") from None
    if day < _ERAS[-1][0]:
        raise MalformedInput("a day before 1868")
    return day


def _from_era(era: str, year: str, month: int, day: int) -> date:
    position = next(index for index, (_, name, letter) in enumerate(_ERAS) if era.upper() in {name, letter})
    first = _ERAS[position][0]
    found = date(first.year + (1 if year == "元" else int(year)) - 1, month, day)
    until = _ERAS[position - 1][0] if position else date.max
    if not first <= found < until:
        raise MalformedInput("the day lies outside that era")
    return found


@lru_cache(maxsize=1_024)  # what a school signs in one hour begins and ends with few instants
def instant(text: str) -> datetime:
    """Read an XSD dateTimeStamp with `Z` or an offset (VCDM 2.0 §4.9); fractions are cut to microseconds.

    Raises `MalformedInput` for other spellings, a missing offset, and instants that do not exist. 24:00:00 is legal.
    """
    found = _INSTANT.fullmatch(text) if len(text) <= _MAX_CHARACTERS else None
    if not found:
        raise MalformedInput("not a dateTimeStamp", clause="VCDM 2.0 §4.9")
    year, month, day, hour, minute, second = (int(part) for part in found.groups()[:6])
    microsecond = int((found[7] or ".0")[1:7].ljust(6, "0"))
    is_midnight = (hour, minute, second, microsecond) == (24, 0, 0, 0)
    try:
        local = datetime(year, month, day, 0 if is_midnight else hour, minute, second, microsecond, UTC)
        moment = local + timedelta(days=1) if is_midnight else local
        return moment - _offset(found[8])
    except (ValueError, OverflowError):
        raise MalformedInput("there is no such instant", clause="VCDM 2.0 §4.9") from None


def _offset(text: str) -> timedelta:
    if text == "Z":
        return timedelta()
    hours, minutes = int(text[1:3]), int(text[4:6])
    if minutes > 59 or hours * 60 + minutes > 14 * 60:  # noqa: PLR2004  XSD allows offsets up to 14:00
        raise MalformedInput("no such offset", clause="VCDM 2.0 §4.9")
    return (1 if text[0] == "+" else -1) * timedelta(hours=hours, minutes=minutes)


def numeric_date(value: Any) -> datetime:
    """Read a NumericDate, the seconds since 1970 (RFC 7519 §2).

    Raises `MalformedInput` for anything but a number, and for instants before the year 1 and after the year 9999.
    """
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise MalformedInput("not a number of seconds", clause="RFC 7519 §2")
    try:
        return datetime.fromtimestamp(value, UTC)
    except (OverflowError, OSError, ValueError):
        raise MalformedInput("there is no such instant", clause="RFC 7519 §2") from None


def format_instant(moment: datetime) -> str:
    """Write an instant as `2026-03-01T00:00:00Z`; microseconds only if there are any; `ValueError` without a zone."""
    return _aware(moment).astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"


def _aware(moment: datetime) -> datetime:
    """Refuse an instant without a zone: it would silently mean the machine's own."""
    if moment.tzinfo is None:
        raise ValueError("an instant needs a time zone")
    return moment
