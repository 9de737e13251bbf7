"""`tegata demo` as a newcomer runs it: one command, in a process of its own, on free ports, with files that last."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

pytestmark = pytest.mark.xdist_group("demo")

_COMMAND = (sys.executable, "-c", "from tegata.command import main; main()", "demo")
_PATIENCE = 240
_CHECKS = {
    "format", "signature", "organisation", "permission", "holder_binding", "schema", "validity", "status", "request",
}  # fmt: skip
#: What no log may hold: tokens of links and sessions, keys of the API, codes, and twelve digits in a row (個人番号).
_SECRETS = (
    re.compile(r"/claim/(?!\*)[A-Za-z0-9_-]{20,}"),
    re.compile(r"/invitations/(?!\*)[A-Za-z0-9_-]{20,}"),
    re.compile(r"pre-authorized_code[\"'=: ]+[A-Za-z0-9_-]{16,}"),
    re.compile(r"(?:Bearer|DPoP) [A-Za-z0-9_-]{16,}"),
    re.compile(r"(?:tx_code|access_token|session|csrf)[\"'=: ]+[A-Za-z0-9_-]{6,}"),
    re.compile(r"(?<![0-9a-f.])\d{12}(?![0-9a-f.])"),
)


def free_ports(count: int) -> list[int]:
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for found in sockets:
            found.bind(("127.0.0.1", 0))
        return [int(found.getsockname()[1]) for found in sockets]


def arguments(folder: Path, ports: list[int], *more: str) -> list[str]:
    chosen = [part for port in ports for part in ("--port", str(port))]
    return [*_COMMAND, "--folder", str(folder), *chosen, *more]


def environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("TEGATA_")}
    return {**kept, "COLUMNS": "80", "NO_COLOR": "1"}


def run(folder: Path, *more: str, ports: list[int] | None = None) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        arguments(folder, ports or free_ports(3), *more),
        capture_output=True, text=True, timeout=_PATIENCE, check=False, env=environment(),
    )  # fmt: skip


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> tuple["subprocess.CompletedProcess[str]", Path]:
    folder = tmp_path_factory.mktemp("demo") / "place"
    return run(folder, "--once"), folder


@pytest.fixture(scope="module")
def outcome(played: tuple["subprocess.CompletedProcess[str]", Path]) -> dict[str, Any]:
    ended, _ = played
    assert ended.returncode == 0, ended.stdout[-3000:] + ended.stderr[-3000:]
    found: dict[str, Any] = json.loads(ended.stdout.splitlines()[-1])
    return found


def test_seventy_six_are_issued_three_claimed_two_presented_and_the_verdict_is_valid(
    outcome: dict[str, Any],
) -> None:
    counted = {name: outcome[name] for name in ("issued", "claimed", "presented", "verdict")}
    assert counted == {"issued": 76, "claimed": 3, "presented": 2, "verdict": "valid"}
    assert outcome["seconds"] > 0


def test_every_check_of_a_report_is_named_and_passed(outcome: dict[str, Any]) -> None:
    assert {check["check"] for check in outcome["checks"]} == _CHECKS
    assert [check for check in outcome["checks"] if check["outcome"] != "passed"] == []


def test_both_formats_were_checked(outcome: dict[str, Any]) -> None:
    signatures = [
        (check["learner"], check["document"]) for check in outcome["checks"] if check["check"] == "signature"
    ]
    assert signatures == [("2023001", "graduation"), ("2023001", "transcript"), ("2023002", "graduation")]


def test_who_cannot_graduate_is_named_with_the_reason(
    played: tuple["subprocess.CompletedProcess[str]", Path], outcome: dict[str, Any]
) -> None:
    assert outcome["issued"] == 76
    refused = sorted(line.strip() for line in played[0].stdout.splitlines() if "発行できません" in line)
    assert [line[:9] for line in refused] == ["× 2023037", "× 2023040"]
    assert "退学しています" in refused[0]
    assert "保留されています" in refused[1]


def test_the_log_holds_no_token_and_no_individual_number(
    played: tuple["subprocess.CompletedProcess[str]", Path], outcome: dict[str, Any]
) -> None:
    log = (played[1] / "services.log").read_text("utf-8")
    assert "/credential" in log, outcome
    assert [found[0] for pattern in _SECRETS if (found := pattern.search(log))] == []
    claim_page = json.loads((played[1] / "kept.json").read_bytes())["claim_page"]
    assert claim_page.rsplit("/", 1)[-1] not in log


def test_the_services_are_gone_when_it_ends(
    played: tuple["subprocess.CompletedProcess[str]", Path], outcome: dict[str, Any]
) -> None:
    assert outcome["presented"] == 2
    needle = str(played[1]).encode()
    still = []
    for process in Path("/proc").iterdir():
        try:
            if process.name.isdigit() and needle in (process / "environ").read_bytes():
                still.append(process.name)
        except OSError:  # ended meanwhile, or another person's
            continue
    assert still == []


@contextmanager
def started(command: list[str]) -> Iterator[tuple["subprocess.Popen[str]", str]]:
    """Start a demo that stays up; gives what it said until it was ready, and stops it if nobody else did."""
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment()
    )
    try:
        assert process.stdout is not None
        lines = []
        for line in process.stdout:
            lines.append(line)
            if "Ctrl+C" in line:
                break
        text = "".join(lines)
        assert process.poll() is None, text
        yield process, text
    finally:
        process.terminate()
        process.communicate(timeout=60)


def end_by(process: "subprocess.Popen[str]", number: signal.Signals) -> None:
    """End a demo as a person or a system does, and see that it says so and that all is well."""
    process.send_signal(number)
    rest, _ = process.communicate(timeout=60)
    assert process.returncode == 0, rest
    assert "Stopped" in rest


def pages_of(text: str) -> list[int]:
    """Follow every link that is shown at the end; returns how each answers."""
    shown = text[text.index("Look at the pages") :]
    addresses = [word for word in shown.split() if word.startswith("http://localhost:")]
    return [
        httpx.get(
            address, headers={"Accept": "text/html"}, trust_env=False, follow_redirects=True
        ).status_code
        for address in addresses
    ]


def test_a_demo_that_broke_off_is_played_anew_shows_links_stays_up_and_ends_by_interrupt(
    tmp_path: Path,
) -> None:
    ports, folder = free_ports(3), tmp_path / "place"
    folder.mkdir()
    (folder / ".tegata-demo").touch()
    (folder / "issuer.sqlite3").write_bytes(b"half of a database")
    with started(arguments(folder, ports)) as (process, text):
        assert "Learners: receive in their wallets" in text
        assert pages_of(text) == [200] * 8
        end_by(process, signal.SIGINT)


def test_a_demo_that_was_played_only_serves_on_its_own_ports_when_it_is_started_again(
    played: tuple["subprocess.CompletedProcess[str]", Path],
) -> None:
    with started([*_COMMAND, "--folder", str(played[1])]) as (process, text):
        assert "Learners: receive in their wallets" not in text
        assert "registrar init" not in text
        assert pages_of(text) == [200] * 8
        end_by(process, signal.SIGTERM)


def test_a_demo_that_was_played_is_not_served_on_other_ports(
    played: tuple["subprocess.CompletedProcess[str]", Path],
) -> None:
    ended = run(played[1])
    assert ended.returncode == 1
    assert "このフォルダーのデモは別のポートで行われました。" in ended.stderr
    assert "The demo in this folder was played on other ports." in ended.stderr
    assert (played[1] / "done").is_file()


@pytest.mark.parametrize("ports", [[9001], [9001, 9002, 9002], [9001, 9002, 9003, 9004]])
def test_three_ports_are_needed(tmp_path: Path, ports: list[int]) -> None:
    ended = run(tmp_path / "place", ports=ports)
    assert ended.returncode == 1
    assert "Give three ports, each another one" in ended.stderr
    assert not (tmp_path / "place").exists()


def test_a_port_in_use_is_said_in_both_languages(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        ports = [taken.getsockname()[1], *free_ports(2)]
        ended = run(tmp_path / "place", "--once", ports=ports)
    assert ended.returncode == 1
    assert f"デモが止まりました: ポート{ports[0]}が使えません。" in ended.stdout
    assert f"The demo stopped: Port {ports[0]} cannot be used." in ended.stdout
    assert "registrar init" not in ended.stdout
    assert "Traceback" not in ended.stdout + ended.stderr


def test_a_folder_with_other_things_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("大切", "utf-8")
    ended = run(tmp_path, "--once")
    assert ended.returncode == 1
    assert "このフォルダーにはデモのものではないファイルがあります。" in ended.stderr
    assert "This folder holds files that are not a demo's." in ended.stderr
    assert "Traceback" not in ended.stdout + ended.stderr
    assert [item.name for item in tmp_path.iterdir()] == ["thesis.txt"]
