"""docs/reference/commands.md: every command of `tegata` with its arguments, from the commands themselves."""

from collections.abc import Iterator
from enum import Enum
from pathlib import Path
from typing import Any, get_args

from typer.core import TyperArgument, TyperCommand, TyperGroup, TyperOption
from typer.main import get_command

from tegata.command.main import build
from tests.docs.markdown import table

_INTRODUCTION = """# Commands · コマンド

`tegata` finds the installed services and adds their commands. This page is made from them by `make docs`.
`tegata` は、入っているサービスのコマンドをまとめて持ちます。このページは `make docs` がコマンドから作ります。

Settings come from the environment: see [settings](settings.md). A refused command says why in Japanese and English and
exits with 1; a wrong option exits with 2. 設定は環境変数から読みます。断ったときは理由を日英で示し、終了コードは1です。

Each service also has a command of its own, `tegata-issuer`, `tegata-verifier` and `tegata-bridge`, with `serve`,
`upgrade`, `doctor` and the service's own groups: `tegata-verifier trust load` is `tegata verifier trust load`.
"""


_KINDS = {str: "TEXT", int: "NUMBER", Path: "PATH"}


def root() -> TyperGroup:
    """Return the whole command, built anew."""
    found = get_command(build())
    assert isinstance(found, TyperGroup)
    return found


def leaves(group: TyperGroup, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], TyperCommand]]:
    """Return every command that does something, with its words."""
    for name, inner in group.commands.items():
        if isinstance(inner, TyperGroup):
            yield from leaves(inner, (*path, name))
        else:
            assert isinstance(inner, TyperCommand)
            yield (*path, name), inner


def content() -> str:
    """Return the page."""
    lines = [_INTRODUCTION]
    for path, command in leaves(root(), ("tegata",)):
        arguments = [item for item in command.params if isinstance(item, TyperArgument)]
        options = [item for item in command.params if isinstance(item, TyperOption)]
        usage = [*path, *(_name(item) for item in arguments), *(["[OPTIONS]"] if options else [])]
        lines += [f"## {' '.join(path)}", "", " ".join((command.help or "").split()), ""]
        lines += [f"`{' '.join(usage)}`", ""]
        rows = [(f"`{_name(item)}`", item.help or "", "required") for item in arguments]
        rows += [(f"`{_spelled(item)}`", item.help or "", _default(item)) for item in options]
        if rows:
            lines += [table(("Argument or option", "Meaning", "If left out"), rows), ""]
    return "\n".join(lines).rstrip() + "\n"


def _name(item: TyperArgument) -> str:
    return f"{(item.name or '').upper()}{' …' if item.nargs == -1 else ''}"


def _spelled(item: TyperOption) -> str:
    return item.opts[0] if item.is_flag else f"{item.opts[0]} {_kind(item)}"


def choices(item: TyperOption) -> tuple[str, ...]:
    """Return the words that an option takes, if they are counted."""
    kind = _kind_of(item)
    return tuple(str(one.value) for one in kind) if isinstance(kind, type) and issubclass(kind, Enum) else ()


def _kind(item: TyperOption) -> str:
    return " or ".join(choices(item)) or _KINDS[_kind_of(item)]


def _kind_of(item: TyperOption) -> Any:
    annotation = item.type_descriptor.annotation
    return (get_args(annotation) or (annotation,))[0]


def _default(item: TyperOption) -> str:
    if item.required:
        return "required"
    return "" if item.default in (None, False, "", (), []) else f"`{item.default}`"
