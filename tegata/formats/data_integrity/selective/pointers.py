"""JSON Pointers, and the part of a document that they point at (RFC 6901; ECDSA Cryptosuites 1.0 §3.4.11 to §3.4.13)."""

import re
from collections.abc import Mapping, Sequence
from copy import deepcopy
from typing import Any, TypeAlias

from tegata.errors import LimitExceeded
from tegata.formats.credential import FormatRefused

_CLAUSE = "ECDSA Cryptosuites 1.0 §3.4"
_MAX_POINTERS = 1_024
_MAX_LENGTH = 1_024
_INDEX = re.compile(r"0|[1-9][0-9]{0,8}")
_ESCAPE = re.compile(r"~(.?)", re.DOTALL)
_ESCAPED = {"0": "~", "1": "/"}

#: The steps of one pointer.
Path: TypeAlias = tuple[str, ...]


class PointerRefused(FormatRefused):
    """A pointer is malformed, or points at nothing."""

    kind = "pointer_refused"

    def __init__(self, detail: str) -> None:
        super().__init__(f"PROOF_GENERATION_ERROR: {detail}", clause=_CLAUSE)


class _Gaps(dict[int, Any]):
    """An array of which only some elements are selected, by their old index."""


def read(pointer: Any) -> Path:
    """Return the steps of a pointer (RFC 6901 §3); raises `PointerRefused`, and `LimitExceeded` for a long one."""
    if not isinstance(pointer, str) or (pointer and not pointer.startswith("/")):
        raise PointerRefused("not a JSON Pointer")
    if len(pointer) > _MAX_LENGTH:
        raise LimitExceeded(f"a JSON Pointer of more than {_MAX_LENGTH} characters", clause=_CLAUSE)
    return tuple(_ESCAPE.sub(_unescape, step) for step in pointer.split("/")[1:])


def select(document: Mapping[str, Any], pointers: Sequence[Any]) -> dict[str, Any]:
    """Return the document with only what is pointed at, and the id and type of everything on the way.

    Elements of arrays keep their order and close up. Raises `PointerRefused` for a pointer that hits nothing,
    `LimitExceeded` for too many.
    """
    if len(pointers) > _MAX_POINTERS:
        raise LimitExceeded(f"more than {_MAX_POINTERS} JSON Pointers", clause=_CLAUSE)
    selection = {"@context": deepcopy(document.get("@context")), **_beginning(document)}
    for pointer in pointers:
        path = read(pointer)
        if not path:
            return deepcopy(dict(document))
        _add(document, path, selection)
    closed: dict[str, Any] = _closed(selection)
    return closed


def _add(document: Mapping[str, Any], path: Path, selection: dict[str, Any]) -> None:
    value: Any = document
    chosen: Any = selection
    parent: Any = selection
    key: str | int = ""
    for step in path:
        parent, (key, value) = chosen, _step(value, step)
        chosen = parent.get(key)
        if chosen is None:
            chosen = parent[key] = _Gaps() if isinstance(value, list) else _beginning(value)
    parent[key] = _open(value)


def _step(value: Any, step: str) -> tuple[str | int, Any]:
    if isinstance(value, list) and _INDEX.fullmatch(step) and int(step) < len(value):
        return int(step), value[int(step)]
    if isinstance(value, Mapping) and step in value:
        return step, value[step]
    raise PointerRefused("a JSON Pointer that points at nothing")


def _beginning(value: Any) -> dict[str, Any]:
    """Begin the selection of an object with what names and types it (§3.4.11)."""
    if not isinstance(value, Mapping):
        return {}
    return {name: deepcopy(value[name]) for name in ("id", "type") if name in value}


def _open(value: Any) -> Any:
    """Return a copy whose arrays later pointers may reach into."""
    if isinstance(value, list):
        return _Gaps((index, _open(item)) for index, item in enumerate(value))
    if isinstance(value, Mapping):
        return {name: _open(item) for name, item in value.items()}
    return value


def _closed(value: Any) -> Any:
    if isinstance(value, _Gaps):
        return [_closed(value[index]) for index in sorted(value)]
    if isinstance(value, dict):
        return {name: _closed(item) for name, item in value.items()}
    return value


def _unescape(found: re.Match[str]) -> str:
    if found[1] not in _ESCAPED:
        raise PointerRefused("not a JSON Pointer: ~ stands alone")
    return _ESCAPED[found[1]]
