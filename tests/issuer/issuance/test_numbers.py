"""Document numbers: each once, in the school's own form, leaving out what is reserved for paper."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select

from issuer.issuance.numbers import (
    MAX_PATTERN,
    MAX_PREFIX,
    Numbering,
    PatternRefused,
    explain_gap,
    numbering_of,
    set_numbering,
    take,
)
from issuer.issuance.tables import NumberGap
from tests.simulators.school import NOW, ReadySchool

_gap = NumberGap.__table__  # type: ignore[attr-defined]  # SQLModel sets it on tables


@pytest.mark.parametrize(
    ("prefix", "pattern", "number", "written"),
    [
        ("第", "{prefix}{schoolYear}-{number:04d}号", 7, "第2026-0007号"),
        ("第", "{prefix}{schoolYear}-{number:04d}号", 12_345, "第2026-12345号"),
        ("", "{schoolYear}/{number}", 7, "2026/7"),
        ("みらい証第", "{schoolYear}年度{prefix}{number:06d}", 7, "2026年度みらい証第000007"),
        ("{number}", "{prefix}{schoolYear}-{number}", 7, "{number}2026-7"),
    ],
)
def test_a_number_is_written_as_the_school_writes_it(
    prefix: str, pattern: str, number: int, written: str
) -> None:
    assert Numbering(prefix, pattern).write(2026, number) == written


@pytest.mark.parametrize(
    ("prefix", "pattern"),
    [
        ("", ""),
        ("", "{schoolYear}"),
        ("", "{number}"),
        ("", "{schoolYear}{number}{number}"),
        ("", "{schoolYear}{schoolYear}{number}"),
        ("a", "{prefix}{prefix}{schoolYear}{number}"),
        ("", "{schoolYear}{number:99d}"),
        ("", "{schoolYear}{number:04x}"),
        ("", "{schoolYear}{number.__class__}"),
        ("", "{schoolYear}{number!r}"),
        ("", "{schoolYear}{number}{0}"),
        ("", "{schoolYear}{{number}}"),
        ("", "{schoolYear}{number}}"),
        ("", "{schoolYear}{number}\n"),
        ("\x00", "{prefix}{schoolYear}{number}"),
        ("\u202e", "{prefix}{schoolYear}{number}"),
        ("x" * (MAX_PREFIX + 1), "{prefix}{schoolYear}{number}"),
        ("", "{schoolYear}{number}" + "x" * MAX_PATTERN),
    ],
)
def test_a_pattern_that_does_not_tell_numbers_apart_or_says_more_is_refused(
    prefix: str, pattern: str
) -> None:
    with pytest.raises(PatternRefused):
        Numbering(prefix, pattern)


def test_the_longest_number_fits_its_column() -> None:
    pattern = "{prefix}{schoolYear}{number:09d}"
    longest = Numbering("x" * MAX_PREFIX, pattern + "y" * (MAX_PATTERN - len(pattern)))
    assert len(longest.write(2026, 10**10)) <= 120


def _take(office: ReadySchool, year: int, count: int) -> tuple[int, ...]:
    with office.workshop.database.writing() as connection:
        return take(connection, office.school.tenant_id, office.school.id, year, count)


def test_numbers_go_on_where_they_were_and_each_year_begins_anew(office: ReadySchool) -> None:
    assert _take(office, 1990, 3) == (1, 2, 3)
    assert _take(office, 1990, 2) == (4, 5)
    assert _take(office, 1991, 1) == (1,)


@pytest.mark.parametrize("year", [1992, 1993, 1994])
def test_numbers_taken_at_once_are_never_the_same_not_even_the_first_of_a_year(
    office: ReadySchool, year: int
) -> None:
    with ThreadPoolExecutor(8) as pool:
        taken = [number for some in pool.map(lambda _: _take(office, year, 5), range(16)) for number in some]
    assert sorted(taken) == list(range(1, 81))


def test_numbers_of_a_transaction_that_fails_are_taken_by_the_next_one(office: ReadySchool) -> None:
    def fail_behind() -> None:
        with office.workshop.database.writing() as connection:
            take(connection, office.school.tenant_id, office.school.id, 1995, 5)
            raise PatternRefused("whatever refuses the rest of the transaction")

    with pytest.raises(PatternRefused):
        fail_behind()
    assert _take(office, 1995, 1) == (1,)


def test_what_is_reserved_for_paper_is_left_out(office: ReadySchool) -> None:
    with office.workshop.database.writing() as connection:
        for numbers in ([2, 3, 4], [7], range(100, 1_000_000)):
            explain_gap(
                connection, office.school.tenant_id, office.school.id, 1996, list(numbers), "paper", NOW
            )
    assert _take(office, 1996, 5) == (1, 5, 6, 8, 9)
    assert _take(office, 1996, 92) == (*range(10, 100), 1_000_000, 1_000_001)


def test_gaps_are_written_as_ranges(office: ReadySchool) -> None:
    with office.workshop.database.writing() as connection:
        numbers = [9, 1, 2, 3, 7]
        explain_gap(
            connection, office.school.tenant_id, office.school.id, 1997, numbers, "sent back " * 50, NOW
        )
        explain_gap(connection, office.school.tenant_id, office.school.id, 1998, [], "nothing", NOW)
        query = select(_gap.c.first, _gap.c.last, _gap.c.reason).where(_gap.c.school_year.in_([1997, 1998]))
        found = connection.execute(query.order_by(_gap.c.first)).all()
    assert [(row.first, row.last) for row in found] == [(1, 3), (7, 7), (9, 9)]
    assert {len(row.reason) for row in found} == {200}


def test_a_school_changes_how_it_writes_numbers(office: ReadySchool) -> None:
    school = office.school
    for chosen in (
        Numbering("甲", "{prefix}{schoolYear}-{number}"),
        Numbering("乙", "{schoolYear}{prefix}{number}"),
    ):
        with office.workshop.database.writing() as connection:
            set_numbering(connection, school.tenant_id, school.id, chosen)
        with office.workshop.database.reading() as connection:
            assert numbering_of(connection, school.id) == chosen
            assert numbering_of(connection, "0" * 32) == Numbering()
