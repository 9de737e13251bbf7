"""The page of each document as Markdown, written into the documentation.

`python -m schemas.pages docs/reference/documents` after a change of the data; a test fails when pages do not follow.
The issuer serves the same `document_page` through its own templates.
"""

import json
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from schemas.catalogue import load
from schemas.description import DocumentPage, Field, Row, document_page
from schemas.dictionary import CodeList
from tegata.errors import Text

__all__ = ["document_page", "markdown", "write"]

_LANGUAGES = ("ja", "en")
_ITEMS_SHOWN = 2
_YES, _NO = Text("必須", "yes"), Text("", "")
_HEADINGS = {
    "fields": Text("項目", "Fields"),
    "never": Text("載せない項目", "Never included"),
    "rules": Text("発行と検証で確かめること", "What is checked when it is issued and verified"),
    "codes": Text("コード", "Codes"),
    "names": Text("署名に使う名前", "Names that get signed"),
    "sample": Text("例", "Example"),
}
_FIELD_COLUMNS = (
    Text("項目", "Field"),
    Text("名前", "Name"),
    Text("書き方", "Type"),
    Text("渡し方", "Disclosure"),
    Text("必須", "Required"),
    Text("例", "Example"),
)
_SAMPLE_NOTE = Text(
    "すべて架空のデータです。一覧ははじめの2件だけを示します。全体は",
    "All of it is invented. Of each list the first two entries are shown; the whole is in",
)
_FIELD_NOTE = Text(
    "渡し方は SD-JWT VC の場合です。項目を選べない形式（W3C VC の Data Integrity）では、すべての項目が渡ります。",
    "Disclosure is that of SD-JWT VC. A format without a choice of fields (W3C VC with Data Integrity) shows them all.",
)
_INDEX_NOTE = Text(
    "このページと各証明書のページは、`schemas/data` から `python -m schemas.pages` で作ります。",
    "This page and the page of each document are written from `schemas/data` by `python -m schemas.pages`.",
)


def pages() -> dict[str, str]:
    """Return every page by its file name."""
    found = [document_page(definition) for definition in load().documents]
    return {"README.md": _index(found)} | {f"{page.name}.md": markdown(page) for page in found}


def markdown(page: DocumentPage) -> str:
    """Return one page: Japanese first, English after it."""
    lines = [f"# {page.title.ja} / {page.title.en}", ""]
    for language in _LANGUAGES:
        lines += [*_in_language(page, language), ""]
    return "\n".join(lines).rstrip() + "\n"


def write(folder: Path) -> None:
    """Write all pages into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in pages().items():
        (folder / name).write_text(content, "utf-8")


def _index(found: Sequence[DocumentPage]) -> str:
    lines = ["# 証明書の種類 / Documents", "", _INDEX_NOTE.ja, "", _INDEX_NOTE.en, ""]
    rows = [
        (f"[{page.title.ja}]({page.name}.md)", f"[{page.title.en}]({page.name}.md)", f"`{page.name}`")
        for page in found
    ]
    return "\n".join([*lines, *_table(("証明書", "Document", "名前 / Name"), rows)]) + "\n"


def _in_language(page: DocumentPage, language: str) -> Iterator[str]:
    def say(text: Text) -> str:
        return text.in_language(language)

    yield from (f"## {say(page.title)}", "", say(page.description), "")
    yield from (*_list(page.facts, language), "")
    yield from (f"### {say(_HEADINGS['fields'])}", "", say(_FIELD_NOTE), "")
    columns = [say(column) for column in _FIELD_COLUMNS]
    yield from (*_table(columns, (_field(field, language) for field in page.fields)), "")
    yield from (f"### {say(_HEADINGS['never'])}", "")
    yield from (f"- {say(item.label)}: {say(item.reason)}" for item in page.never)
    yield from ("", f"### {say(_HEADINGS['rules'])}", "")
    yield from (f"- {say(rule.value)} (`{say(rule.label)}`)" for rule in page.rules)
    yield from ("", f"### {say(_HEADINGS['codes'])}", "")
    yield from (_codes(codes, language) for codes in page.code_lists)
    yield from ("", f"### {say(_HEADINGS['names'])}", "")
    yield from (*_list(page.names, language), "")
    path = f"schemas/data/{page.name}/sample.json"
    yield from (f"### {say(_HEADINGS['sample'])}", "", f"{say(_SAMPLE_NOTE)} `{path}`", "")
    yield from ("```json", json.dumps(_shortened(page.sample), ensure_ascii=False, indent=2), "```")


def _list(rows: Iterable[Row], language: str) -> Iterator[str]:
    for row in rows:
        value = row.value.in_language(language)
        yield f"- **{row.label.in_language(language)}**: {f'`{value}`' if row.code else value}"


def _field(field: Field, language: str) -> tuple[str, ...]:
    return (
        "　" * field.depth + field.label.in_language(language),
        f"`{field.name}`",
        field.says.in_language(language),
        field.disclosure.text.in_language(language),
        (_YES if field.mandatory else _NO).in_language(language),
        field.sample,
    )


def _codes(codes: CodeList, language: str) -> str:
    values = ", ".join(f"`{value.code}` {value.label.in_language(language)}" for value in codes.values)
    return f"- **{codes.title.in_language(language)}** (`{codes.name}`): {values}"


def _table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield "| " + " | ".join(columns) + " |"
    yield "|" + "---|" * len(columns)
    for row in rows:
        yield "| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |"


def _shortened(sample: Mapping[str, Any]) -> dict[str, Any]:
    def cut(value: Any) -> Any:
        is_list = isinstance(value, list) and value and isinstance(value[0], dict)
        return value[:_ITEMS_SHOWN] if is_list else value

    return {name: cut(value) for name, value in sample.items()}


def main(arguments: Sequence[str]) -> int:
    """Write the pages into the folder that is named; 2 if none is."""
    if len(arguments) != 1:
        sys.stderr.write("usage: python -m schemas.pages FOLDER\n")
        return 2
    write(Path(arguments[0]))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
