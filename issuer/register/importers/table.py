"""A CSV file as rows, read as a stream: rows are numbered as a spreadsheet shows them, and every value passes the guard.

Not for what the columns mean.
"""

import csv
import io
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from issuer.register.errors import BrokenTable, FileTooLarge
from issuer.register.importers import encoding as encodings
from tegata.errors import Text
from tegata.identity.individual_number import refuse_columns, refuse_text

MAX_COLUMNS = 200
MAX_ROWS = 400_000
MAX_HEADER = 200
#: One value; what one field may hold is less.
MAX_CELL = 2_000
#: Cheap look at a whole row before the guard reads its values: 11 or 12 digits, or groups of four.
_LOOKS_LIKE = re.compile(r"\d{11}|\d{4}[ \-‐ー.]\d{4}[ \-‐ー.]\d{3}")
#: A UUID is typed by its own grammar; its groups are digits often enough to look like a grouped number.
_UUIDS = re.compile(
    r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}(,[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})*", re.IGNORECASE
)
_FREE_TEXT = re.compile(r"note|remark|memo|comment|備考|メモ|注記|摘要", re.IGNORECASE)

_UNCLOSED = Text(
    '表の区切りを読み取れませんでした。閉じていない「"」がないか確かめて、もう一度選んでください。',
    'We could not tell the columns apart. Check for a quotation mark (") that is not closed, then choose the file again.',
)
_NO_HEADER = Text(
    "1行目に列の名前がありません。1行目を見出しにして、もう一度選んでください。",
    "The first row has no column names. Put them in the first row and choose the file again.",
)
_TOO_MANY_COLUMNS = Text("列が200を超えています。", "The table has more than 200 columns.")


@dataclass(frozen=True, slots=True)
class Row:
    """One row; `is_ragged` says that it has fewer or more values than the header has columns."""

    number: int
    cells: Sequence[str]
    is_ragged: bool = False


class Table:
    """One CSV file. Opening reads the header and refuses a file that is no table or may not be kept."""

    def __init__(self, name: str, content: bytes, encoding: str = "") -> None:
        """Raise `UnreadableFile`, `BrokenTable`, `FileTooLarge` or `IndividualNumberRefused`."""
        self.name = name
        self.encoding = encodings.check(content, encoding) if encoding else encodings.detect(content)
        self._content = content
        header = next(self._records(), [])
        if len(header) > MAX_COLUMNS:
            raise BrokenTable("too many columns", public=_TOO_MANY_COLUMNS)
        refuse_columns(header)
        for position, cell in enumerate(header):
            refuse_text(letter(position), cell[:MAX_CELL], row=1)
        self.header = tuple(cell.strip() for cell in header)
        if not any(self.header) or any(len(cell) > MAX_HEADER for cell in self.header):
            raise BrokenTable("no header", public=_NO_HEADER)
        self._places: dict[str, int] = {}
        for position, cell in enumerate(self.header):
            if cell and self._places.setdefault(cell.casefold(), position) != position:
                raise BrokenTable("two columns of one name", public=_twice(cell))

    def __contains__(self, column: str) -> bool:
        return column.casefold() in self._places

    def place(self, column: str) -> int:
        """Return where a column stands, -1 if there is none; case does not matter."""
        return self._places.get(column.casefold(), -1)

    def rows(self) -> Iterator[Row]:
        """Yield the rows that are not empty, from the second one on; raises as the constructor does."""
        width = len(self.header)
        free_text = {position for position, cell in enumerate(self.header) if _FREE_TEXT.search(cell)}
        records = self._records()
        next(records, None)
        for number, cells in enumerate(records, 2):
            if number > MAX_ROWS + 1:
                raise FileTooLarge("too many rows")
            if not any(cells):
                continue
            _guard(number, cells, free_text)
            if len(cells) == width:
                yield Row(number, cells)
            else:
                # A spreadsheet that leaves empty cells behind its table adds empty values, which mean nothing.
                is_ragged = len(cells) < width or any(cells[width:])
                yield Row(number, [*cells[:width], *[""] * (width - len(cells))], is_ragged)

    def _records(self) -> Iterator[list[str]]:
        text = io.TextIOWrapper(io.BytesIO(self._content), self.encoding, newline="")
        number = 0
        try:
            for cells in csv.reader(text, strict=True):
                number += 1
                yield cells
        except csv.Error:
            raise BrokenTable(f"{self.name[:60]!r}, row {number + 1}", public=_unclosed(number + 1)) from None


def letter(position: int) -> str:
    """Return a column's name in a spreadsheet: A, B, … Z, AA."""
    name = ""
    position += 1
    while position:
        position, rest = divmod(position - 1, 26)
        name = chr(ord("A") + rest) + name
    return name


def _guard(number: int, cells: Sequence[str], free_text: set[int]) -> None:
    """Refuse the file for a 個人番号 in the row. The error names the column by its letter: a header may be data."""
    row = "\x1f".join(cells)
    folded = row if row.isascii() else unicodedata.normalize("NFKC", row)
    if not _LOOKS_LIKE.search(folded):
        return
    for position, cell in enumerate(cells):
        if not _UUIDS.fullmatch(cell):
            refuse_text(letter(position), cell, free_text=position in free_text, row=number)


def _unclosed(row: int) -> Text:
    return Text(f"{row}行目: {_UNCLOSED.ja}", f"Row {row}: {_UNCLOSED.en}")


def _twice(column: str) -> Text:
    return Text(
        f"「{column[:40]}」という列が2つあります。どちらか1つにして、もう一度選んでください。",
        f'There are two columns named "{column[:40]}". Keep one of them and choose the file again.',
    )
