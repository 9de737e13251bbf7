"""Learner records: valid by the standard's schema, each course signed on its own, and everything together once more."""

import json
from typing import Any

import pytest

from schemas.education import clr
from schemas.education.checking import check
from schemas.education.source import FormRefused, Source
from tegata.formats import data_integrity
from tegata.formats.credential import FormatRefused, SignatureRefused
from tests.schemas.education.support import CONTEXTS, START, errors, source, standard
from tests.schemas.education.test_open_badge import SIGNER, STRICT, signed

CLR = standard("1edtech", "clr_v2p0_clrcredential_schema.json")
TRANSCRIPTS = {name: source(name) for name in ("transcript", "transcript-he", "credits")}


def _record(made: Source) -> dict[str, Any]:
    return signed(clr.record(made, [signed(item) for item in clr.courses(made)]))


def _verify(document: dict[str, Any]) -> None:
    parsed = data_integrity.parse(json.dumps(document).encode(), CONTEXTS)
    assert data_integrity.verify(parsed, SIGNER.public_key, now=START).types


@pytest.mark.clause("CLR 2.0 §B.1.2")
@pytest.mark.parametrize("name", TRANSCRIPTS)
def test_a_record_is_valid_by_the_standards_schema_and_by_ours(name: str) -> None:
    record = _record(TRANSCRIPTS[name])
    assert errors(CLR, record) == []
    check("clr", record)
    inner = record["credentialSubject"]["verifiableCredential"]
    assert len(inner) == len(TRANSCRIPTS[name].claims["courses"])
    assert errors(STRICT, inner[0]) == []


@pytest.mark.parametrize("name", TRANSCRIPTS)
def test_the_whole_and_each_course_verify_and_what_was_changed_does_not(name: str) -> None:
    record = _record(TRANSCRIPTS[name])
    course = record["credentialSubject"]["verifiableCredential"][0]
    for document in (record, course):
        _verify(document)
    course["credentialSubject"]["creditsEarned"] += 1
    with pytest.raises(SignatureRefused):
        _verify(course)
    record["credentialSubject"]["achievement"][0]["creditsAvailable"] += 1
    with pytest.raises(SignatureRefused):
        _verify(record)


def test_courses_are_parts_of_the_programme() -> None:
    subject = clr.record(TRANSCRIPTS["credits"], clr.courses(TRANSCRIPTS["credits"]))["credentialSubject"]
    (programme,) = subject["achievement"]
    assert programme["creditsAvailable"] == 74
    courses = [item["credentialSubject"]["achievement"]["id"] for item in subject["verifiableCredential"]]
    assert [item["sourceId"] for item in subject["association"]] == courses
    assert {item["targetId"] for item in subject["association"]} == {programme["id"]}
    assert len(set(courses)) == len(courses)


def test_a_course_is_the_same_for_every_learner_who_took_it() -> None:
    one = clr.courses(TRANSCRIPTS["transcript"])[0]
    other = clr.courses(source("transcript", subject="", claims={"family_name_latin": "OTHER"}))[0]
    assert one["credentialSubject"]["achievement"]["id"] == other["credentialSubject"]["achievement"]["id"]


def test_ratings_are_on_the_scale_of_the_school_or_of_the_university() -> None:
    school = clr.courses(TRANSCRIPTS["transcript"])[0]["credentialSubject"]
    assert school["achievement"]["resultDescription"][0]["allowedValue"] == ["1", "2", "3", "4", "5"]
    assert school["result"][0]["value"] in {"1", "2", "3", "4", "5"}
    university = clr.courses(TRANSCRIPTS["transcript-he"])[0]["credentialSubject"]
    assert university["achievement"]["resultDescription"][0]["allowedValue"][-1] == "S"
    without = clr.courses(TRANSCRIPTS["credits"])[0]["credentialSubject"]
    assert [item.get("status") for item in without["result"]] == ["Completed"]


def test_a_record_of_other_courses_or_of_no_transcript_is_refused() -> None:
    with pytest.raises(FormRefused):
        clr.record(TRANSCRIPTS["credits"], [])
    with pytest.raises(FormRefused):
        clr.courses(source("graduation"))
    with pytest.raises(FormRefused):
        check("clr", {"type": "ClrCredential"})


def test_a_context_of_its_own_has_a_document_only_where_documents_stand() -> None:
    record = clr.record(TRANSCRIPTS["credits"], clr.courses(TRANSCRIPTS["credits"]))
    record["credentialSubject"]["achievement"][0]["@context"] = record["@context"]
    with pytest.raises(FormatRefused):
        data_integrity.Contexts.of(CONTEXTS).expand(record)
    record = clr.record(TRANSCRIPTS["credits"], clr.courses(TRANSCRIPTS["credits"]))
    record["credentialSubject"]["verifiableCredential"][0]["@context"].append("https://unknown.example")
    with pytest.raises(FormatRefused):
        data_integrity.Contexts.of(CONTEXTS).expand(record)
