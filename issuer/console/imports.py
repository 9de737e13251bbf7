"""The pages of an import: ① file ② columns ③ check ④ done. Nothing is stored in the register before the clerk says so."""

import csv
import io
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from starlette.responses import Response

from issuer.console.office import Pages, Visit, see_other
from issuer.console.seat import CLERK
from issuer.register import jobs
from issuer.register.errors import RowsInError
from issuer.register.importers import academic, files, reading
from issuer.register.importers.facts import Format
from issuer.register.importers.fields import BY_PATH, FIELDS
from issuer.register.importers.reading import Preview
from tegata.codec import dates
from tegata.errors import TegataError, Text
from tegata.service.console import Form

CLERKS = frozenset({CLERK})
_ROOM_FOR_FORM = 1_048_576
START = "/register/import"
ENCODINGS = (
    ("", Text("自動で判断", "Detect")),
    ("utf-8-sig", Text("UTF-8", "UTF-8")),
    ("cp932", Text("Shift_JIS", "Shift_JIS")),
)
KINDS = (
    ("", Text("自動で判断", "Detect")),
    ("oneroster", Text("名簿（OneRoster）", "Register (OneRoster)")),
    ("spreadsheet", Text("名簿（表計算のCSV）", "Register (CSV of a spreadsheet)")),
    (
        "academic",
        Text("大学の成績（教務システムのCSV）", "A university's results (CSV of its academic system)"),
    ),
)
NO_FILE = Text("名簿のファイルを選んでください。", "Choose the file of the register.")
_CSV_COLUMNS = (
    Text("ファイル", "File"), Text("行", "Row"), Text("列", "Column"), Text("値", "Value"),
    Text("内容", "Problem"), Text("直し方", "What to do"),
)  # fmt: skip


def add(pages: Pages) -> None:
    """Add the pages of an import."""
    pages.get(START, choose_file, CLERKS)
    pages.post(START, take_file, CLERKS, max_bytes=files.MAX_UPLOAD + _ROOM_FOR_FORM)
    pages.get(START + "/{job_id}/columns", columns, CLERKS)
    pages.post(START + "/{job_id}/columns", match_columns, CLERKS)
    pages.get(START + "/{job_id}", check, CLERKS)
    pages.get(START + "/{job_id}/errors.csv", errors_csv, CLERKS)
    pages.form_of_parent(START + "/{job_id}/confirm", confirm, CLERKS)
    pages.post(START + "/{job_id}/cancel", cancel, CLERKS)
    pages.get(START + "/{job_id}/done", done, CLERKS)


def choose_file(visit: Visit) -> Response:
    """Ask which file (①)."""
    return _file_page(visit, Form(), 200)


def _file_page(visit: Visit, form: Form, status: int) -> Response:
    return visit.page("import/file.html", status, form=form, kinds=KINDS)


def take_file(visit: Visit) -> Response:
    """Check a whole export at once; of a spreadsheet, ask first which column is which."""
    form = visit.form
    uploads = {item.name: item.content for item in form.files("file")}
    if not uploads:
        form.errors.add("file", NO_FILE)
        return _file_page(visit, form, 422)
    register, school = visit.office.register, visit.seat.school
    try:
        kind = _kind(form["kind"], uploads)
        if kind == "spreadsheet":
            job_id, _ = register.draft_import(school, uploads, actor=visit.seat.actor, now=visit.now)
            return see_other(f"{START}/{job_id}/columns")
        found = register.check_import(school, uploads, actor=visit.seat.actor, now=visit.now, kind=kind)
    except TegataError as error:
        # The file is gone already; neither its name nor what was in it is shown again.
        form.errors.add("file", error.public)
        return _file_page(visit, form, 422)
    return see_other(f"{START}/{found.job_id}")


def _kind(chosen: str, uploads: Mapping[str, bytes]) -> Format:
    """Return what the clerk said the files are, or else what they look like; raises what reading raises."""
    known: dict[str, Format] = {
        "oneroster": "oneroster",
        "spreadsheet": "spreadsheet",
        "academic": "academic",
    }
    return known.get(chosen) or reading.kind_of(uploads)


def columns(visit: Visit) -> Response:
    """Ask which column is which (②), with the first row beside each so that a wrong encoding is seen at once."""
    encoding = visit.query.get("encoding", "")
    encoding = encoding if encoding in dict(ENCODINGS) else ""
    preview = visit.office.register.preview(visit.seat.school, visit.path("job_id"), visit.now, encoding)
    values = {f"column-{index}": preview.mapping.get(name, "") for index, name in enumerate(preview.header)}
    form = Form.filled(**values, encoding=encoding)
    return _columns_page(visit, preview, form, 200)


def _columns_page(visit: Visit, preview: Preview, form: Form, status: int) -> Response:
    known = [(field.path, field.label) for field in FIELDS]
    guessed = [
        (path, Text(path, path)) for path in dict.fromkeys(preview.mapping.values()) if path not in BY_PATH
    ]
    return visit.page(
        "import/columns.html",
        status,
        form=form,
        preview=preview,
        fields=[("", Text("取り込まない", "Do not import")), *known, *guessed],
        encodings=ENCODINGS,
        job_id=visit.path("job_id"),
    )


