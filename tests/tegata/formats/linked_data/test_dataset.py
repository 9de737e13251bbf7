"""Nothing is lost between a document and its quads: each trap of JSON-LD processing, refused or preserved."""

import copy
import json

import pytest

from tegata.errors import MalformedInput
from tegata.formats.credential import FormatRefused
from tegata.formats.linked_data import rdfc
from tegata.formats.linked_data.dataset import to_dataset
from tegata.formats.linked_data.json_ld import DataLoss, NotCompact
from tests.tegata.formats.data_integrity.support import (
    COMPILED,
    SCHOOL_CONTEXT,
    UNDEFINED_TERMS,
    V2,
    VOCABULARY,
    issue,
)

_XSD = "http://www.w3.org/2001/XMLSchema#"


def document(**claims):
    return {
        "@context": [V2, SCHOOL_CONTEXT],
        "type": ["VerifiableCredential", "GraduationCredential"],
        "issuer": "did:web:school.example",
        "credentialSubject": {"family_name": "髙橋", **claims},
    }


def lines(value, **options):
    return rdfc.canonicalize(to_dataset(value, COMPILED, **options).quads).lines


def objects(**claims):
    """The objects of the quads of one claim."""
    ((name, _),) = claims.items()
    quads = to_dataset(document(**claims), COMPILED).quads
    return sorted(quad.object for quad in quads if quad.predicate == f"<{VOCABULARY}{name}>")


# --- preserved ---


def test_the_types_are_expanded():
    types = to_dataset(document(), COMPILED).types
    assert types == (
        "https://www.w3.org/2018/credentials#VerifiableCredential",
        f"{VOCABULARY}GraduationCredential",
    )


@pytest.mark.parametrize(
    ("claims", "expected"),
    [
        ({"department": "普通科"}, ['"普通科"@ja']),
        ({"graduation_date": "2026-03-01"}, [f'"2026-03-01"^^<{_XSD}date>']),
        ({"credits": 3}, [f'"3"^^<{_XSD}integer>']),
        ({"credits": True}, [f'"true"^^<{_XSD}integer>']),
        ({"share": 5.5}, [f'"5.5E0"^^<{_XSD}double>']),
        ({"share": 100}, [f'"1.0E2"^^<{_XSD}double>']),
        ({"share": "0.1"}, [f'"1.0E-1"^^<{_XSD}double>']),
        ({"website": "https://a.example/"}, ["<https://a.example/>"]),
        ({"kind": "GraduationCredential"}, [f"<{VOCABULARY}GraduationCredential>"]),
        ({"titles": {"ja": "手形", "en": "Tegata"}}, ['"Tegata"@en', '"手形"@ja']),
        ({"courses": ["a", "b"]}, ['"a"', '"b"']),
        ({"steps": []}, ["<http://www.w3.org/1999/02/22-rdf-syntax-ns#nil>"]),
        ({"family_name": "a\tb\nc"}, ['"a\\tb\\nc"']),
    ],
)
def test_a_value_is_signed_as_its_term_says(claims, expected):
    assert objects(**claims) == expected


def test_an_unprotected_number_has_its_own_datatype():
    assert objects(courses=[2, 2.5, False]) == [
        f'"2"^^<{_XSD}integer>',
        f'"2.5E0"^^<{_XSD}double>',
        f'"false"^^<{_XSD}boolean>',
    ]


@pytest.mark.clause("JSON-LD 1.1 API §8.2")
def test_a_direction_is_signed_with_its_language():
    value = {"@value": "שלום", "@language": "he", "@direction": "rtl"}
    assert objects(courses=value) == ['"שלום"^^<https://www.w3.org/ns/i18n#he_rtl>']
    assert objects(courses={"@value": "a", "@direction": "ltr"}) == ['"a"^^<https://www.w3.org/ns/i18n#_ltr>']


