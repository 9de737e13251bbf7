"""JSON Pointers: what they point at, and what is refused."""

import pytest

from tegata.errors import LimitExceeded
from tegata.formats.data_integrity.selective.pointers import PointerRefused, read, select
from tests.tegata.formats.data_integrity.selective.vectors import BBS_VECTORS, ECDSA_VECTORS

_DOCUMENT = {
    "@context": "https://a.example/1",
    "id": "urn:x:1",
    "type": ["A", "B"],
    "a/b": {"id": "urn:x:2", "type": "C", "~": 1, "other": 2},
    "list": [{"name": "zero"}, {"name": "one", "id": "urn:x:3"}, ["x", "y", {"deep": {"er": 5, "no": 6}}]],
    "null": None,
}


@pytest.mark.clause("RFC 6901 §3")
@pytest.mark.parametrize(
    ("pointer", "path"),
    [("", ()), ("/", ("",)), ("/a~1b/~0", ("a/b", "~")), ("/~01", ("~1",)), ("/a/0", ("a", "0"))],
)
def test_a_pointer_is_read_step_by_step(pointer, path):
    assert read(pointer) == path


@pytest.mark.parametrize("pointer", ["a", "a/b", "/a~", "/a~2", "#/a", None, 5, ["a"]])
def test_what_is_no_pointer_is_refused(pointer):
    with pytest.raises(PointerRefused):
        read(pointer)


@pytest.mark.parametrize(
    "pointer",
    ["/none", "/list/3", "/list/-1", "/list/01", "/list/-", "/list/1e0", "/list/０", "/id/0", "/null/a"],
)
@pytest.mark.clause("ECDSA Cryptosuites 1.0 §3.4.12")
def test_a_pointer_at_nothing_is_refused(pointer):
    with pytest.raises(PointerRefused):
        select(_DOCUMENT, [pointer])


def test_too_many_and_too_long_pointers_are_refused():
    with pytest.raises(LimitExceeded):
        select(_DOCUMENT, ["/id"] * 1_025)
    with pytest.raises(LimitExceeded):
        select(_DOCUMENT, ["/" + "x" * 1_024])


@pytest.mark.clause("ECDSA Cryptosuites 1.0 §3.4.13")
def test_a_selection_has_the_names_and_types_of_what_is_on_the_way():
    base = {"@context": "https://a.example/1", "id": "urn:x:1", "type": ["A", "B"]}
    assert select(_DOCUMENT, []) == base
    assert select(_DOCUMENT, ["/a~1b/~0"]) == base | {"a/b": {"id": "urn:x:2", "type": "C", "~": 1}}
    assert select(_DOCUMENT, ["/null"]) == base | {"null": None}
    assert select(_DOCUMENT, [""]) == _DOCUMENT


def test_elements_of_arrays_keep_their_order_and_close_up():
    chosen = select(_DOCUMENT, ["/list/2/2/deep/er", "/list/1/name", "/list/2/0"])
    assert chosen["list"] == [{"name": "one", "id": "urn:x:3"}, ["x", {"deep": {"er": 5}}]]
    assert select(_DOCUMENT, ["/list/2/2", "/list/2/2/deep/er"])["list"] == [[{"deep": {"er": 5, "no": 6}}]]
    assert select(_DOCUMENT, ["/list", "/list/0/name"])["list"] == _DOCUMENT["list"]


def test_a_selection_shares_nothing_with_its_document():
    chosen = select(_DOCUMENT, ["/list", ""])
    chosen["list"][0]["name"] = "changed"
    assert _DOCUMENT["list"][0]["name"] == "zero"


@pytest.mark.parametrize("vector", [*ECDSA_VECTORS.values(), *BBS_VECTORS.values()], ids=str)
def test_what_is_shown_is_what_the_vector_shows(vector):
    document, _ = vector.signed()
    assert select(document, [*vector.mandatory, *vector.selective]) == vector.step("derivedUnsignedReveal")
