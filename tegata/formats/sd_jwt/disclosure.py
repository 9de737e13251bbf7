"""Putting disclosures back in their places (RFC 9901 §7.1 step 3), refusing whatever could be read two ways."""

from collections.abc import Mapping
from hashlib import sha256
from typing import Any

import orjson
from pybase64 import b64encode_as_string

from tegata.codec import base64url, json
from tegata.errors import LimitExceeded, MalformedInput
from tegata.formats.credential import ClaimPath, FormatRefused, Limits, SignatureRefused
from tegata.formats.sd_jwt.names import DIGEST_NAMES, Reserved


class Disclosed:
    """The result of processing: the claims, and for each disclosure the path at which it stands."""

    def __init__(
        self, payload: Mapping[str, Any], disclosures: tuple[str, ...], limits: Limits, reserved: Reserved
    ) -> None:
        """Put the disclosures in their places; `reserved` are the claims that none may stand in or for.

        Raises `FormatRefused`, `SignatureRefused` for one that belongs to no digest, `LimitExceeded`.
        """
        algorithm = payload.get("_sd_alg", "sha-256")
        if algorithm != "sha-256":
            raise FormatRefused("_sd_alg is not sha-256", clause="RFC 9901 §4.1.1")
        self._limits = limits
        self._reserved = reserved
        # 43 characters of base64url, and one of padding.
        self._by_digest = {
            b64encode_as_string(sha256(text.encode("ascii")).digest(), b"-_")[:43]: text
            for text in disclosures
        }
        if len(self._by_digest) != len(disclosures):
            raise FormatRefused("a disclosure is given twice", clause="RFC 9901 §7.1")
        self._seen: set[str] = set()
        self._used = 0
        self.paths: dict[ClaimPath, str] = {}
        #: For each disclosed path the disclosures it stands inside, outermost first.
        self.parents: dict[ClaimPath, tuple[str, ...]] = {}
        self.claims: dict[str, Any] = self._object(payload, (), (), 0)
        self.claims.pop("_sd_alg", None)
        if self._used != len(disclosures):
            # The issuer signed digests: what fits none of them was altered, or added by somebody else.
            raise SignatureRefused("a disclosure belongs to no digest", clause="RFC 9901 §7.1")

    def _value(self, value: Any, path: ClaimPath, inside: tuple[str, ...], depth: int) -> Any:
        if value.__class__ is dict:
            return self._object(value, path, inside, depth)
        if value.__class__ is list:
            return self._array(value, path, inside, depth)
        return value

    def _object(
        self, value: Mapping[str, Any], path: ClaimPath, inside: tuple[str, ...], depth: int
    ) -> dict[str, Any]:
        self._check_depth(depth)
        if "..." in value:
            raise FormatRefused("'...' outside an array", clause="RFC 9901 §7.1")
        if path and "_sd_alg" in value:
            raise FormatRefused("_sd_alg below the top level", clause="RFC 9901 §4.1.1")
        # Most values are neither objects nor arrays, and stand where they are.
        inner = [
            name
            for name, item in value.items()
            if (item.__class__ is dict or item.__class__ is list) and name != "_sd"
        ]
        result = dict(value)
        if not inner and "_sd" not in result:
            return result
        digests = result.pop("_sd", [])
        for name in inner:
            result[name] = self._value(result[name], (*path, name), inside, depth + 1)
        if not isinstance(digests, list) or not all(isinstance(item, str) for item in digests):
            raise FormatRefused("_sd is not an array of strings", clause="RFC 9901 §4.2.4.1")
        if digests and path and path[0] in self._reserved.names:
            raise FormatRefused("a registered claim is selectively disclosed", clause=self._reserved.clause)
        for digest in digests:
            text = self._take(digest)
            if text is not None:
                self._add_member(result, text, path, inside, depth)
        return result

    def _add_member(
        self, result: dict[str, Any], text: str, path: ClaimPath, inside: tuple[str, ...], depth: int
    ) -> None:
        parts, may_hold_digests = decode_disclosure(text, self._limits.max_depth - depth + 1)
        if len(parts) != 3 or not isinstance(parts[1], str):  # noqa: PLR2004  salt, name, value
            raise FormatRefused("an array disclosure stands in an object", clause="RFC 9901 §7.1")
        name, value = parts[1], parts[2]
        if name in DIGEST_NAMES or name in result:
            raise FormatRefused(
                "a disclosed name is reserved or stands there already", clause="RFC 9901 §7.1"
            )
        if not path and (name in self._reserved.names or name == "_sd_alg"):
            raise FormatRefused("a registered claim is selectively disclosed", clause=self._reserved.clause)
        place = (*path, name)
        self.paths[place], self.parents[place] = text, inside
        result[name] = self._value(value, place, (*inside, text), depth + 1) if may_hold_digests else value

    def _array(self, value: list[Any], path: ClaimPath, inside: tuple[str, ...], depth: int) -> list[Any]:
        self._check_depth(depth)
        result: list[Any] = []
        for item in value:
            if item.__class__ is not dict or "..." not in item:
                result.append(self._value(item, (*path, len(result)), inside, depth + 1))
                continue
            if len(item) != 1 or item["..."].__class__ is not str:
                raise FormatRefused("an array digest has other members", clause="RFC 9901 §7.1")
            if path and path[0] in self._reserved.names:
                raise FormatRefused(
                    "a registered claim is selectively disclosed", clause=self._reserved.clause
                )
            text = self._take(item["..."])
            if text is not None:  # undisclosed elements are removed
                self._add_element(result, text, path, inside, depth)
        return result

    def _add_element(
        self, result: list[Any], text: str, path: ClaimPath, inside: tuple[str, ...], depth: int
    ) -> None:
        parts, may_hold_digests = decode_disclosure(text, self._limits.max_depth - depth + 1)
        if len(parts) != 2:  # noqa: PLR2004  salt, value
            raise FormatRefused("an object disclosure stands in an array", clause="RFC 9901 §7.1")
        place = (*path, len(result))
        self.paths[place], self.parents[place] = text, inside
        element = parts[1]
        result.append(
            self._value(element, place, (*inside, text), depth + 1) if may_hold_digests else element
        )

    def _take(self, digest: str) -> str | None:
        """Return the disclosure of a digest, None if it was withheld; each digest may stand only once."""
        if digest in self._seen:
            raise FormatRefused("one digest stands twice", clause="RFC 9901 §7.1")
        self._seen.add(digest)
        text = self._by_digest.get(digest)
        if text is not None:
            self._used += 1
        return text

    def _check_depth(self, depth: int) -> None:
        if depth > self._limits.max_depth:
            raise LimitExceeded("claims are nested too deeply")


