"""The journey in order: what each person does, what was checked, and where to look afterwards."""

import json as plain_json
import signal
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import entry_points
from pathlib import Path
from types import FrameType
from typing import Annotated, Any, Self

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from tegata.codec import json
from tegata.codec.dates import today
from tegata.command.demo.environment import PREFIXES, Place, prepare
from tegata.command.demo.learners import Learner
from tegata.command.demo.operator import Operator
from tegata.command.demo.school import Approver, ClaimLink, Clerk, offer_on
from tegata.command.demo.servers import require_free_ports, serving
from tegata.command.demo.university import University
from tegata.command.demo.visitor import Visitor
from tegata.errors import TegataError, Text, Unavailable

DOCUMENTS = ("graduation", "transcript")
FIRST_LEARNER, SECOND_LEARNER, THIRD_LEARNER = "2023001", "2023002", "2023003"
SCHOOL_CODE = "D100299999903"
UNIVERSITY, UNIVERSITY_EN, UNIVERSITY_NUMBER = "例示みらい大学", "Reiji Mirai University", "1000000999998"
SD_JWT_VC, LDP_VC = "dc+sd-jwt", "ldp_vc"
GRADUATION = {
    "any_of": [{"document": "graduation", "claims": ["family_name", "given_name", "graduation_date"]}]
}
THREE_OF_TRANSCRIPT = {
    "any_of": [{"document": "transcript", "claims": ["average", "band", "credits_earned_total"]}]
}
#: How the outcomes of checks are marked.
_MARK = {"passed": "✓", "failed": "×", "undecided": "?", "skipped": "–"}


class NotAsExpected(TegataError):
    """The demo ran and something in it is not as it has to be."""

    kind = "demo_not_as_expected"
    text = Text("デモの結果が予定どおりではありません。", "The demo did not turn out as it has to.")


@dataclass(slots=True)
class Outcome:
    """What the last line says."""

    issued: int = 0
    claimed: int = 0
    presented: int = 0
    verdicts: list[str] = field(default_factory=list)
    checks: list[dict[str, str]] = field(default_factory=list)

    def line(self, seconds: float) -> str:
        """Return the one line for programs."""
        is_valid = bool(self.verdicts) and set(self.verdicts) == {"valid"}
        content = {
            "issued": self.issued,
            "claimed": self.claimed,
            "presented": self.presented,
            "verdict": "valid" if is_valid else "invalid",
            "checks": self.checks,
            "seconds": round(seconds, 1),
        }
        return plain_json.dumps(content, ensure_ascii=False)


def demo(
    once: Annotated[
        bool, typer.Option("--once", help="End after the journey, with one line of JSON.")
    ] = False,
    fresh: Annotated[bool, typer.Option("--fresh", help="Begin anew, whatever is there.")] = False,
    folder: Annotated[Path, typer.Option(help="Where the demo lives.")] = Path("var/demo"),
    port: Annotated[list[int] | None, typer.Option(help="Three ports: issuer, verifier, bridge.")] = None,
) -> None:
    """Play the whole journey on this machine: a school issues, learners claim, a university verifies."""
    began = time.monotonic()
    # The services are children: whoever ends the demo by a signal ends them as well.
    signal.signal(signal.SIGTERM, _interrupt)
    console = Console(highlight=False)
    place = prepare(folder, port, fresh=fresh or once)
    story = Story(place, console)
    try:
        require_free_ports(place)
        if not place.is_done:
            story.set_up()
        with story, serving(place) as process:
            if not place.is_done:
                story.play()
                place.mark_done()
            if once:
                typer.echo(story.outcome.line(time.monotonic() - began))
                return
            story.show_links()
            process.wait()
            raise Unavailable("the services ended by themselves")
    except KeyboardInterrupt:
        console.print("\n終わりました。 Stopped.")
    except TegataError as error:
        console.print(
            f"\nデモが止まりました: {error.public.ja}\nThe demo stopped: {error.public.en}",
            style="red",
            markup=False,
            soft_wrap=True,
        )
        console.print(f"({error.kind}: {error.detail})", markup=False, soft_wrap=True)
        if place.log.exists():
            console.print(f"ログ log: {place.log}", markup=False, soft_wrap=True)
        raise typer.Exit(1) from None


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


