"""Claims behind salted digests: the issuer's half of RFC 9901 §4, §5."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

import orjson
import pybase64

from tegata.codec import json
from tegata.errors import Misconfigured
from tegata.formats.credential import FormatRefused, Random
from tegata.formats.sd_jwt.names import DIGEST_NAMES
from tegata.formats.sd_jwt.policy import Node

#: 128 bits are asked for (RFC 9901 §9.3); these are 144, so that each is whole characters of base64url.
SALT_BYTES = 18
_SALT_CHARACTERS = 24
#: SHA-256 in base64url without its one character of padding.
_DIGEST_CHARACTERS = 43


def check_values(claims: Mapping[str, Any], hiding: "Hiding", payload: bytes) -> None:
    """Refuse claims that use the format's own names, and numbers that JSON does not have.

    In what was written, these bytes end a name, or stand for such a number. Only where there are more of them than were
    put there are the claims worth a walk.
    """
    written = b"".join((payload, *hiding.contents))
    if written.count(b'_sd":') == hiding.objects and written.count(b'...":') == hiding.elements:
        if b"null" in written:
            json.dumps(dict(claims))
        return
    json.dumps(dict(claims))
    if _has_digest_name(claims):
        raise FormatRefused("claims use a name that SD-JWT reserves", clause="RFC 9901 §4.1")


def _has_digest_name(value: Any) -> bool:
    if isinstance(value, Mapping):
        return bool(DIGEST_NAMES & value.keys()) or any(map(_has_digest_name, value.values()))
    return isinstance(value, list | tuple) and any(map(_has_digest_name, value))


@dataclass(slots=True)
class Hiding:
    """One credential's disclosures, made on a walk over the claims; values are known to be JSON."""

    random: Random
    disclosures: list[str] = field(default_factory=list)
    #: What was hidden, as written; and how often the format's own names were put into it and into the rest.
    contents: list[bytes] = field(default_factory=list)
    objects: int = 0
    elements: int = 0

    def members(self, value: Mapping[str, Any], node: Node) -> dict[str, Any]:
        """Return an object as it is signed: without the members that the policy hides, with their digests."""
        if node.elements or node.every:
            raise Misconfigured("the disclosure policy takes an object for an array")
        shown: dict[str, Any] = {}
        hidden: list[bytes] = []
        policy = node.members
        for name, item in value.items():
            below = policy.get(name)
            if below is None:
                shown[name] = item
                continue
            inner = item if below.is_leaf else self._value(item, below)
            if below.is_hidden:
                hidden.append(b"%b,%b" % (_dumps(name), _dumps(inner)))
            else:
                shown[name] = inner
        if hidden:
            # Sorted, so that the order says nothing about which claim is behind which digest (RFC 9901 §4.2.4.1).
            shown["_sd"] = sorted(self._disclose(hidden))
            self.objects += 1
        return shown

    def decoys(self, count: int) -> list[str]:
        """Return what looks like digests and belongs to nothing (RFC 9901 §4.2.5)."""
        return [_digest(salt) for salt in self._draw_salts(count)]

    def _value(self, value: Any, node: Node) -> Any:
        if node.is_leaf:
            return value
        if isinstance(value, Mapping):
            return self.members(value, node)
        if isinstance(value, list):
            return self._elements(value, node)
        raise Misconfigured("the disclosure policy goes deeper than the claims")

    def _elements(self, value: list[Any], node: Node) -> list[Any]:
        if node.members:
            raise Misconfigured("the disclosure policy takes an array for an object")
        each, every = node.elements, node.every
        if every is not None and every.is_hidden and every.is_leaf and not each:
            # Every element is hidden as it stands: nearly all that a list of courses takes.
            return self._hidden_elements([_dumps(item) for item in value])
        result: list[Any] = []
        places: list[int] = []
        contents: list[bytes] = []
        for index, item in enumerate(value):
            below = each.get(index) or every
            inner = item if below is None or below.is_leaf else self._value(item, below)
            result.append(inner)
            if below is not None and below.is_hidden:
                places.append(index)
                contents.append(_dumps(inner))
        for index, element in zip(places, self._hidden_elements(contents), strict=True):
            result[index] = element
        return result

    def _hidden_elements(self, contents: Sequence[bytes]) -> list[dict[str, str]]:
        self.elements += len(contents)
        return [{"...": digest} for digest in self._disclose(contents)]

    def _disclose(self, contents: Sequence[bytes]) -> list[str]:
        """Put each content behind a salt of its own; returns the digests, in the same order."""
        encoded = [
            _encode(b'["%b",%b]' % (salt, content), b"-_").rstrip(b"=")
            for salt, content in zip(self._draw_salts(len(contents)), contents, strict=True)
        ]
        self.contents += contents
        self.disclosures += [text.decode("ascii") for text in encoded]
        return [_digest(text) for text in encoded]

    def _draw_salts(self, count: int) -> list[bytes]:
        """Return salts of at least 128 random bits that were never used before (RFC 9901 §9.3), as base64url."""
        drawn = _encode(self.random(SALT_BYTES * count), b"-_")
        size = _SALT_CHARACTERS
        return [drawn[start : start + size] for start in range(0, size * count, size)]


_dumps, _encode, _encode_as_text = orjson.dumps, pybase64.b64encode, pybase64.b64encode_as_string


def _digest(disclosure: bytes) -> str:
    """Digest over the ASCII text of the disclosure, not over what it decodes to (RFC 9901 §4.2.3)."""
    return _encode_as_text(sha256(disclosure).digest(), b"-_")[:_DIGEST_CHARACTERS]
