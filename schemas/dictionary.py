"""The dictionary that documents are made of: claims, value types and code lists, as data.

Not for validating claims (`schemas.validation`), and not for what a finished document type says of itself
(`schemas.catalogue`).
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from tegata.errors import NotFound, Text

DATA = Path(__file__).parent / "data"

Definition = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Code:
    """One value of a code list, and what a person reads in its place."""

    code: str
    label: Text


@dataclass(frozen=True, slots=True)
class CodeList:
    """A closed list of values, in the order in which they are shown."""

    name: str
    title: Text
    values: tuple[Code, ...]


class Dictionary:
    """What documents are made of: claims, value types, code lists, and what no document carries."""

    def __init__(self, data: Path = DATA) -> None:
        self.types: Definition = _read(data / "claims" / "types.json")
        self.codes = {path.stem: _read(path) for path in sorted((data / "codes").glob("*.json"))}
        self.never: Definition = _read(data / "never.json")
        self.claims: dict[str, Definition] = {}
        for path in sorted((data / "claims").glob("*.json")):
            if path.stem != "types":
                self.claims |= _read(path)

    def of(self, document: Definition) -> Iterator[tuple[str, Definition, bool]]:
        """Yield the claims of a document in order: name, definition, whether it is required."""
        for claim, presence in document["claims"].items():
            definition = self.claims[document["definitions"].get(claim, claim)]
            if claim in document["narrowed"]:
                definition = {**definition, "only": document["narrowed"][claim]}
            yield claim, definition, presence == "required"


def text(value: Mapping[str, str]) -> Text:
    """Return a pair of texts as the data writes it."""
    return Text(value["ja"], value["en"])


@cache
def load() -> Dictionary:
    """Return the dictionary of this package."""
    return Dictionary()


@cache
def code_lists() -> Mapping[str, CodeList]:
    """Return every code list by name."""
    return {
        name: CodeList(
            name, text(raw["title"]), tuple(Code(v["code"], text(v["label"])) for v in raw["values"])
        )
        for name, raw in load().codes.items()
    }


@cache
def _labels() -> Mapping[tuple[str, str], Text]:
    return {(name, value.code): value.label for name, found in code_lists().items() for value in found.values}


def label(code_list: str, code: str) -> Text:
    """Return what a person reads for a code (`label("course-mode", "full_time")`); raises `NotFound`."""
    try:
        return _labels()[code_list, code]
    except KeyError:
        raise NotFound(f"no code {code[:40]!r} in the list {code_list[:40]!r}") from None


def _read(path: Path) -> Any:
    return json.loads(path.read_text("utf-8"))
