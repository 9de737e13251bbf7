"""The `credentialStatus` of a W3C credential, read and checked before anything is fetched for it (BSL §2.1)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tegata.status.errors import StatusMalformed

TYPE = "BitstringStatusListEntry"
_CLAUSE = "BSL §2.1"
#: Of any size by the standard; a hundred digits are beyond every list, and still a number.
_INDEX = re.compile(r"0|[1-9][0-9]{0,99}")
_HEXADECIMAL = re.compile(r"0x[0-9a-fA-F]{1,4}")
#: More bits would need more messages than any credential carries.
MAX_SIZE = 8
#: What 0 and 1 mean where the credential does not say it.
_PLAIN = ("unset", "set")


@dataclass(frozen=True, slots=True)
class ClaimedEntry:
    """Where a credential says its status stands.

    `size` is in bits; `messages` gives each value its text, for the eyes of developers; `references` are addresses of
    documents that explain the values.
    """

    purpose: str
    index: int
    list_url: str
    size: int = 1
    messages: Mapping[int, str] = field(default_factory=dict)
    references: tuple[str, ...] = ()

    def message_of(self, value: int) -> str:
        """Return the text for a value; of one bit without texts, `set` and `unset`."""
        return self.messages.get(value, "") if self.messages or self.size > 1 else _PLAIN[value != 0]

    def stated(self, identifier: str = "") -> dict[str, Any]:
        """Return the entry as a credential states it: what `parse_entry` reads back.

        Raises `StatusMalformed` if it would not.
        """
        found: dict[str, Any] = {"id": identifier} if identifier else {}
        found |= {
            "type": TYPE,
            "statusPurpose": self.purpose,
            "statusListIndex": str(self.index),
            "statusListCredential": self.list_url,
        }
        if self.size > 1:
            found["statusSize"] = self.size
        if self.messages:
            texts = sorted(self.messages.items())
            found["statusMessage"] = [{"status": hex(value), "message": text} for value, text in texts]
        if self.references:
            first, *further = self.references
            found["statusReference"] = [first, *further] if further else first
        parse_entry(found)
        return found


def entries_of(status: Any) -> tuple[ClaimedEntry, ...]:
    """Read a credential's `credentialStatus`, one entry or several; entries of other types are left out.

    Raises `StatusMalformed`.
    """
    stated = status if isinstance(status, list | tuple) else () if status is None else (status,)
    if not all(isinstance(item, Mapping) for item in stated):
        raise StatusMalformed("credentialStatus is not an object", clause="VCDM 2.0 §4.10")
    return tuple(parse_entry(item) for item in stated if _is_entry(item))


def parse_entry(value: Mapping[str, Any]) -> ClaimedEntry:
    """Read one entry; raises `StatusMalformed`."""
    purpose, url = value.get("statusPurpose"), value.get("statusListCredential")
    if not isinstance(purpose, str) or not purpose or not isinstance(url, str) or ":" not in url:
        raise StatusMalformed("an entry without purpose or list", clause=_CLAUSE)
    if "id" in value and (not isinstance(value["id"], str) or value["id"] == url):
        raise StatusMalformed("the entry's id is no URL of its own", clause=_CLAUSE)
    index = value.get("statusListIndex")
    if not isinstance(index, str) or not _INDEX.fullmatch(index):
        raise StatusMalformed("statusListIndex is not a number in a string", clause=_CLAUSE)
    size = value.get("statusSize", 1)
    if isinstance(size, bool) or not isinstance(size, int) or not 1 <= size <= MAX_SIZE:
        raise StatusMalformed("statusSize is no number of bits", clause=_CLAUSE)
    messages = _messages(value.get("statusMessage"), size)
    return ClaimedEntry(purpose, int(index), url, size, messages, _references(value.get("statusReference")))


def _is_entry(value: Mapping[str, Any]) -> bool:
    types = value.get("type")
    return TYPE in types if isinstance(types, list) else types == TYPE


def _messages(stated: Any, size: int) -> dict[int, str]:
    if stated is None and size == 1:
        return {}
    if not isinstance(stated, list) or len(stated) != 1 << size:
        raise StatusMalformed("statusMessage does not have one text for each value", clause=_CLAUSE)
    found: dict[int, str] = {}
    for item in stated:
        value = item.get("status") if isinstance(item, Mapping) else None
        text = item.get("message") if isinstance(item, Mapping) else None
        if not isinstance(value, str) or not _HEXADECIMAL.fullmatch(value) or not isinstance(text, str):
            raise StatusMalformed("statusMessage without status and message", clause=_CLAUSE)
        found[int(value, 16)] = text
    if found.keys() != set(range(1 << size)):
        raise StatusMalformed("statusMessage does not have one text for each value", clause=_CLAUSE)
    return found


def _references(stated: Any) -> tuple[str, ...]:
    found = () if stated is None else tuple(stated) if isinstance(stated, list) else (stated,)
    if not all(isinstance(item, str) and ":" in item for item in found):
        raise StatusMalformed("statusReference is not one or more URLs", clause=_CLAUSE)
    return found
