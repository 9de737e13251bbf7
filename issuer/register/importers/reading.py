"""From an upload to what it says: picks the reader for each file. Pure, so that a check and a confirmation read alike."""

from collections.abc import Mapping
from dataclasses import dataclass

from issuer.register.errors import BrokenTable
from issuer.register.grading import Grading
from issuer.register.importers import academic, files, oneroster, spreadsheet
from issuer.register.importers.facts import Delivery, Format
from issuer.register.importers.table import Table
from tegata.errors import Text

_UNKNOWN = Text(
    "取り込み方の分からないファイルがあります。OneRosterの一式か、表計算のCSVを1つ選んでください。",
    "There is a file that we do not know how to import. Choose a OneRoster export, or one CSV of a spreadsheet.",
)
_NO_GRADING = Grading()


@dataclass(frozen=True, slots=True)
class Preview:
    """What step 2 shows of a spreadsheet: its columns, the first row under each, and the mapping proposed."""

    file: str
    encoding: str
    header: tuple[str, ...]
    first_row: tuple[str, ...]
    mapping: Mapping[str, str]


def kind_of(uploads: Mapping[str, bytes], encoding: str = "") -> Format:
    """Tell the kind of an upload by its file names, and a single table by its columns; raises what reading raises."""
    return _format(files.unpack(uploads), encoding)


def _format(found: Mapping[str, bytes], encoding: str) -> Format:
    names = frozenset(found)
    if oneroster.looks_like(names) or names <= frozenset(spreadsheet.SIDE_FILES):
        return "oneroster"
    return "academic" if len(found) == 1 and academic.looks_like(_only(found, encoding)) else "spreadsheet"


def preview(uploads: Mapping[str, bytes], encoding: str = "") -> Preview:
    """Return the columns of a spreadsheet; raises what reading raises."""
    table = _only(files.unpack(uploads), encoding)
    first = next(table.rows(), None)
    cells = tuple(cell[:100] for cell in first.cells) if first else ("",) * len(table.header)
    return Preview(table.name, table.encoding, table.header, cells, spreadsheet.guess(table))


def read(
    uploads: Mapping[str, bytes],
    *,
    school_code: str,
    mapping: Mapping[str, str] | None = None,
    encoding: str = "",
    kind: Format | None = None,
    grading: Grading = _NO_GRADING,
) -> Delivery:
    """Read an upload whole. `mapping` is for a spreadsheet; without it, its columns are guessed.

    `kind` says what the upload is; without it, that is told from names and columns. `grading` is the school's, for a
    university's results.

    Raises `UnreadableFile`, `BrokenTable`, `MissingColumn`, `MissingFile`, `FileTooLarge`, `ArchiveRefused`,
    `OtherSchool` and `IndividualNumberRefused`: the file is refused whole, and nothing of it may be kept.
    """
    found = files.unpack(uploads)
    delivery = Delivery()
    kind = kind or ("spreadsheet" if mapping is not None else _format(found, encoding))
    if kind == "academic":
        delivery.format = kind
        academic.read(_only(found, encoding), delivery, grading)
        delivery.end()
        return delivery
    if kind == "spreadsheet":
        table = _only(found, encoding)
        spreadsheet.read(table, spreadsheet.guess(table) if mapping is None else mapping, delivery)
        return delivery
    delivery.format = "oneroster"
    if unknown := set(found) - oneroster.ALL - set(spreadsheet.SIDE_FILES):
        raise BrokenTable(f"{len(unknown)} unknown files", public=_UNKNOWN)
    _read_roster(found, school_code, encoding, delivery)
    for name, known in spreadsheet.SIDE_FILES.items():
        # Taken out as they are read: together, bytes and facts would be much.
        if (content := found.pop(name, None)) is not None:
            table = Table(name, content, encoding)
            spreadsheet.read(table, spreadsheet.known(known, table), delivery)
    delivery.end()
    return delivery


def _read_roster(found: dict[str, bytes], school_code: str, encoding: str, delivery: Delivery) -> None:
    tables = {
        name: Table(name, found.pop(name), encoding)
        for name in sorted(found)
        if name in oneroster.ALL and name not in oneroster.IGNORED
    }
    if tables:
        oneroster.read(tables, school_code, delivery)


def _only(found: Mapping[str, bytes], encoding: str) -> Table:
    if len(found) != 1:
        raise BrokenTable(f"{len(found)} files", public=_UNKNOWN)
    ((name, content),) = found.items()
    return Table(name, content, encoding)
