"""What the OpenAPI document says of bodies that routes read themselves: strict JSON, within limits."""

from typing import Any

_TEXT = {"type": "object", "properties": {"ja": {"type": "string"}, "en": {"type": "string"}}}
_PATH = {
    "oneOf": [
        {"type": "string"},
        {"type": "array", "items": {"type": ["string", "integer", "null"]}, "minItems": 1},
    ]
}
_DOCUMENT = {
    "type": "object",
    "required": ["document", "claims"],
    "properties": {
        "document": {"type": "string", "examples": ["graduation"]},
        "claims": {"type": "array", "items": _PATH},
        "optional": {"type": "array", "items": _PATH, "maxItems": 4},
    },
}
_ITEM = {
    "type": "object",
    "required": ["any_of"],
    "properties": {
        "any_of": {"type": "array", "items": _DOCUMENT, "minItems": 1},
        "required": {"type": "boolean", "default": True},
    },
}
_ORDER = {
    "type": "object",
    "description": "Exactly one of template, items and dcql_query.",
    "properties": {
        "template": {"type": "string", "examples": ["admissions", "enrolment", "graduation"]},
        "items": {"type": "array", "items": _ITEM},
        "dcql_query": {"type": "object", "description": "DCQL (OID4VP 1.0 §6)"},
        "purpose": {"type": "string", "maxLength": 400, "description": "Shown to the person."},
        "reference": {"type": "string", "maxLength": 200, "description": "Your own, such as 受験番号."},
        "expires_in": {"type": "integer", "minimum": 30, "maximum": 2_592_000},
    },
}
_CHECK = {
    "type": "object",
    "properties": {
        "check": {"type": "string"},
        "outcome": {"enum": ["passed", "failed", "undecided", "skipped"]},
        "reason": _TEXT,
        "clause": {"type": "string"},
        "evidence": {
            "type": "object",
            "description": "Technical. problem_type is the W3C's name for why a status could not be read; message "
            "and refresh are what its issuer notes beside revocation and suspension.",
            "additionalProperties": {"type": "string"},
        },
    },
}
REPORT: dict[str, Any] = {
    "type": "object",
    "properties": {
        "verdict": {"enum": ["valid", "invalid", "undecided"]},
        "verified_at": {"type": "string", "format": "date-time"},
        "trust_list": {"type": "string"},
        "request": {"oneOf": [_CHECK, {"type": "null"}]},
        "credentials": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "verdict": {"enum": ["valid", "invalid", "undecided"]},
                    "document": {"type": "string"},
                    "title": _TEXT,
                    "issuer": {"type": ["object", "null"]},
                    "claims": {"type": "object"},
                    "claims_proven": {"type": "boolean"},
                    "binding": {"enum": ["proven", "not_proven", "not_bound"]},
                    "checks": {"type": "array", "items": _CHECK},
                },
            },
        },
    },
}
_STATES = ["created", "fetched", "submitted", "decided", "declined", "expired"]
REQUEST: dict[str, Any] = {
    "type": "object",
    "properties": {
        "id": {"type": "string"},
        "state": {"enum": _STATES},
        "expires_at": {"type": "string", "format": "date-time"},
        "links": {"type": ["object", "null"]},
        "report": {"oneOf": [REPORT, {"type": "null"}]},
    },
}


def body_of(schema: dict[str, Any], *media_types: str) -> dict[str, Any]:
    """Return the part of an operation that says what its body is, and that it wants an API key."""
    content = {kind: {"schema": schema} for kind in media_types}
    return {"requestBody": {"required": True, "content": content}, **KEYED}


KEYED: dict[str, Any] = {"security": [{"apiKey": []}]}
ORDER_BODY = body_of(_ORDER, "application/json")
BYTES = {"type": "string", "format": "binary"}
FILE_BODY = body_of(
    BYTES,
    "application/octet-stream",
    "application/dc+sd-jwt",
    "application/cbor",
    "application/vc",
    "application/json",
)
SECURITY_SCHEMES: dict[str, Any] = {
    "apiKey": {
        "type": "http",
        "scheme": "bearer",
        "description": "tgv_…, made with tegata-verifier api-key create",
    }
}


def answer(description: str, schema: dict[str, Any]) -> dict[str, Any]:
    """Return one entry of an operation's responses."""
    return {"description": description, "content": {"application/json": {"schema": schema}}}
