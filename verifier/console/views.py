"""Reports as people read them: claims with labels, codes in words, dates in both calendars, lists as tables. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from schemas.catalogue import Catalogue, ClaimPath, DocumentDefinition
from schemas.dictionary import label as code_label
from tegata.codec.dates import parse_date
from tegata.errors import MalformedInput, NotFound, Text
from tegata.service.console.formats import long_date, short_date
from verifier.console.outline import claim_path, label, labels, left_out
from verifier.oid4vp.dcql import Query
from verifier.verification import texts
from verifier.verification.forms import LABELS
from verifier.verification.report import (
    BINDING_TEXT,
    CHECK_TEXT,
    VERDICT_TEXT,
    Binding,
    Check,
    CheckName,
    CredentialReport,
    Issuer,
    Outcome,
    Report,
    Verdict,
)

#: Claims at the top that say nothing of the person.
_ABOUT_SCHOOL = ("school", "test")
YES, NO = Text("はい", "Yes"), Text("いいえ", "No")
_OUTCOME_TAG = {
    Outcome.PASSED: "passed",
    Outcome.FAILED: "failed",
    Outcome.UNDECIDED: "undecided",
    Outcome.SKIPPED: "unchecked",
}
_VERDICT_TAG = {Verdict.VALID: "valid", Verdict.INVALID: "invalid", Verdict.UNDECIDED: "undecided"}
_BINDING_TAG = {
    Binding.PROVEN: "passed",
    Binding.NOT_PROVEN: "unchecked",
    Binding.NOT_BOUND: "notice",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One item with its value."""

    label: Text
    value: Text


@dataclass(frozen=True, slots=True)
class Grid:
    """A list of things of one shape."""

    label: Text
    columns: tuple[Text, ...]
    rows: tuple[tuple[Text, ...], ...]


@dataclass(frozen=True, slots=True)
class Content:
    """Claims in the order of their document."""

    lines: tuple[Line, ...] = ()
    grids: tuple[Grid, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.lines or self.grids)


@dataclass(frozen=True, slots=True)
class Row:
    """One check; `tag` is its outcome as a tag."""

    number: int
    name: Text
    question: Text
    tag: str
    reason: Text
    clause: str
    evidence: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class CredentialView:
    """The report on one certificate.

    `about_school` is what every certificate says of its school; `unasked` is what the format could not leave out,
    although nobody asked.
    """

    title: Text
    tag: str
    word: Text
    reasons: tuple[Text, ...]
    issuer: Issuer | None
    received: Content
    about_school: Content
    unasked: Content
    not_received: tuple[Text, ...]
    is_proven: bool
    is_test: bool
    binding: Text
    binding_tag: str
    rows: tuple[Row, ...]
    report: CredentialReport


@dataclass(frozen=True, slots=True)
class ReportView:
    """A whole report, its verdict first."""

    tag: str
    word: Text
    credentials: tuple[CredentialView, ...]
    request: Row | None
    report: Report

    @property
    def is_test(self) -> bool:
        """Whether a part of it comes from a test organisation."""
        return any(item.is_test for item in self.credentials)

    @property
    def is_undecided(self) -> bool:
        """Whether it may become another verdict when it is looked at again."""
        return self.report.verdict is Verdict.UNDECIDED


def report_view(report: Report, query: Query | None, catalogue: Catalogue) -> ReportView:
    """Return a report for people; with a query, what nobody asked for is told apart."""
    credentials = tuple(_credential(item, query, catalogue) for item in report.credentials)
    count = max((len(item.rows) for item in credentials), default=0)
    return ReportView(
        tag=_worst_tag(report, credentials),
        word=VERDICT_TEXT[report.verdict],
        credentials=credentials,
        request=None if report.request is None else _row(count + 1, report.request),
        report=report,
    )


def _worst_tag(report: Report, credentials: Sequence[CredentialView]) -> str:
    """Return `suspended` where that alone is wrong: it may end."""
    failed = [check for check in report.all_checks() if check.outcome is Outcome.FAILED]
    if failed and all(check.reason == texts.STATUS_SUSPENDED for check in failed):
        return "suspended"
    return (
        credentials[0].tag
        if len(credentials) == 1 and report.request is None
        else _VERDICT_TAG[report.verdict]
    )


