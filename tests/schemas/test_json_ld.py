"""The documents' contexts, as pyld reads them: every term defined, nothing lost, nothing redefined."""

import json
from typing import Any

import pytest
from pyld import jsonld

from schemas import catalogue, contexts, names
from tegata.errors import Misconfigured
from tests.schemas.claims import DOCUMENTS, NAMES, definition, sample

XSD = "http://www.w3.org/2001/XMLSchema#"


def _loader(url: str, _options: Any) -> dict[str, Any]:
    document = json.loads(catalogue.contexts()[url])
    return {
        "contentType": "application/ld+json",
        "contextUrl": None,
        "documentUrl": url,
        "document": document,
    }


OPTIONS = {"documentLoader": _loader, "processingMode": "json-ld-1.1", "base": None}


def _credential(name: str, claims: dict[str, Any]) -> dict[str, Any]:
    document = definition(name)
    return {
        "@context": list(document.contexts),
        "type": list(document.types),
        "issuer": "did:web:issuer.example",
        "validFrom": "2026-03-05T00:00:00Z",
        "credentialSubject": claims,
    }


def _there_and_back(credential: dict[str, Any]) -> Any:
    expanded = jsonld.expand(credential, OPTIONS)
    return jsonld.compact(expanded, credential["@context"], OPTIONS)


def _full(schema: Any, root: Any) -> Any:
    """Some value for every property that a schema has."""
    if "$ref" in schema:
        schema = root["$defs"][schema["$ref"].rpartition("/")[2]]
    if schema["type"] == "object":
        return {name: _full(member, root) for name, member in schema["properties"].items()}
    if schema["type"] == "array":
        return [_full(schema["items"], root)] * schema.get("minItems", 1)
    if "enum" in schema:
        return schema["enum"][0]
    if schema.get("format") == "date":
        return "2026-03-01"
    return {"string": "青葉", "integer": 3, "boolean": True}[schema["type"]]


@pytest.mark.parametrize("name", NAMES)
def test_a_sample_survives_expansion_and_compaction(name: str) -> None:
    credential = _credential(name, sample(name))
    assert _there_and_back(credential) == credential


@pytest.mark.parametrize("name", NAMES)
def test_every_claim_that_the_schema_has_is_a_term(name: str) -> None:
    schema = definition(name).schema
    credential = _credential(name, _full(schema, schema))
    assert _there_and_back(credential) == credential


def test_a_claim_that_is_no_term_would_be_lost_and_seen() -> None:
    credential = _credential("graduation", sample("graduation") | {"nickname": "はる"})
    assert _there_and_back(credential) != credential


@pytest.mark.parametrize("name", NAMES)
def test_the_types_expand_to_those_of_the_catalogue(name: str) -> None:
    (expanded,) = jsonld.expand(_credential(name, sample(name)), OPTIONS)
    assert expanded["@type"] == list(definition(name).type_iris)


@pytest.mark.parametrize("name", NAMES)
def test_every_name_is_an_absolute_iri_of_the_vocabulary(name: str) -> None:
    (expanded,) = jsonld.expand(_credential(name, sample(name)), OPTIONS)
    seen: set[str] = set()

    def visit(value: Any) -> None:
        if isinstance(value, dict) and value.get("@type") != "@json":
            seen.update(key for key in value if not key.startswith("@"))
        for item in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
            visit(item)

    visit(expanded["https://www.w3.org/2018/credentials#credentialSubject"])
    assert seen
    assert all(key.startswith(names.VOCABULARY) or key == "https://schema.org/name" for key in seen)


@pytest.mark.parametrize("name", NAMES)
def test_no_later_context_can_give_a_term_another_meaning(name: str) -> None:
    credential = _credential(name, sample(name))
    for term in ("family_name", "school", definition(name).w3c_type):
        credential["@context"] = [*definition(name).contexts, {term: "https://example.org/other"}]
        with pytest.raises(jsonld.JsonLdError, match="protected"):
            jsonld.expand(credential, OPTIONS)


def test_members_of_a_scope_are_protected_as_well() -> None:
    credential = _credential("graduation", sample("graduation"))
    credential["credentialSubject"]["school"]["@context"] = {"name": "https://example.org/other"}
    with pytest.raises(jsonld.JsonLdError, match="protected"):
        jsonld.expand(credential, OPTIONS)


@pytest.mark.clause("JSON-LD 1.1 §4.2")
def test_values_are_typed_and_japanese_texts_carry_their_language() -> None:
    quads = jsonld.to_rdf(
        _credential("transcript", sample("transcript")), OPTIONS | {"format": "application/n-quads"}
    )
    assert f'"2026-03-01"^^<{XSD}date>' in quads
    assert f'vocab#credits_earned_total> "91"^^<{XSD}integer>' in quads
    assert f'vocab#rating> "5"^^<{XSD}integer>' in quads
    assert f'vocab#average> "3.9"^^<{XSD}decimal>' in quads
    assert '"現代の国語"@ja' in quads
    assert f'vocab#test> "true"^^<{XSD}boolean>' in quads
    assert 'vocab#family_name> "青葉" .' in quads  # a name is not in a language
    assert "double" not in quads


def test_equal_courses_and_viewpoints_are_not_merged() -> None:
    claims = sample("transcript")
    quads = jsonld.to_rdf(_credential("transcript", claims), OPTIONS | {"format": "application/n-quads"})
    assert quads.count("vocab#courses> ") == len(claims["courses"])
    assert '[\\"A\\",\\"A\\",\\"A\\"]' in quads


def test_a_rating_of_one_to_five_and_a_grade_of_a_university_are_two_terms() -> None:
    school, university = (
        json.loads(definition(name).context)["@context"]["rating"]["@id"]
        for name in ("transcript", "transcript-he")
    )
    assert (school, university) == (names.term("rating"), names.term("course_grade"))


def test_a_context_that_is_not_the_pinned_one_is_refused() -> None:
    for url, content in contexts.load().items():
        assert json.loads(content), url
    with pytest.raises(Misconfigured):
        contexts._checked("https://example.org/context", b"{}", "00" * 32)


def test_contexts_of_documents_fetch_nothing() -> None:
    for document in DOCUMENTS:
        terms = json.loads(document.context)["@context"]
        assert "@import" not in terms
        assert terms["@protected"] is True
        assert terms["@version"] == 1.1
