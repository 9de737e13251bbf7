"""Taking an SD-JWT apart: bounded, strict, and believing nothing (RFC 9901 §4, SD-JWT VC §2.2)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tegata.codec import json
from tegata.envelope import jws
from tegata.errors import LimitExceeded, MalformedInput
from tegata.formats.credential import FormatRefused, KeyReference, Limits
from tegata.formats.sd_jwt.disclosure import Disclosed
from tegata.formats.sd_jwt_vc.names import NEVER_SELECTIVE

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
    #: What `disclosed` made of it, so that it is made once; no part of the value.
    memory: dict[str, Disclosed] = field(default_factory=dict, repr=False, compare=False)

    @property
    def bound_part(self) -> bytes:
        """Everything up to and including the last `~` before the key binding JWT (RFC 9901 §4.3.1)."""
        return "~".join((self.token.compact, *self.disclosures, "")).encode("ascii")

    def disclosed(self) -> Disclosed:
        """Put the disclosures in their places, once: whoever asks again gets the same, which nobody changes.

        Raises `FormatRefused`, `SignatureRefused`, `LimitExceeded`.
        """
        found = self.memory.get("disclosed")
        if found is None:
            found = Disclosed(self.payload, self.disclosures, self.limits, NEVER_SELECTIVE)
            self.memory["disclosed"] = found
        return found


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
