"""One request from the moment it is shown to its result: the same address all the way.

While it is open the page shows the code and asks every two seconds how it stands; the last of these answers leads to
the result, so that the title, the heading and the focus are those of the result.
"""

import csv
import io
from typing import Any

from starlette.responses import Response

from tegata.codec import json
from tegata.codec.dates import format_instant
from tegata.errors import NotFound
from verifier.api.service import request_json
from verifier.console import store
from verifier.console.home import template_titles
from verifier.console.office import Pages, Visit, see_other
from verifier.console.outline import outline
from verifier.console.seat import STAFF_OF_A_VERIFIER
from verifier.console.views import CredentialView, ReportView, report_view
from verifier.wallet_api.service import RequestView

#: States in which nothing is to be expected any more.
_ENDED = frozenset({"decided", "declined", "expired"})
_FORMULAS = frozenset({"=", "+", "-", "@", "\t", "\r"})


def add(pages: Pages) -> None:
    """Add a request's pages and the files of its result."""
    pages.get("/requests/{request_id}", one, STAFF_OF_A_VERIFIER)
    pages.get("/requests/{request_id}/state", state, STAFF_OF_A_VERIFIER)
    pages.get("/requests/{request_id}/report.json", report_json, STAFF_OF_A_VERIFIER)
    pages.get("/requests/{request_id}/report.csv", report_csv, STAFF_OF_A_VERIFIER)
    pages.post("/requests/{request_id}/extend", extend, STAFF_OF_A_VERIFIER)
    pages.post("/requests/{request_id}/check-again", check_again, STAFF_OF_A_VERIFIER)


def one(visit: Visit) -> Response:
    """Show a request as it stands."""
    view = visit.asked()
    if view.report is not None:
        return _report_page(visit, view)
    template = "ended.html" if view.state in _ENDED else "live.html"
    return visit.page(f"request/{template}", **_context(visit, view))


def _context(visit: Visit, view: RequestView) -> dict[str, Any]:
    with visit.reading() as connection:
        asked_by = store.staff_name(connection, visit.tenant_id, view.created_by)
    left = max(0, int((view.expires_at - visit.now).total_seconds()))
    return {
        "view": view,
        "groups": outline(view.query, visit.verifier.catalogue),
        "title": template_titles().get(view.template),
        "asked_by": asked_by,
        "minutes_left": -(-left // 60),
        "days_left": left // 86_400,
        "minutes_more": max(1, visit.verifier.settings.request_lifetime // 60),
    }


def state(visit: Visit) -> Response:
    """Answer how a request stands, for the part of the page that asks; the end leads to the result."""
    view = visit.asked()
    path = f"/requests/{view.id}"
    if view.state in _ENDED:
        # Another query than the page's own: the browser has to load the result, and moves the focus to the verdict.
        return Response(
            b"", 200, {"HX-Redirect": f"{path}?result=1#verdict-word", "Cache-Control": "no-store"}
        )
    if not visit.is_fragment:
        return see_other(path)
    return visit.page("request/state.html", **_context(visit, view))


def _report_page(visit: Visit, view: RequestView) -> Response:
    assert view.report is not None  # noqa: S101  what the caller asked
    found = report_view(view.report, view.query, visit.verifier.catalogue)
    checked = visit.query.get("checked") == "1"
    return visit.page("report/request.html", found=found, was_checked=checked, **_context(visit, view))


def extend(visit: Visit) -> Response:
    """Give the person more time."""
    view = visit.verifier.presentations.extend(
        visit.tenant_id, visit.path("request_id"), visit.seat.actor, visit.now
    )
    return see_other(f"/requests/{view.id}")


def check_again(visit: Visit) -> Response:
    """Look again at an answer that could not be decided."""
    presentations, identifier = visit.verifier.presentations, visit.path("request_id")
    view = presentations.decide(visit.tenant_id, identifier, visit.now)
    return see_other(f"/requests/{view.id}?checked=1#verdict-word")


def _decided(visit: Visit) -> tuple[RequestView, ReportView]:
    view = visit.asked()
    if view.report is None:
        raise NotFound("there is no report yet")
    return view, report_view(view.report, view.query, visit.verifier.catalogue)


def report_json(visit: Visit) -> Response:
    """Give the result as the JSON API shows it."""
    view, _ = _decided(visit)
    return _file(view, "json", json.dumps(request_json(view)), "application/json")


def report_csv(visit: Visit) -> Response:
    """Give the result as a table: what it is about, then items, then checks."""
    view, found = _decided(visit)
    language = visit.office.console.language(visit.request)
    is_ja = language == "ja"
    rows: list[list[str]] = [
        ["整理番号", "証明書", "種類", "項目", "内容"]
        if is_ja
        else ["Reference", "Certificate", "Kind", "Item", "Value"]
    ]

    def write(title: str, kind: tuple[str, str], item: str, value: str) -> None:
        rows.append([view.reference, title, kind[0] if is_ja else kind[1], item, value])

    result = ("結果", "Result")
    write("", result, "判定" if is_ja else "Verdict", found.word.in_language(language))
    write("", result, "検証日時" if is_ja else "Checked at", format_instant(found.report.verified_at))
    for credential in found.credentials:
        _credential_rows(credential, language, write)
    text = io.StringIO()
    csv.writer(text).writerows([_plain(cell) for cell in row] for row in rows)
    return _file(view, "csv", text.getvalue().encode("utf-8-sig"), "text/csv; charset=utf-8")


def _credential_rows(credential: CredentialView, language: str, write: Any) -> None:
    def said(text: Any) -> str:
        return str(text.in_language(language))

    title = said(credential.title)
    write(title, ("結果", "Result"), "判定" if language == "ja" else "Verdict", said(credential.word))
    if credential.issuer is not None:
        write(title, ("発行機関", "Issuer"), credential.issuer.identifier, said(credential.issuer.names))
    for line in credential.received.lines:
        write(title, ("受け取った項目", "Received item"), said(line.label), said(line.value))
    for grid in credential.received.grids:
        for number, row in enumerate(grid.rows, 1):
            for column, cell in zip(grid.columns, row, strict=True):
                item = f"{said(grid.label)} {number} {said(column)}"
                write(title, ("受け取った項目", "Received item"), item, said(cell))
    for check in credential.rows:
        write(title, ("確認", "Check"), said(check.name), said(check.reason))


def _plain(cell: str) -> str:
    """Return a cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell[:1] in _FORMULAS else cell


def _file(view: RequestView, ending: str, body: bytes, media_type: str) -> Response:
    name = f"report-{view.id[:8]}.{ending}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(body, 200, headers, media_type=media_type)
