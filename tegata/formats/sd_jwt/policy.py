"""The disclosure policy of a document type as a tree: which claims the holder may hide, at every depth.

Compiled once for a type and used for every credential of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from tegata.errors import Misconfigured
from tegata.formats.credential import ClaimPath
from tegata.formats.sd_jwt.names import Reserved


@dataclass(slots=True)
class Node:
    """What the policy says at one place: about the value itself, about members by name, about elements.

    `every` holds for each element that `elements` does not name; a named one has what `every` says merged in.
    """

    is_hidden: bool = False
    members: dict[str, "Node"] = field(default_factory=dict)
    elements: dict[int, "Node"] = field(default_factory=dict)
    every: "Node | None" = None
    #: Whether nothing below the value is hidden; known when the tree is complete.
    is_leaf: bool = False


@lru_cache(maxsize=256)
def compile_policy(paths: tuple[ClaimPath, ...], reserved: Reserved) -> Node:
    """Build the tree; raises `Misconfigured` for a path that is empty, or hides a claim that must be shown."""
    root = Node()
    for path in paths:
        if not path or path[0] in reserved.names or not isinstance(path[0], str):
            raise Misconfigured(f"the claim path {path} cannot be made selectable", clause=reserved.clause)
        node = root
        for part in path:
            node = _child(node, part)
        node.is_hidden = True
    _spread(root)
    return root


def _child(node: Node, part: str | int | None) -> Node:
    if isinstance(part, str):
        return node.members.setdefault(part, Node())
    if isinstance(part, int):
        return node.elements.setdefault(part, Node())
    node.every = node.every or Node()
    return node.every


def _spread(node: Node) -> None:
    """Merge what is said about every element into the elements that are named as well; say where the tree ends."""
    for element in node.elements.values():
        if node.every is not None:
            _merge(element, node.every)
    for child in (*node.members.values(), *node.elements.values(), *_optional(node.every)):
        if child.members and (child.elements or child.every):
            raise Misconfigured("the disclosure policy takes one claim for an object and for an array")
        _spread(child)
    node.is_leaf = not (node.members or node.elements or node.every)


def _merge(node: Node, other: Node) -> None:
    node.is_hidden = node.is_hidden or other.is_hidden
    for name, child in other.members.items():
        _merge(node.members.setdefault(name, Node()), child)
    for index, child in other.elements.items():
        _merge(node.elements.setdefault(index, Node()), child)
    if other.every is not None:
        node.every = node.every or Node()
        _merge(node.every, other.every)


def _optional(node: Node | None) -> Sequence[Node]:
    return () if node is None else (node,)
