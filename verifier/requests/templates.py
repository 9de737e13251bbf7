"""Request templates: which documents, which of their items, and why. A data file; an installation may bring its own."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from tegata.codec import json
from tegata.errors import MalformedInput, NotFound, Text
from tegata.formats.credential import ClaimPath
from verifier.oid4vp.claims_path import parse_path
from verifier.oid4vp.errors import QueryRefused

MAX_ITEMS = 10
MAX_ALTERNATIVES = 8
MAX_CLAIMS = 60
#: Every combination of optional items is a claim set of its own; 2⁴ of them are enough.
MAX_OPTIONAL = 4


@dataclass(frozen=True, slots=True)
class DocumentRequest:
    """One document: the items that have to come, and those that are welcome if the document has them."""

    document: str
    claims: tuple[ClaimPath, ...]
    optional: tuple[ClaimPath, ...] = ()


@dataclass(frozen=True, slots=True)
class Item:
    """Documents of which one suffices; what is not required may stay away."""

    any_of: tuple[DocumentRequest, ...]
    is_required: bool = True


@dataclass(frozen=True, slots=True)
class Template:
    """A request that is made again and again."""

    name: str
    title: Text
    purpose: Text
    items: tuple[Item, ...]


@cache
def load() -> tuple[Template, ...]:
    """Return the templates of this package, in the order in which they are offered."""
    content = json.loads(files(__package__).joinpath("templates.json").read_bytes())
    return tuple(
        Template(item["name"], Text(**item["title"]), Text(**item["purpose"]), parse_items(item["items"]))
        for item in content
    )


def get(name: str) -> Template:
    """Return one template; raises `NotFound`."""
    found = next((template for template in load() if template.name == name), None)
    if found is None:
        raise NotFound(f"no template is called {name[:60]!r}")
    return found


def parse_items(value: Any, at: str = "/items") -> tuple[Item, ...]:
    """Read items from JSON; raises `QueryRefused` that says where."""
    listed = _array(value, at, MAX_ITEMS)
    return tuple(_item(item, f"{at}/{index}") for index, item in enumerate(listed))


def _item(value: Any, at: str) -> Item:
    members = _object(value, at, {"any_of", "required"})
    any_of = _array(members.get("any_of"), f"{at}/any_of", MAX_ALTERNATIVES)
    required = members.get("required", True)
    if not isinstance(required, bool):
        raise QueryRefused("required is true or false", pointer=f"{at}/required")
    documents = tuple(_document(item, f"{at}/any_of/{index}") for index, item in enumerate(any_of))
    return Item(documents, required)


def _document(value: Any, at: str) -> DocumentRequest:
    members = _object(value, at, {"document", "claims", "optional"})
    name = members.get("document")
    if not isinstance(name, str):
        raise QueryRefused("document is a name", pointer=f"{at}/document")
    claims = tuple(
        _path(item, f"{at}/claims") for item in _array(members.get("claims"), f"{at}/claims", MAX_CLAIMS)
    )
    optional = members.get("optional")
    listed = [] if optional is None else _array(optional, f"{at}/optional", MAX_OPTIONAL)
    found = DocumentRequest(name, claims, tuple(_path(item, f"{at}/optional") for item in listed))
    everything = (*found.claims, *found.optional)
    if len(set(everything)) != len(everything):
        raise QueryRefused("an item is asked for twice", pointer=at)
    return found


def _path(value: Any, at: str) -> ClaimPath:
    try:
        return parse_path([value] if isinstance(value, str) else value)
    except MalformedInput as error:
        raise QueryRefused(error.detail, pointer=at) from None


def _object(value: Any, at: str, known: set[str]) -> Mapping[str, Any]:
    if not isinstance(value, Mapping) or value.keys() - known:
        raise QueryRefused(f"an object with {sorted(known)}", pointer=at)
    return value


def _array(value: Any, at: str, limit: int) -> list[Any]:
    if not isinstance(value, list) or not 1 <= len(value) <= limit:
        raise QueryRefused(f"not an array of 1 to {limit}", pointer=at)
    return value
