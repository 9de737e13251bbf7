"""`tegata serve` and `tegata doctor` as an operator runs them: processes that are killed, replaced and ended in order."""

import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from rich.console import Console

from issuer import samples
from tegata.codec.dates import today
from tegata.command.demo.environment import PREFIXES, Place
from tegata.command.demo.school import Approver, Clerk
from tegata.command.demo.story import DOCUMENTS, Story
from tegata.command.demo.visitor import Visitor
from tests.journeys.places import new_place
from tests.journeys.test_demo import environment

pytestmark = pytest.mark.xdist_group("demo")

_TEGATA = (sys.executable, "-c", "from tegata.command import main; main()")
_PATIENCE = 60.0
_KEY = "c2VjcmV0IG9mIHRoaXJ0eS10d28gYnl0ZXMgaW4gYWxsIQ=="
_PRODUCTION = {
    f"TEGATA_{name}_{key}": value
    for name in ("ISSUER", "VERIFIER", "BRIDGE")
    for key, value in {
        "PUBLIC_ORIGIN": f"https://{name.lower()}.example.jp",
        "DATABASE_URL": "sqlite:///nowhere.sqlite3",
        "KEY_ENCRYPTION_KEY": _KEY,
    }.items()
}


def until(happened: Callable[[], bool]) -> bool:
    """Look again and again, for a minute."""
    end = time.monotonic() + _PATIENCE
    pause = threading.Event()
    while not (found := happened()) and time.monotonic() < end:
        pause.wait(0.1)
    return found


@dataclass(frozen=True)
class Serving:
    """A running `tegata serve`."""

    process: "subprocess.Popen[bytes]"
    place: Place

    def workers(self) -> set[int]:
        """Return the numbers of its child processes."""
        number = self.process.pid
        try:
            return {
                int(child) for child in Path(f"/proc/{number}/task/{number}/children").read_text().split()
            }
        except OSError:
            return set()

    def answers(self) -> bool:
        """Whether each service answers now."""
        try:
            found = [
                httpx.get(f"{self.place.origin(name)}/healthz", trust_env=False) for name in self.place.ports
            ]
        except httpx.TransportError:
            return False
        return all(answer.status_code == 200 for answer in found)


@contextmanager
def serving(place: Place, failpoint: str = "") -> Iterator[Serving]:
    """Run two workers in the demo's settings, which are in this process's environment."""
    ports = [part for name, port in place.ports.items() for part in ("--port", f"{name}={port}")]
    # The services of a process share what is armed.
    armed = {f"{prefix}FAILPOINT": failpoint for prefix in PREFIXES.values()}
    with place.log.open("ab") as log:
        process = subprocess.Popen(
            [*_TEGATA, "serve", "--workers", "2", *ports],
            stdout=log,
            stderr=log,
            env={**os.environ, **armed},
        )
    found = Serving(process, place)
    try:
        assert until(lambda: process.poll() is not None or found.answers())
        assert process.poll() is None, place.log.read_text("utf-8")[-2000:]
        yield found
    finally:
        process.terminate()
        process.wait(_PATIENCE)


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    """A folder with settings and keys, in this process's environment, and nothing in the databases."""
    with new_place(tmp_path / "place") as found:
        yield found


@contextmanager
def at_a_browser(origin: str) -> Iterator[Visitor]:
    visitor = Visitor(origin)
    with visitor._client:
        yield visitor


def tegata(*arguments: str, folder: Path, settings: Mapping[str, str]) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [*_TEGATA, *arguments],
        capture_output=True, text=True, timeout=_PATIENCE, check=False, cwd=folder,
        env={**environment(), **settings},
    )  # fmt: skip


def test_a_worker_that_is_killed_is_replaced_and_a_signal_ends_all_in_order(place: Place) -> None:
    with serving(place) as running:
        assert until(lambda: len(running.workers()) == 2)
        killed = min(running.workers())
        os.kill(killed, signal.SIGKILL)
        assert until(lambda: len(running.workers() - {killed}) == 2)
        assert running.answers()
        last = running.workers()
    assert running.process.returncode == 0
    assert [number for number in last if Path(f"/proc/{number}").exists()] == []
    assert not running.answers()
    assert "Traceback" not in place.log.read_text("utf-8")


