"""What the API's bodies mean: an order for a request, and how a request is shown."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from schemas.catalogue import Catalogue
from tegata.codec.dates import format_instant
from tegata.errors import MalformedInput, Text
from tegata.identity.individual_number import refuse_text
from tegata.service.api_keys.keys import Caller
from verifier.oid4vp.dcql import parse_query
from verifier.requests import templates
from verifier.requests.expansion import expand, outline
from verifier.requests.templates import Item
from verifier.wallet_api.service import Order, RequestView

MIN_LIFETIME, MAX_LIFETIME = 30, 30 * 86_400
_MAX_PURPOSE, _MAX_REFERENCE = 400, 200
_KNOWN = frozenset({"template", "items", "dcql_query", "purpose", "reference", "expires_in"})


class OrderRefused(MalformedInput):
    """The body is no order: the pointer says where."""

    kind = "order_refused"
    text = Text("依頼の作り方が正しくありません。", "The request is not put together correctly.")


def order_of(body: Any, caller: Caller, catalogue: Catalogue) -> tuple[Order, tuple[Item, ...]]:
    """Read the body of `POST /api/v1/requests`: a template's name, documents with items, or a DCQL query.

    A purpose is required unless the template has one: the person reads it. Raises `OrderRefused`, `QueryRefused`,
    `NotFound`, `IndividualNumberRefused`.
    """
    if not isinstance(body, Mapping):
        raise OrderRefused("the body is an object")
    if unknown := body.keys() - _KNOWN:
        raise OrderRefused("unknown members", pointer=f"/{min(unknown)[:80]}")
    ways = [name for name in ("template", "items", "dcql_query") if name in body]
    if len(ways) != 1:
        raise OrderRefused("exactly one of template, items and dcql_query")
    purpose = _text(body, "purpose", _MAX_PURPOSE)
    items: tuple[Item, ...] = ()
    template = ""
    if ways == ["template"]:
        found = templates.get(_text(body, "template", 64))
        items, template, purpose = found.items, found.name, purpose or found.purpose.ja
    elif ways == ["items"]:
        items = templates.parse_items(body["items"])
    query = parse_query(body["dcql_query"]) if ways == ["dcql_query"] else expand(items, catalogue)
    if not purpose:
        raise OrderRefused("a purpose is required", pointer="/purpose")
    order = Order(
        tenant_id=caller.tenant_id,
        query=query,
        purpose=purpose,
        template=template,
        reference=_text(body, "reference", _MAX_REFERENCE),
        created_by=caller.actor,
        lifetime=_lifetime(body.get("expires_in")),
    )
    return order, items


def request_json(view: RequestView) -> dict[str, Any]:
    """Return a request as the API shows it."""
    return {
        "id": view.id,
        "state": view.state,
        "template": view.template,
        "purpose": view.purpose,
        "reference": view.reference,
        "created_at": format_instant(view.created_at),
        "expires_at": format_instant(view.expires_at),
        "received_at": None if view.received_at is None else format_instant(view.received_at),
        "closed_at": None if view.closed_at is None else format_instant(view.closed_at),
        "next_check_at": None if view.next_check_at is None else format_instant(view.next_check_at),
        "wallet_error": view.wallet_error or None,
        "links": None
        if view.links is None
        else {
            "same_device": view.links.same_device or None,
            "cross_device": view.links.cross_device,
            "qr_payload": view.links.cross_device,
        },
        "report": None if view.report is None else view.report.to_json(),
    }


def outline_json(items: tuple[Item, ...], catalogue: Catalogue) -> list[dict[str, Any]]:
    """Return what is asked for and what is not, in both languages."""
    return [
        {
            "title": _both(entry.title),
            "asked": [_both(text) for text in entry.asked],
            "optional": [_both(text) for text in entry.optional],
            "not_asked": [_both(text) for text in entry.not_asked],
        }
        for entry in outline(items, catalogue)
    ]


def _both(text: Text) -> dict[str, str]:
    return {"ja": text.ja, "en": text.en}


def _text(body: Mapping[str, Any], name: str, limit: int) -> str:
    value = body.get(name, "")
    if not isinstance(value, str) or len(value) > limit:
        raise OrderRefused(f"{name} is a text of at most {limit} characters", pointer=f"/{name}")
    refuse_text(name, value)
    return value.strip()


def _lifetime(value: Any) -> timedelta | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not MIN_LIFETIME <= value <= MAX_LIFETIME:
        raise OrderRefused(f"expires_in is {MIN_LIFETIME} to {MAX_LIFETIME} seconds", pointer="/expires_in")
    return timedelta(seconds=value)
