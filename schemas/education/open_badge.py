"""Open Badges 3.0: one achievement as an OpenBadgeCredential (1EdTech Open Badges Specification 3.0).

Which achievement type a document is, is data below. Names are in Latin letters where the document has them, because readers of
badges show one name; descriptions say what the Japanese document is called.
"""

from collections.abc import Mapping
from typing import Any

from schemas.education.source import FormRefused, Source, instant
from schemas.names import CREDENTIAL_TYPE, CREDENTIALS_V2

CONTEXT = "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"
TYPE = "OpenBadgeCredential"
#: The kind of identifier that a 学校コード is.
SCHOOL_CODE = "ext:jp-school-code"
_SECONDARY, _COMPULSORY = frozenset({"D1", "D2"}), frozenset({"B1", "C1", "C2", "E1", "A1", "A2"})
#: The beginning of a degree's name (学位規則) and its type in the standard's list.
_DEGREES = {
    "学士": "BachelorDegree",
    "修士": "MasterDegree",
    "博士": "DoctoralDegree",
    "短期大学士": "AssociateDegree",
    "準学士": "AssociateDegree",
}
_KINDS = {
    "course": "Course",
    "competency": "Competency",
    "co_curricular": "CoCurricular",
    "community_service": "CommunityService",
    "award": "Award",
    "qualification": "Certification",
}
#: What the Japanese outcome of a course is in the standard's words (ResultStatusType).
_STATUS = {
    "earned": "Completed",
    "recognised": "Completed",
    "study_abroad": "Completed",
    "not_earned": "Failed",
}
_RATING_LEVELS = ["1", "2", "3", "4", "5"]


def open_badge(source: Source) -> dict[str, Any]:
    """Return the unsecured badge of a document; raises `FormRefused` for one that is no achievement.

    A graduation is a diploma or a degree, a completion a certificate, an achievement what its kind says.
    """
    makers = {"graduation": _diploma, "completion": _certificate, "achievement": _achievement}
    maker = makers.get(source.document.name)
    if maker is None:
        raise FormRefused(f"{source.document.name} is no achievement")
    achievement, subject = maker(source)
    return badge(source, source.identifier, achievement, subject)


def badge(
    source: Source,
    identifier: str,
    achievement: Mapping[str, Any],
    subject: Mapping[str, Any],
) -> dict[str, Any]:
    """Return an OpenBadgeCredential of one achievement, with the source's status."""
    credential: dict[str, Any] = {
        "@context": [CREDENTIALS_V2, CONTEXT],
        "id": identifier,
        "type": [CREDENTIAL_TYPE, TYPE],
        "name": achievement["name"],
        "issuer": profile(source),
        "validFrom": instant(source.valid_from),
    }
    if source.valid_until is not None:
        credential["validUntil"] = instant(source.valid_until)
    credential |= source.credential_status
    credential["credentialSubject"] = {
        **learner(source),
        "type": ["AchievementSubject"],
        "achievement": dict(achievement),
        **subject,
    }
    return credential


def profile(source: Source) -> dict[str, Any]:
    """Return the school as a Profile, with its 学校コード and its establisher's 法人番号."""
    identifiers = [_identifier(SCHOOL_CODE, source.school["code"])]
    if number := source.school.get("corporate_number"):
        identifiers.append(_identifier("ext:jp-corporate-number", number))
    return {
        "id": source.issuer,
        "type": ["Profile"],
        "name": source.school_name,
        "url": source.issuer_url,
        "description": source.school["name"],
        "otherIdentifier": identifiers,
    }


def learner(source: Source) -> dict[str, Any]:
    """Return whom a badge is about: by DID where there is one, and by name."""
    named = {
        "type": "IdentityObject",
        "hashed": False,
        "identityHash": source.learner_name,
        "identityType": "name",
    }
    return {**({"id": source.subject} if source.subject else {}), "identifier": [named]}


