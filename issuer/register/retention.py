"""Which records of a learner the law no longer keeps: pure, from the day of leaving.

The years and their articles stand with each document type (`schemas`). Not for deleting records: a school does that by its
own rules, and has nothing to certify from afterwards.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from issuer.register.record import LearnerRecord
from schemas import catalogue

#: What a notice calls a document, and the document type whose record it is about.
_KINDS = {"transcript": "transcript", "admission_report": "admission-report", "credits": "credits"}


@dataclass(frozen=True, slots=True)
class Lapsed:
    """One kind of document that can no longer be issued (`document-kind`), by which law, and until when it could be."""

    document_kind: str
    law: str
    kept_until: date


def lapsed(record: LearnerRecord, school_kinds: Sequence[str], on: date) -> tuple[Lapsed, ...]:
    """Return what can no longer be issued on a day, to somebody who has left a school of one of these kinds."""
    left = record.enrolment.leaving_date if record.enrolment else None
    if left is None:
        return ()
    found = []
    for kind, name in _KINDS.items():
        document = catalogue.load().get(name)
        last_day = document.retention.last_day(left)
        if set(school_kinds) & set(document.school_kinds) and last_day is not None and last_day < on:
            found.append(Lapsed(kind, document.retention.law, last_day))
    return tuple(found)
