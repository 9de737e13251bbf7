"""The fast way to quads: it finds what the general way finds, or leaves the document to that one."""

import contextlib
import json
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from schemas import catalogue, samples
from tegata.errors import TegataError
from tegata.formats.linked_data import rdfc
from tegata.formats.linked_data.dataset import by_expansion, to_dataset
from tegata.formats.linked_data.json_ld import Contexts
from tests.tegata.formats.data_integrity.support import (
    CLIENT,
    COMPILED,
    CONTEXTS,
    EXAMPLES,
    SCHOOL_CONTEXT,
    V2,
    VECTORS,
    VOCABULARY,
    issue,
    present,
)

_SIGNED = tuple(sorted((VECTORS / "w3c").rglob("*.json")))
_DOCUMENTS = tuple(catalogue.load().documents)


def _mostly(values, others):
    """Values that the fast way knows, and once in thirty times one that it leaves to the general way."""
    return st.integers(0, 29).flatmap(lambda number: values if number else others)


_ODD_TEXTS = st.sampled_from(["\x00", "1.5", "_:b0"])
_TEXTS = _mostly(
    st.sampled_from(["", "髙橋", 'a "quoted"\ttext\\', "2026-03-01", "credits", "a:b"]), _ODD_TEXTS
)
_IRIS = st.sampled_from(["https://a.example/x", "urn:x:y", "did:web:a.example", "https://a.example/x#y"])
_VALUES = st.fixed_dictionaries(
    {"@value": _TEXTS},
    optional={
        "@language": _mostly(st.sampled_from(["ja", "en"]), st.sampled_from(["EN", "en-US", "x y", 5]))
    },
)
_NUMBERS = _mostly(st.integers(-5, 5), st.sampled_from([2**53 - 1, 2**53, 1.0, 1.5, -0.0, 1e21]))
_JSON = st.recursive(
    st.one_of(_TEXTS, _NUMBERS, st.booleans(), st.none()),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(_TEXTS, inner, max_size=3)),
    max_leaves=5,
)


def _one_or_more(values):
    return st.one_of(values, st.lists(values, min_size=1, max_size=2, unique_by=repr))


def _node(types, members):
    """A node as somebody might mean it: one of its types, some of its members."""
    return st.builds(
        lambda found, kind, identifier: {**found, **kind, **identifier},
        st.fixed_dictionaries({}, optional=members),
        st.one_of(st.just({}), st.sampled_from(types).map(lambda name: {"type": name})),
        st.one_of(st.just({}), _IRIS.map(lambda iri: {"id": iri})),
    )


_COURSE = _node(
    ["GraduationCredential"],
    {
        "credits": _NUMBERS,
        "family_name": st.one_of(_TEXTS, _NUMBERS, st.booleans()),
        "viewpoints": _JSON,
    },
)
_SCHOOL = _node(
    ["GraduationCredential"],
    {
        "title": _one_or_more(st.one_of(_TEXTS, _VALUES)),
        "name": st.one_of(_TEXTS, _VALUES),
        "courses": _COURSE,
    },
)
_STATUS = _node(["BitstringStatusListEntry"], {"statusPurpose": _TEXTS, "statusListIndex": _TEXTS})
_SUBJECT = _node(
    ["GraduationCredential"],
    {
        "family_name": _one_or_more(st.one_of(_TEXTS, _VALUES)),
        "department": st.one_of(_TEXTS, _VALUES),
        "graduation_date": _TEXTS,
        "credits": _NUMBERS,
        "viewpoints": _JSON,
        "courses": _one_or_more(_COURSE),
        "website": _one_or_more(_mostly(_IRIS, _TEXTS)),
        "kind": _mostly(
            st.sampled_from(["family_name", "GraduationCredential"]), st.sampled_from(["unknown", "a:b"])
        ),
        "school": _one_or_more(_SCHOOL),
        "name": _one_or_more(st.one_of(_TEXTS, _VALUES)),
    },
)
_PROOF = _node(
    ["DataIntegrityProof"],
    {
        "cryptosuite": _TEXTS,
        "challenge": _TEXTS,
        "domain": _one_or_more(_TEXTS),
        "proofPurpose": _mostly(st.sampled_from(["assertionMethod", "authentication"]), st.just("unknown")),
        "verificationMethod": _IRIS,
        "proofValue": _TEXTS,
    },
)
_ODD = st.dictionaries(
    st.sampled_from(
        ["@id", "@type", "@graph", "unknown", f"{VOCABULARY}credits", "a:b", "indexed", "holder", "title"]
    ),
    st.one_of(_JSON, _SUBJECT, _IRIS),
    max_size=1,
)
BODIES = st.builds(
    lambda contexts, kinds, members, odd: {**members, **odd, "@context": contexts, "type": kinds},
    st.sampled_from(
        [[V2, SCHOOL_CONTEXT]] * 4 + [[SCHOOL_CONTEXT, V2], [V2, EXAMPLES], V2, [SCHOOL_CONTEXT]]
    ),
    st.sampled_from(
        [
            "VerifiableCredential",
            ["VerifiableCredential", "GraduationCredential"],
            ["GraduationCredential", "VerifiableCredential"],
            "VerifiablePresentation",
            "GraduationCredential",
        ]
    ),
    st.fixed_dictionaries(
        {"issuer": st.one_of(_IRIS, st.fixed_dictionaries({"id": _IRIS, "name": _one_or_more(_VALUES)}))},
        optional={
            "id": _IRIS,
            "credentialSubject": _one_or_more(_SUBJECT),
            "credentialStatus": _one_or_more(_STATUS),
            "validFrom": _TEXTS,
            "name": st.one_of(_TEXTS, _VALUES),
            "proof": _one_or_more(_PROOF),
        },
    ),
    _mostly(st.just({}), _ODD),
)