def match_columns(visit: Visit) -> Response:
    """Check the spreadsheet with the columns that the clerk matched."""
    form, register, school = visit.form, visit.office.register, visit.seat.school
    job_id, encoding = visit.path("job_id"), form["encoding"]
    preview = register.preview(school, job_id, visit.now, encoding if encoding in dict(ENCODINGS) else "")
    mapping = {
        name: chosen for index, name in enumerate(preview.header) if (chosen := form[f"column-{index}"])
    }
    if len(set(mapping.values())) < len(mapping):
        twice = Text("同じ項目が2つの列にあります。", "Two columns have the same field.")
        form.errors.add("", twice)
        return _columns_page(visit, preview, form, 422)
    try:
        register.check_draft(school, job_id, mapping, now=visit.now, encoding=preview.encoding)
    except TegataError as error:
        form.errors.add("", error.public)
        return _columns_page(visit, preview, form, 422)
    return see_other(f"{START}/{job_id}")


def check(visit: Visit) -> Response:
    """Show what would change (③); nothing is stored yet."""
    return _check_page(visit, Form(), 200)


def _check_page(visit: Visit, form: Form, status: int) -> Response:
    report = visit.office.register.report(visit.seat.school, visit.path("job_id"), visit.now)
    with visit.reading() as connection:
        job = jobs.load(connection, visit.tenant_id, visit.school_id, visit.path("job_id"))
    errors = [_problem(item) for item in report.problems if not item["notice"]]
    notices = [_problem(item) for item in report.problems if item["notice"]]
    return visit.page(
        "import/check.html",
        status,
        form=form,
        report=report,
        errors=errors,
        notices=notices,
        changes=[_changed(item) for item in report.changes],
        job_id=job.id,
        is_spreadsheet=job.format == "spreadsheet",
        expires_at=job.expires_at,
    )


def _problem(item: Mapping[str, Any]) -> dict[str, Any]:
    return {**item, "what": Text(**item["what"]), "fix": Text(**item["fix"])}


def _changed(item: Mapping[str, Any]) -> dict[str, Any]:
    """Return a learner's changes as (field, before, after)."""
    rows = []
    for fact in item["facts"]:
        before = fact["before"] or {}
        for name, value in fact["after"].items():
            if fact["before"] is None or before.get(name) != value:
                rows.append((_field_label(fact["kind"], name), before.get(name), value))
    return {"id": item["id"], "number": item["student_number"], "name": item["name"], "rows": rows}


def _field_label(kind: str, name: str) -> Text:
    field = BY_PATH.get(f"{kind}.{name}")
    return field.label if field else academic.labels().get(name, Text(name, name))


def errors_csv(visit: Visit) -> Response:
    """Give the errors as a file, in the language of the page; a value that may be sensitive is not in it."""
    report = visit.office.register.report(visit.seat.school, visit.path("job_id"), visit.now)
    language = visit.office.console.language(visit.request)
    rows = [
        [
            item["file"],
            item["row"],
            item["column"],
            item["value"],
            item["what"][language],
            item["fix"][language],
        ]
        for item in report.problems
    ]
    header = [column.in_language(language) for column in _CSV_COLUMNS]
    return csv_file("import-errors", [header, *rows])


def csv_file(name: str, rows: Sequence[Sequence[Any]]) -> Response:
    """Answer with a CSV file that spreadsheets open as it is meant: UTF-8 with BOM, and no cell that is a formula."""
    text = io.StringIO()
    writer = csv.writer(text)
    for row in rows:
        writer.writerow([_plain(cell) for cell in row])
    headers = {
        "Content-Disposition": f'attachment; filename="{name}-{dates.today(datetime.now(UTC)):%Y%m%d}.csv"',
        "Cache-Control": "no-store",
    }
    return Response(text.getvalue().encode("utf-8-sig"), 200, headers, media_type="text/csv; charset=utf-8")


def _plain(cell: Any) -> str:
    text = str(cell)
    return f"'{text}" if text[:1] in {"=", "+", "-", "@", "\t", "\r"} else text


def confirm(visit: Visit) -> Response:
    """Write the import, without the people in error only if the clerk says so."""
    job_id = visit.path("job_id")
    try:
        visit.office.register.confirm_import(
            visit.seat.school,
            job_id,
            actor=visit.seat.actor,
            now=visit.now,
            leave_out_errors=visit.form["leave_out"] == "yes",
        )
    except RowsInError as error:
        visit.form.errors.add("leave_out", error.public)
        return _check_page(visit, visit.form, 422)
    return see_other(f"{START}/{job_id}/done")


def cancel(visit: Visit) -> Response:
    """Drop the import and choose another file."""
    visit.office.register.cancel_import(
        visit.seat.school, visit.path("job_id"), actor=visit.seat.actor, now=visit.now
    )
    return see_other(START)


def done(visit: Visit) -> Response:
    """Show what was imported (④), and what comes next."""
    with visit.reading() as connection:
        job = jobs.load(connection, visit.tenant_id, visit.school_id, visit.path("job_id"))
    if job.state != jobs.CONFIRMED:
        return see_other(f"{START}/{job.id}" if job.state == jobs.CHECKED else START)
    return visit.page("import/done.html", counts=job.counts)