def decode_disclosure(text: str, max_depth: int) -> tuple[list[Any], bool]:
    """Read one disclosure: a JSON array of two or three members whose salt is a string (RFC 9901 §4.2).

    Returns the array, and whether its value may hold digests of its own. Raises `FormatRefused`, or `LimitExceeded`
    for more than `max_depth` containers inside each other.
    """
    try:
        raw = base64url.decode(text)
        value = orjson.loads(raw)
    except (ValueError, MalformedInput):
        raise _no_disclosure() from None
    if not json.is_written_like(value, raw):
        # A name may stand twice, or be spelt with escapes: what two readers could take differently is refused.
        return _read_closely(raw, max_depth)
    if value.__class__ is not list or not 2 <= len(value) <= 3 or value[0].__class__ is not str:  # noqa: PLR2004
        raise _not_an_array()
    inner = value[-1].__class__
    if inner is not dict and inner is not list:
        return value, False
    if raw.count(b"[") + raw.count(b"{") > max_depth:
        json.loads(raw, max_depth=max_depth)
    return value, b"_sd" in raw or b"..." in raw


def _read_closely(raw: bytes, max_depth: int) -> tuple[list[Any], bool]:
    try:
        value = json.loads(raw, max_depth=max_depth)
    except LimitExceeded:
        raise
    except MalformedInput:
        raise _no_disclosure() from None
    if not isinstance(value, list) or not 2 <= len(value) <= 3 or not isinstance(value[0], str):  # noqa: PLR2004
        raise _not_an_array()
    # An escape may spell any name, so where one stands the value has to be looked at.
    return value, b"_sd" in raw or b"..." in raw or b"\\" in raw


def _no_disclosure() -> FormatRefused:
    return FormatRefused("a disclosure is not base64url of JSON", clause="RFC 9901 §4.2")


def _not_an_array() -> FormatRefused:
    return FormatRefused("a disclosure is not an array of two or three", clause="RFC 9901 §4.2")
