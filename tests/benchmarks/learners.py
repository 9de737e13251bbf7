"""A register of any size: one learner of the sample, written again under other numbers, straight into the tables."""

import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Table, insert, select

from issuer.register import store
from tests.simulators.school import ReadySchool

#: Rows in one statement's parameters: what making a register takes has to stay small.
_CHUNK = 500


def multiply(ready: ReadySchool, count: int, now: datetime) -> list[str]:
    """Add learners like the first graduate; returns their ids."""
    original = ready.graduates(now)[0]
    made: list[str] = []
    while len(made) < count:
        ids = [secrets.token_hex(16) for _ in range(min(_CHUNK, count - len(made)))]
        with ready.workshop.database.writing() as connection:
            for table in _tables():
                column = table.c.id if table is store._LEARNER else table.c.learner_id
                rows = list(connection.execute(select(table).where(column == original)).mappings())
                if rows:
                    copies = _copies([dict(row) for row in rows], table, ids, len(made))
                    for start in range(0, len(copies), _CHUNK):
                        connection.execute(insert(table), copies[start : start + _CHUNK])
        made += ids
    return made


def _tables() -> Sequence[Table]:
    return (
        store._LEARNER,
        store._ENROLMENT,
        store._PLACEMENT,
        store._RESULT,
        store._ATTENDANCE,
        store._DECISION,
    )


def _copies(
    rows: Sequence[dict[str, Any]], table: Table, ids: Sequence[str], offset: int
) -> list[dict[str, Any]]:
    copies = []
    for position, identifier in enumerate(ids, offset):
        for row in rows:
            if table is store._LEARNER:
                number = f"B{position:06}"
                changed = {"id": identifier, "source_id": f"bench-{identifier}", "student_number": number}
            else:
                changed = {"learner_id": identifier}
                if "id" in row:
                    changed["id"] = secrets.token_hex(16)
            copies.append(row | changed)
    return copies
