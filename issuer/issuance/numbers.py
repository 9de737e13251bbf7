"""Document numbers: one counter per school and 年度, in the school's own format; never reused, gaps explained."""

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, select, update
from sqlalchemy.exc import IntegrityError

from issuer.issuance.tables import NumberCounter, NumberFormat, NumberGap
from tegata.errors import MalformedInput, Text

_counter = NumberCounter.__table__  # type: ignore[attr-defined]  # SQLModel sets it on tables
_format = NumberFormat.__table__  # type: ignore[attr-defined]  # same
_gap = NumberGap.__table__  # type: ignore[attr-defined]  # same

_FIELD = re.compile(r"\{(?:(prefix)|(schoolYear)|number(?::0([1-9])d)?)\}")
DEFAULT_PATTERN = "{prefix}{schoolYear}-{number:04d}号"
DEFAULT_PREFIX = "第"
MAX_PREFIX, MAX_PATTERN = 40, 70


class PatternRefused(MalformedInput):
    """A numbering pattern that is not understood, or in which numbers would not differ."""

    kind = "number_pattern_refused"
    text = Text(
        "証明書番号の形式には {prefix} {schoolYear} {number:04d} だけを使えます。{number} は必須です。",
        "A number format may use {prefix}, {schoolYear} and {number:04d}; {number} is required.",
    )


@dataclass(frozen=True, slots=True)
class Numbering:
    """How a school writes its numbers: `{prefix}{schoolYear}-{number:04d}号`."""

    prefix: str = DEFAULT_PREFIX
    pattern: str = DEFAULT_PATTERN

    def __post_init__(self) -> None:
        literal = _FIELD.sub("", self.pattern)
        fields = [found[0].strip("{}").partition(":")[0] for found in _FIELD.finditer(self.pattern)]
        is_understood = not set("{}") & set(literal) and (self.pattern + self.prefix).isprintable()
        is_short = len(self.prefix) <= MAX_PREFIX and len(self.pattern) <= MAX_PATTERN
        # Each at most once: then a number fits its column, and two numbers of a year are never written alike.
        once = [fields.count(name) for name in ("schoolYear", "number")]
        if not is_understood or not is_short or once != [1, 1] or fields.count("prefix") > 1:
            raise PatternRefused("a numbering pattern")

    def write(self, school_year: int, number: int) -> str:
        """Return one number as it is printed."""

        def field(found: re.Match[str]) -> str:
            if found[1]:
                return self.prefix
            return str(school_year) if found[2] else str(number).zfill(int(found[3] or 1))

        return _FIELD.sub(field, self.pattern)


def set_numbering(connection: Connection, tenant_id: str, school_id: str, numbering: Numbering) -> None:
    """Write down how a school's numbers look, in place of what was there."""
    values = {"prefix": numbering.prefix, "pattern": numbering.pattern}
    done = connection.execute(update(_format).where(_format.c.school_id == school_id).values(**values))
    if not done.rowcount:
        connection.execute(insert(_format).values(school_id=school_id, tenant_id=tenant_id, **values))


def numbering_of(connection: Connection, school_id: str) -> Numbering:
    """Return how a school's numbers look."""
    row = connection.execute(select(_format).where(_format.c.school_id == school_id)).mappings().first()
    return Numbering() if row is None else Numbering(row["prefix"], row["pattern"])


def take(
    connection: Connection, tenant_id: str, school_id: str, school_year: int, count: int
) -> tuple[int, ...]:
    """Take the next numbers, leaving out those reserved for paper. What is taken is never handed out again."""
    first = _next_number(connection, school_id, school_year)
    if first is None:
        try:
            with connection.begin_nested():
                connection.execute(
                    insert(_counter).values(
                        id=secrets.token_hex(16),
                        tenant_id=tenant_id,
                        school_id=school_id,
                        school_year=school_year,
                        next_number=1,
                    )
                )
        except IntegrityError:
            # Somebody else took the first numbers of the year at this moment; go on behind them.
            pass
        first = _next_number(connection, school_id, school_year) or 1
    reserved = connection.execute(
        select(_gap.c.first, _gap.c.last).where(
            _gap.c.school_id == school_id, _gap.c.school_year == school_year, _gap.c.last >= first
        )
    ).all()
    found: list[int] = []
    number = first
    while len(found) < count:
        blocking = next((last for start, last in reserved if start <= number <= last), None)
        if blocking is None:
            found.append(number)
        number = number + 1 if blocking is None else int(blocking) + 1
    connection.execute(
        update(_counter)
        .where(_counter.c.school_id == school_id, _counter.c.school_year == school_year)
        .values(next_number=number)
    )
    return tuple(found)


def _next_number(connection: Connection, school_id: str, school_year: int) -> int | None:
    """Return where the counter stands, locked until the commit; None if it was never used."""
    query = select(_counter.c.next_number).where(
        _counter.c.school_id == school_id, _counter.c.school_year == school_year
    )
    found = connection.execute(query.with_for_update()).scalar()
    return None if found is None else int(found)


def explain_gap(
    connection: Connection,
    tenant_id: str,
    school_id: str,
    school_year: int,
    numbers: Sequence[int],
    reason: str,
    now: datetime,
) -> None:
    """Write down why numbers are carried by no digital document: reserved for paper, or sent back."""
    ordered = sorted(numbers)
    start = 0
    for position in range(1, len(ordered) + 1):
        if position < len(ordered) and ordered[position] == ordered[position - 1] + 1:
            continue
        connection.execute(
            insert(_gap).values(
                id=secrets.token_hex(16),
                tenant_id=tenant_id,
                school_id=school_id,
                school_year=school_year,
                first=ordered[start],
                last=ordered[position - 1],
                reason=reason[:200],
                recorded_at=now,
            )
        )
        start = position
