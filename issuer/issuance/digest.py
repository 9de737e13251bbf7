"""The digest that an approval is made over: a Merkle root over salted digests of the batch's documents.

Leaves and nodes are told apart by a first byte, so that no node can be passed off as a document (RFC 6962 §2.1). The
salt keeps a leaf from being guessed from outside.
"""

import hashlib
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from tegata.codec import jcs

_LEAF, _NODE = b"\x00", b"\x01"
_GROUPS = (slice(0, 4), slice(4, 8), slice(8, 12))


def document_digest(
    salt: str, document_name: str, number: str, issue_date: date, claims: Mapping[str, Any]
) -> str:
    """Return the salted digest of one document's frozen content, in hexadecimal."""
    content = {
        "claims": claims,
        "document": document_name,
        "issue_date": issue_date.isoformat(),
        "number": number,
        "salt": salt,
    }
    return hashlib.sha256(_LEAF + jcs.canonicalize(content)).hexdigest()


def batch_digest(documents: Iterable[str]) -> str:
    """Return the root over the documents' digests, in order; `ValueError` for none at all."""
    level = [bytes.fromhex(item) for item in documents]
    if not level:
        raise ValueError("a batch without documents has no digest")
    while len(level) > 1:
        # An odd one out moves up as it is, as in RFC 6962 §2.1.
        pairs = zip(level[::2], level[1::2], strict=False)
        rest = level[-1:] if len(level) % 2 else []
        level = [hashlib.sha256(_NODE + left + right).digest() for left, right in pairs] + rest
    return level[0].hex()


def reference_of(digest: str) -> str:
    """Return 内容の照合番号: the start of a digest as people compare it, `7F3A-91C2-0B5E`."""
    return "-".join(digest[part].upper() for part in _GROUPS)
