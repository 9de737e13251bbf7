"""The European model: every export keeps the shapes of its profile, and a broken one does not."""

import json
from typing import Any

import pytest
from pyld import jsonld
from pyshacl import validate
from rdflib import Graph

from schemas import contexts
from schemas.education.elm import export
from schemas.education.source import FormRefused
from tests.schemas.education.support import SHARED, source

ELM = SHARED / "elm"
SHAPES = Graph().parse(ELM / "EDC-generic-no-cv.ttl", format="turtle")
CONTEXT = json.loads((ELM / "edc-ap-context.jsonld").read_bytes())
KNOWN = {
    "https://www.w3.org/2018/credentials/v1": json.loads(
        contexts.load()["https://www.w3.org/2018/credentials/v1"]
    ),
    "http://data.europa.eu/snb/model/context/edc-ap": CONTEXT,
}
EXPORTS = {name: source(name) for name in ("graduation", "transcript", "transcript-he", "credits")}


def _load(url: str, _options: Any) -> dict[str, Any]:
    return {"contextUrl": None, "documentUrl": url, "document": KNOWN[url]}


def _complaints(document: dict[str, Any]) -> list[str]:
    """What the shapes have against a document."""
    quads = jsonld.to_rdf(document, {"format": "application/n-quads", "documentLoader": _load})
    graph = Graph().parse(data=quads, format="nt")
    assert len(graph) > 20
    conforms, _, text = validate(graph, shacl_graph=SHAPES, advanced=True)
    return [] if conforms else [line.strip() for line in text.splitlines() if "Message" in line]


@pytest.mark.parametrize("name", EXPORTS)
def test_an_export_keeps_the_shapes_of_its_profile(name: str) -> None:
    assert _complaints(export(EXPORTS[name])) == []


@pytest.mark.parametrize(
    "missing", ["credentialProfiles", "displayParameter", "issuer", "validFrom", "credentialSchema"]
)
def test_an_export_that_lacks_something_does_not(missing: str) -> None:
    document = export(EXPORTS["graduation"])
    del document[missing]
    assert _complaints(document)


def test_the_shapes_look_at_what_was_learnt_as_well() -> None:
    document = export(EXPORTS["transcript"])
    del document["credentialSubject"]["hasClaim"]["hasPart"][3]["title"]
    assert _complaints(document)


def test_an_export_says_what_the_document_says() -> None:
    document = export(EXPORTS["transcript-he"])
    person = document["credentialSubject"]
    assert person["fullName"] == {"en": "HARUKA AOBA"} or person["fullName"]["en"]
    courses = person["hasClaim"]["hasPart"]
    assert len(courses) == len(EXPORTS["transcript-he"].claims["courses"])
    assert courses[0]["title"]["en"] == EXPORTS["transcript-he"].claims["courses"][0]["course_en"]
    assert courses[0]["provenBy"]["grade"]["noteLiteral"]["en"]
    assert "eqfLevel" not in json.dumps(document)
    assert "proof" not in document


def test_credits_have_no_assessment() -> None:
    courses = export(EXPORTS["credits"])["credentialSubject"]["hasClaim"]["hasPart"]
    assert all("provenBy" not in course for course in courses)
    assert courses[0]["creditReceived"]["point"] == "2"


def test_other_documents_have_no_export() -> None:
    with pytest.raises(FormRefused):
        export(source("student-id"))
