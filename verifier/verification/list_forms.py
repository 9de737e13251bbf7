"""In which form a status list came, its address, and how long it asks to be kept: before anything of it is believed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from tegata.codec import base64url, cbor, json
from tegata.envelope import cose
from tegata.errors import TegataError
from tegata.formats.jose_cose import Form
from tegata.status import status_list_cwt, token_status_list
from verifier.oid4vp.dcql import LDP_VC
from verifier.verification.detecting import UnknownFormat, detect

MAX_LIST_BYTES = token_status_list.MAX_TOKEN_BYTES
#: A list is secured as credentials are (Bitstring Status List 1.0 §3.6), by itself and not inside anything else.
_CREDENTIALS = frozenset({LDP_VC, Form.VC_JWT.value, Form.VC_SD_JWT.value, Form.VC_COSE.value})
_MILLISECONDS = 1000


def is_cwt(body: bytes) -> bool:
    """Tell a Token Status List as a CWT from one as a JWT, which is ASCII."""
    return not body[:1].isascii()


def credential_form(body: bytes) -> str:
    """Return the format of a Bitstring list's credential; raises `UnknownFormat` for anything else."""
    found = detect(body)
    if found not in _CREDENTIALS:
        raise UnknownFormat(f"a status list as {found}")
    return found


def lifetime_of(body: bytes) -> timedelta | None:
    """Return how long a list asks to be kept; None if it does not say, or says nothing sensible."""
    found = _look_into(body)
    if isinstance(found.ttl, bool) or not isinstance(found.ttl, int | float) or found.ttl < 0:
        return None
    try:
        return timedelta(seconds=found.ttl / found.ticks)
    except OverflowError:
        return None


def published_at(body: bytes) -> str:
    """Return the address that a list names as its own; empty if it names none. A list is checked against it later."""
    found = _look_into(body)
    return found.address if isinstance(found.address, str) else ""


@dataclass(frozen=True, slots=True)
class _Glance:
    """What an unproven list says of itself; `ticks` of its `ttl` are a second."""

    address: Any = ""
    ttl: Any = None
    ticks: int = 1


def _look_into(body: bytes) -> _Glance:
    try:
        if is_cwt(body):
            payload = cose.parse_sign1(cbor.loads(body, max_bytes=MAX_LIST_BYTES, max_depth=8)).payload or b""
            return _of_json(payload) if payload[:1] == b"{" else _of_cwt(payload)
        if body.lstrip()[:1] == b"{":
            return _of_json(body)
        # A JWT of either kind; a selectively disclosed list hides nothing of itself.
        parts = body.strip().split(b".", 2)
        return _of_json(base64url.decode(parts[1].decode("ascii"))) if len(parts) > 1 else _Glance()
    except (TegataError, UnicodeDecodeError):
        return _Glance()


def _of_cwt(payload: bytes) -> _Glance:
    claims = cbor.loads(payload, max_bytes=MAX_LIST_BYTES, max_depth=8)
    if not isinstance(claims, Mapping):
        return _Glance()
    return _Glance(claims.get(status_list_cwt.SUBJECT), claims.get(status_list_cwt.TTL))


def _of_json(payload: bytes) -> _Glance:
    content = json.loads(payload, max_bytes=MAX_LIST_BYTES)
    if not isinstance(content, dict):
        return _Glance()
    if "status_list" in content:
        return _Glance(content.get("sub"), content.get("ttl"))
    subject = content.get("credentialSubject")
    ttl = subject.get("ttl") if isinstance(subject, dict) else None
    return _Glance(content.get("id"), ttl, _MILLISECONDS)