def test_a_worker_killed_in_the_middle_of_a_batch_leaves_nothing_undone_and_nothing_twice(
    place: Place,
) -> None:
    story = Story(place, Console(quiet=True))
    story.set_up()
    # Each process would die at its 38th stored document: the first does, and those who come after have fewer left.
    with serving(place, failpoint="seal.after_store:38") as running, ExitStack() as stack:
        assert until(lambda: len(running.workers()) == 2)
        first = running.workers()
        clerk, principal = (stack.enter_context(at_a_browser(place.origin("issuer"))) for _ in range(2))
        clerk.accept_invitation(story._invitations["clerk"], "clerk")
        principal.accept_invitation(story._invitations["principal"], "principal")
        office = Clerk(clerk)
        office.import_register(samples.register())
        batch = office.ask_for_approval(office.choose(DOCUMENTS, today(datetime.now(UTC)).isoformat()))
        Approver(principal).approve(batch)
        seen: list[int] = []
        assert office.wait_until_issued(batch, lambda done, _total: seen.append(done)) == 76
        assert seen == sorted(seen)
        assert len(first - running.workers()) == 1
        links = office.claim_links(batch)
    assert len(links) == 76
    assert len({link.page for link in links}) == 76
    log = place.log.read_text("utf-8")
    assert len(re.findall("76 documents sealed", log)) == 1
    assert "Traceback" not in log


def test_an_installation_that_is_well_is_told_so_and_one_that_lost_its_keys_what_to_do(place: Place) -> None:
    Story(place, Console(quiet=True)).set_up()
    own = {name: value for name, value in os.environ.items() if name.startswith("TEGATA_")}
    # The verifier fetches the list of issuers, which the issuer serves.
    with serving(place):
        well = tegata("doctor", folder=place.folder.parent, settings=own)
    assert well.returncode == 0, well.stdout
    assert "否" not in well.stdout
    for name in ("issuer", "verifier", "wallet_bridge"):
        assert f"良 ok  {name}: " in well.stdout
    (place.folder / "issuer.key").unlink()
    ill = tegata("doctor", folder=place.folder.parent, settings=own)
    assert ill.returncode == 1
    assert "否 no  issuer: key-encryption key" in ill.stdout
    assert "key_encryption_key_file" in ill.stdout


def test_a_database_without_tables_is_found_and_the_command_that_makes_them_is_named(place: Place) -> None:
    own = {name: value for name, value in os.environ.items() if name.startswith("TEGATA_")}
    found = tegata("doctor", folder=place.folder.parent, settings=own)
    assert found.returncode == 1
    assert "否 no  issuer: database" in found.stdout
    assert "tegata db upgrade" in found.stdout


def test_workers_that_cannot_start_are_not_started_again_and_again(place: Place) -> None:
    (place.folder / "issuer.key").write_text("AAAA", "ascii")
    own = {name: value for name, value in os.environ.items() if name.startswith("TEGATA_")}
    ports = [part for name, port in place.ports.items() for part in ("--port", f"{name}={port}")]
    ended = tegata("serve", "--workers", "2", *ports, folder=place.folder.parent, settings=own)
    assert ended.returncode == 1
    assert ended.stderr.count("key_encryption_key_file") == 2, ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize("command", [("serve", "--only", "issuer"), ("doctor",), ("db", "upgrade")])
@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("TEGATA_ISSUER_FAILPOINT", "seal.after_sign", "refused in production: failpoint"),
        ("TEGATA_ISSUER_TEST_IDENTIFIERS", "true", "refused in production: test_identifiers"),
        (
            "TEGATA_ISSUER_PUBLIC_ORIGIN",
            "http://issuer.example.jp",
            "http is allowed only on the loopback host",
        ),
        (
            "TEGATA_ISSUER_LOOPBACK_ORIGINS",
            '["http://localhost:1"]',
            "refused in production: loopback_origins",
        ),
    ],
)
def test_production_refuses_what_is_for_tests_in_both_languages_and_shows_no_key(
    tmp_path: Path, command: tuple[str, ...], name: str, value: str, told: str
) -> None:
    ended = tegata(*command, folder=tmp_path, settings={**_PRODUCTION, name: value})
    said = " ".join((ended.stdout + ended.stderr).split())
    assert ended.returncode == 1
    assert told in said
    assert "設定（環境変数）が正しくありません。" in said
    assert "A setting (environment variable) is not right." in said
    assert "Traceback" not in said
    assert _KEY not in said


def test_without_settings_each_variable_that_is_missing_is_named(tmp_path: Path) -> None:
    ended = tegata("doctor", folder=tmp_path, settings={})
    assert ended.returncode == 1
    for name in ("TEGATA_ISSUER_", "TEGATA_VERIFIER_", "TEGATA_BRIDGE_"):
        assert f"{name}PUBLIC_ORIGIN: Field required" in ended.stdout
        assert f"{name}DATABASE_URL: Field required" in ended.stdout


@pytest.mark.parametrize(
    "arguments", [("--only", "registry"), ("--port", "issuer"), ("--port", "issuer=0"), ("--port", "x=1")]
)
def test_a_service_or_a_port_that_does_not_exist_is_refused_in_words(
    tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    ended = tegata("serve", *arguments, folder=tmp_path, settings=_PRODUCTION)
    assert ended.returncode == 1
    assert "misconfigured" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert list(tmp_path.iterdir()) == []
