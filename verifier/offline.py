"""`tegata verify FILE`: checks a file with what lies beside it, and asks nobody. No settings, no database, no network.

Without a list of issuers and its anchor, or without a status list, the answer is "cannot decide": a check that was not
made is never passed.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from schemas import catalogue as documents
from tegata.codec import json
from tegata.codec.dates import instant
from tegata.errors import MalformedInput, Text, Unavailable
from tegata.formats.vcdm.legacy import Legacy
from tegata.identity import trust_list_format
from tegata.identity.chain import pem_to_der
from verifier.verification.assessing import Assessor
from verifier.verification.issuers import TrustSnapshot
from verifier.verification.list_forms import MAX_LIST_BYTES, published_at
from verifier.verification.policy import FILE, Policy
from verifier.verification.report import (
    BINDING_TEXT,
    CHECK_TEXT,
    VERDICT_TEXT,
    Check,
    Outcome,
    Report,
    Verdict,
)
from verifier.verification.status import Fetched

#: A list handed in as a file is of the time of the check, unless it says otherwise itself.
_MAX_AGE = timedelta(days=1)
_MAX_FILE_BYTES = 4 * 1_048_576
EXIT_CODES = {Verdict.VALID: 0, Verdict.INVALID: 1, Verdict.UNDECIDED: 3}
_MARKS = {
    Outcome.PASSED: Text("適合", "passed"),
    Outcome.FAILED: Text("不適合", "failed"),
    Outcome.UNDECIDED: Text("判定不能", "undecided"),
    Outcome.SKIPPED: Text("対象外", "skipped"),
}

verify_command = typer.Typer(help="Check a credential without a network.")


@dataclass(frozen=True, slots=True)
class FixedList:
    """One list of issuers, or none; there is never a newer one."""

    snapshot: TrustSnapshot | None

    def current(self, _now: datetime) -> TrustSnapshot | None:
        return self.snapshot

    def newer_than(self, _snapshot: TrustSnapshot | None, _now: datetime) -> TrustSnapshot | None:
        return None


@dataclass(frozen=True, slots=True)
class StatusFiles:
    """Status lists from files, by the address that each says it was published at; that address is checked later."""

    bodies: tuple[bytes, ...] = field(repr=False)

    def get(self, uri: str, _accept: str, now: datetime) -> Fetched:
        for body in self.bodies:
            if published_at(body) == uri:
                return Fetched(body, now, _MAX_AGE)
        raise Unavailable("no file holds this status list")

    def unusable(self, uri: str, now: datetime) -> None:
        """Do nothing: there is no other copy."""


def check(
    data: bytes,
    *,
    snapshot: TrustSnapshot | None,
    status: Sequence[bytes],
    at: datetime,
    policy: Policy = FILE,
) -> Report:
    """Check the bytes of a credential at an instant."""
    assessor = Assessor(
        FixedList(snapshot), StatusFiles(tuple(status)), documents.load(), documents.contexts(), policy
    )
    return assessor.check_file(data, policy, at)


@verify_command.command("verify")
def verify(
    file: Annotated[Path, typer.Argument(help="The credential.", exists=True, dir_okay=False)],
    trust_list: Annotated[Path | None, typer.Option(help="The signed list of issuers.", exists=True)] = None,
    trust_anchor: Annotated[
        Path | None,
        typer.Option(help="The root certificates under which the list is believed (PEM).", exists=True),
    ] = None,
    status: Annotated[
        list[Path] | None, typer.Option(help="A status list (repeatable).", exists=True)
    ] = None,
    at: Annotated[str, typer.Option(help="Check as of this instant (RFC 3339); now if left out.")] = "",
    require_holder_binding: Annotated[
        bool, typer.Option("--require-holder-binding", help="Refuse what its holder does not prove.")
    ] = False,
    accept_test: Annotated[
        bool, typer.Option("--accept-test", help="Accept test organisations (prefecture 00).")
    ] = False,
    accept_old: Annotated[
        list[Legacy] | None, typer.Option("--accept-old", help="Read an old form, too (repeatable).")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False,
) -> None:
    """Check a credential: exits with 0 if it is valid, 1 if it is not, 3 if that cannot be decided."""
    now = instant(at) if at else datetime.now(UTC)
    policy = Policy(
        accepts_test_identifiers=accept_test,
        requires_holder_binding=require_holder_binding,
        accepts_unbound=not require_holder_binding,
        legacy=FILE.legacy | frozenset(accept_old or ()),
    )
    report = check(
        _read(file),
        snapshot=_snapshot(trust_list, trust_anchor, now),
        status=[_read(path, MAX_LIST_BYTES) for path in status or []],
        at=now,
        policy=policy,
    )
    if as_json:
        typer.echo(json.dumps(report.to_json()).decode("utf-8"))
    else:
        _show(report)
    raise typer.Exit(EXIT_CODES[report.verdict])


def _snapshot(trust_list: Path | None, anchor: Path | None, now: datetime) -> TrustSnapshot | None:
    if trust_list is None or anchor is None:
        return None
    anchors = pem_to_der(_read(anchor))
    compact = _read(trust_list, trust_list_format.MAX_BYTES).strip()
    return TrustSnapshot(trust_list_format.load(compact, anchors=anchors, now=now), anchors)


def _read(path: Path, limit: int = _MAX_FILE_BYTES) -> bytes:
    if path.stat().st_size > limit:
        raise MalformedInput(f"{path.name} is larger than {limit} bytes")
    return path.read_bytes()


def _show(report: Report) -> None:
    console = Console()
    verdict = VERDICT_TEXT[report.verdict]
    console.print(f"{verdict.ja} / {verdict.en}", style="bold", markup=False)
    for credential in report.credentials:
        issuer = credential.issuer
        console.print(f"{credential.title.ja} / {credential.title.en}", markup=False)
        if issuer is not None:
            console.print(f"{issuer.names.ja} / {issuer.names.en}  {issuer.identifier}", markup=False)
        binding = BINDING_TEXT[credential.binding]
        console.print(f"{binding.ja} / {binding.en}", markup=False)
        console.print(_table(credential.checks))


def _table(checks: Sequence[Check]) -> Table:
    table = Table(box=None, pad_edge=False)
    for heading in ("確認したこと check", "結果 outcome", "理由 reason"):
        table.add_column(heading, overflow="fold")
    for item in checks:
        name, mark = CHECK_TEXT[item.name][0], _MARKS[item.outcome]
        table.add_row(
            f"{name.ja} {name.en}",
            f"{mark.ja} {mark.en}",
            f"{item.reason.ja}\n{item.reason.en} {item.clause}",
        )
    return table
