"""Labels and groups: the W3C's steps, and documents whose nodes cannot be told apart."""

import pytest

from tegata.formats.credential import FormatRefused
from tegata.formats.data_integrity.selective import grouping
from tests.tegata.formats.data_integrity.selective.vectors import (
    BBS_VECTORS,
    COMPILED,
    ECDSA_VECTORS,
    HMAC_KEY,
)
from tests.tegata.formats.data_integrity.support import SCHOOL_CONTEXT, V2

_EACH = pytest.mark.parametrize(
    ("vector", "maker"),
    [(vector, grouping.hmac_labels(HMAC_KEY)) for vector in ECDSA_VECTORS.values()]
    + [(vector, grouping.shuffled_labels(HMAC_KEY)) for vector in BBS_VECTORS.values()],
    ids=[*(f"ecdsa-{name}" for name in ECDSA_VECTORS), *(f"bbs-{name}" for name in BBS_VECTORS)],
)


def _grouped(vector, maker):
    return grouping.group(vector.signed()[0], COMPILED, maker)


@_EACH
@pytest.mark.clause("ECDSA Cryptosuites 1.0 §3.4.15")
@pytest.mark.clause("BBS Cryptosuites 1.0 §3.2.2")
def test_the_lines_are_those_of_the_vector(vector, maker):
    assert list(_grouped(vector, maker).lines) == vector.step("addBaseDocHMACCanon")


@_EACH
def test_the_mandatory_lines_are_those_of_the_vector(vector, maker):
    grouped = _grouped(vector, maker)
    expected = [[index, grouped.lines[index]] for index in grouped.indexes_of(vector.mandatory)]
    assert expected == vector.step("addBaseTransform")["mandatory"]["value"]


@_EACH
def test_the_groups_are_those_of_the_vector(vector, maker):
    grouped, expected = _grouped(vector, maker), vector.step("derivedGroupIndexes")
    assert list(grouped.indexes_of(vector.mandatory)) == expected["mandatoryIndexes"]
    assert list(grouped.indexes_of(vector.selective)) == expected["selectiveIndexes"]
    assert list(grouped.indexes_of([*vector.mandatory, *vector.selective])) == expected["combinedIndexes"]
    assert grouped.indexes_of([]) == ()


def _document(**subject):
    return {"@context": [V2, SCHOOL_CONTEXT], "type": "VerifiableCredential", "credentialSubject": subject}


@pytest.mark.parametrize(
    "document",
    [
        pytest.param(
            _document(steps=[{"credits": 1}, {"credits": 2}]), id="a list has nodes that have no name"
        ),
        pytest.param(_document(id="urn:tegata:skolem:0", credits=1), id="an id of ours"),
        pytest.param(
            {
                "@context": V2,
                "type": "VerifiablePresentation",
                "proof": {"type": "DataIntegrityProof", "created": "2026-03-01T00:00:00Z"},
            },
            id="a graph has no name",
        ),
    ],
)
def test_a_document_whose_nodes_cannot_be_named_is_refused(document):
    with pytest.raises(FormatRefused):
        grouping.group(document, COMPILED, grouping.hmac_labels(HMAC_KEY))


def test_json_language_maps_and_values_keep_no_room_for_names():
    document = _document(
        viewpoints={"a": {"b": 1}}, titles={"ja": "x"}, family_name={"@value": "髙橋", "@language": "ja"}
    )
    grouped = grouping.group(document, COMPILED, grouping.hmac_labels(HMAC_KEY))
    assert len(grouped.indexes_of(["/credentialSubject/viewpoints"])) == 3
    assert len(grouped.indexes_of(["/credentialSubject"])) == len(grouped.lines)


def test_equal_nodes_are_told_apart():
    document = _document(courses=[{"credits": 1}, {"credits": 1}])
    grouped = grouping.group(document, COMPILED, grouping.hmac_labels(HMAC_KEY))
    first, second = (set(grouped.indexes_of([f"/credentialSubject/courses/{index}"])) for index in (0, 1))
    assert len(first) == len(second) == 4
    assert len(first & second) == 2
