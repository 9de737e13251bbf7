"""Claims as people read them: labels and codes in words, dates in both calendars, lists as tables. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from schemas.catalogue import ClaimPath, DocumentDefinition
from schemas.dictionary import label
from tegata.codec.dates import parse_date
from tegata.errors import MalformedInput, Text
from tegata.service.console.formats import long_date, short_date

YES, NO = Text("はい", "Yes"), Text("いいえ", "No")


_FOR_THE_HOLDER: ClaimPath = ("redemption_code",)
_IN_THE_WALLET = Text("（本人のウォレットだけに入ります）", "(in the learner's wallet alone)")


@dataclass(frozen=True, slots=True)
class Line:
    """One field with one value; `is_chosen` where the holder decides whether to hand it over."""

    label: Text
    value: Text
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Grid:
    """A list of things of one shape."""

    label: Text
    columns: tuple[Text, ...]
    rows: tuple[tuple[Text, ...], ...]


@dataclass(frozen=True, slots=True)
class Paper:
    """A document's content in the order of its type."""

    title: Text
    lines: tuple[Line, ...]
    grids: tuple[Grid, ...]

    @property
    def shown(self) -> int:
        """How many fields are always handed over."""
        return sum(not line.is_chosen for line in self.lines)

    @property
    def chosen(self) -> int:
        """How many fields the holder may hand over or keep."""
        return sum(line.is_chosen for line in self.lines) + len(self.grids)


def paper(definition: DocumentDefinition, claims: Mapping[str, Any]) -> Paper:
    """Return a document's content for people."""
    lines: list[Line] = []
    grids: list[Grid] = []
    for name, value in claims.items():
        path: ClaimPath = (name,)
        _add(definition, path, value, lines, grids)
    return Paper(definition.title, tuple(lines), tuple(grids))


def _is_grid(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(item, dict) for item in value)


def _add(
    definition: DocumentDefinition, path: ClaimPath, value: Any, lines: list[Line], grids: list[Grid]
) -> None:
    if isinstance(value, dict):
        # The labels inside say what they belong to (「学校名」), so the group needs no line of its own.
        for name, inner in value.items():
            _add(definition, (*path, name), inner, lines, grids)
    elif _is_grid(value):
        grids.append(_grid(definition, path, value))
    elif path == _FOR_THE_HOLDER:
        # Whoever sees the code could use the certificate up, so the office does not.
        lines.append(Line(_label(definition, path), _IN_THE_WALLET, is_chosen=True))
    else:
        is_chosen = any(path[: len(item)] == item for item in definition.selectable)
        lines.append(Line(_label(definition, path), _said(definition, path, value), is_chosen))


def _grid(definition: DocumentDefinition, path: ClaimPath, items: Sequence[Mapping[str, Any]]) -> Grid:
    names = list(dict.fromkeys(name for item in items for name in item))
    inner: list[ClaimPath] = [(*path, None, name) for name in names]
    rows = tuple(
        tuple(
            _said(definition, place, item[name], short=True) if name in item else Text("", "")
            for name, place in zip(names, inner, strict=True)
        )
        for item in items
    )
    return Grid(_label(definition, path), tuple(_label(definition, place) for place in inner), rows)


def _label(definition: DocumentDefinition, path: ClaimPath) -> Text:
    found = definition.labels.get(path)
    if found is not None:
        return found
    last = str(path[-1])
    return Text(last, last)


def _said(definition: DocumentDefinition, path: ClaimPath, value: Any, *, short: bool = False) -> Text:
    if isinstance(value, bool):
        return YES if value else NO
    if isinstance(value, list):
        parts = [_said(definition, (*path, None), item, short=short) for item in value]
        return Text("・".join(part.ja for part in parts), ", ".join(part.en for part in parts))
    text = str(value)
    if code_list := definition.code_lists.get(path):
        return label(code_list, text)
    if day := _day(value):
        write = short_date if short else long_date
        return Text(write(day, "ja"), write(day, "en"))
    return Text(text, text)


def _day(value: Any) -> date | None:
    """Return an ISO date as a date; names that happen to look like one do not exist."""
    if not isinstance(value, str) or len(value) != len("2026-03-01") or value[4:8:3] != "--":
        return None
    try:
        return parse_date(value)
    except MalformedInput:
        return None
