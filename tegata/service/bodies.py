"""Request bodies, bounded and of the expected kind, before anything parses them."""

from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import Request

from tegata.codec import json
from tegata.errors import LimitExceeded, MalformedInput, Text
from tegata.service.nul import refuse_nul, refuse_nul_in_json

MAX_JSON_BYTES = 262_144
MAX_FORM_BYTES = 1_048_576
MAX_FORM_FIELDS = 200


class WrongContentType(MalformedInput):
    """The body is of a media type that this endpoint does not read."""

    kind = "wrong_content_type"
    text = Text("この形式のデータは受け取れません。", "This media type is not accepted here.")


async def read_bytes(request: Request, *, content_types: frozenset[str], max_bytes: int) -> bytes:
    """Read the body; raises `WrongContentType` or `LimitExceeded` before more than `max_bytes` are held."""
    declared = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if declared not in content_types:
        raise WrongContentType(f"media type {declared[:80]!r}")
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > max_bytes:
            raise LimitExceeded(f"body of more than {max_bytes} bytes")
    return bytes(body)


async def read_json(request: Request, *, max_bytes: int = MAX_JSON_BYTES) -> Any:
    """Read strict JSON from an `application/json` body."""
    accepted = frozenset({"application/json", "application/ld+json"})
    raw = await read_bytes(request, content_types=accepted, max_bytes=max_bytes)
    value = json.loads(raw, max_bytes=max_bytes)
    refuse_nul_in_json(raw, value)
    return value


async def read_form(request: Request, *, max_bytes: int = MAX_FORM_BYTES) -> dict[str, str]:
    """Read an `application/x-www-form-urlencoded` body; a field given twice is refused (RFC 6749 §3.2)."""
    kinds = frozenset({"application/x-www-form-urlencoded"})
    raw = await read_bytes(request, content_types=kinds, max_bytes=max_bytes)
    try:
        pairs = parse_qsl(
            raw.decode("utf-8"),
            keep_blank_values=True,
            strict_parsing=bool(raw),
            max_num_fields=MAX_FORM_FIELDS,
            errors="strict",
        )
    except ValueError as error:
        raise MalformedInput(f"not a form: {type(error).__name__}") from None
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise MalformedInput("a form field is given twice", clause="RFC 6749 §3.2")
    refuse_nul(text for pair in pairs for text in pair)
    return fields
