"""Dates, times, names and numbers as people read them."""

from datetime import UTC, date, datetime

import pytest

from tegata.service.console import formats


def test_a_date_is_written_in_the_japanese_calendar_first():
    assert formats.long_date(date(2027, 3, 1), "ja") == "令和9年3月1日（2027年3月1日）"
    assert formats.long_date(date(2019, 5, 1), "ja") == "令和元年5月1日（2019年5月1日）"
    assert formats.long_date(date(2027, 3, 1), "en") == "1 March 2027"


def test_tables_have_short_dates_in_japanese_and_unmistakable_ones_in_english():
    assert formats.short_date(date(2027, 3, 1), "ja") == "2027/03/01"
    assert formats.short_date(date(2027, 3, 1), "en") == "1 March 2027"


def test_an_instant_is_shown_in_japan_time():
    moment = datetime(2027, 3, 4, 15, 2, tzinfo=UTC)
    assert formats.instant(moment, "ja") == "2027年3月5日 00:02（日本時間）"
    assert formats.instant(moment, "en") == "5 March 2027, 00:02 (Japan time)"
    assert formats.short_instant(moment, "ja") == "2027/03/05 00:02"


@pytest.mark.parametrize(
    ("year", "written"),
    [(2026, "令和8年度（2026年度）"), (2019, "令和元年度（2019年度）"), (2018, "平成30年度（2018年度）")],
)
def test_a_school_year_is_named_after_its_era(year: int, written: str):
    assert formats.school_year(year, "ja") == written


def test_a_school_year_says_its_months_in_english():
    assert formats.school_year(2026, "en") == "school year 2026 (April 2026 – March 2027)"


def test_names_keep_every_character_and_get_the_space_of_their_script():
    assert formats.person_name("𠮷野 栁") == "𠮷野　栁"
    assert formats.person_name("髙橋　﨑子") == "髙橋　﨑子"
    assert formats.person_name("AOBA Haruka") == "AOBA Haruka"
    assert formats.person_name("青葉") == "青葉"


def test_numbers_codes_and_sizes():
    assert formats.number(1204) == "1,204"
    assert formats.number(3.7) == "3.7"
    assert formats.grouped("TG4K7Q2M9XDE") == "TG4K 7Q2M 9XDE"
    assert formats.grouped("TG4K 7Q2M 9") == "TG4K 7Q2M 9"
    assert [formats.file_size(size) for size in (812, 24 * 1024, 1_572_864, 20 * 1024**2)] == [
        "812 B",
        "24 KB",
        "1.5 MB",
        "20 MB",
    ]
