"""Claims paths on one credential."""

from typing import Any

import pytest

from verifier.oid4vp.claims_path import MAX_PARTS, PathMismatch, parse_path, select

pytestmark = pytest.mark.clause("OID4VP 1.0 §7.1")

CLAIMS = {"name": "x", "courses": [{"rating": 5}, {"rating": 4}, {}], "empty": [], "nothing": None}


@pytest.mark.parametrize(
    ("path", "found"),
    [
        (("name",), ("x",)),
        (("nothing",), (None,)),
        (("courses", 0, "rating"), (5,)),
        (("courses", None, "rating"), (5, 4)),
        (("courses", None), ({"rating": 5}, {"rating": 4}, {})),
    ],
)
def test_a_path_selects(path: tuple[Any, ...], found: tuple[Any, ...]) -> None:
    assert select(CLAIMS, path) == found


@pytest.mark.parametrize(
    "path",
    [
        ("other",),
        ("name", "x"),
        ("name", 0),
        ("courses", "rating"),
        ("courses", 9),
        ("empty", None),
        ("courses", 2, "rating"),
    ],
)
def test_a_path_that_does_not_fit_is_told(path: tuple[Any, ...]) -> None:
    with pytest.raises(PathMismatch):
        select(CLAIMS, path)


@pytest.mark.parametrize("value", [None, "name", [], [1.5], [-1], [True], [{}], ["a"] * (MAX_PARTS + 1)])
def test_what_is_no_path_is_refused(value: Any) -> None:
    with pytest.raises(PathMismatch):
        parse_path(value)
