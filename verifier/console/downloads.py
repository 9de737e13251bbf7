"""A request's result as a file: JSON as the API shows it, and a table for spreadsheets."""

import csv
import io
from typing import Any

from starlette.responses import Response

from tegata.codec import json
from tegata.codec.dates import format_instant
from tegata.errors import NotFound
from verifier.api.service import request_json
from verifier.console.office import Pages, Visit
from verifier.console.seat import STAFF_OF_A_VERIFIER
from verifier.console.views import CredentialView, ReportView, report_view
from verifier.wallet_api.service import RequestView

#: What makes a spreadsheet take a cell for a formula.
_FORMULAS = frozenset({"=", "+", "-", "@", "\t", "\r"})


def add(pages: Pages) -> None:
    """Add the files."""
    pages.get("/requests/{request_id}/report.json", report_json, STAFF_OF_A_VERIFIER)
    pages.get("/requests/{request_id}/report.csv", report_csv, STAFF_OF_A_VERIFIER)


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
