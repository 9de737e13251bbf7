"""docs/standards/coverage.md: which clauses the tests carry, read from `@pytest.mark.clause(…)` without running them."""

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from tests.docs.markdown import table

ROOT = Path(__file__).parent.parent.parent
#: Other spellings in use; the page knows each standard by one name.
_NAMES = {
    "BSL": "Bitstring Status List 1.0",
    "Bitstring Status List": "Bitstring Status List 1.0",
    "WCAG": "WCAG 2.2",
    "WCAG 2.2 AA": "WCAG 2.2",
}
#: Marks with an issue's number: what went wrong elsewhere and must not here.
_DEFECTS = "Defects of other software"
#: Where a standard's name ends and the place in it begins.
_PLACE = re.compile(r"[ ,]+(?=§|Appendix|appendix|Test vectors|第\d|\d+\.\d+(?:\.\d+)?(?:$|,))")
_INTRODUCTION = """# Clauses that tests carry

Made from the marks `@pytest.mark.clause("…")` in `tests/` by `make docs`; a test fails when it is not current. A clause
that is not here may still be covered: the marks name what a test is mainly about. What is done and what is left out, and
why, stands in the [pages of the standards](README.md).
"""


def marks() -> dict[str, dict[str, set[str]]]:
    """Return standard → place in it → test files."""
    found: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        if "node_modules" in path.parts:
            continue
        for text in _texts(ast.parse(path.read_text("utf-8"))):
            standard, place = split(text)
            found[standard][place].add(path.relative_to(ROOT).as_posix())
    return found


def _texts(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "clause":
            for argument in node.args:
                if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                    yield argument.value


def split(clause: str) -> tuple[str, str]:
    """Split `RFC 9901 §7.1` into the standard and the place; a standard alone has an empty place."""
    if "#" in clause:
        return _DEFECTS, clause
    found = _PLACE.search(clause)
    if found is None:
        return _NAMES.get(clause, clause), ""
    standard = clause[: found.start()]
    return _NAMES.get(standard, standard), clause[found.end() :]


def _order(place: str) -> list[tuple[int, str]]:
    parts = re.findall(r"\d+|\D+", place)
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in parts]


def content() -> str:
    """Return the page."""
    lines = [_INTRODUCTION]
    for standard, places in sorted(marks().items()):
        rows = [
            (place or "–", "<br>".join(_link(file) for file in sorted(places[place])))
            for place in sorted(places, key=_order)
        ]
        lines.append(f"## {standard}\n\n{table(('Clause', 'Tests'), rows)}\n")
    return "\n".join(lines)


def _link(file: str) -> str:
    return f"[{file.removeprefix('tests/')}](../../{file})"
