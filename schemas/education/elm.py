"""European Learning Model v3: an unsigned export for study abroad, as a European Digital Credential (EDC application profile).

Unsigned on purpose: a Europass verification asks for an eIDAS seal, which no Japanese school has; what is signed is the document
itself. Credits are Japanese ones (単位) in a framework of their own and no ECTS, and no EQF level is claimed, since Japan has no
framework that refers to it. Texts are in English, and in Japanese where the document has them.
"""

from collections.abc import Mapping
from typing import Any

from schemas.education.source import FormRefused, Source
from schemas.names import BASE

CONTEXTS = ("https://www.w3.org/2018/credentials/v1", "http://data.europa.eu/snb/model/context/edc-ap")
_PROFILE = "http://data.europa.eu/snb/model/ap/edc-generic-no-cv"
_AUTHORITY = "http://publications.europa.eu/resource/authority"
_COUNTRY, _LANGUAGE = f"{_AUTHORITY}/country", f"{_AUTHORITY}/language"
_CREDENTIAL_TYPES = "http://data.europa.eu/snb/credential"
#: A generic credential in the EU's list of credential types.
_GENERIC = f"{_CREDENTIAL_TYPES}/e34929035b"
_CREDITS = f"{BASE}/vocab#jp-credits"
#: The documents that can be had in this form.
DOCUMENTS = frozenset({"graduation", "transcript", "transcript-he", "credits"})


def export(source: Source) -> dict[str, Any]:
    """Return the export of a graduation or a transcript; raises `FormRefused` for other documents."""
    if source.document.name not in DOCUMENTS:
        raise FormRefused(f"{source.document.name} has no form in the European model")
    issued = source.valid_from.strftime("%Y-%m-%dT%H:%M:%S+00:00")
    school = _school(source)
    return {
        "@context": list(CONTEXTS),
        "id": source.identifier,
        "type": ["VerifiableCredential", "EuropeanDigitalCredential"],
        "credentialProfiles": _concept(_GENERIC, _CREDENTIAL_TYPES),
        "displayParameter": {
            "id": f"{source.identifier}:display",
            "type": "DisplayParameter",
            "title": {"en": source.document.title.en, "ja": source.document.title.ja},
            "primaryLanguage": _concept(f"{_LANGUAGE}/ENG", _LANGUAGE),
            "language": [_concept(f"{_LANGUAGE}/{code}", _LANGUAGE) for code in ("ENG", "JPN")],
            "individualDisplay": _display(source),
        },
        "issuer": school,
        "issuanceDate": issued,
        "issued": issued,
        "validFrom": issued,
        "credentialSubject": _person(source, school),
        "credentialSchema": {"id": _PROFILE, "type": "ShaclValidator2017"},
    }


def _display(source: Source) -> dict[str, Any]:
    """Return what the profile asks for to show a page: nothing is drawn here, so it is a blank one."""
    return {
        "id": f"{source.identifier}:page",
        "type": "IndividualDisplay",
        "language": _concept(f"{_LANGUAGE}/ENG", _LANGUAGE),
        "displayDetail": {
            "id": f"{source.identifier}:page-1",
            "type": "DisplayDetail",
            "page": 1,
            "image": {
                "id": f"{source.identifier}:image",
                "type": "MediaObject",
                "content": "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+A8AAQUBAScY42YAAAAASUVORK5CYII=",
                "contentEncoding": _concept(
                    "http://data.europa.eu/snb/encoding/6146cde7dd", "http://data.europa.eu/snb/encoding"
                ),
                "contentType": _concept(f"{_AUTHORITY}/file-type/PNG", f"{_AUTHORITY}/file-type"),
            },
        },
    }


def _school(source: Source) -> dict[str, Any]:
    country = _concept(f"{_COUNTRY}/JPN", _COUNTRY)
    school: dict[str, Any] = {
        "id": source.issuer_url,
        "type": "Organisation",
        "legalName": {"en": source.school_name, "ja": source.school["name"]},
        "location": {
            "id": f"{source.issuer_url}#location",
            "type": "Location",
            "address": {"id": f"{source.issuer_url}#address", "type": "Address", "countryCode": country},
        },
    }
    notation = source.school.get("corporate_number", source.school["code"])
    # The model's name for the one legal identifier of an issuer; this one is Japan's, and says so.
    school["eIDASIdentifier"] = {
        "id": f"{source.issuer_url}#identifier",
        "type": "LegalIdentifier",
        "notation": notation,
        "spatial": country,
    }
    return school


def _person(source: Source, school: Mapping[str, Any]) -> dict[str, Any]:
    claims = source.claims
    person: dict[str, Any] = {
        "id": source.subject or f"{source.identifier}:learner",
        "type": "Person",
        "fullName": {"en": source.learner_name},
    }
    for member, claim in (("familyName", "family_name"), ("givenName", "given_name")):
        # The profile has room for one name each.
        if latin := claims.get(f"{claim}_latin"):
            person[member] = {"en": latin}
        elif name := claims.get(claim):
            person[member] = {"ja": name}
    if born := claims.get("birthdate"):
        person["dateOfBirth"] = f"{born}T00:00:00+09:00"
    person["hasClaim"] = _achievement(source, school)
    return person


def _achievement(source: Source, school: Mapping[str, Any]) -> dict[str, Any]:
    claims = source.claims
    degree = {
        "en": claims.get("degree_en") or claims.get("department_en"),
        "ja": claims.get("degree") or claims.get("department"),
    }
    title = {language: text for language, text in degree.items() if text}
    title.setdefault("en", f"{source.document.title.en}, {source.school_name}")
    found = _learning(f"{source.identifier}:achievement", "LearningAchievement", title, source, school)
    if day := claims.get("graduation_date"):
        found["awardedBy"]["awardingDate"] = f"{day}T00:00:00+09:00"
    if courses := claims.get("courses"):
        found["hasPart"] = [
            _course(source, school, course, number) for number, course in enumerate(courses, 1)
        ]
    return found


def _course(
    source: Source, school: Mapping[str, Any], course: Mapping[str, Any], number: int
) -> dict[str, Any]:
    identifier = f"{source.identifier}:course-{number}"
    title = {"ja": course["course"], "en": course.get("course_en", course["course"])}
    found = _learning(identifier, "LearningAchievement", title, source, school)
    found["creditReceived"] = {
        "id": f"{identifier}-credits",
        "type": "CreditPoint",
        "framework": _concept(_CREDITS, f"{BASE}/vocab"),
        "point": str(course["credits"]),
    }
    if "rating" in course:
        assessment = _learning(f"{identifier}-assessment", "LearningAssessment", title, source, school)
        assessment["grade"] = {
            "id": f"{identifier}-grade",
            "type": "Note",
            "noteLiteral": {"en": str(course["rating"])},
        }
        found["provenBy"] = assessment
    return found


def _learning(
    identifier: str, kind: str, title: Mapping[str, str], source: Source, school: Mapping[str, Any]
) -> dict[str, Any]:
    return {
        "id": identifier,
        "type": kind,
        "title": dict(title),
        "awardedBy": {
            "id": f"{identifier}-awarding",
            "type": "AwardingProcess",
            "awardingBody": {"id": source.issuer_url, "type": "Organisation", **_named(school)},
        },
    }


def _named(school: Mapping[str, Any]) -> dict[str, Any]:
    return {"legalName": school["legalName"], "location": school["location"]}


def _concept(identifier: str, scheme: str) -> dict[str, Any]:
    return {"id": identifier, "type": "Concept", "inScheme": {"id": scheme, "type": "ConceptScheme"}}
