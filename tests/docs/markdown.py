"""Markdown that generators write and tests read: tables, links, code blocks, generated parts of a page."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence

_LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_HEADING = re.compile(r"^#{1,6} (.+)$", re.MULTILINE)
_BEGIN, _END = "<!-- generated: make docs -->", "<!-- end of generated -->"


def table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table; bars and line ends inside cells are escaped."""
    lines = ["| " + " | ".join(columns) + " |", "|" + "---|" * len(columns)]
    lines += ["| " + " | ".join(_cell(cell) for cell in row) + " |" for row in rows]
    return "\n".join(lines)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def rows_of(page: str) -> Iterator[list[str]]:
    """Return the cells of every table row of a page, heads included."""
    for line in page.splitlines():
        if line.startswith("| ") and line.endswith(" |"):
            yield [cell.strip() for cell in re.split(r"(?<!\\)\|", line[1:-1])]


def links(page: str) -> list[str]:
    """Return the targets of all links and pictures, those in code blocks left out."""
    return _LINK.findall(_FENCE.sub("", page))


def blocks(page: str, language: str) -> list[str]:
    """Return the code blocks of one language."""
    return [body for name, body in _FENCE.findall(page) if name == language]


def anchors(page: str) -> set[str]:
    """Return the anchors that headings get, as code hosts make them."""
    return {_slug(text) for text in _HEADING.findall(_FENCE.sub("", page))}


def _slug(heading: str) -> str:
    kept = [
        character
        for character in heading.lower()
        if character in " -_" or unicodedata.category(character)[0] in "LN"
    ]
    return "".join(kept).strip().replace(" ", "-")


def with_generated(page: str, content: str) -> str:
    """Return the page with its generated part replaced; a page without one is a mistake."""
    before, _, rest = page.partition(_BEGIN)
    _, end, after = rest.partition(_END)
    assert end, "the page has no generated part"
    return f"{before}{_BEGIN}\n\n{content}\n\n{_END}{after}"
