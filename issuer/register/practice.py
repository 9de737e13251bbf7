"""What a school has decided about its documents beyond the law: grading, credits for graduation.

JSON in, a checked value out, and its one row. The member `practice` of a school's profile has this shape:

    {"grading": ["s-a-b-c-d", {…}], "creditsRequired": 124, "english": ["graduation", "transcript-he"],
     "fareDiscount": {"perYear": 10, "yearBegins": 4, "designationNumber": "TEST-0001"}}
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Table, insert, select, update

from issuer.register import grading, travel
from issuer.register.errors import PracticeRefused
from issuer.register.grading import Grading
from issuer.register.tables import PracticeRow
from issuer.register.travel import TravelPractice
from schemas import names

_PRACTICE: Table = PracticeRow.__table__  # type: ignore[attr-defined]  # SQLModel sets it on tables
_MEMBERS = frozenset({"grading", "creditsRequired", "english", "fareDiscount"})
_MAX_CREDITS = 999
_NO_RULES = TravelPractice()


@dataclass(frozen=True, slots=True)
class Practice:
    """A school's own decisions.

    `credits_required` is None where the school asks for what the law asks; `english` are the documents that it issues
    in Japanese and English, and in which nothing may stand in Japanese alone.
    """

    grading: Grading = field(default_factory=Grading)
    credits_required: int | None = None
    english: frozenset[str] = frozenset()
    travel: TravelPractice = _NO_RULES


def parse(content: Any) -> Practice:
    """Read a practice; raises `PracticeRefused`."""
    if not isinstance(content, Mapping) or not set(content) <= _MEMBERS:
        raise PracticeRefused("not an object of known members")
    required = content.get("creditsRequired")
    if required is not None and not (type(required) is int and 0 < required <= _MAX_CREDITS):
        raise PracticeRefused("credits that are no number", pointer="creditsRequired")
    english = content.get("english", [])
    if not isinstance(english, list) or not set(map(str, english)) <= set(names.documents()):
        raise PracticeRefused("documents that do not exist", pointer="english")
    return Practice(
        grading.parse(content.get("grading", [])),
        required,
        frozenset(english),
        travel.parse(content.get("fareDiscount", {})),
    )


def save(connection: Connection, tenant_id: str, school_id: str, content: Mapping[str, Any]) -> Practice:
    """Check and write down a school's practice in place of what was there; raises `PracticeRefused`."""
    found = parse(content)
    done = connection.execute(
        update(_PRACTICE)
        .where(_PRACTICE.c.school_id == school_id, _PRACTICE.c.tenant_id == tenant_id)
        .values(content=dict(content))
    )
    if not done.rowcount:
        row = {"school_id": school_id, "tenant_id": tenant_id, "content": dict(content)}
        connection.execute(insert(_PRACTICE).values(**row))
    return found


def stored(connection: Connection, school_id: str, *, lock: bool = False) -> Mapping[str, Any]:
    """Return a school's practice as it was written down; empty if it never was."""
    query = select(_PRACTICE.c.content).where(_PRACTICE.c.school_id == school_id)
    found = connection.execute(query.with_for_update() if lock else query).scalar()
    return {} if found is None else dict(found)


def load(connection: Connection, school_id: str, *, lock: bool = False) -> Practice:
    """Return a school's practice; locked until the commit, so that what it limits is counted by one at a time."""
    return parse(stored(connection, school_id, lock=lock))
