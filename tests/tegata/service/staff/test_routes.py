"""Sign-in, invitations and one's own passkeys over HTTP."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import pytest
from fastapi import Depends, FastAPI
from fastapi.routing import APIRoute
from httpx import Response
from starlette.responses import PlainTextResponse

from tegata.doubles.authenticator import Authenticator
from tegata.service import problems
from tegata.service.console import Console
from tegata.service.database import Database
from tegata.service.settings import Mode
from tegata.service.staff.guard import (
    ROLES_ATTRIBUTE,
    Guard,
    csrf_for,
    current_principal,
    install,
    require,
)
from tegata.service.staff.principal import Principal, Role
from tegata.service.staff.routes import routes
from tegata.service.staff.service import StaffService
from tests.tegata.service.conftest import ORIGIN, example_settings
from tests.tegata.service.staff.browser import Browser
from tests.tegata.service.staff.conftest import AUDIT, BASE, PASSWORD, TABLES, MakeStaff, Staff, app_code

HTML = {"Accept": "text/html"}
COOKIE = "tegata_example_session"


class Site:
    """A service with sign-in and two pages of its own, and a browser on it."""

    def __init__(self, staff: Staff, **changes: Any) -> None:
        settings = example_settings(**changes)
        self.staff = staff
        self.guard = Guard("example", settings, staff.service)
        console = Console("example", "issuer", settings, more_packages=("tegata.service.staff",))
        self.app = FastAPI()
        problems.install(self.app)
        self.app.include_router(routes(self.guard, console))
        install(self.app, self.guard)
        console.install(self.app)
        self._add_pages()
        self.authenticator = Authenticator(Mode.TEST, settings.public_origin)
        self.origin = settings.public_origin
        self.browsers: list[Browser] = []
        self.browser = self.new_browser()

    def new_browser(self) -> Browser:
        self.browsers.append(Browser(self.app, self.origin))
        return self.browsers[-1]

    def close(self) -> None:
        for browser in self.browsers:
            browser.close()

    def _add_pages(self) -> None:
        somebody, clerk = Depends(current_principal), Depends(require(Role.CLERK))

        @self.app.get("/desk")
        async def desk(principal: Annotated[Principal, somebody]) -> PlainTextResponse:
            return PlainTextResponse(csrf_for(principal))

        @self.app.get("/clerk")
        async def clerks(principal: Annotated[Principal, clerk]) -> PlainTextResponse:
            return PlainTextResponse(principal.name)

    def call(self, path: str, body: Any, **headers: str) -> Response:
        return self.browser.post(path, json=body, headers=headers)

    def accept_invitation(self, token: str, label: str = "") -> Response:
        options = self.call(f"/invitations/{token}/passkey/options", {"fields": {}}).json()
        body = {"answer": self.authenticator.create(options), "fields": {"label": label}}
        return self.call(f"/invitations/{token}/passkey/finish", body)

    def join(self, login: str = "t-0412") -> None:
        """Add somebody who accepts with a passkey, and is then signed in."""
        token = self.staff.invite(self.staff.add(login), datetime.now(UTC))
        assert self.accept_invitation(token).status_code == 200

    def sign_in(self, to: str = "/", login: str = "") -> Response:
        options = self.call("/sign-in/passkey/options", {"fields": {"login": login}}).json()
        body = {"answer": self.authenticator.get(options), "fields": {"to": to}}
        return self.call("/sign-in/passkey/finish", body)

    def csrf(self) -> str:
        return self.browser.get("/desk").text


@pytest.fixture
def site(database: Database, make_staff: MakeStaff) -> Iterator[Site]:
    built = Site(make_staff(database))
    yield built
    built.close()


def field(page: Response, name: str) -> str:
    """The value of a hidden field."""
    found = re.search(rf'<input type="hidden" name="{name}" value="([^"]*)"', page.text)
    assert found, page.text
    return found[1]


def test_the_sign_in_page_speaks_both_languages_and_remembers_where_to_go(site: Site) -> None:
    page = site.browser.get("/sign-in?to=/desk")
    assert page.status_code == 200
    assert "<h1>サインイン</h1>" in page.text
    assert 'autocomplete="username webauthn"' in page.text
    assert field(page, "to") == "/desk"
    assert "<h1>Sign in</h1>" in site.browser.get("/sign-in?lang=en").text


@pytest.mark.parametrize(
    "to", ["//evil.example", "https://evil.example", "/%5Cevil.example", "/%09/evil.example"]
)
def test_the_sign_in_page_leads_nowhere_else(site: Site, to: str) -> None:
    assert field(site.browser.get(f"/sign-in?to={to}"), "to") == "/"


@pytest.mark.parametrize("to", ["//evil.example", "https://evil.example/", "/\\evil.example"])
def test_no_way_of_signing_in_leads_to_another_site(site: Site, to: str) -> None:
    site.join()
    assert site.sign_in(to).json() == {"to": "/"}
    assert site.sign_in("/desk").json() == {"to": "/desk"}


def test_an_invitation_is_accepted_with_a_passkey(site: Site) -> None:
    token = site.staff.invite(site.staff.add(), datetime.now(UTC))
    page = site.browser.get(f"/invitations/{token}")
    assert page.status_code == 200
    assert "青葉　はるか" in page.text
    answer = site.accept_invitation(token, "職員室\u202eのパソコン")
    assert answer.json() == {"to": "/"}
    assert site.browser.get("/desk").status_code == 200
    assert "職員室のパソコン" in site.browser.get("/account").text
    assert site.browser.get(f"/invitations/{token}").status_code == 404


def test_an_unknown_invitation_is_not_found_in_words(site: Site) -> None:
    page = site.browser.get("/invitations/unknown", headers=HTML)
    assert page.status_code == 404
    assert "情報担当に新しい招待を頼んでください" in page.text
    for call in ("options", "finish"):
        answer = site.call(f"/invitations/unknown/passkey/{call}", {"fields": {}})
        assert (answer.status_code, answer.json()["kind"]) == (404, "invitation_over")


def test_an_invitation_is_accepted_with_a_password(site: Site) -> None:
    token = site.staff.invite(site.staff.add(), datetime.now(UTC))
    path = f"/invitations/{token}/password"
    page = site.browser.get(path)
    secret = re.search(r'data-copy="([A-Z2-7]{32})"', page.text)
    assert secret
    assert 'role="img"' in page.text
    weak = site.browser.post(path, data={"password": "short", "code": "000000"})
    assert weak.status_code == 422
    assert "12文字以上" in weak.text
    wrong = site.browser.post(path, data={"password": PASSWORD, "code": "000000"})
    assert wrong.status_code == 422
    assert PASSWORD not in wrong.text
    done = site.browser.post(
        path, data={"password": PASSWORD, "code": app_code(secret[1], datetime.now(UTC))}
    )
    assert (done.status_code, done.headers["location"]) == (303, "/")
    account = site.browser.get("/account").text
    assert "承認はできません" in account
    assert "/account/passkeys/options" not in account


def person_with_password(site: Site) -> str:
    """Somebody with a password set up a while ago; returns the secret of the app."""
    before = datetime.now(UTC) - timedelta(minutes=5)
    token = site.staff.invite(site.staff.add("t-0500"), before)
    secret = site.staff.service.invitations.look(token, before).totp_secret
    site.staff.service.invitations.accept_with_password(token, PASSWORD, app_code(secret, before), before)
    return secret


def test_a_password_and_a_code_sign_in_and_lead_back(site: Site) -> None:
    secret = person_with_password(site)
    asked = site.browser.post("/sign-in/password", data={"to": "/desk", "login": "t-0500"})
    assert asked.status_code == 200
    assert 'type="password"' in asked.text
    form = {"to": "/desk", "login": "t-0500", "password": PASSWORD}
    code_page = site.browser.post("/sign-in/password", data=form)
    assert 'autocomplete="one-time-code"' in code_page.text
    assert PASSWORD not in code_page.text
    form = {"to": "/desk", "pending": field(code_page, "pending")}
    wrong = site.browser.post("/sign-in/code", data=form | {"code": "000000"})
    assert wrong.status_code == 422
    assert field(wrong, "pending") == form["pending"]
    done = site.browser.post("/sign-in/code", data=form | {"code": app_code(secret, datetime.now(UTC))})
    assert (done.status_code, done.headers["location"]) == (303, "/desk")
    assert site.browser.get("/desk").status_code == 200


def test_a_form_with_another_target_does_not_lead_there(site: Site) -> None:
    secret = person_with_password(site)
    form = {"to": "//evil.example", "login": "t-0500", "password": PASSWORD}
    code_page = site.browser.post("/sign-in/password", data=form)
    assert field(code_page, "to") == "/"
    form = {"to": "//evil.example", "pending": field(code_page, "pending")}
    done = site.browser.post("/sign-in/code", data=form | {"code": app_code(secret, datetime.now(UTC))})
    assert done.headers["location"] == "/"


def test_unknown_logins_and_wrong_passwords_get_the_same_page(site: Site) -> None:
    person_with_password(site)
    pages = [
        site.browser.post("/sign-in/password", data={"to": "/", "login": login, "password": "wrong"})
        for login in ("t-0500", "t-9999")
    ]
    assert [page.status_code for page in pages] == [422, 422]
    assert pages[0].text == pages[1].text.replace("t-9999", "t-0500")


def test_after_five_wrong_passwords_the_page_says_how_long_to_wait(site: Site) -> None:
    form = {"to": "/", "login": "t-0500", "password": "wrong"}
    for _ in range(5):
        site.browser.post("/sign-in/password", data=form)
    page = site.browser.post("/sign-in/password", data=form)
    assert page.status_code == 429
    assert "15分間" in page.text


def test_an_empty_login_is_asked_for_again(site: Site) -> None:
    page = site.browser.post("/sign-in/password", data={"to": "/", "login": "　"})
    assert page.status_code == 422
    assert "利用者IDを入力してください" in page.text


@pytest.mark.parametrize("step", ["password", "code"])
def test_a_step_that_is_reloaded_begins_again(site: Site, step: str) -> None:
    answer = site.browser.get(f"/sign-in/{step}")
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")


def test_the_cookie_is_out_of_reach_for_scripts_and_other_sites(site: Site) -> None:
    site.join()
    header = site.sign_in().headers["set-cookie"]
    assert header.startswith(f"{COOKIE}=")
    assert {"HttpOnly", "Path=/", "SameSite=lax"} <= set(header.split("; "))
    assert "Secure" not in header
    assert "Domain" not in header
    assert "Max-Age" not in header


def test_over_https_the_cookie_is_bound_to_this_host(database: Database) -> None:
    secure = {"public_origin": "https://issuer.example.jp", "insecure_loopback": False}
    BASE.metadata.create_all(database.engine)
    service = StaffService(example_settings(**secure), database, TABLES, AUDIT)
    site = Site(Staff(service, database), **secure)
    site.join()
    header = site.sign_in().headers["set-cookie"]
    assert header.startswith(f"__Host-{COOKIE}=")
    assert "Secure" in header.split("; ")
    assert site.browser.get("/desk").status_code == 200
    site.close()


def test_signing_in_again_gives_a_new_session_and_ends_the_old_one(site: Site) -> None:
    site.join()
    site.sign_in()
    old = site.browser.cookies[COOKIE]
    site.sign_in()
    assert site.browser.cookies[COOKIE] != old
    with_old = site.new_browser()
    with_old.cookies.set(COOKIE, old)
    assert with_old.get("/desk").status_code == 401


def test_a_cookie_that_somebody_planted_is_not_taken_over(site: Site) -> None:
    site.join()
    site.browser.cookies.clear()
    site.browser.cookies.set(COOKIE, "planted")
    site.sign_in()
    planted = site.new_browser()
    planted.cookies.set(COOKIE, "planted")
    assert planted.get("/desk").status_code == 401


def test_signing_out_needs_the_token_of_the_session(site: Site) -> None:
    site.join()
    for form in ({"csrf": ""}, {"csrf": "wrong"}):
        refused = site.browser.post("/sign-out", data=form)
        assert (refused.status_code, refused.json()["kind"]) == (403, "forged_form")
    token = site.browser.cookies[COOKIE]
    done = site.browser.post("/sign-out", data={"csrf": site.csrf()})
    assert (done.status_code, done.headers["location"]) == (303, "/sign-in")
    assert COOKIE not in site.browser.cookies
    again = site.new_browser()
    again.cookies.set(COOKIE, token)
    assert again.get("/desk").status_code == 401


def test_who_is_signed_out_already_may_sign_out(site: Site) -> None:
    assert site.browser.post("/sign-out", data={"csrf": ""}).headers["location"] == "/sign-in"


def test_a_stranger_is_led_to_the_sign_in_page_and_back(site: Site) -> None:
    answer = site.browser.get("/desk?page=2&q=青葉", headers=HTML)
    assert answer.status_code == 303
    location = answer.headers["location"]
    assert location.startswith("/sign-in?to=/desk%3Fpage%3D2%26q%3D")
    page = site.browser.get(location)
    assert field(page, "to") == "/desk?page=2&amp;q=%E9%9D%92%E8%91%89"


def test_a_program_without_a_session_is_told_so(site: Site) -> None:
    answer = site.browser.get("/desk")
    assert (answer.status_code, answer.json()["kind"]) == (401, "sign_in_needed")


def test_a_fragment_without_a_session_sends_the_whole_page_to_the_sign_in(site: Site) -> None:
    answer = site.browser.get("/desk", headers=HTML | {"HX-Request": "true"})
    assert (answer.status_code, answer.headers["hx-redirect"]) == (401, "/sign-in")


def test_a_session_that_was_left_alone_ends_in_words(site: Site) -> None:
    site.join()
    long_ago = datetime.now(UTC) - timedelta(minutes=31)
    with site.staff.database.writing() as connection:
        connection.execute(TABLES.session.update().values(last_seen_at=long_ago))
    answer = site.browser.get("/desk", headers=HTML)
    assert answer.headers["location"] == "/sign-in?to=/desk&ended=1"
    assert "サインアウトしました" in site.browser.get(answer.headers["location"]).text
    assert site.browser.get("/desk").json()["kind"] == "session_ended"


def test_without_the_role_a_page_is_not_found(site: Site) -> None:
    site.join()
    assert site.browser.get("/clerk").status_code == 404
    with site.staff.database.reading() as connection:
        account = site.staff.service.accounts._account(
            connection, connection.execute(TABLES.account.select()).one().id
        )
    site.staff.grant(account, Role.CLERK)
    assert site.browser.get("/clerk").text == "青葉　はるか"


def test_a_second_passkey_is_added_and_the_first_removed(site: Site) -> None:
    site.join()
    csrf = {"X-CSRF-Token": site.csrf()}
    options = site.call("/account/passkeys/options", {"fields": {}}, **csrf).json()
    assert len(options["excludeCredentials"]) == 1
    spare = Authenticator(Mode.TEST, ORIGIN)
    body = {"answer": spare.create(options), "fields": {"label": "予備の鍵"}}
    assert site.call("/account/passkeys/finish", body, **csrf).json() == {"to": "/account"}
    page = site.browser.get("/account").text
    first = re.findall(r"/account/passkeys/([0-9a-f]{32})/remove", page)[0]
    assert site.browser.post(f"/account/passkeys/{first}/remove", data={"csrf": "x"}).status_code == 403
    done = site.browser.post(f"/account/passkeys/{first}/remove", data={"csrf": csrf["X-CSRF-Token"]})
    assert done.headers["location"] == "/account"
    left = re.findall(r"/account/passkeys/([0-9a-f]{32})/remove", site.browser.get("/account").text)
    refused = site.browser.post(f"/account/passkeys/{left[0]}/remove", data={"csrf": csrf["X-CSRF-Token"]})
    assert (len(left), refused.status_code, refused.json()["kind"]) == (1, 409, "last_way_in")


@pytest.mark.parametrize("call", ["options", "finish"])
def test_adding_a_passkey_needs_the_token_of_the_session(site: Site, call: str) -> None:
    site.join()
    for headers in ({}, {"X-CSRF-Token": "wrong"}):
        answer = site.call(f"/account/passkeys/{call}", {"fields": {}}, **headers)
        assert (answer.status_code, answer.json()["kind"]) == (403, "forged_form")


def test_a_stale_session_cannot_add_a_passkey(site: Site) -> None:
    site.join()
    earlier = datetime.now(UTC) - timedelta(minutes=16)
    with site.staff.database.writing() as connection:
        connection.execute(TABLES.session.update().values(created_at=earlier))
    answer = site.call("/account/passkeys/options", {"fields": {}}, **{"X-CSRF-Token": site.csrf()})
    assert (answer.status_code, answer.json()["kind"]) == (403, "sign_in_again")


@pytest.mark.parametrize(
    "path",
    [
        "/sign-in/password",
        "/sign-in/code",
        "/sign-in/passkey/options",
        "/sign-in/passkey/finish",
        "/sign-out",
    ],
)
@pytest.mark.parametrize("headers", [{"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}])
def test_what_another_site_sends_is_refused(site: Site, path: str, headers: dict[str, str]) -> None:
    answer = site.browser.post(path, data={"login": "t-0412"}, headers=headers)
    assert (answer.status_code, answer.json()["kind"]) == (403, "cross_site_request")


@pytest.mark.parametrize(
    ("body", "status"),
    [([], 400), ({"fields": []}, 400), ({"fields": {"login": 7}}, 400), ({"answer": {}, "fields": {}}, 400)],
)
def test_calls_that_no_page_of_ours_makes_are_malformed(site: Site, body: Any, status: int) -> None:
    assert site.call("/sign-in/passkey/finish", body).status_code == status


def test_a_body_that_is_too_large_or_of_another_kind_is_refused(site: Site) -> None:
    large = site.call("/sign-in/passkey/options", {"fields": {"login": "x" * 70_000}})
    assert large.status_code == 413
    form = site.browser.post("/sign-in/passkey/options", data={"login": "x"})
    assert form.status_code == 415
    assert site.browser.post("/sign-in/password", json={"login": "x"}).status_code == 415


def test_a_passkey_of_nobody_is_refused_in_both_languages(site: Site) -> None:
    site.join()
    options = site.call("/sign-in/passkey/options", {"fields": {}}).json()
    answer = site.authenticator.get(options)
    answer["response"]["signature"] = "AAAA"
    refused = site.call("/sign-in/passkey/finish", {"answer": answer, "fields": {}})
    assert refused.status_code == 403
    assert refused.json()["title_ja"].startswith("パスキーを確認できませんでした")
    assert refused.json()["title"].startswith("Your passkey was not confirmed")


def walk(routes_of: list[Any]) -> Iterator[APIRoute]:
    for route in routes_of:
        if isinstance(route, APIRoute):
            yield route
        for name in ("original_router", "router"):
            inner = getattr(route, name, None)
            if inner is not None and not isinstance(route, APIRoute):
                yield from walk(list(inner.routes))


ANYONE = {
    ("GET", "/sign-in"),
    ("GET", "/sign-in/password"),
    ("GET", "/sign-in/code"),
    ("POST", "/sign-in/password"),
    ("POST", "/sign-in/code"),
    ("POST", "/sign-in/passkey/options"),
    ("POST", "/sign-in/passkey/finish"),
    ("POST", "/sign-out"),
}
INVITED = {
    ("GET", "/invitations/{token}"),
    ("POST", "/invitations/{token}/passkey/options"),
    ("POST", "/invitations/{token}/passkey/finish"),
    ("GET", "/invitations/{token}/password"),
    ("POST", "/invitations/{token}/password"),
}
SIGNED_IN = {
    ("GET", "/account"),
    ("POST", "/account/passkeys/options"),
    ("POST", "/account/passkeys/finish"),
    ("POST", "/account/passkeys/{passkey_id}/remove"),
}


def test_every_route_has_a_decision_who_may_call_it(site: Site) -> None:
    found = {
        (method, route.path): any(
            hasattr(item.call, ROLES_ATTRIBUTE) for item in route.dependant.dependencies
        )
        for route in walk(list(site.app.routes))
        for method in route.methods
        if route.path not in {"/desk", "/clerk"}
    }
    assert found.keys() == ANYONE | INVITED | SIGNED_IN
    assert {route for route, is_guarded in found.items() if is_guarded} == SIGNED_IN


@pytest.mark.parametrize(("method", "path"), sorted(SIGNED_IN))
def test_without_a_session_nothing_of_an_account_is_reached(site: Site, method: str, path: str) -> None:
    answer = site.browser.request(method, path.replace("{passkey_id}", "0" * 32), json={})
    assert (answer.status_code, answer.json()["kind"]) == (401, "sign_in_needed")
