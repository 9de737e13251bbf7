"""Finding learners: the filter of an address, a page of what it finds, and what there is to choose from."""

from dataclasses import dataclass, replace

from sqlalchemy import Connection, select

from issuer.console.office import Visit
from issuer.register import store as register
from issuer.register.store import Filter, Summary
from issuer.register.tables import EnrolmentRow, LearnerRow, PlacementRow
from schemas.dictionary import label
from tegata.errors import NotFound, Text
from tegata.service.console import Pagination

_placement = PlacementRow.__table__  # type: ignore[attr-defined]  # SQLModel sets it on tables
_enrolment = EnrolmentRow.__table__  # type: ignore[attr-defined]  # same
_learner = LearnerRow.__table__  # type: ignore[attr-defined]  # same


@dataclass(frozen=True, slots=True)
class Choices:
    """What a filter of this school's register can be set to, as (value, text)."""

    years: tuple[int, ...]
    grades: tuple[tuple[str, Text], ...]
    classes: tuple[str, ...]
    statuses: tuple[tuple[str, Text], ...]


def choices(connection: Connection, tenant_id: str, school_id: str) -> Choices:
    """Return the years, grades, classes and statuses that the register has."""
    at = (_learner.c.tenant_id == tenant_id, _learner.c.school_id == school_id)
    placed = select(_placement.c.school_year, _placement.c.grade, _placement.c.home_class).join(
        _learner, _learner.c.id == _placement.c.learner_id
    )
    rows = connection.execute(placed.where(*at).distinct()).all()
    enrolled = select(_enrolment.c.status).join(_learner, _learner.c.id == _enrolment.c.learner_id)
    statuses = sorted({row[0] for row in connection.execute(enrolled.where(*at).distinct()) if row[0]})
    grades = sorted({row[1] for row in rows if row[1]})
    return Choices(
        years=tuple(sorted({row[0] for row in rows if row[0]}, reverse=True)),
        grades=tuple((grade, grade_text(grade)) for grade in grades),
        classes=tuple(sorted({row[2] for row in rows if row[2]})),
        statuses=tuple((status, code_text("enrolment-status", status)) for status in statuses),
    )


def grade_text(grade: str) -> Text:
    """Return a year of study in words; H3 is 高等学校3年."""
    return code_text("grade", grade)


def code_text(code_list: str, code: str) -> Text:
    """Return a code in words, or the code itself where the list does not have it."""
    try:
        return label(code_list, code)
    except NotFound:
        return Text(code, code)


def read_filter(visit: Visit) -> Filter:
    """Read the filter of an address."""
    query = visit.query
    year = query.get("school_year", "")
    return Filter(
        school_year=int(year) if year.isascii() and year.isdigit() and len(year) == 4 else 0,  # noqa: PLR2004
        grade=query.get("grade", "")[:8],
        home_class=query.get("home_class", "")[:200],
        status=query.get("status", "")[:32],
        text=query.get("q", ""),
    )


def find(visit: Visit, connection: Connection, wanted: Filter) -> tuple[list[Summary], Pagination]:
    """Return a page of learners in the order of their kana.

    Who is under concealment is in no list. They are found by their whole student number, and by nothing less.
    """
    hidden = _hidden(visit, connection, wanted)
    if hidden:
        return hidden, Pagination.read({}, len(hidden))
    total = register.search(connection, visit.tenant_id, visit.school_id, wanted, limit=1).total
    paging = Pagination.read(visit.query, total)
    page = register.search(
        connection, visit.tenant_id, visit.school_id, wanted, offset=paging.offset, limit=paging.size
    )
    return list(page.learners), paging


def _hidden(visit: Visit, connection: Connection, wanted: Filter) -> list[Summary]:
    if not wanted.text.strip():
        return []
    everyone = replace(wanted, include_concealed=True)
    page = register.search(connection, visit.tenant_id, visit.school_id, everyone, limit=5)
    return [
        item for item in page.learners if item.is_concealed and item.student_number == wanted.text.strip()
    ]
