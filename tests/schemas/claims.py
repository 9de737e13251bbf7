"""Sample claims to change in tests."""

import copy
from typing import Any

from schemas import catalogue, samples
from schemas.catalogue import DocumentDefinition

DOCUMENTS = catalogue.load().documents
NAMES = tuple(document.name for document in DOCUMENTS)


def definition(name: str) -> DocumentDefinition:
    return catalogue.load().get(name)


def sample(name: str) -> dict[str, Any]:
    """A copy of the sample that may be changed."""
    return copy.deepcopy(dict(samples.load(definition(name))))


def put(claims: dict[str, Any], pointer: str, value: Any) -> dict[str, Any]:
    """Set the value at a JSON Pointer, or remove it for `...`; `-` appends."""
    *parents, last = [int(step) if step.isdigit() else step for step in pointer.split("/")[1:]]
    target: Any = claims
    for step in parents:
        target = target[step] if not isinstance(target, dict) else target[str(step)]
    if value is ...:
        del target[last]
    elif last == "-":
        target.append(value)
    else:
        target[str(last) if isinstance(target, dict) else last] = value
    return claims
