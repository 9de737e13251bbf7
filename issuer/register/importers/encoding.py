"""Which encoding a text file is in: UTF-8 with or without BOM, or Shift_JIS as Windows writes it (cp932).

A wrong guess turns names into others, so doubt is a refusal: the file has to decode completely, without control
characters, and a UTF-8 file with a few broken bytes is not taken for Shift_JIS.
"""

import codecs
import re

from issuer.register.errors import UnreadableFile

UTF_8, SHIFT_JIS = "utf-8-sig", "cp932"
ENCODINGS = (UTF_8, SHIFT_JIS)
_WINDOW = 1_048_576
#: Controls that no text has, and the single bytes that cp932 lets through without a meaning.
_NOT_TEXT = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f\ufffe\uffff]|[\xa0\uf8f0-\uf8f3]")
_BROKEN_SHARE = 0.1


def detect(content: bytes) -> str:
    """Return `utf-8-sig` or `cp932`; raises `UnreadableFile`."""
    if _decodes(content, UTF_8):
        return UTF_8
    if content.startswith((codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise UnreadableFile("broken UTF-8, or UTF-16")
    if _is_broken_utf8(content[:_WINDOW]) or not _decodes(content, SHIFT_JIS):
        raise UnreadableFile("neither UTF-8 nor cp932")
    return SHIFT_JIS


def check(content: bytes, encoding: str) -> str:
    """Return the encoding that a clerk chose, if the file decodes with it; raises `UnreadableFile`."""
    if encoding not in ENCODINGS or not _decodes(content, encoding):
        raise UnreadableFile(f"not {encoding[:20]!r}")
    return encoding


def _decodes(content: bytes, encoding: str) -> bool:
    """Decode piece by piece: a whole file as one text would take several times its size."""
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    try:
        for start in range(0, len(content) + 1, _WINDOW):
            piece = content[start : start + _WINDOW]
            text = decoder.decode(piece, final=start + _WINDOW > len(content))
            if _NOT_TEXT.search(text):
                return False
    except UnicodeDecodeError:
        return False
    return True


def _is_broken_utf8(content: bytes) -> bool:
    """Whether most of what is not ASCII is good UTF-8, which real Shift_JIS never is."""
    text = content.decode("utf-8", "replace")
    others = sum(1 for character in text if character > "\x7f")
    return others > 0 and text.count("\ufffd") < others * _BROKEN_SHARE
