"""Every route of the verifier, and who may call it. A new route fails here until somebody decides."""

from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute

from tests.verifier.conftest import World
from verifier.api.guard import SCOPE_ATTRIBUTE
from verifier.api.keys import Scope
from verifier.app import build

ANYONE = "anyone"
WALLET = "whoever has the unguessable address"
BROWSER = "the browser that started"

EXPECTED = {
    ("GET", "/healthz"): ANYONE,
    ("GET", "/request/{address}"): WALLET,
    ("POST", "/request/{address}"): WALLET,
    ("POST", "/response/{address}"): WALLET,
    ("GET", "/start/{address}"): WALLET,
    ("GET", "/return"): BROWSER,
    ("GET", "/api/v1/templates"): Scope.READ_REQUESTS,
    ("POST", "/api/v1/requests"): Scope.CREATE_REQUESTS,
    ("GET", "/api/v1/requests/{identifier}"): Scope.READ_REQUESTS,
    ("POST", "/api/v1/requests/{identifier}/check-again"): Scope.READ_REQUESTS,
    ("POST", "/api/v1/verify"): Scope.VERIFY,
    ("POST", "/credentials/verify"): Scope.VERIFY,
    ("POST", "/presentations/verify"): Scope.VERIFY,
}
GUARDED = sorted((method, path, who) for (method, path), who in EXPECTED.items() if isinstance(who, Scope))


def routes_of(app: FastAPI) -> Iterator[tuple[str, str, object]]:
    """Yield method, path and the scope that the route's dependencies ask for."""
    document = app.openapi()
    described = {(method.upper(), path) for path, item in document["paths"].items() for method in item}
    scopes = {}

    def visit(routes: list[object]) -> None:
        for route in routes:
            if isinstance(route, APIRoute):
                found = [
                    getattr(item.call, SCOPE_ATTRIBUTE)
                    for item in route.dependant.dependencies
                    if hasattr(item.call, SCOPE_ATTRIBUTE)
                ]
                for method in route.methods:
                    scopes[method, route.path] = found[0] if len(found) == 1 else found or None
            for name in ("original_router", "router", "app"):
                inner = getattr(route, name, None)
                if inner is not None and not isinstance(route, APIRoute) and hasattr(inner, "routes"):
                    visit(inner.routes)

    visit(list(app.routes))
    for method, path in sorted(described | scopes.keys()):
        yield method, path, scopes.get((method, path))


def test_every_route_has_a_decision_and_its_guard(world: World) -> None:
    app = build(world.verifier, with_worker=False)
    found = {(method, path): scope for method, path, scope in routes_of(app)}
    assert found.keys() == EXPECTED.keys()
    for route, who in EXPECTED.items():
        assert found[route] == (who if isinstance(who, Scope) else None), route


def concrete(path: str) -> str:
    return path.replace("{identifier}", "0" * 32)


@pytest.mark.parametrize(("method", "path", "scope"), GUARDED)
def test_without_a_key_it_is_401(world: World, method: str, path: str, scope: Scope) -> None:
    answer = world.client.request(method, concrete(path), json={})
    assert answer.status_code == 401
    assert answer.json()["kind"] == "api_key_refused"
    assert answer.headers["www-authenticate"].startswith("Bearer")


@pytest.mark.parametrize(("method", "path", "scope"), GUARDED)
def test_with_every_scope_but_the_right_one_it_is_403(
    world: World, method: str, path: str, scope: Scope
) -> None:
    headers = world.key(*(item for item in Scope if item is not scope))
    answer = world.client.request(method, concrete(path), json={}, headers=headers)
    assert answer.status_code == 403
    assert answer.json()["kind"] == "api_key_scope"


def test_another_tenants_request_is_404(world: World) -> None:
    made = world.client.post("/api/v1/requests", json={"template": "graduation"}, headers=world.key()).json()
    foreign = world.key(tenant_id=world.new_tenant())
    for method, path in (("GET", ""), ("POST", "/check-again")):
        answer = world.client.request(method, f"/api/v1/requests/{made['id']}{path}", headers=foreign)
        assert answer.status_code == 404
    assert world.client.get(f"/api/v1/requests/{made['id']}", headers=world.key()).status_code == 200
