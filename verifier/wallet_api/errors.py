"""Refusals as wallets read them: the protocol's code, both texts, the reference number."""

from starlette.responses import Response

from tegata.codec import json
from tegata.errors import TegataError
from tegata.service import correlation
from tegata.service.problems import log_refusal
from verifier.oid4vp.errors import protocol_error

NO_STORE = {"Cache-Control": "no-store"}


def refusal(error: TegataError) -> Response:
    """Log a refusal and answer it in the protocol's form (OID4VP 1.0 §8.5, RFC 6749 §5.2)."""
    log_refusal(error)
    found = protocol_error(error)
    body = {
        "error": found.code,
        "error_description": _ascii(error.public.en),
        "error_text_ja": error.public.ja,
        "error_text_en": error.public.en,
        "kind": error.kind,
        "reference_number": correlation.current(),
    }
    return Response(json.dumps(body), found.status, NO_STORE, media_type="application/json")


def _ascii(text: str) -> str:
    """Keep what `error_description` may hold: printable ASCII without quotes and backslashes (RFC 6749 §5.2)."""
    return "".join(character for character in text if " " <= character <= "~" and character not in '"\\')
