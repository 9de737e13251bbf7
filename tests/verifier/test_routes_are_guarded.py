"""Every route of the verifier, and who may call it. A new route fails here until somebody decides."""

from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute

from tegata.service.api_keys.guard import SCOPE_ATTRIBUTE
from tegata.service.staff.guard import ROLES_ATTRIBUTE
from tegata.service.staff.principal import Role
from tests.verifier.conftest import World
from tests.verifier.console.conftest import Desk, make_desk
from tests.verifier.console.scenes import Scenes
from verifier.api.keys import Scope
from verifier.app import build

ANYONE = "anyone"
SIGNED_IN = "anybody who is signed in"
STAFF = frozenset({Role.VERIFIER_STAFF})
WALLET = "whoever has the unguessable address"
BROWSER = "the browser that started"
HOLDER = "whoever has an invitation"

#: The organisation's own pages.
CONSOLE = {
    ("GET", "/"): STAFF,
    ("GET", "/requests"): STAFF,
    ("GET", "/requests/new"): STAFF,
    ("POST", "/requests/new"): STAFF,
    ("GET", "/requests/{request_id}"): STAFF,
    ("GET", "/requests/{request_id}/state"): STAFF,
    ("GET", "/requests/{request_id}/report.json"): STAFF,
    ("GET", "/requests/{request_id}/report.csv"): STAFF,
    ("POST", "/requests/{request_id}/extend"): STAFF,
    ("POST", "/requests/{request_id}/check-again"): STAFF,
    ("GET", "/verify"): STAFF,
    ("POST", "/verify"): STAFF,
    ("GET", "/trust"): STAFF,
    ("GET", "/keys"): STAFF,
    ("GET", "/keys/new"): STAFF,
    ("POST", "/keys/new"): STAFF,
    ("GET", "/keys/{prefix}/revoke"): STAFF,
    ("POST", "/keys/{prefix}/revoke"): STAFF,
}
ACCOUNT = {
    ("GET", "/account"): SIGNED_IN,
    ("POST", "/account/passkeys/options"): SIGNED_IN,
    ("POST", "/account/passkeys/finish"): SIGNED_IN,
    ("POST", "/account/passkeys/{passkey_id}/remove"): SIGNED_IN,
}
EXPECTED: dict[tuple[str, str], object] = {
    **CONSOLE,
    **ACCOUNT,
    ("GET", "/sign-in"): ANYONE,
    ("GET", "/sign-in/password"): ANYONE,
    ("GET", "/sign-in/code"): ANYONE,
    ("POST", "/sign-in/password"): ANYONE,
    ("POST", "/sign-in/code"): ANYONE,
    ("POST", "/sign-in/passkey/options"): ANYONE,
    ("POST", "/sign-in/passkey/finish"): ANYONE,
    ("POST", "/sign-out"): ANYONE,
    ("GET", "/invitations/{token}"): HOLDER,
    ("POST", "/invitations/{token}/passkey/options"): HOLDER,
    ("POST", "/invitations/{token}/passkey/finish"): HOLDER,
    ("GET", "/invitations/{token}/password"): HOLDER,
    ("POST", "/invitations/{token}/password"): HOLDER,
    ("GET", "/ask/{address}"): WALLET,
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
    """Yield method, path and what the route asks for: a scope of an API key, or roles of a signed-in person."""
    document = app.openapi()
    described = {(method.upper(), path) for path, item in document["paths"].items() for method in item}
    scopes = {}

    def visit(routes: list[object]) -> None:
        for route in routes:
            if isinstance(route, APIRoute):
                asked = [route.endpoint, *(item.call for item in route.dependant.dependencies)]
                found = [
                    getattr(item, name)
                    for item in asked
                    for name in (SCOPE_ATTRIBUTE, ROLES_ATTRIBUTE)
                    if hasattr(item, name)
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


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with make_desk(tmp_path_factory.mktemp("guarded")) as made:
        yield made


def test_every_route_has_a_decision_and_its_guard(world: World) -> None:
    app = build(world.verifier, with_worker=False)
    found = {(method, path): scope for method, path, scope in routes_of(app)}
    assert found.keys() == EXPECTED.keys()
    for route, who in EXPECTED.items():
        wanted = who if isinstance(who, Scope | frozenset) else frozenset() if who is SIGNED_IN else None
        assert found[route] == wanted, route


def concrete(path: str, scenes: Scenes | None = None) -> str:
    request_id, prefix = (scenes.undecided, scenes.key) if scenes else ("0" * 32, "0" * 12)
    for name, value in (
        ("{identifier}", "0" * 32),
        ("{passkey_id}", "0" * 32),
        ("{request_id}", request_id),
        ("{prefix}", prefix),
    ):
        path = path.replace(name, value)
    return path


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


@pytest.mark.parametrize(("method", "path"), sorted(CONSOLE.keys() | ACCOUNT.keys()))
def test_nobody_is_sent_to_the_sign_in(desk: Desk, method: str, path: str) -> None:
    answer = desk.nobody.client.request(method, concrete(path), follow_redirects=False)
    if method == "GET":
        assert answer.status_code == 303
        assert answer.headers["location"].startswith("/sign-in?to=/")
    else:
        assert answer.status_code == 401


@pytest.mark.parametrize(("method", "path"), sorted(CONSOLE))
def test_somebody_of_another_role_is_let_in_nowhere(desk: Desk, method: str, path: str) -> None:
    answer = desk.clerk.client.request(method, concrete(path, desk.scenes), follow_redirects=False)
    assert answer.status_code == 403
    assert "検証を担当する組織がありません" in answer.text


@pytest.mark.parametrize(("method", "path"), sorted(key for key in CONSOLE if "{" in key[1]))
def test_what_belongs_to_another_organisation_is_not_found(desk: Desk, method: str, path: str) -> None:
    address = concrete(path, desk.scenes)
    answer = desk.stranger.get(address) if method == "GET" else desk.stranger.post(address)
    assert answer.status_code == 404, address
    assert "青葉" not in answer.text


@pytest.mark.parametrize("path", sorted(path for method, path in CONSOLE if method == "POST"))
def test_a_form_without_the_sessions_token_does_nothing(desk: Desk, path: str) -> None:
    answer = desk.staff.client.request("POST", concrete(path, desk.scenes), data={"name": "x"})
    assert answer.status_code == 403
    assert "有効期限" in answer.text


def test_another_tenants_request_is_404(world: World) -> None:
    made = world.client.post("/api/v1/requests", json={"template": "graduation"}, headers=world.key()).json()
    foreign = world.key(tenant_id=world.new_tenant())
    for method, path in (("GET", ""), ("POST", "/check-again")):
        answer = world.client.request(method, f"/api/v1/requests/{made['id']}{path}", headers=foreign)
        assert answer.status_code == 404
    assert world.client.get(f"/api/v1/requests/{made['id']}", headers=world.key()).status_code == 200
