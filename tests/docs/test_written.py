"""What people wrote in docs/ is true: links, commands, settings, places in the source, clauses under test."""

import re
import shlex
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from typer.core import TyperCommand, TyperGroup, TyperOption
from typer.main import get_command

from tests.browser.screenshots import ANSWERED, PICTURES
from tests.docs import coverage_page
from tests.docs.commands_page import choices, root
from tests.docs.markdown import anchors, blocks, links, rows_of
from tests.docs.settings_page import SERVICES, settings_of
from verifier.cli import app as verifier_app

ROOT = Path(__file__).parent.parent.parent
PAGES = sorted([*ROOT.glob("docs/**/*.md"), ROOT / "README.md", ROOT / "CONTRIBUTING.md"])
STANDARDS = [path for path in PAGES if path.parent.name == "standards" and path.name != "coverage.md"]
_VARIABLE = re.compile(r"TEGATA_(?:ISSUER|VERIFIER|BRIDGE)_[A-Z0-9_]+")
_CODE = re.compile(r"`([^`]+)`")
_MARKED_ROW = 4
_MOST_BYTES = 150_000
#: Words that end a command on a line of a shell.
_REDIRECTIONS = frozenset({">", ">>", "|", "&&", ";"})


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def _commands(path: Path) -> Iterator[list[str]]:
    for block in blocks(path.read_text("utf-8"), "console"):
        for line in block.replace("\\\n", " ").splitlines():
            words = shlex.split(line, comments=True)
            end = next((index for index, word in enumerate(words) if word in _REDIRECTIONS), len(words))
            if end:
                yield words[:end]


@cache
def _programs() -> dict[str, TyperGroup]:
    verifier = get_command(verifier_app)
    assert isinstance(verifier, TyperGroup)
    return {"tegata": root(), "tegata-verifier": verifier}


def _values(given: object) -> tuple[object, ...]:
    """Return what an option was given, once or several times."""
    if given is None:
        return ()
    return tuple(given) if isinstance(given, list | tuple) else (given,)


def _refusal(words: list[str]) -> str:
    """Return what is wrong with a command of ours, or nothing."""
    program = Path(words[0]).name
    if not program.startswith("tegata"):
        return ""
    found: TyperGroup | TyperCommand | None = _programs().get(program)
    if found is None:
        return f"no such program: {program}"
    rest = words[1:]
    while isinstance(found, TyperGroup):
        inner = found.commands.get(rest[0]) if rest else None
        if inner is None:
            return f"no such command: {' '.join(words)}"
        assert isinstance(inner, TyperGroup | TyperCommand)
        found, rest = inner, rest[1:]
    context = found.context_class(found, info_name=program)
    try:
        given, left, _ = found.make_parser(context).parse_args(list(rest))
    except Exception as error:  # noqa: BLE001  the parser's own errors, whatever their class
        return f"{' '.join(words)}: {error}"
    missing = [item.name for item in found.params if item.required and not given.get(item.name or "")]
    wrong = [
        value
        for item in found.params
        if isinstance(item, TyperOption) and choices(item)
        for value in _values(given.get(item.name or ""))
        if value not in choices(item)
    ]
    return (
        f"{' '.join(words)}: missing {missing}, unknown {wrong}, too many {left}"
        if missing + wrong + left
        else ""
    )


@pytest.mark.parametrize("path", PAGES, ids=_name)
def test_every_relative_link_leads_somewhere(path: Path) -> None:
    broken = []
    for target in links(path.read_text("utf-8")):
        if "://" in target or target.startswith("mailto:"):
            continue
        file, _, anchor = target.partition("#")
        found = (path.parent / file).resolve() if file else path
        if not found.exists() or (anchor and anchor not in anchors(found.read_text("utf-8"))):
            broken.append(target)
    assert broken == []


@pytest.mark.parametrize("path", PAGES, ids=_name)
def test_every_command_in_a_page_can_be_typed(path: Path) -> None:
    assert [problem for words in _commands(path) if (problem := _refusal(words))] == []


def test_commands_in_pages_are_looked_at() -> None:
    assert sum(Path(words[0]).name == "tegata" for path in PAGES for words in _commands(path)) > 20
    assert _refusal(["tegata", "verify"]).endswith("too many []")
    assert "no such command" in _refusal(["tegata", "registrar", "enroll"])
    assert "--unknown" in _refusal(["tegata", "db", "upgrade", "--unknown"])
    assert "headmaster" in _refusal(
        shlex.split("tegata issuer staff-add --login a --name b --school c --role headmaster")
    )


def test_every_make_target_in_a_page_exists() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    used = {words[1] for path in PAGES for words in _commands(path) if words[0] == "make" and len(words) > 1}
    assert used
    assert used <= targets


@pytest.mark.parametrize("path", PAGES, ids=_name)
def test_every_setting_in_a_page_exists(path: Path) -> None:
    known = {setting.variable for _, service in SERVICES for setting in settings_of(service)}
    # A prefix is written with an ellipsis, so it ends in an underscore.
    used = {name for name in _VARIABLE.findall(path.read_text("utf-8")) if not name.endswith("_")}
    assert used <= known


@pytest.mark.parametrize("path", STANDARDS, ids=_name)
def test_places_and_marks_in_a_standard_s_page_exist(path: Path) -> None:
    marked = {f"{name} {place}".strip() for name, places in coverage_page.marks().items() for place in places}
    rows = [row for row in rows_of(path.read_text("utf-8")) if len(row) == _MARKED_ROW]
    places = {place for row in rows for place in _CODE.findall(row[2]) if "/" in place}
    marks = {mark for row in rows for mark in _CODE.findall(row[3])}
    assert {place for place in places if not (ROOT / place).exists()} == set()
    assert marks <= marked


def test_every_page_of_the_index_is_one_and_every_page_is_in_an_index() -> None:
    named = {
        (path.parent / target.partition("#")[0]).resolve()
        for path in PAGES
        for target in links(path.read_text("utf-8"))
        if "://" not in target and target.partition("#")[0].endswith(".md")
    }
    assert {path.resolve() for path in PAGES} - named - {(ROOT / "README.md").resolve()} == set()


def test_every_picture_that_is_taken_is_there_and_shown_and_no_other() -> None:
    page = ROOT / "docs" / "explanation" / "pages.md"
    wanted = {picture.file for picture in (*PICTURES, *ANSWERED)}
    assert {path.name for path in (page.parent / "screenshots").glob("*")} == wanted
    assert {
        Path(target).name for target in links(page.read_text("utf-8")) if target.endswith(".png")
    } == wanted


def test_pictures_are_small() -> None:
    large = {
        _name(path): path.stat().st_size
        for path in ROOT.glob("docs/**/*.png")
        if path.stat().st_size > _MOST_BYTES
    }
    assert large == {}


def test_no_page_is_unfinished() -> None:
    assert [_name(path) for path in PAGES if "@@" in path.read_text("utf-8")] == []
