"""Sign-in in a real browser with Chromium's own virtual authenticator: passkey.js, and the pages around it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from playwright.sync_api import Page
from starlette.requests import Request
from starlette.responses import Response

from tegata.service import problems
from tegata.service.console import Console
from tegata.service.database import Database
from tegata.service.staff.accounts import NewAccount
from tegata.service.staff.guard import Guard, install
from tegata.service.staff.routes import routes
from tegata.service.staff.service import StaffService
from tests.browser.checks import assert_accessible, assert_no_sideways_scroll
from tests.browser.conftest import PageAt
from tests.browser.servers import serving
from tests.tegata.service.conftest import example_settings
from tests.tegata.service.staff.conftest import AUDIT, BASE, PASSWORD, TABLES, app_code

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
#: A browser that knows passkeys and does not offer them in a field's list.
_WITHOUT_OFFER = "PublicKeyCredential.isConditionalMediationAvailable = () => Promise.resolve(false)"
_REMEMBERS_SIGNALS = """
window.signals = [];
const { get } = CredentialsContainer.prototype;
CredentialsContainer.prototype.get = function (options) {
  window.signals.push(options.signal);
  document.documentElement.dataset.asked = window.signals.length;
  return get.call(this, options);
};
"""
_REGISTERED = "職員室のパソコン"


@dataclass(frozen=True)
class SignInSite:
    """A running service in which people can sign in, and do nothing else."""

    origin: str
    staff: StaffService

    def invite(self, login: str, now: datetime) -> str:
        """Add somebody; returns the token of the invitation."""
        new = NewAccount("a" * 32, login, "青葉　はるか", "AOBA Haruka")
        with self.staff.database.writing() as connection:
            account = self.staff.accounts.create(connection, "system", new, now)
            return self.staff.accounts.invite(connection, "system", account.id, now)


def _app(origin: str, built: dict[str, Any], folder: Path) -> FastAPI:
    settings = example_settings(public_origin=origin, database_url=f"sqlite:///{folder}/staff.sqlite3")
    database = Database(settings.database_url, schema="example", package="issuer")
    BASE.metadata.create_all(database.engine)
    staff = StaffService(settings, database, TABLES, AUDIT)
    guard = Guard("example", settings, staff)
    console = Console("example", "issuer", settings, more_packages=("tegata.service.staff",))
    app = FastAPI()
    problems.install(app)
    app.include_router(routes(guard, console))
    install(app, guard)
    console.install(app)

    @app.get("/")
    async def home(request: Request) -> Response:
        await guard.signed_in(request)
        return Response("<!doctype html><title>home</title><h1>home</h1>", media_type="text/html")

    built.update(staff=staff, database=database)
    return app


@pytest.fixture
def site(tmp_path: Path) -> Iterator[SignInSite]:
    built: dict[str, Any] = {}
    with serving(lambda origin: _app(origin, built, tmp_path)) as origin:
        yield SignInSite(origin, built["staff"])
    built["database"].dispose()


def with_authenticator(page: Page, *, verifies: bool = True) -> tuple[Any, str]:
    """Plug in a virtual authenticator; returns the session to the browser and the authenticator's id."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": verifies,
        "automaticPresenceSimulation": True,
    }
    return session, session.send("WebAuthn.addVirtualAuthenticator", {"options": options})["authenticatorId"]


def joined(site: SignInSite, page: Page) -> Page:
    """Somebody who has just accepted an invitation with a passkey."""
    token = site.invite("t-0412", datetime.now(UTC))
    page.goto(f"{site.origin}/invitations/{token}")
    page.get_by_label("パスキーの呼び名").fill(_REGISTERED)
    page.get_by_role("button", name="パスキーを作る").click()
    page.wait_for_url(f"{site.origin}/")
    return page