def test_json_is_signed_canonically_with_its_nulls_and_empty_arrays():
    (found,) = objects(viewpoints={"b": [None, [], {}], "a": 1.0})
    assert found == r'"{\"a\":1,\"b\":[null,[],{}]}"^^<http://www.w3.org/1999/02/22-rdf-syntax-ns#JSON>'


def test_the_order_of_a_list_is_signed_and_that_of_a_set_is_not():
    assert lines(document(steps=["a", "b"])) != lines(document(steps=["b", "a"]))
    assert lines(document(courses=["a", "b"])) == lines(document(courses=["b", "a"]))


def test_equal_nodes_stay_two():
    assert len(lines(document(courses=[{"credits": 2}, {"credits": 2}]))) == len(lines(document())) + 4


def test_an_empty_node_is_a_node():
    assert len(objects(courses=[{}])) == 1


def test_a_scoped_term_means_what_its_scope_says():
    found = lines(document(school={"title": "見本"}))
    assert [line for line in found if f"<{VOCABULARY}title>" in line]


def test_a_document_in_a_document_has_a_graph_of_its_own():
    presentation = {
        "@context": [V2],
        "type": "VerifiablePresentation",
        "verifiableCredential": [issue(), issue()],
    }
    graphs = {quad.graph for quad in to_dataset(presentation, COMPILED).quads}
    assert len(graphs) == 1 + 2 + 2


@pytest.mark.parametrize("member", ["proof", "verifiableCredential"])
def test_a_graph_that_only_names_something_is_refused(member):
    document = {
        "@context": V2,
        "type": "VerifiablePresentation",
        member: [
            {"@context": V2, "id": "urn:x:y"} if member == "verifiableCredential" else {"id": "urn:x:y"}
        ],
    }
    with pytest.raises(DataLoss, match="says nothing"):
        to_dataset(document, COMPILED)


def test_undefined_terms_are_signed_where_the_context_for_them_is_named():
    value = document(nickname="x")
    value["@context"].append(UNDEFINED_TERMS)
    assert [line for line in lines(value) if "undefined-term#nickname" in line]


# --- refused ---


@pytest.mark.clause("VC Data Integrity 1.0 §2.4.3")
@pytest.mark.parametrize(
    "claims",
    [
        pytest.param({"nickname": "x"}, id="a term that no context defines"),
        pytest.param({"title": "x"}, id="a term outside its scope"),
        pytest.param({"relative/key": "x"}, id="a relative key"),
        pytest.param({"credits": None}, id="a null"),
        pytest.param({"courses": []}, id="an empty array"),
        pytest.param({"courses": ["a", None]}, id="a null in an array"),
        pytest.param({"courses": ["a", "a"]}, id="a value given twice"),
        pytest.param({"type": "Unmapped"}, id="a type that no context defines"),
        pytest.param({"type": ["GraduationCredential", "GraduationCredential"]}, id="a type given twice"),
        pytest.param({"id": "relative"}, id="a relative id"),
        pytest.param({"id": "_:b0"}, id="a blank node id"),
        pytest.param({"id": "https://x/ y"}, id="an id with a space"),
        pytest.param({"id": "https://x/<y>"}, id="an id that would end its brackets"),
        pytest.param({"website": "relative"}, id="a relative IRI as a value"),
        pytest.param({"kind": "Unmapped"}, id="a vocabulary value that no context defines"),
        pytest.param({"indexed": {"a": "x"}}, id="an index key"),
        pytest.param({"courses": {"@value": "x", "@index": "1"}}, id="an index of a value"),
        pytest.param({"courses": {"@value": "x", "nickname": "y"}}, id="an undefined member of a value"),
        pytest.param({"courses": {"@value": None}}, id="a null value object"),
        pytest.param({"courses": {"@value": "x", "@language": None}}, id="a null language"),
        pytest.param({"courses": {"@language": "ja"}}, id="a language of nothing"),
        pytest.param({"courses": [{"nickname": 1}]}, id="an undefined term that leaves an empty node"),
        pytest.param({"steps": [None]}, id="a null that leaves an empty list"),
        pytest.param({"courses": [{"credits": None}]}, id="a null that leaves an empty node"),
        pytest.param({"share": "much"}, id="text that is no double"),
    ],
)
def test_what_would_not_be_signed_is_refused(claims):
    with pytest.raises(DataLoss) as caught:
        lines(document(**claims))
    assert caught.value.detail.startswith("DATA_LOSS_DETECTION_ERROR")


