"""Taking an SD-JWT apart: bounded, strict, and believing nothing (RFC 9901 §4, SD-JWT VC §2.2)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from tegata.codec import base64url, json
from tegata.envelope import jws
from tegata.errors import LimitExceeded, MalformedInput
from tegata.formats.credential import FormatRefused, KeyReference, Limits

MEDIA_TYPE = "application/dc+sd-jwt"
TYP = "dc+sd-jwt"
#: Drafts before 2024-11 used this `typ` for SD-JWT VC; W3C uses it for its own documents.
LEGACY_TYP = "vc+sd-jwt"


@dataclass(frozen=True, slots=True)
class Parsed:
    """An untrusted SD-JWT VC: the issuer's JWS, its payload, the disclosures as received, the key binding JWT."""

    token: jws.ParsedJws
    payload: Mapping[str, Any] = field(repr=False)
    disclosures: tuple[str, ...] = field(repr=False)
    key_binding: str = field(repr=False)
    key_reference: KeyReference
    limits: Limits
    #: What `disclosure.disclosed` made of it, so that it is made once; no part of the value.
    memory: dict[str, Any] = field(default_factory=dict, repr=False, compare=False)

    @property
    def bound_part(self) -> bytes:
        """Everything up to and including the last `~` before the key binding JWT (RFC 9901 §4.3.1)."""
        return "~".join((self.token.compact, *self.disclosures, "")).encode("ascii")


def parse(data: bytes, limits: Limits = Limits()) -> Parsed:  # noqa: B008  frozen
    """Take a serialised SD-JWT or SD-JWT+KB apart.

    Raises `LimitExceeded` or `FormatRefused`; what comes back is structurally an SD-JWT VC and nothing more.
    """
    limits.check_size(data)
    try:
        parts = data.decode("ascii").split("~")
        if len(parts) < 2:  # noqa: PLR2004  the token and what follows its tilde
            raise FormatRefused("an SD-JWT has a tilde", clause="RFC 9901 §4")
        if len(parts) - 2 > limits.max_disclosures:
            raise LimitExceeded(f"more than {limits.max_disclosures} disclosures")
        token = jws.parse(parts[0], max_bytes=limits.max_bytes)
        payload = json.loads(token.payload, max_bytes=limits.max_bytes, max_depth=limits.max_depth)
    except (FormatRefused, LimitExceeded):
        raise
    except (MalformedInput, UnicodeDecodeError) as error:
        raise FormatRefused(f"not an SD-JWT: {error}", clause="RFC 9901 §4") from None
    if not isinstance(payload, dict):
        raise FormatRefused("the payload is not an object", clause="RFC 9901 §4.1")
    _check_type(token.header, payload)
    return Parsed(
        token=token,
        payload=payload,
        disclosures=tuple(parts[1:-1]),
        key_binding=parts[-1],
        key_reference=_key_reference(token.header, payload),
        limits=limits,
    )


def _check_type(header: Mapping[str, Any], payload: Mapping[str, Any]) -> None:
    typ = header.get("typ")
    if typ not in (TYP, LEGACY_TYP):
        raise FormatRefused("the typ is not dc+sd-jwt", clause="SD-JWT VC §2.2.1")
    if typ == LEGACY_TYP and ("@context" in payload or "vct" not in payload):
        # With @context it is a W3C document, with both or neither it is ambiguous (DESIGN §5).
        raise FormatRefused("typ vc+sd-jwt without vct, or with @context", clause="VC-JOSE-COSE §3.2")
    vct = payload.get("vct")
    if not isinstance(vct, str) or not vct:
        raise FormatRefused("vct is missing", clause="SD-JWT VC §2.2.2.1")
    if not isinstance(payload.get("iss", ""), str):
        raise FormatRefused("iss is not a string", clause="RFC 7519 §4.1.1")


def _key_reference(header: Mapping[str, Any], payload: Mapping[str, Any]) -> KeyReference:
    try:
        certificates = jws.certificates_of(header)
    except MalformedInput as error:
        raise FormatRefused(error.detail, clause=error.clause) from None
    key_id = header.get("kid", "")
    if not isinstance(key_id, str):
        raise FormatRefused("kid is not a string", clause="RFC 7515 §4.1.4")
    return KeyReference(
        issuer=payload.get("iss", ""),
        key_id=key_id,
        certificates=certificates,
        algorithm=str(header.get("alg", "")),
    )


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
