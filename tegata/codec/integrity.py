"""Subresource integrity of linked documents (SD-JWT VC §7): the digest of the exact bytes, in W3C's SRI spelling."""

import hashlib
import hmac
from collections.abc import Callable
from typing import Any

import pybase64

from tegata.errors import CryptographyFailed, MalformedInput, Text

#: Weakest first: where several are given, the strongest decides (SRI §3.3.4).
_DIGESTS: dict[str, Callable[[bytes], Any]] = {
    "sha256": hashlib.sha256,
    "sha384": hashlib.sha384,
    "sha512": hashlib.sha512,
}
_MAX_CHARACTERS = 1_024


class IntegrityFailed(CryptographyFailed):
    """A linked document is not, byte for byte, the one that was signed for."""

    kind = "integrity_failed"
    text = Text(
        "証明書が指している文書が、署名時のものと一致しません。",
        "A document that the credential refers to differs from the one that was signed for.",
    )


def integrity_of(data: bytes) -> str:
    """Return the integrity metadata of a document, with SHA-256 (SD-JWT VC §7)."""
    return "sha256-" + pybase64.b64encode(hashlib.sha256(data).digest()).decode("ascii")


def check_integrity(data: bytes, integrity: str) -> None:
    """Check a document against its integrity metadata.

    Several hashes may be given, of which one of the strongest kind has to match. Raises `IntegrityFailed` if none
    does, `MalformedInput` if the metadata holds no hash that we know: an unknown one is never taken for a match.
    """
    if len(integrity) > _MAX_CHARACTERS:
        raise MalformedInput("integrity metadata is too long", clause="SD-JWT VC §7")
    known: dict[str, list[bytes]] = {}
    for item in integrity.split():
        name, _, value = item.partition("?")[0].partition("-")
        if name in _DIGESTS:
            known.setdefault(name, []).append(_decode(value))
    if not known:
        raise MalformedInput("integrity metadata without a known hash", clause="SD-JWT VC §7")
    strongest = next(name for name in reversed(_DIGESTS) if name in known)
    digest = _DIGESTS[strongest](data).digest()
    if not any(hmac.compare_digest(digest, expected) for expected in known[strongest]):
        raise IntegrityFailed(f"the {strongest} of the document is another", clause="SD-JWT VC §7")


def _decode(value: str) -> bytes:
    try:
        return pybase64.b64decode(value, validate=True)
    except ValueError:
        raise MalformedInput("integrity metadata is not base64", clause="SD-JWT VC §7") from None