@pytest.mark.parametrize(
    "claims",
    [
        pytest.param({"courses": {"@value": "x", "@language": "ja_JP"}}, id="a malformed language"),
        pytest.param({"courses": {"@value": 5, "@language": "ja"}}, id="a language of a number"),
        pytest.param({"courses": {"@value": "x", "@direction": "up"}}, id="a direction that is none"),
        pytest.param({"courses": {"@value": ["x"]}}, id="a value object of an array"),
        pytest.param({"family_name": "a\x00b"}, id="a control character"),
        pytest.param({"family_name": "a\x7fb"}, id="a delete character"),
        pytest.param({"viewpoints": {"a\x07": 1}}, id="a control character in a name"),
        pytest.param({"credits": 2**53}, id="an integer beyond 2^53"),
        pytest.param({"viewpoints": 2**53}, id="an integer beyond 2^53 in JSON"),
        pytest.param({"id": 5}, id="an id that is a number"),
        pytest.param({"courses": {"@value": "x", "@type": "relative"}}, id="a datatype that is relative"),
        pytest.param({"type": None}, id="a null type"),
        pytest.param({"type": {"a": "b"}}, id="a type that is an object"),
        pytest.param({"titles": {"ja": 5}}, id="a language map of a number"),
    ],
)
def test_what_has_no_single_meaning_is_refused(claims):
    with pytest.raises(FormatRefused):
        lines(document(**claims))


@pytest.mark.clause("VCDM 2.0 §1.3")
@pytest.mark.parametrize(
    "name",
    [
        "@id",
        "@type",
        "@graph",
        "@included",
        "@reverse",
        "@index",
        "@nest",
        "@set",
        "@list",
        "@foo",
        "_:b0",
        f"{VOCABULARY}family_name",
        "https://www.w3.org/2018/credentials#validUntil",
        "xsd:date",
    ],
)
def test_a_member_that_is_named_by_no_term_is_refused(name):
    for value in (document(**{name: "x"}), document(courses=[{name: "x"}]), document() | {name: "x"}):
        with pytest.raises(NotCompact):
            lines(value)


def test_names_inside_json_are_free():
    assert objects(viewpoints={"a:b": {"@id": 1}})


def test_a_number_with_a_fraction_is_refused_where_numbers_have_to_be_exact():
    assert lines(document(share=5), exact_numbers=True)
    with pytest.raises(DataLoss, match="fraction"):
        lines(document(courses=5.5), exact_numbers=True)


@pytest.mark.parametrize("value", [{}, {"@context": [V2]}, {"@context": [V2], "@graph": []}])
def test_a_document_about_nothing_is_refused(value):
    with pytest.raises(FormatRefused):
        lines(value)


def test_every_value_of_a_credential_changes_its_quads():
    """Change each value in turn, remove each member in turn: no change goes unseen."""
    credential = issue()
    credential.pop("proof")
    original = lines(credential)
    unseen = []
    for path in list(_places(credential, ())):
        for change in (_replace, _remove):
            altered = copy.deepcopy(credential)
            change(altered, path)
            try:
                if lines(altered) == original:
                    unseen.append((change.__name__, path))
            except MalformedInput:
                continue
    assert unseen == []


def _places(value, path):
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        if key != "@context":
            yield (*path, key)
            yield from _places(item, (*path, key))


def _parent(document_, path):
    for part in path[:-1]:
        document_ = document_[part]
    return document_


def _replace(document_, path):
    _parent(document_, path)[path[-1]] = json.loads('"https://other.example/"')


def _remove(document_, path):
    del _parent(document_, path)[path[-1]]