def touched(session: Any, authenticator: str, *, by_itself: bool) -> None:
    """Say whether the authenticator answers without anybody touching it."""
    content = {"authenticatorId": authenticator, "enabled": by_itself}
    session.send("WebAuthn.setAutomaticPresenceSimulation", content)


def sign_out(site: SignInSite, page: Page) -> None:
    page.goto(f"{site.origin}/account")
    assert page.get_by_text(_REGISTERED).is_visible()
    page.locator(".user-menu summary").click()
    page.get_by_role("button", name="サインアウトする").click()
    page.wait_for_url(f"{site.origin}/sign-in")


def test_somebody_is_invited_signs_out_and_comes_back_with_the_passkey(
    site: SignInSite, page_at: PageAt
) -> None:
    page = page_at(1280)
    session, authenticator = with_authenticator(page)
    joined(site, page)
    touched(session, authenticator, by_itself=False)
    sign_out(site, page)
    page.add_init_script(_WITHOUT_OFFER)
    touched(session, authenticator, by_itself=True)
    page.goto(f"{site.origin}/sign-in?to=/account")
    page.get_by_role("button", name="パスキーでサインイン").click()
    page.wait_for_url(f"{site.origin}/account")
    assert page.get_by_role("heading", level=1).inner_text() == "自分の設定"


def test_the_passkey_is_offered_in_the_login_before_anybody_presses(
    site: SignInSite, page_at: PageAt
) -> None:
    page = page_at(1280)
    session, authenticator = with_authenticator(page)
    joined(site, page)
    touched(session, authenticator, by_itself=False)
    sign_out(site, page)
    touched(session, authenticator, by_itself=True)
    page.goto(f"{site.origin}/sign-in?to=/account", wait_until="commit")
    page.wait_for_url(f"{site.origin}/account")
    assert page.get_by_text(_REGISTERED).is_visible()


def test_pressing_the_button_ends_the_offer_that_waits(site: SignInSite, page_at: PageAt) -> None:
    page = page_at(1280)
    session, authenticator = with_authenticator(page)
    joined(site, page)
    touched(session, authenticator, by_itself=False)
    sign_out(site, page)
    page.add_init_script(_REMEMBERS_SIGNALS)
    page.goto(f"{site.origin}/sign-in")
    page.locator("html[data-asked='1']").wait_for(state="attached")
    page.get_by_role("button", name="パスキーでサインイン").click()
    page.locator("html[data-asked='2']").wait_for(state="attached")
    assert page.evaluate("window.signals.map((signal) => signal.aborted)") == [True, False]
    assert page.get_by_role("button", name="確認しています…").get_attribute("aria-disabled") == "true"
    assert not page.locator("#passkey-message").inner_text()


def test_a_second_passkey_is_added_on_another_device(site: SignInSite, page_at: PageAt) -> None:
    page = page_at(1280)
    session, first = with_authenticator(page)
    joined(site, page)
    session.send("WebAuthn.removeVirtualAuthenticator", {"authenticatorId": first})
    with_authenticator(page)
    page.goto(f"{site.origin}/account")
    page.get_by_label("パスキーの呼び名").fill("予備の鍵")
    page.get_by_role("button", name="パスキーを加える").click()
    page.get_by_text("予備の鍵", exact=True).wait_for()
    assert page.get_by_role("button", name="このパスキーを削除する").count() == 2


def test_enter_in_the_name_of_the_passkey_begins_as_the_button_does(
    site: SignInSite, page_at: PageAt
) -> None:
    page = page_at(1280)
    with_authenticator(page)
    page.goto(f"{site.origin}/invitations/{site.invite('t-0412', datetime.now(UTC))}")
    page.get_by_label("パスキーの呼び名").press("Enter")
    page.wait_for_url(f"{site.origin}/")
    assert page.title() == "home"


