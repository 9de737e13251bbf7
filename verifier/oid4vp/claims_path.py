"""Claims path pointers: one path, applied to one credential (OID4VP 1.0 §7)."""

from collections.abc import Mapping, Sequence
from typing import Any

from tegata.errors import MalformedInput
from tegata.formats.credential import ClaimPath

MAX_PARTS = 16


class PathMismatch(MalformedInput):
    """The path asks for a member of what is no object, or an element of what is no array, or selects nothing."""

    kind = "claims_path_mismatch"


def parse_path(value: Any) -> ClaimPath:
    """Read a path: a non-empty array of names, indices from 0, and nulls. Raises `PathMismatch`."""
    if not isinstance(value, Sequence) or isinstance(value, str) or not 1 <= len(value) <= MAX_PARTS:
        raise PathMismatch("a claims path is a non-empty array", clause="OID4VP 1.0 §7")
    for part in value:
        is_index = isinstance(part, int) and not isinstance(part, bool) and part >= 0
        if not (part is None or isinstance(part, str) or is_index):
            raise PathMismatch("a claims path has names, indices and nulls", clause="OID4VP 1.0 §7")
    return tuple(value)


def select(claims: Any, path: ClaimPath) -> tuple[Any, ...]:
    """Return what the path selects, at least one value (§7.1).

    A branch without the member or the element drops out; a value of the wrong type ends the search. Raises
    `PathMismatch` for that, and if nothing is left.
    """
    selected: list[Any] = [claims]
    for part in path:
        following: list[Any] = []
        for value in selected:
            following.extend(_step(value, part))
        selected = following
    if not selected:
        raise PathMismatch("the path selects nothing", clause="OID4VP 1.0 §7.1")
    return tuple(selected)


def _step(value: Any, part: str | int | None) -> Sequence[Any]:
    if isinstance(part, str):
        if not isinstance(value, Mapping):
            raise PathMismatch("a name, but no object", clause="OID4VP 1.0 §7.1")
        return (value[part],) if part in value else ()
    if not isinstance(value, list | tuple):
        raise PathMismatch("an index or null, but no array", clause="OID4VP 1.0 §7.1")
    return value if part is None else value[part : part + 1]
