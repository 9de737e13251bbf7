"""From an upload to named tables: one folder's CSV files, or a flat ZIP of them, within fixed limits.

Names come from outside: they are compared, shown and never used as paths.
"""

import io
import zipfile
from collections.abc import Mapping

from issuer.register.errors import ArchiveRefused, FileTooLarge
from tegata.errors import Text
from tegata.identity.individual_number import refuse_file_name

MAX_UPLOAD = 20 * 1_048_576
#: A school's whole export, unpacked; more is not a school's.
MAX_UNPACKED = 120 * 1_048_576
MAX_FILES = 60
_UTF8_NAME = 0x800
_ENCRYPTED = 0x1
_CHUNK = 1_048_576


def unpack(uploads: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return the tables of an upload by base name in lower case.

    Raises `FileTooLarge`, `ArchiveRefused` and, for a number or the word in a name, `IndividualNumberRefused`.
    """
    if sum(map(len, uploads.values())) > MAX_UPLOAD:
        raise FileTooLarge("the upload")
    found: dict[str, bytes] = {}
    left = MAX_UNPACKED
    for name, content in uploads.items():
        refuse_file_name(name)
        # A PK header tells an archive better than a name does.
        if content[:4] in {b"PK\x03\x04", b"PK\x05\x06"} or name.lower().endswith(".zip"):
            members = _members(content, left)
        else:
            members = {_base_name(name): content}
        for member, data in members.items():
            if member in found:
                raise ArchiveRefused("two files of one name", public=_TWICE)
            found[member] = data
            left -= len(data)
    if not found or len(found) > MAX_FILES:
        raise ArchiveRefused(f"{len(found)} files")
    return found


_TWICE = Text(
    "同じ名前のファイルが2つあります。1つだけを選んでください。",
    "There are two files of the same name. Choose one of them.",
)


def _base_name(name: str) -> str:
    return name.replace("\\", "/").rsplit("/", 1)[-1].strip().lower()


def _members(content: bytes, left: int) -> dict[str, bytes]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = [entry for entry in archive.infolist() if not entry.filename.startswith("__MACOSX/")]
            if len(entries) > MAX_FILES:
                raise ArchiveRefused(f"{len(entries)} entries")
            found: dict[str, bytes] = {}
            for entry in entries:
                name = _checked_name(entry)
                if name in found:
                    raise ArchiveRefused("two entries of one name", public=_TWICE)
                found[name] = _read(archive, entry, left)
                left -= len(found[name])
            return found
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, ValueError) as error:
        # zipfile raises all of these for broken or unusual archives.
        raise ArchiveRefused(type(error).__name__) from None
    except zipfile.zlib.error:  # type: ignore[attr-defined]  # the module's own import of zlib
        raise ArchiveRefused("broken compression") from None


def _checked_name(entry: zipfile.ZipInfo) -> str:
    name = entry.filename
    if not entry.flag_bits & _UTF8_NAME:
        # Written by Windows in Japan: cp932, which zipfile reads as cp437.
        name = name.encode("cp437", "replace").decode("cp932", "replace")
    refuse_file_name(name)
    if entry.flag_bits & _ENCRYPTED or entry.is_dir() or not name.lower().endswith(".csv"):
        raise ArchiveRefused("an encrypted entry, a folder or another type")
    if any(character in name for character in "/\\:\0") or name.startswith("."):
        raise ArchiveRefused("an entry with a path")
    return name.lower()


def _read(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, left: int) -> bytes:
    """Read one entry, counting what really comes out: a header may lie about its size."""
    data = bytearray()
    with archive.open(entry) as stream:
        while chunk := stream.read(_CHUNK):
            data += chunk
            if len(data) > left:
                raise FileTooLarge("the unpacked archive")
    return bytes(data)
