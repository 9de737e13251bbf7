"""Instants and calendar dates, the one place that knows time zones, 年度 and 和暦.

An instant is a point on the clock and is kept in UTC. A date is a day in Asia/Tokyo. "Until 31 March" is the end of
that day there; an age is reached at 00:00 there on the birthday.
"""

import re
import unicodedata
from datetime import UTC, date, datetime, time, timedelta
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
_WESTERN = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?")
_JAPANESE = re.compile(
    r"(令和|平成|昭和|大正|明治|[RHSTM])\s*(元|\d{1,2})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?"
)
_INSTANT = re.compile(r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(\.\d{1,9})?(Z|[+-]\d\d:\d\d)")


def today(now: datetime) -> date:
    """Return the date in Asia/Tokyo at this instant."""
    return now.astimezone(TOKYO).date()


def start_of_day(day: date) -> datetime:
    """Return the instant at which the day begins in Asia/Tokyo."""
    return datetime.combine(day, time(), TOKYO).astimezone(UTC)


def end_of_day(day: date) -> datetime:
    """Return the last whole second of the day in Asia/Tokyo: what "until" that day means."""
    return start_of_day(day + timedelta(days=1)) - timedelta(seconds=1)


def school_year(day: date) -> int:
    """Return the 年度 by the year it starts in: January to March belong to the year before."""
    return day.year if day.month >= _APRIL else day.year - 1


def age_reached(birthdate: date, years: int) -> date:
    """Return the day on which the age is reached; somebody born on 29 February reaches it on 1 March."""
    try:
        return birthdate.replace(year=birthdate.year + years)
    except ValueError:
        return date(birthdate.year + years, 3, 1)


def wareki(day: date) -> str:
    """Return the Japanese date, 令和8年3月1日; the era is that of the day, its first year 元年."""
    for first, name, _ in _ERAS:
        if day >= first:
            year = day.year - first.year + 1
            return f"{name}{'元' if year == 1 else year}年{day.month}月{day.day}日"
    raise MalformedInput("no Japanese era for a date before 1868")


def parse_date(text: str) -> date:
    """Read a date as people write it: 2008-04-14, 2008/4/14, 平成20年4月14日, H20.4.14, also in full-width digits.

    Raises `MalformedInput` for anything else and for days that do not exist or lie outside the era named.
    """
    folded = unicodedata.normalize("NFKC", text.strip()[:40])
    try:
        if found := _WESTERN.fullmatch(folded):
            return date(int(found[1]), int(found[2]), int(found[3]))
        if found := _JAPANESE.fullmatch(folded):
            return _from_era(found[1], found[2], int(found[3]), int(found[4]))
    except ValueError:
        raise MalformedInput("there is no such day") from None
    raise MalformedInput("not a date")


def _from_era(era: str, year: str, month: int, day: int) -> date:
    position = next(index for index, (_, name, letter) in enumerate(_ERAS) if era in {name, letter})
    first = _ERAS[position][0]
    found = date(first.year + (1 if year == "元" else int(year)) - 1, month, day)
    until = _ERAS[position - 1][0] if position else date.max
    if not first <= found < until:
        raise MalformedInput("the day lies outside that era")
    return found


def instant(text: str) -> datetime:
    """Read an XSD dateTimeStamp with `Z` or an offset (VCDM 2.0 §4.9); fractions are cut to microseconds.

    Raises `MalformedInput` for other spellings, a missing offset, and instants that do not exist. 24:00:00 is legal.
    """
    found = _INSTANT.fullmatch(text)
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


def format_instant(moment: datetime) -> str:
    """Write an instant as `2026-03-01T00:00:00Z`; microseconds only if there are any."""
    utc = moment.astimezone(UTC)
    fraction = f".{utc.microsecond:06d}" if utc.microsecond else ""
    return f"{utc:%Y-%m-%dT%H:%M:%S}{fraction}Z"
