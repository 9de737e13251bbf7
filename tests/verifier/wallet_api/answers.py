"""Answers built by hand, so that each part of one can be wrong."""

from datetime import datetime
from typing import Any

from schemas import catalogue
from tegata.codec import json
from tegata.doubles.wallet.request import AuthorizationRequest, read_request
from tegata.doubles.wallet.store import Held
from tegata.envelope import jwe
from tegata.formats import sd_jwt_vc
from tests.verifier.conftest import World
from verifier.requests.expansion import expand
from verifier.requests.templates import get
from verifier.wallet_api.service import Order, RequestView

PATHS = (("family_name",), ("given_name",), ("birthdate",), ("school",), ("graduation_date",))
QUERY_ID = "graduation-sd-jwt"


def make_request(world: World, *, at: datetime | None = None, **changes: Any) -> RequestView:
    """Make a request for the graduation certificate."""
    query = expand(get("graduation").items, catalogue.load())
    order = Order(world.tenant_id, query, "試験のため", **changes)
    return world.verifier.presentations.create(order, at or world.now())


def fetch(world: World, view: RequestView) -> AuthorizationRequest:
    """Fetch the request as a wallet on another device does."""
    assert view.links is not None
    return read_request(view.links.cross_device, world.http())


def presentation(
    world: World, held: Held, request: AuthorizationRequest, *, nonce: str = "", audience: str = ""
) -> str:
    """Present an SD-JWT VC."""
    shown = sd_jwt_vc.present(
        held.credential.encode("ascii"),
        PATHS,
        held.signer(),
        audience=audience or request.client_id,
        nonce=nonce or request.nonce,
        now=world.now(),
    )
    return shown.decode("ascii")


def form_of(request: AuthorizationRequest, body: dict[str, Any]) -> dict[str, str]:
    """Return the form of an answer, encrypted to the request's key if it asks for that."""
    full = {"state": request.state, **body}
    if request.response_mode == "direct_post":
        return {
            name: value if isinstance(value, str) else json.dumps(value).decode("utf-8")
            for name, value in full.items()
        }
    key = request.client_metadata["jwks"]["keys"][0]
    return {"response": jwe.encrypt(json.dumps(full), key, enc="A256GCM")}


def good_form(world: World, request: AuthorizationRequest, held: Held | None = None) -> dict[str, str]:
    """Return a good answer."""
    held = held or world.claim(world.wallet())
    return form_of(request, {"vp_token": {QUERY_ID: [presentation(world, held, request)]}})