class Story:
    """The journey, step by step; at its end the browsers and wallets of its people are closed."""

    def __init__(self, place: Place, console: Console) -> None:
        self.outcome = Outcome()
        self._place = place
        self._console = console
        self._operator = Operator(console)
        self._step = 0
        self._invitations: dict[str, str] = {}
        self._api_key = ""
        self._people = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._people.close()

    # --- before the services run: what an operator types ---

    def set_up(self) -> None:
        """Set up registrar, school, staff and university."""
        run, place = self._operator.run, self._place
        self._title("登録機関・学校・大学を用意します", "Registrar, school and university")
        self._operator.upgrade_databases()
        profile = place.folder / "school-profile.json"
        profile.write_bytes(json.dumps(_sample("profile")))
        run("registrar", "init", "--operator", "例示運営機構", "--operator-latin", "Example Operator")
        run("registrar", "enrol", str(profile))
        run("registrar", "certify", SCHOOL_CODE)
        run("registrar", "grant", SCHOOL_CODE, "all")
        run("registrar", "publish")
        (place.folder / "trust-anchor.pem").write_text(run("registrar", "anchor", secret=True), "ascii")
        run("issuer", "numbering", "--school", SCHOOL_CODE, "--profile", str(profile))
        for login, name, role in (("clerk", "事務 担当", "clerk"), ("principal", "校長 承認", "approver")):
            self._invitations[login] = self._add_staff(f"{login}@school.example", name, role)
        self._set_up_university()

    def _add_staff(self, login: str, name: str, role: str) -> str:
        printed = self._operator.run(
            "issuer", "staff-add", "--login", login, "--name", name, "--school", SCHOOL_CODE, "--role", role,
            secret=True,
        )  # fmt: skip
        return printed.splitlines()[-1]

    def _add_university_staff(self, login: str, name: str) -> str:
        printed = self._operator.run(
            "verifier", "staff-add", "--tenant", self._kept("tenant"), "--login", login, "--name", name,
            secret=True,
        )  # fmt: skip
        return printed.splitlines()[-1]

    def _set_up_university(self) -> None:
        run, folder = self._operator.run, self._place.folder
        request, chain = folder / "verifier.csr", folder / "verifier.pem"
        request.write_text(run("verifier", "csr", "--organisation", UNIVERSITY, secret=True) + "\n", "ascii")
        run(
            "registrar", "certify-request", str(request), "--dns", "localhost", "--organisation", UNIVERSITY,
            "--corporate-number", UNIVERSITY_NUMBER, "--out", str(chain),
        )  # fmt: skip
        run("verifier", "install-certificate", str(chain))
        tenant = run(
            "verifier", "tenant", "create", UNIVERSITY, "--name-en", UNIVERSITY_EN,
            "--corporate-number", UNIVERSITY_NUMBER,
        )  # fmt: skip
        self._api_key = run(
            "verifier", "api-key", "create", "--tenant", tenant, "--name", "demo", secret=True
        )
        self._keep("tenant", tenant)

    # --- while they run: what people do ---

    def play(self) -> None:
        """Import, issue, claim, present, verify."""
        issuer = self._place.origin("issuer")
        batch = self._issue(Clerk(self._staff("clerk", issuer)), Approver(self._staff("principal", issuer)))
        links = Clerk(self._clerk).claim_links(batch)
        self._claim(links)
        self._check()

    def _staff(self, login: str, origin: str) -> Visitor:
        visitor = self._people.enter_context(closing(Visitor(origin)))
        visitor.accept_invitation(self._invitations[login], "demo")
        if login == "clerk":
            self._clerk = visitor
        return visitor

    def _issue(self, clerk: Clerk, approver: Approver) -> str:
        self._title(
            "事務: 名簿を取り込み、発行する人を選びます",
            "Clerk: import the register, choose whom to issue to",
        )
        self._say(clerk.import_register(_sample("register")))
        day = today(datetime.now(UTC)).isoformat()
        choice = clerk.choose(DOCUMENTS, day)
        for reason in choice.refused:
            self._say(f"× {reason}", style="yellow")
        self._expect(len(choice.refused), 2, "learners who cannot be issued a certificate")
        batch = clerk.ask_for_approval(choice)
        self._say(f"承認を依頼しました（{len(choice.learners)}人×{len(DOCUMENTS)}種類）  Approval asked for")
        self._title("校長: パスキーで承認します", "Principal: approve with a passkey")
        digest = approver.approve(batch)
        self._say(f"承認しました。署名した照合番号  Approved; digest signed: {digest[:12]}…")
        with self._progress() as advance:
            self.outcome.issued = clerk.wait_until_issued(batch, advance)
        self._expect(self.outcome.issued, 76, "documents sealed")
        return batch

    def _claim(self, links: Sequence[ClaimLink]) -> None:
        self._title("学習者: ウォレットに受け取ります", "Learners: receive in their wallets")
        for learner, document, name in (
            (FIRST_LEARNER, "卒業証明書", SD_JWT_VC),
            (FIRST_LEARNER, "成績証明書", SD_JWT_VC),
            (SECOND_LEARNER, "卒業証明書", LDP_VC),
        ):
            (link,) = [item for item in links if (item.student_number, item.document) == (learner, document)]
            with closing(Visitor(self._place.origin("issuer"))) as browser:
                offer = offer_on(link.page, browser)
            held = self._wallet(learner).claim(offer, name)
            self.outcome.claimed += 1
            self._say(f"✓ {learner} {document}  {held.format}  {held.configuration_id}")
        self._keep("claim_page", next(item.page for item in links if item.student_number == THIRD_LEARNER))

    def _check(self) -> None:
        self._title("大学: 依頼し、その場で検証します", "University: ask, and verify at once")
        office = self._people.enter_context(
            closing(University(self._place.origin("verifier"), self._api_key))
        )
        for learner, items in (
            (FIRST_LEARNER, (GRADUATION, THREE_OF_TRANSCRIPT)),
            (SECOND_LEARNER, (GRADUATION,)),
        ):
            asked = office.ask("入学者選抜の出願資格を確認するため", items)
            self._wallet(learner).answer(asked.link)
            report = office.report(asked)
            self.outcome.presented += 1
            self._show_report(learner, report)
        self._expect(self.outcome.verdicts, ["valid", "valid"], "verdicts")

    def _wallet(self, student_number: str) -> Learner:
        folder = self._place.folder / "wallets" / student_number
        return self._people.enter_context(closing(Learner(folder)))

    def _show_report(self, learner: str, report: Mapping[str, Any]) -> None:
        self.outcome.verdicts.append(report["verdict"])
        for credential in report["credentials"]:
            title = credential["title"]
            verdict = credential["verdict"]
            self._say(f"{learner}  {title['ja']} {title['en']}: [bold]{verdict}[/bold]", markup=True)
            for check in credential["checks"]:
                self._show_check(learner, credential["document"], check)
            shown = json.dumps(credential["claims"]).decode("utf-8")
            self._say(f"   {shown[:200]}…", style="dim")
        if report["request"] is not None:
            self._show_check(learner, "", report["request"])

    def _show_check(self, learner: str, document: str, check: Mapping[str, Any]) -> None:
        name, outcome, reason = check["check"], check["outcome"], check["reason"]
        self._say(f"   {_MARK[outcome]} {name}: {reason['ja']} / {reason['en']}")
        line = {"learner": learner, "document": document, "check": name, "outcome": outcome}
        self.outcome.checks.append(line)

    # --- what is kept for a later start ---

    def _keep(self, name: str, value: str) -> None:
        path = self._place.folder / "kept.json"
        kept = json.loads(path.read_bytes()) if path.exists() else {}
        path.write_bytes(json.dumps({**kept, name: value}))

    def _kept(self, name: str) -> str:
        return str(json.loads((self._place.folder / "kept.json").read_bytes())[name])

    # --- what is said ---

    def show_links(self) -> None:
        """Say where to look, what can be done there, and how to get in."""
        self._title("ページを見る", "Look at the pages")
        for ja, en, address in (*self._open_pages(), *self._guest_links()):
            self._console.print(f"\n  {ja}", style="bold", markup=False)
            self._console.print(f"  {en}", style="dim", markup=False)
            self._console.print(f"    {address}", style="blue", markup=False, soft_wrap=True)
        self._console.print("\n  Ctrl+C で終わります。 Ctrl+C stops it.")

    def _open_pages(self) -> tuple[tuple[str, str, str], ...]:
        issuer, verifier, bridge = (self._place.origin(name) for name in PREFIXES)
        return (
            (
                "受取ページ: 3人目の卒業生として、証明書をウォレットに受け取る",
                "Claim page: receive a certificate in a wallet, as a third graduate",
                self._kept("claim_page"),
            ),
            (
                "証明書の種類: 何が書かれ、どう見えるかを読む",
                "Document types: read what they hold and how they look",
                f"{issuer}/documents",
            ),
            (
                "発行機関の一覧: だれが何を発行してよいかを見る",
                "List of issuers: see who may issue what",
                f"{issuer}/trust-list.json",
            ),
            (
                "大学の検証ページ: 入口を見る（入るには下のリンク）",
                "The university's pages: the way in (to enter, use the link below)",
                f"{verifier}/",
            ),
            (
                "本人確認の橋渡し: 何のためのものかを読む",
                "Wallet bridge: read what it is for",
                f"{bridge}/",
            ),
        )

    def _guest_links(self) -> tuple[tuple[str, str, str], ...]:
        stamp = format(int(time.time()), "x")
        clerk = self._add_staff(f"guest-clerk-{stamp}@school.example", "見学 事務", "clerk")
        approver = self._add_staff(f"guest-approver-{stamp}@school.example", "見学 校長", "approver")
        university = self._add_university_staff(f"guest-{stamp}@university.example", "見学 大学")
        return (
            (
                "見学 事務として入る（1回だけ）: 名簿の取り込み、発行、失効",
                "Enter as a guest clerk, once: import, issue, revoke",
                clerk,
            ),
            (
                "見学 校長として入る（1回だけ）: 承認を待つものを見て承認する",
                "Enter as a guest approver, once: look at what waits, and approve it",
                approver,
            ),
            (
                "見学 大学として入る（1回だけ）: 依頼を作り、届いた結果を見る",
                "Enter as a guest of the university, once: make requests, read results",
                university,
            ),
        )

    def _title(self, ja: str, en: str) -> None:
        self._step += 1
        self._console.print(f"\n{self._step}  {ja}", style="bold", markup=False)
        self._console.print(f"   {en}", style="dim", markup=False)

    def _say(self, text: str, style: str = "", *, markup: bool = False) -> None:
        self._console.print(f"  {text}", style=style, markup=markup, soft_wrap=True)

    def _expect(self, found: object, wanted: object, what: str) -> None:
        if found != wanted:
            raise NotAsExpected(f"{what}: {found!r}, not {wanted!r}")

    @contextmanager
    def _progress(self) -> Iterator[Callable[[int, int], None]]:
        columns = (
            TextColumn("  発行しています Issuing"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
        )
        with Progress(*columns, console=self._console) as progress:
            task = progress.add_task("", total=None)

            def advance(done: int, total: int) -> None:
                progress.update(task, completed=done, total=total)

            yield advance


def _sample(name: str) -> Any:
    """Return a part of the sample school that an installed service ships (entry points `tegata.samples`)."""
    for point in entry_points(group="tegata.samples"):
        if point.name == name:
            return point.load()()
    raise NotAsExpected(f"no installed service ships the sample {name}")