def test_a_passkey_that_cannot_verify_its_user_is_answered_in_words(
    site: SignInSite, page_at: PageAt
) -> None:
    page = page_at(1280)
    with_authenticator(page, verifies=False)
    token = site.invite("t-0412", datetime.now(UTC))
    page.goto(f"{site.origin}/invitations/{token}")
    button = page.get_by_role("button", name="パスキーを作る")
    button.click()
    message = page.locator("#passkey-message")
    message.get_by_text("もう一度押してください").wait_for()
    assert message.get_attribute("role") == "alert"
    assert button.get_attribute("aria-disabled") is None
    assert page.url.endswith(token)


def test_what_the_server_refuses_is_said_with_its_number(site: SignInSite, page_at: PageAt) -> None:
    page = page_at(1280, "en")
    with_authenticator(page)
    token = site.invite("t-0412", datetime.now(UTC))
    page.goto(f"{site.origin}/invitations/{token}")
    with site.staff.database.writing() as connection:
        connection.execute(TABLES.invitation.update().values(expires_at=datetime(2020, 1, 1, tzinfo=UTC)))
    page.get_by_role("button", name="Create a passkey").click()
    message = page.locator("#passkey-message")
    message.get_by_text("This invitation cannot be used").wait_for()
    assert message.inner_text().split()[-1].count("-") == 1


def test_a_browser_without_passkeys_says_so_when_pressed(site: SignInSite, page_at: PageAt) -> None:
    page = page_at(1280)
    page.add_init_script("delete window.PublicKeyCredential")
    page.goto(f"{site.origin}/sign-in")
    page.get_by_role("button", name="パスキーでサインイン").click()
    assert "このブラウザーではパスキーを使えません" in page.locator("#passkey-message").inner_text()


def test_a_password_and_a_code_work_without_scripts(site: SignInSite, page_at: PageAt) -> None:
    before = datetime.now(UTC) - timedelta(minutes=5)
    token = site.invite("t-0500", before)
    secret = site.staff.invitations.look(token, before).totp_secret
    site.staff.invitations.accept_with_password(token, PASSWORD, app_code(secret, before), before)
    page = page_at(320, java_script_enabled=False)
    page.goto(f"{site.origin}/sign-in?to=/account")
    assert not page.locator("#passkey").is_visible()
    page.get_by_label("利用者ID").fill("Ｔ-０５００")
    page.get_by_role("button", name="次へ").click()
    page.get_by_label("パスワード").fill(PASSWORD)
    page.get_by_role("button", name="次へ").click()
    page.get_by_label("認証アプリ").fill(app_code(secret, datetime.now(UTC)))
    page.get_by_role("button", name="サインインする").click()
    assert page.url == f"{site.origin}/account"


@pytest.mark.parametrize(("width", "language"), [(320, "ja"), (1280, "ja"), (320, "en")])
def test_every_page_of_signing_in_is_for_everybody(
    site: SignInSite, page_at: PageAt, width: int, language: str
) -> None:
    page = page_at(width, language)
    with_authenticator(page)
    token = site.invite("t-0412", datetime.now(UTC))

    def look() -> None:
        assert_accessible(page)
        assert_no_sideways_scroll(page)

    for path in ("/sign-in", "/sign-in?ended=1", f"/invitations/{token}", f"/invitations/{token}/password"):
        page.goto(site.origin + path)
        look()
    page.locator("form[method=post] button[type=submit]").last.click()
    assert page.locator(".error-summary").is_visible()
    look()
    page.goto(f"{site.origin}/sign-in")
    page.locator("#field-login").fill("t-9999")
    page.locator("main button[type=submit]").click()
    page.locator("#field-password").wait_for()
    look()
    page.locator("#field-password").fill("wrong")
    page.locator("main button[type=submit]").click()
    page.locator(".error-summary").wait_for()
    look()
    page.goto(f"{site.origin}/invitations/{token}")
    page.locator("#passkey").click()
    page.wait_for_url(f"{site.origin}/")
    page.goto(f"{site.origin}/account")
    look()
