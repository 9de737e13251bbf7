"""Contexts: only those passed in, at the top, by URL, compiled once."""

import json
import threading

import pytest

from tegata.errors import Misconfigured
from tegata.formats.credential import FormatRefused
from tegata.formats.linked_data.dataset import to_dataset
from tegata.formats.linked_data.json_ld import ContextRefused, Contexts
from tests.tegata.formats.data_integrity.support import CONTEXTS, SCHOOL_CONTEXT, V2, issue

_TERM = {"@context": {"a": "https://a.example/a"}}


def _document(context, **members):
    return {"@context": context, "type": "VerifiableCredential", "issuer": "did:x:y", **members}


def test_a_mapping_is_compiled_once():
    assert Contexts.of(CONTEXTS) is Contexts.of(CONTEXTS)
    assert Contexts.of(Contexts.of(CONTEXTS)) is Contexts.of(CONTEXTS)
    assert Contexts.of(dict(CONTEXTS)) is not Contexts.of(CONTEXTS)


def test_only_some_mappings_are_kept():
    before = Contexts.of(CONTEXTS)
    others = [dict(CONTEXTS) for _ in range(20)]
    for other in others:
        Contexts.of(other)
    assert len(Contexts._known) <= 8
    assert Contexts.of(others[-1]) is Contexts.of(others[-1])
    assert Contexts.of(CONTEXTS) is not before


@pytest.mark.clause("VC Data Integrity 1.0 §2.4.1")
@pytest.mark.parametrize(
    "context",
    [
        pytest.param([V2, "https://unknown.example/1"], id="unknown"),
        pytest.param([V2, {"a": "https://a.example/a"}], id="inline"),
        pytest.param([V2, {"@import": "https://unknown.example/1"}], id="inline import"),
        pytest.param([V2, {"@base": "https://a.example/"}], id="inline base"),
        pytest.param([V2, [SCHOOL_CONTEXT]], id="nested array"),
        pytest.param([V2, None], id="null"),
        pytest.param(None, id="missing"),
        pytest.param([V2, 5], id="number"),
        pytest.param([V2, V2], id="twice"),
        pytest.param([f"https://a.example/{index}" for index in range(9)], id="too many"),
        pytest.param("http://www.w3.org/ns/credentials/v2", id="other scheme"),
    ],
)
def test_a_context_that_was_not_passed_in_is_refused(context):
    with pytest.raises(ContextRefused):
        to_dataset(_document(context), Contexts.of(CONTEXTS))


@pytest.mark.parametrize("context", [SCHOOL_CONTEXT, {"a": "https://a.example/a"}, None, []])
def test_a_context_inside_the_document_is_refused(context):
    with pytest.raises(ContextRefused):
        to_dataset(
            _document([V2, SCHOOL_CONTEXT], credentialSubject={"@context": context, "family_name": "x"}),
            Contexts.of(CONTEXTS),
        )


def test_a_document_in_a_presentation_may_have_its_context_and_nothing_inside_it():
    presentation = {"@context": [V2], "type": "VerifiablePresentation", "verifiableCredential": issue()}
    assert to_dataset(presentation, Contexts.of(CONTEXTS)).quads
    presentation["verifiableCredential"]["credentialSubject"]["@context"] = SCHOOL_CONTEXT
    with pytest.raises(ContextRefused):
        to_dataset(presentation, Contexts.of(CONTEXTS))


@pytest.mark.clause("VCDM 2.0 §5.2")
def test_a_context_that_redefines_a_protected_term_is_refused():
    redefining = {"@context": {"VerifiableCredential": "https://a.example/Other"}}
    contexts = Contexts.of({**CONTEXTS, "https://a.example/1": json.dumps(redefining).encode()})
    with pytest.raises(FormatRefused, match="protected"):
        to_dataset(_document([V2, "https://a.example/1"]), contexts)


@pytest.mark.parametrize(
    "content",
    [
        b"{",
        b"[]",
        b"{}",
        b'{"@context": []}',
        b'{"@context": null}',
        b'{"@context": "https://a.example/1"}',
        b'{"@context": ["https://a.example/1"]}',
        b'{"@context": {"@import": "https://a.example/1"}}',
        b'{"@context": {"@base": "https://a.example/1"}}',
        b'{"@context": {"t": {"@id": "https://a.example/t", "@context": "https://a.example/1"}}}',
        b'{"@context": {"t": {"@id": "https://a.example/t", "@context": [{"@import": "https://a.example/1"}]}}}',
    ],
)
def test_bytes_that_are_no_context_of_their_own_are_a_mistake_of_the_installation(content):
    with pytest.raises(Misconfigured):
        Contexts({"https://a.example/2": content})


def test_a_context_that_json_ld_refuses_is_refused_when_it_is_used():
    contexts = Contexts.of({**CONTEXTS, "https://a.example/1": b'{"@context": {"t": {"@id": 5}}}'})
    with pytest.raises(FormatRefused, match="JSON-LD"):
        to_dataset(_document([V2, "https://a.example/1"]), contexts)


def test_what_is_compiled_for_one_mapping_is_not_seen_by_another():
    first = Contexts({V2: CONTEXTS[V2], "https://a.example/1": json.dumps(_TERM).encode()})
    other = {"@context": {"a": "https://b.example/b"}}
    second = Contexts({V2: CONTEXTS[V2], "https://a.example/1": json.dumps(other).encode()})
    document = _document([V2, "https://a.example/1"], a="x")
    predicates = [
        {quad.predicate for quad in to_dataset(document, contexts).quads} for contexts in (first, second)
    ]
    assert predicates[0] - predicates[1] == {"<https://a.example/a>"}
    assert predicates[1] - predicates[0] == {"<https://b.example/b>"}


def test_the_document_is_left_as_it_was():
    document = issue()
    before = json.dumps(document)
    to_dataset({name: value for name, value in document.items() if name != "proof"}, Contexts.of(CONTEXTS))
    assert json.dumps(document) == before


def test_what_is_remembered_does_not_grow_with_what_is_expanded():
    contexts = Contexts(CONTEXTS)
    document = issue()
    to_dataset(document, contexts)
    before = len(contexts._resolver._scoped), len(contexts._resolver.shared_cache)
    for _ in range(20):
        to_dataset(document, contexts)
    assert (len(contexts._resolver._scoped), len(contexts._resolver.shared_cache)) == before


def test_threads_share_compiled_contexts():
    contexts = Contexts(CONTEXTS)
    document = issue()
    expected = len(to_dataset(document, contexts).quads)
    found = []
    threads = [
        threading.Thread(target=lambda: found.append(len(to_dataset(document, contexts).quads)))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [expected] * 8
