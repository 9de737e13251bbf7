"""How dates, times, names and numbers are written for people, in both languages. Pure; not for what is signed."""

import re
from datetime import date, datetime

from tegata.codec import dates
from tegata.service.console.language import Language

_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_KIBIBYTE = 1024


def long_date(day: date, language: Language) -> str:
    """Write 令和9年3月1日（2027年3月1日） or 1 March 2027."""
    if language == "en":
        return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"
    return f"{dates.wareki(day)}（{day.year}年{day.month}月{day.day}日）"


def short_date(day: date, language: Language) -> str:
    """Write 2027/03/01, for tables; English has only the long way, since 03/01 misleads its readers."""
    return f"{day.year}/{day.month:02}/{day.day:02}" if language == "ja" else long_date(day, language)


def clock(moment: datetime) -> str:
    """Write 14:02, Japan time."""
    return f"{moment.astimezone(dates.TOKYO):%H:%M}"


def instant(moment: datetime, language: Language) -> str:
    """Write 2027年3月5日 14:02（日本時間） or 5 March 2027, 14:02 (Japan time)."""
    day = dates.today(moment)
    if language == "en":
        return f"{long_date(day, language)}, {clock(moment)} (Japan time)"
    return f"{day.year}年{day.month}月{day.day}日 {clock(moment)}（日本時間）"


def short_instant(moment: datetime, language: Language) -> str:
    """Write 2027/03/05 14:02, for tables and timelines."""
    return f"{short_date(dates.today(moment), language)} {clock(moment)}"


def school_year(year: int, language: Language) -> str:
    """Write 令和8年度（2026年度） or school year 2026 (April 2026 – March 2027)."""
    if language == "en":
        return f"school year {year} (April {year} – March {year + 1})"
    # A 年度 is named after the era of its first day, except that 平成31年度 became 令和元年度 by law.
    era_year = dates.wareki(date(year, 5, 1)).partition("年")[0]
    return f"{era_year}年度（{year}年度）"


def number(value: float) -> str:
    """Write 1,204 or 3.7."""
    return f"{value:,}"


def person_name(name: str) -> str:
    """Write 青葉　はるか with a full-width space; Latin names keep the half-width one.

    The characters are never changed: a name is shown as the register has it.
    """
    parts = name.split()
    return (" " if name.isascii() else "　").join(parts) if parts else name


def grouped(code: str, size: int = 4) -> str:
    """Write a code in groups, TG4K 7Q2M 9XDE; it is copied without the spaces."""
    plain = re.sub(r"\s", "", code)
    return " ".join(plain[start : start + size] for start in range(0, len(plain), size))


def file_size(size: int) -> str:
    """Write 812 B, 24 KB or 1.5 MB."""
    if size < _KIBIBYTE:
        return f"{size} B"
    if size < _KIBIBYTE**2:
        return f"{round(size / _KIBIBYTE)} KB"
    return f"{size / _KIBIBYTE**2:.1f} MB".replace(".0 ", " ")
