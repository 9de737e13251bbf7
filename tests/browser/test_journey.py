"""The whole journey in a real browser, against real servers: import, issue, approve, claim, ask, answer, look.

The clerk, the principal and the university's staff each have a browser and a passkey of their own; the learner opens
the claim page in a phone's window and a wallet that knows only the public protocols takes the link from it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from playwright.sync_api import Page, expect
from rich.console import Console

from issuer import samples
from tegata.codec.dates import today
from tegata.command.demo.environment import Place
from tegata.command.demo.servers import serving
from tegata.command.demo.story import Story
from tegata.command.wallet import installed_contexts
from tegata.doubles.wallet.accept import accept
from tegata.doubles.wallet.http import WalletHttp
from tegata.doubles.wallet.present import present
from tegata.doubles.wallet.store import WalletStore
from tests.browser.checks import assert_accessible, screenshot
from tests.browser.conftest import PageAt
from tests.browser.test_sign_in import with_authenticator
from tests.journeys.places import new_place

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

_STUDENT = "2023001"
_SEALED_MS = 60_000


@dataclass(frozen=True)
class Stage:
    """Three running services with nothing in them but a school, its invited staff and a university."""

    place: Place
    invitations: dict[str, str]

    def join(self, page: Page, who: str) -> None:
        """Accept an invitation with a passkey that the browser makes."""
        with_authenticator(page)
        page.goto(self.invitations[who])
        page.get_by_label("パスキーの呼び名").fill("職場のパソコン")
        page.get_by_role("button", name="パスキーを作る").click()
        page.wait_for_url(lambda url: urlsplit(url).path == "/")


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    with new_place(tmp_path / "place") as place:
        story = Story(place, Console(quiet=True))
        story.set_up()
        invitations = {
            **story._invitations,
            "university": story._add_university_staff("staff@university.example", "入試 花"),
        }
        with serving(place):
            yield Stage(place, invitations)


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def import_register(page: Page, folder: Path) -> None:
    folder.mkdir()
    files = []
    for name, content in samples.register().items():
        path = folder / name
        path.write_bytes(content)
        files.append(path)
    page.locator("main a[href='/register/import']").first.click()
    page.locator("input[type=file]").set_input_files(files)
    press(page, "ファイルを確認する")
    expect(page.get_by_role("heading", level=1)).to_have_text("事前確認の結果")
    assert page.get_by_text("まだ何も保存していません。").is_visible()
    page.get_by_role("button", name="人を取り込む").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("人を取り込みました")


def ask_for_everybody(page: Page) -> str:
    """Choose both certificates for everybody who may have them; returns the path of the batch."""
    page.get_by_role("link", name="新しく発行する").first.click()
    page.get_by_label("卒業証明書", exact=True).check()
    page.get_by_label("成績証明書", exact=True).check()
    page.get_by_label("発行日").fill(today(now()).isoformat())
    press(page, "対象者を選ぶ")
    expect(page.get_by_role("heading", level=1)).to_have_text("だれに発行しますか")
    assert page.get_by_text("発行できません", exact=True).count() == 2
    for box in page.locator("input[name=row]").all():
        box.check()
    press(page, "内容を確認する")
    expect(page.get_by_role("heading", level=1)).to_have_text("内容を確認してください")
    batch = urlsplit(page.url).path
    press(page, "承認を依頼する")
    expect(page.get_by_role("heading", level=1)).to_have_text("承認を依頼しました")
    return batch


def approve_by_keyboard(page: Page, batch: str) -> None:
    """Look at the batch and approve it without a mouse."""
    page.goto(page.url.rstrip("/") + f"/approvals/{batch.rsplit('/', 1)[-1]}")
    assert_accessible(page)
    page.get_by_role("radio").first.focus()
    wanted = "パスキーで承認する"
    for _ in range(40):
        if page.evaluate("document.activeElement.innerText").strip() == wanted:
            break
        page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.innerText").strip() == wanted
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: urlsplit(url).path == batch)


def now() -> datetime:
    return datetime.now(UTC)


def receive(offer: str, folder: Path) -> None:
    """Take the certificate into the wallet of a folder."""
    with httpx.Client(trust_env=False, timeout=30) as client:
        (held,) = accept(offer, WalletStore(folder), WalletHttp(client), now, credential_format="dc+sd-jwt")
    assert held.configuration_id == "graduation-sd-jwt"


def answer_on_the_phone(page: Page, link: str | None, folder: Path) -> None:
    """Follow the link that the office sent, answer in the wallet, and come back where it sends the browser."""
    assert link is not None
    page.goto(link)
    assert_accessible(page)
    start = page.get_by_role("link", name="ウォレットを開いて答える").get_attribute("href")
    assert start is not None
    # What the browser would hand to the wallet's app; the cookies that it gets on the way are the page's.
    to_wallet = page.context.request.get(start, max_redirects=0)
    with httpx.Client(trust_env=False, timeout=30) as client:
        link = to_wallet.headers["location"]
        sent = present(link, WalletStore(folder), WalletHttp(client), now, installed_contexts())
    assert len(sent.answers) == 1
    page.goto(sent.redirect_uri)


def test_the_office_issues_a_graduate_claims_and_the_university_sees_that_it_is_valid(
    stage: Stage, page_at: PageAt, tmp_path: Path
) -> None:
    clerk, principal, phone, office = page_at(1280), page_at(1280), page_at(320), page_at(1280)
    stage.join(clerk, "clerk")
    import_register(clerk, tmp_path / "files")
    batch = ask_for_everybody(clerk)

    stage.join(principal, "principal")
    approve_by_keyboard(principal, batch)
    clerk.goto(stage.place.origin("issuer") + batch)
    expect(clerk.get_by_role("heading", level=1)).to_have_text("発行が終わりました", timeout=_SEALED_MS)
    press(clerk, "76件の受取リンクを作る")
    clerk.goto(stage.place.origin("issuer") + batch + "/links")
    row = clerk.locator("tr", has_text=_STUDENT).filter(has_text="卒業証明書")
    claim_page = row.get_by_role("link").get_attribute("href")

    assert claim_page is not None
    phone.goto(claim_page)
    assert_accessible(phone)
    offer = phone.get_by_role("link", name="このスマートフォンで受け取る").get_attribute("href")
    assert offer is not None
    wallet = tmp_path / "wallet"
    receive(offer, wallet)

    stage.join(office, "university")
    office.get_by_role("link", name="依頼を作る").first.click()
    office.get_by_role("link", name="自分で選ぶ").click()
    office.get_by_role("link", name="卒業証明書").click()
    office.get_by_label("卒業年月日").check()
    office.get_by_label("目的").fill("入学者選抜の出願資格を確認するため")
    press(office, "依頼を作る")
    answer_on_the_phone(phone, office.locator("[data-copy*='/ask/']").get_attribute("data-copy"), wallet)
    expect(office.locator("#verdict-word")).to_contain_text("有効です")
    assert office.evaluate("document.activeElement.id") == "verdict-word"
    assert_accessible(office)
    screenshot(office, "journey-report")