def course(source: Source, row: Mapping[str, Any], identifier: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return one course of a transcript as an achievement, and what the learner reached in it."""
    name = str(row.get("course_en") or row["course"])
    achievement: dict[str, Any] = {
        "id": identifier,
        "type": ["Achievement"],
        "achievementType": "Course",
        "name": name,
        "description": f"{row.get('subject_area', '')} {row['course']}".strip(),
        "criteria": {"narrative": "Credits earned under the school's curriculum (教育課程)."},
        "creditsAvailable": row["credits"],
    }
    if area := row.get("subject_area"):
        achievement["fieldOfStudy"] = area
    results = []
    if "rating" in row:
        description = f"{identifier}-rating"
        achievement["resultDescription"] = [_rating_description(source, description)]
        results.append({"type": ["Result"], "resultDescription": description, "value": str(row["rating"])})
    if status := _STATUS.get(row.get("result", "")):
        description = f"{identifier}-outcome"
        outcome = {
            "id": description,
            "type": ["ResultDescription"],
            "name": "Outcome (修得の状況)",
            "resultType": "Status",
        }
        achievement["resultDescription"] = [*achievement.get("resultDescription", []), outcome]
        results.append({"type": ["Result"], "resultDescription": description, "status": status})
    subject: dict[str, Any] = {"creditsEarned": row["credits"], "term": f"{row['school_year']}年度"}
    if results:
        subject["result"] = results
    return achievement, subject


def _rating_description(source: Source, identifier: str) -> dict[str, Any]:
    """Return what a rating means: five levels at school, the university's own grades elsewhere."""
    levels = source.claims.get("grading_scheme", {}).get("levels")
    values = [level["code"] for level in levels] if levels else _RATING_LEVELS
    if levels:
        values = [str(value) for value in reversed(values)]
    return {
        "id": identifier,
        "type": ["ResultDescription"],
        "name": "Rating (評定)",
        "resultType": "LetterGrade",
        "allowedValue": values,
    }


def _diploma(source: Source) -> tuple[dict[str, Any], dict[str, Any]]:
    claims, degree = source.claims, str(source.claims.get("degree", ""))
    kind = next((found for start, found in _DEGREES.items() if degree.startswith(start)), "")
    if not kind:
        kind = "SecondarySchoolDiploma" if source.school["kind"] in _SECONDARY else "Diploma"
    if source.school["kind"] in _COMPULSORY:
        kind = "CertificateOfCompletion"
    name = str(claims.get("degree_en") or degree or f"Graduation from {source.school_name}")
    achievement = _achievement_of(
        source,
        "graduation",
        kind,
        name,
        f"{source.document.title.ja}: {source.school['name']} {claims.get('department', '')}".strip(),
        "The decision on graduation (卒業認定) by the head of the school.",
    )
    if department := claims.get("department_en") or claims.get("department"):
        achievement["fieldOfStudy"] = department
    subject: dict[str, Any] = {"activityEndDate": claims["graduation_date"]}
    if admitted := claims.get("admission_date"):
        subject = {"activityStartDate": admitted, **subject}
    if number := claims.get("diploma_number"):
        subject["licenseNumber"] = number
    return achievement, subject


def _certificate(source: Source) -> tuple[dict[str, Any], dict[str, Any]]:
    claims = source.claims
    achievement = _achievement_of(
        source,
        "completion",
        "CertificateOfCompletion",
        str(claims.get("programme_en") or claims["programme"]),
        f"{source.document.title.ja}: {source.school['name']}",
        "The decision on completion (修了認定) by the head of the school.",
    )
    return achievement, {"activityEndDate": claims["completion_date"]}


def _achievement(source: Source) -> tuple[dict[str, Any], dict[str, Any]]:
    claims, stated = source.claims, source.claims["achievement"]
    achievement = _achievement_of(
        source,
        "achievement",
        _KINDS[stated["kind"]],
        str(stated.get("name_en") or stated["name"]),
        f"{stated['name']}: {stated['description']}",
        stated["criteria"],
    )
    if target := stated.get("alignment"):
        achievement["alignment"] = [
            {"type": ["Alignment"], "targetName": target.rpartition("/")[2], "targetUrl": target}
        ]
    subject: dict[str, Any] = {"activityEndDate": claims["achieved_on"]}
    if "achievement_credits" in claims:
        subject["creditsEarned"] = claims["achievement_credits"]
    if value := claims.get("achievement_result"):
        description = f"{achievement['id']}-result"
        achievement["resultDescription"] = [
            {
                "id": description,
                "type": ["ResultDescription"],
                "name": "Result (結果)",
                "resultType": "Result",
            }
        ]
        subject["result"] = [{"type": ["Result"], "resultDescription": description, "value": value}]
    return achievement, subject


def _achievement_of(
    source: Source, fragment: str, kind: str, name: str, description: str, criteria: str
) -> dict[str, Any]:
    return {
        "id": f"{source.issuer_url}#{fragment}",
        "type": ["Achievement"],
        "achievementType": kind,
        "name": name,
        "description": description,
        "criteria": {"narrative": criteria},
    }


def _identifier(kind: str, value: str) -> dict[str, str]:
    return {"type": "IdentifierEntry", "identifier": value, "identifierType": kind}
