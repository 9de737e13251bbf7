"""In which form a status list came, and how long it asks to be kept: looked at before anything of it is believed."""

from datetime import timedelta
from typing import Any

from tegata.codec import base64url, json
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
    try:
        stated, scale = _stated(body)
        if isinstance(stated, bool) or not isinstance(stated, int | float) or stated < 0:
            return None
        return timedelta(seconds=stated / scale)
    except (TegataError, OverflowError, UnicodeDecodeError):
        return None


def _stated(body: bytes) -> tuple[Any, int]:
    """Return what stands there, and how many of it are a second."""
    if is_cwt(body):
        return status_list_cwt.parse(body).claims.get(status_list_cwt.TTL), 1
    if body.lstrip()[:1] == b"{":
        content = json.loads(body, max_bytes=MAX_LIST_BYTES)
    else:
        # A JWT of either kind; a selectively disclosed list hides nothing of itself.
        payload = body.split(b".", 2)[1:2] or [b""]
        content = json.loads(base64url.decode(payload[0].decode("ascii")), max_bytes=MAX_LIST_BYTES)
        if isinstance(content, dict) and "status_list" in content:
            return content.get("ttl"), 1
    subject = content.get("credentialSubject") if isinstance(content, dict) else None
    return (subject.get("ttl") if isinstance(subject, dict) else None), _MILLISECONDS
