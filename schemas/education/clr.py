"""CLR 2.0: a transcript as a Comprehensive Learner Record (1EdTech CLR Standard 2.0).

Each course is a badge of its own, signed on its own, so that it survives alone; the record around them says how they belong
together and is signed once more. So making one is two steps: `courses` to be signed, and `record` around what was signed.

Whoever reads one verifies every course as well as the whole. As linked data, everything that is said of the learner in any
course is one set of statements: a course that was changed into what another course says still fits the signature of the whole,
and only its own signature breaks.
"""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from schemas.education import open_badge
from schemas.education.source import FormRefused, Source, instant
from schemas.names import CREDENTIAL_TYPE, CREDENTIALS_V2

CONTEXT = "https://purl.imsglobal.org/spec/clr/v2p0/context-2.0.1.json"
TYPE = "ClrCredential"
_TRANSCRIPTS = frozenset({"transcript", "transcript-he", "credits"})


def courses(source: Source) -> tuple[dict[str, Any], ...]:
    """Return one unsecured badge for each course; raises `FormRefused` for what is no transcript.

    They carry the source's status, as the record does: withdrawn together.
    """
    return tuple(
        open_badge.badge(source, f"{source.identifier}:course-{number}", achievement, subject)
        for number, (achievement, subject) in enumerate(_courses(source), 1)
    )


def record(source: Source, signed: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the unsecured record around the courses that `courses` gave and somebody signed.

    Raises `FormRefused` if there are more or fewer than the transcript has.
    """
    rows = _courses(source)
    if len(signed) != len(rows):
        raise FormRefused("other courses than those of the transcript")
    programme = _programme(source)
    credential: dict[str, Any] = {
        "@context": [CREDENTIALS_V2, CONTEXT, open_badge.CONTEXT],
        "id": source.identifier,
        "type": [CREDENTIAL_TYPE, TYPE],
        "name": f"{source.document.title.en}, {source.school_name}",
        "issuer": open_badge.profile(source),
        "validFrom": instant(source.valid_from),
    }
    if source.valid_until is not None:
        credential["validUntil"] = instant(source.valid_until)
    credential |= source.credential_status
    credential["credentialSubject"] = {
        **open_badge.learner(source),
        "type": ["ClrSubject"],
        "verifiableCredential": [dict(item) for item in signed],
        "achievement": [programme],
        "association": [
            {
                "type": "Association",
                "associationType": "isPartOf",
                "sourceId": achievement["id"],
                "targetId": programme["id"],
            }
            for achievement, _ in rows
        ],
    }
    return credential


def _courses(source: Source) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    if source.document.name not in _TRANSCRIPTS:
        raise FormRefused(f"{source.document.name} is no transcript")
    return [open_badge.course(source, row, _course_id(source, row)) for row in source.claims["courses"]]


def _course_id(source: Source, row: Mapping[str, Any]) -> str:
    """Return the id of a course as the school gave it that year: the same for every learner who took it."""
    named = "\n".join(
        str(row.get(member, "")) for member in ("school_year", "term", "subject_area", "course")
    )
    return f"{source.issuer_url}#course-{hashlib.sha256(named.encode('utf-8')).hexdigest()[:16]}"


def _programme(source: Source) -> dict[str, Any]:
    """Return what the courses are parts of: the learner's programme at the school."""
    name = source.claims.get("department_en") or source.claims.get("department") or source.school["name"]
    return {
        "id": f"{source.issuer_url}#programme",
        "type": ["Achievement"],
        "achievementType": "LearningProgram",
        "name": str(name),
        "description": f"{source.document.title.ja}: {source.school['name']}",
        "criteria": {"narrative": "The school's curriculum (教育課程)."},
        "creditsAvailable": source.claims["credits_earned_total"],
    }