def _credential(item: CredentialReport, query: Query | None, catalogue: Catalogue) -> CredentialView:
    definition = catalogue.get(item.document) if item.document else None
    asked = _asked_names(item, query, definition)
    received, unasked = dict(item.claims), dict[str, Any]()
    if asked is not None and definition is not None:
        known = asked | set(definition.always_shown)
        received = {name: value for name, value in item.claims.items() if name in known}
        unasked = {name: value for name, value in item.claims.items() if name not in known}
    about_school = {name: received.pop(name) for name in _ABOUT_SCHOOL if name in received}
    not_received: tuple[Text, ...] = ()
    if definition is not None and item.is_proven:
        not_received = labels(left_out(definition, set(item.claims) | (asked or set())), definition)
    failed = [check for check in item.checks if check.outcome is Outcome.FAILED]
    is_suspended = bool(failed) and all(check.reason == texts.STATUS_SUSPENDED for check in failed)
    return CredentialView(
        title=item.title,
        tag="suspended" if is_suspended else _VERDICT_TAG[item.verdict],
        word=VERDICT_TEXT[item.verdict],
        reasons=_reasons(item),
        issuer=item.issuer,
        received=content(received, definition),
        about_school=content(about_school, definition),
        unasked=content(unasked, definition),
        not_received=not_received,
        is_proven=item.is_proven,
        is_test=(item.issuer is not None and item.issuer.is_test) or item.claims.get("test") is True,
        binding=BINDING_TEXT[item.binding],
        binding_tag=_binding_tag(item),
        rows=tuple(_row(number, check) for number, check in enumerate(item.checks, 1)),
        report=item,
    )


def _binding_tag(item: CredentialReport) -> str:
    if item.outcome(CheckName.HOLDER_BINDING) is Outcome.FAILED:
        return "failed"
    return _BINDING_TAG[item.binding]


def _reasons(item: CredentialReport) -> tuple[Text, ...]:
    """Return why a certificate is not valid: what failed, else what could not be decided, each reason once."""
    worst = Outcome.FAILED if item.verdict is Verdict.INVALID else Outcome.UNDECIDED
    return tuple(dict.fromkeys(check.reason for check in item.checks if check.outcome is worst))


def _asked_names(
    item: CredentialReport, query: Query | None, definition: DocumentDefinition | None
) -> set[str] | None:
    found = None if query is None else query.credential(item.query)
    if found is None:
        return None
    return {str(path[0]) for claim in found.claims if (path := claim_path(found, claim.path, definition))}


def _row(number: int, check: Check) -> Row:
    name, question = CHECK_TEXT[check.name]
    tag = _OUTCOME_TAG[check.outcome]
    return Row(number, name, question, tag, check.reason, check.clause, check.evidence)


def content(claims: Mapping[str, Any], definition: DocumentDefinition | None) -> Content:
    """Return claims in the order of their document; what it does not know comes last."""
    order = {path[0]: place for place, path in enumerate(definition.labels)} if definition is not None else {}
    lines: list[Line] = []
    grids: list[Grid] = []
    for name in sorted(claims, key=lambda item: order.get(item, len(order))):
        _add((name,), claims[name], definition, lines, grids)
    return Content(tuple(lines), tuple(grids))


def _add(
    path: ClaimPath, value: Any, definition: DocumentDefinition | None, lines: list[Line], grids: list[Grid]
) -> None:
    if isinstance(value, Mapping):
        # The labels inside say what they belong to (「学校名」), so the group needs no line of its own.
        for name, inner in value.items():
            _add((*path, name), inner, definition, lines, grids)
    elif isinstance(value, list) and value and all(isinstance(item, Mapping) for item in value):
        grids.append(_grid(path, value, definition))
    else:
        lines.append(Line(_label(path, definition), said(path, value, definition)))


def _grid(path: ClaimPath, items: Sequence[Mapping[str, Any]], definition: DocumentDefinition | None) -> Grid:
    names = list(dict.fromkeys(name for item in items for name in item))
    inner: list[ClaimPath] = [(*path, None, name) for name in names]
    rows = tuple(
        tuple(
            said(place, item[name], definition, short=True) if name in item else Text("", "")
            for name, place in zip(names, inner, strict=True)
        )
        for item in items
    )
    return Grid(_label(path, definition), tuple(_label(place, definition) for place in inner), rows)


def _label(path: ClaimPath, definition: DocumentDefinition | None) -> Text:
    if definition is not None:
        return label(path, definition)
    last = str(path[-1])
    return LABELS.get(last) or Text(last, last)


def said(path: ClaimPath, value: Any, definition: DocumentDefinition | None, *, short: bool = False) -> Text:
    """Return a value in words: a code's label, a date in both calendars, yes or no."""
    if isinstance(value, bool):
        return YES if value else NO
    if isinstance(value, list):
        parts = [said((*path, None), item, definition, short=short) for item in value]
        return Text("・".join(part.ja for part in parts), ", ".join(part.en for part in parts))
    text = str(value)
    code_list = definition.code_lists.get(path) if definition is not None else None
    if code_list:
        try:
            return code_label(code_list, text)
        except NotFound:
            return Text(text, text)  # a code of a later edition of the list
    if day := _day(value):
        write = short_date if short else long_date
        return Text(write(day, "ja"), write(day, "en"))
    return Text(text, text)


def _day(value: Any) -> date | None:
    """Return an ISO date as a date; names that happen to look like one do not exist."""
    if not isinstance(value, str) or len(value) != len("2026-03-01") or value[4:8:3] != "--":
        return None
    try:
        return parse_date(value)
    except MalformedInput:
        return None