def _canonical(dataset):
    return rdfc.canonicalize(dataset.quads).text


def _school_contexts():
    return Contexts.of(catalogue.contexts())


def agree(document, contexts):
    found = contexts.direct(document)
    if found is not None:
        general = by_expansion(document, contexts)
        assert rdfc.canonicalize(found[0]).text == _canonical(general)
        assert found[1] == general.types
    return found is not None


@pytest.mark.parametrize("definition", _DOCUMENTS, ids=lambda definition: definition.name)
def test_every_document_of_the_catalogue_goes_the_fast_way(definition):
    document = {
        "@context": list(definition.contexts),
        "type": list(definition.types),
        "issuer": {
            "id": "did:web:school.example:s:7",
            "name": [{"@value": "見本高等学校", "@language": "ja"}],
        },
        "validFrom": "2026-03-01T00:00:00Z",
        "credentialSubject": dict(samples.load(definition)),
    }
    assert agree(document, _school_contexts())


@pytest.mark.parametrize("path", _SIGNED, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_the_documents_of_published_vectors_have_the_same_quads_either_way(path):
    document = json.loads(path.read_text("utf-8"))
    if isinstance(document, dict) and "@context" in document:
        agree(document, COMPILED)


def test_a_presentation_goes_the_fast_way_with_the_credentials_in_it_and_their_proofs():
    assert agree(present(issue(), issue(identifier=None)), COMPILED)
    assert agree(present(issue(), domain=[CLIENT, "https://other.example"]), COMPILED)


def test_a_credential_in_a_presentation_without_a_context_is_left_to_the_general_way():
    presentation = present(issue())
    del presentation["verifiableCredential"][0]["@context"]
    assert COMPILED.direct(presentation) is None


@given(BODIES)
@example(
    {"@context": [V2, SCHOOL_CONTEXT], "type": "VerifiableCredential", "viewpoints": [None, {"a": [1, 2.5]}]}
)
@example(
    {
        "@context": V2,
        "type": "VerifiablePresentation",
        "proof": {"type": "DataIntegrityProof", "challenge": "a"},
    }
)
@example(
    {"@context": V2, "type": "VerifiablePresentation", "proof": {"@graph": [{"type": "DataIntegrityProof"}]}}
)
def test_what_the_fast_way_finds_is_what_the_general_way_finds(document):
    agree(document, COMPILED)


@given(BODIES, st.data())
def test_a_document_inside_a_presentation_is_read_alike_as_well(document, data):
    contexts = data.draw(
        _mostly(st.just([V2, SCHOOL_CONTEXT]), st.sampled_from([V2, None, ["https://unknown.example"]]))
    )
    presentation = {
        "@context": [V2, SCHOOL_CONTEXT],
        "type": "VerifiablePresentation",
        "verifiableCredential": [document, {**document, "id": "urn:x:z", "@context": contexts}],
    }
    agree(presentation, COMPILED)


@given(BODIES)
def test_whatever_goes_either_way_is_refused_with_an_error_of_ours(document):
    with contextlib.suppress(TegataError):
        assert to_dataset(document, COMPILED).quads


def test_quads_are_found_alike_while_contexts_come_and_go():
    contexts = Contexts(CONTEXTS)
    document = {"@context": V2, "type": "VerifiableCredential", "issuer": "did:x:y"}
    for number in range(70):
        many = Contexts(
            {**CONTEXTS, f"https://a.example/{number}": b'{"@context": {"a": "https://a.example/a"}}'}
        )
        assert agree({**document, "@context": [V2, f"https://a.example/{number}"], "a": "x"}, many)
    assert agree(document, contexts)


def test_vectors_were_found():
    assert len(_SIGNED) > 20
    assert Path(VECTORS / "w3c").is_dir()
